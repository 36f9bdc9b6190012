// Usage: npm run build && node scripts/trust.mjs [--contrasts 10] [--at-most 20] [--aa 4]
// How far the lab's answers can be trusted on this machine: default contrasts over again, and contrasts of a mode with
// itself (pool and inline in turns). A contrast takes about a minute and a half; leave the machine alone meanwhile.
// Exit code 1 unless nine of ten are valid, with the same verdict and the whole interval of inline ÷ pool for p99 of
// GET /users at the highest load above 30, and 19 of 20 comparisons of a mode with itself say "cannot tell".
// What other machines on the same host do cannot be left alone. When too few are valid it goes on, until as many as were
// asked for had idle neighbours: in none of their runs the hypervisor gave more than a twentieth of the CPU time to
// others. Then these are judged; with --at-most contrasts and still too few of them the exit code is 3.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findHeadline } from '../dist/loadtest/analysis/headline.js';
import { isValid } from '../dist/loadtest/analysis/validity.js';
import { judge } from '../dist/loadtest/analysis/verdict.js';
import { parseResult } from '../dist/loadtest/result/result.js';

const smallestRatio = 30;
const idleNeighbours = 0.05;
const cli = fileURLToPath(new URL('../dist/loadtest/cli.js', import.meta.url));
const { values } = parseArgs({
  options: {
    contrasts: { type: 'string', default: '10' },
    'at-most': { type: 'string', default: '20' },
    aa: { type: 'string', default: '4' },
  },
});
const out = mkdtempSync(join(tmpdir(), 'trust-'));

function measure(...options) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cli, 'contrast', '--json', '--out', out, ...options],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (status !== 0 && status !== 3) throw new Error(`exit ${status}: ${stderr.slice(-500)}`);
  const result = parseResult(JSON.parse(stdout));
  const tookSec = (performance.now() - started) / 1000;
  return { result, verdict: judge(result), valid: status === 0 && isValid(result), tookSec };
}

// Runs that were made again count too: whatever took the time may have been at work between them.
const worstStolen = ({ runs, discarded }) =>
  Math.max(0, ...[...runs, ...discarded].map(({ host }) => host.stolenCpuRatio ?? 0));
const percent = (ratio) => `${(100 * ratio).toFixed(1)} %`;
const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);

const wanted = Number(values.contrasts);
const contrasts = [];
if (wanted > 0) {
  line(
    'contrast',
    'valid',
    'runs made again',
    'CPU stolen, worst run',
    'inline ÷ pool',
    'interval',
    'verdict',
    's',
  );
  line(...Array.from({ length: 8 }, () => '---'));
}
const areMostlyValid = (some) => some.filter(({ valid }) => valid).length >= 0.9 * some.length;
const quietOnes = () => contrasts.filter(({ isQuiet }) => isQuiet);
const isEnough = () =>
  contrasts.length >= wanted &&
  (contrasts.length >= Number(values['at-most']) ||
    areMostlyValid(contrasts) ||
    quietOnes().length >= wanted);
while (!isEnough()) {
  const { result, verdict, valid, tookSec } = measure();
  const { comparison } = findHeadline(result, verdict);
  const isQuiet = worstStolen(result) <= idleNeighbours;
  contrasts.push({ valid, comparison, tookSec, isQuiet });
  const { value, low, high } = comparison.ratio;
  line(
    contrasts.length,
    valid ? 'yes' : 'no',
    result.discarded.length,
    percent(worstStolen(result)),
    value.toFixed(0),
    `${low.toFixed(0)} to ${high.toFixed(0)}`,
    comparison.verdict,
    tookSec.toFixed(0),
  );
}

let comparisons = 0;
let cannotTell = 0;
if (Number(values.aa) > 0) {
  console.log();
  line(
    'itself against itself',
    'valid',
    'runs made again',
    'comparisons',
    'cannot tell',
    'the others',
  );
  line(...Array.from({ length: 6 }, () => '---'));
}
for (let n = 1; n <= Number(values.aa); n += 1) {
  const mode = n % 2 === 1 ? 'pool' : 'inline';
  const { result, verdict, valid } = measure('--aa', mode);
  const told = verdict.comparisons.filter((one) => one.verdict !== 'cannot tell');
  if (valid) {
    comparisons += verdict.comparisons.length;
    cannotTell += verdict.comparisons.length - told.length;
  }
  line(
    mode,
    valid ? 'yes' : 'no',
    result.discarded.length,
    verdict.comparisons.length,
    verdict.comparisons.length - told.length,
    told
      .map(
        (one) =>
          `${one.stream} p${one.percentile} at ${one.offeredLoad}: ${one.ratio.low.toFixed(2)} to ${one.ratio.high.toFixed(2)}`,
      )
      .join(', '),
  );
}
rmSync(out, { recursive: true, force: true });

const judged = areMostlyValid(contrasts) ? contrasts : quietOnes();
const valid = contrasts.filter((contrast) => contrast.valid);
const failures = [
  !areMostlyValid(judged) && 'too few contrasts with idle neighbours are valid',
  new Set(valid.map(({ comparison }) => comparison.verdict)).size > 1 && 'verdicts differ',
  valid.some(({ comparison }) => comparison.ratio.low <= smallestRatio) &&
    `an interval begins below ${smallestRatio}`,
  comparisons > 0 &&
    cannotTell < 0.95 * comparisons &&
    `only ${cannotTell} of ${comparisons} comparisons of a mode with itself cannot tell`,
].filter(Boolean);
console.log();
if (contrasts.length > 0) {
  const longestSec = Math.max(...contrasts.map(({ tookSec }) => tookSec));
  console.log(
    `Contrasts: ${valid.length} of ${contrasts.length} valid, ` +
      `${quietOnes().filter((contrast) => contrast.valid).length} of ${quietOnes().length} of those with idle neighbours; ` +
      `the longest took ${longestSec.toFixed(0)} s.`,
  );
}
if (comparisons > 0)
  console.log(`A mode with itself: ${cannotTell} of ${comparisons} comparisons cannot tell.`);
const isTooBusy = judged.length < wanted || (Number(values.aa) > 0 && comparisons === 0);
if (failures.length > 0) console.log(`MISSED: ${failures.join('; ')}.`);
else if (isTooBusy) console.log('Neighbours were too busy to tell.');
else console.log('All as it should be.');
process.exitCode = failures.length > 0 ? 1 : isTooBusy ? 3 : 0;
