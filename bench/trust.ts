// `npm run bench:trust`: how far the lab's answers can be trusted on this machine. Leave the machine alone meanwhile.
//
//   npm run bench:trust -- [--pairs 5] [--contrasts 3] [--aa 2]
//
// Pairs: the same contrast with windows of 2 s and of 8 s has to give the same headline within the two intervals.
// Contrasts: default ones have to come to the same verdict. A/A: a mode against itself has to say "cannot tell".
// Exit code: 0 all hold, 1 one does not, 3 too little was valid to tell.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { findHeadline } from '../loadtest/analysis/headline.ts';
import { isValid } from '../loadtest/analysis/validity.ts';
import { judge, verdictOf } from '../loadtest/analysis/verdict.ts';
import { renderRatioInLine } from '../loadtest/report/comparison-text.ts';
import { renderGrowth, renderHeadline } from '../loadtest/report/headline-lines.ts';
import { type LabResult, parseResult } from '../loadtest/result/result.ts';

const { values: options } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    contrasts: { type: 'string', default: '3' },
    aa: { type: 'string', default: '2' },
  },
});
const cli = fileURLToPath(new URL('../dist/loadtest/cli.js', import.meta.url));
const out = await mkdtemp(join(tmpdir(), 'trust-'));

async function measure(...args: string[]): Promise<LabResult> {
  const all = [cli, 'contrast', '--json', '--out', out, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, all, {
    maxBuffer: 2 ** 28,
  }).catch((error: { code?: number; stdout?: string }) => {
    // Invalid is an answer too.
    if (error.code === 3 && error.stdout) return { stdout: error.stdout };
    throw error;
  });
  return parseResult(JSON.parse(stdout));
}

const outcomes: ('holds' | 'fails' | 'invalid')[] = [];
const print = (line: string) => process.stdout.write(`${line}\n`);

function tell(isUsable: boolean, holds: boolean, line: string): void {
  const outcome = isUsable ? (holds ? 'holds' : 'fails') : 'invalid';
  outcomes.push(outcome);
  print(`${outcome.padEnd(7)}  ${line}`);
}

for (let pair = 1; pair <= Number(options.pairs); pair += 1) {
  const [short, long] = [
    await measure('--levels', '0.6', '--duration', '2'),
    await measure('--levels', '0.6', '--duration', '8'),
  ].map((result) => ({ result, ratio: headlineOf(result)?.steady?.comparison.ratio }));
  const [a, b] = [short?.ratio, long?.ratio];
  const usable = [short, long].every((one) => one !== undefined && isValid(one.result));
  const holds = a !== undefined && b !== undefined && a.low <= b.high && b.low <= a.high;
  tell(
    usable,
    holds,
    `inline ÷ pool, p95 of GET /users at 0.6: ${renderRatioInLine(a)} in windows of 2 s, ${renderRatioInLine(b)} in windows of 8 s`,
  );
}

for (let contrast = 1; contrast <= Number(options.contrasts); contrast += 1) {
  const result = await measure();
  const headline = headlineOf(result);
  const verdict = headline?.steady && verdictOf(headline.steady.comparison);
  const growth = headline?.overload?.targets.find(({ target }) => target === 'inline');
  tell(
    isValid(result),
    verdict === 'better' && growth?.state === 'does not keep up',
    `default contrast: ${renderRatioInLine(headline?.steady?.comparison.ratio)} at 0.6, inline grows by ${renderGrowth(growth?.growthMsPerSec)} at 1.2, ${result.discarded.length / 2} rounds made again`,
  );
  if (headline !== undefined) print(`         ${renderHeadline(headline, 'threads')[0] ?? ''}`);
}

for (let aa = 1; aa <= Number(options.aa); aa += 1) {
  const mode = aa % 2 === 1 ? 'pool' : 'inline';
  const result = await measure('--aa', mode);
  const judged = (judge(result)?.comparisons ?? []).filter(
    ({ outcome }) => outcome.kind === 'verdict',
  );
  const told = judged.filter((comparison) => verdictOf(comparison) !== 'cannot tell');
  tell(
    isValid(result),
    told.length <= 0.05 * judged.length,
    `${mode} against itself: ${judged.length - told.length} of ${judged.length} comparisons cannot tell`,
  );
}

function headlineOf(result: LabResult) {
  const verdict = judge(result);
  return verdict === undefined ? undefined : findHeadline(verdict);
}

await rm(out, { recursive: true, force: true });
process.exitCode = outcomes.includes('fails') ? 1 : outcomes.includes('holds') ? 0 : 3;
