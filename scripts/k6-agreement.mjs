// Usage: node scripts/k6-agreement.mjs [--rounds 3] [--duration 5] [--load 0.3] [--modes inline,pool]
// Two instruments, one server: the lab's generator and k6 send the same mix at the same constant rates, in turns
// (lab, k6, k6, lab), below saturation, and their figures of GET /users have to agree. Of each tool's runs the middle
// one counts, because a neighbour that takes a core away for a moment spoils a run of either. Prints a Markdown table;
// exit code 1 when a figure is outside 15 % + 1 ms, 3 when a run cannot be trusted. The lab counts from when a
// request was meant to leave, which its timer sees to within about a millisecond, and k6 from when it began: that is
// what the millisecond is for. Needs k6 on the PATH and a build.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../dist/loadtest/analysis/statistics.js';
import { summarizeStream } from '../dist/loadtest/analysis/summarize-stream.js';
import { isRepeatable, isValid } from '../dist/loadtest/analysis/validity.js';
import { calibrate } from '../dist/loadtest/experiments/calibrate.js';
import { executeRun } from '../dist/loadtest/experiments/execute-run.js';
import { executeK6Run } from '../dist/loadtest/experiments/k6/execute-k6-run.js';
import { findK6 } from '../dist/loadtest/experiments/k6/find-k6.js';
import { createMixedPlan, defaultMixedSettings } from '../dist/loadtest/experiments/k6/k6-plan.js';
import { LabError } from '../dist/loadtest/lab-error.js';
import { pickBaseEnvironment } from '../dist/loadtest/process/base-environment.js';
import { findServerEntry } from '../dist/loadtest/target/server-entry.js';

const allowedRatio = 0.15;
const allowedMs = 1;
const maxAttempts = 3;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    duration: { type: 'string', default: '5' },
    load: { type: 'string', default: '0.3' },
    modes: { type: 'string', default: 'inline,pool' },
  },
});

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => stop.abort(new LabError('stopped', 3)));
}
const lab = {
  serverEntry: findServerEntry(),
  serverExecPath: process.execPath,
  baseEnv: pickBaseEnvironment(process.env),
  droppedNames: [],
  signal: stop.signal,
  nowMs: () => performance.now(),
  date: () => new Date(),
  print: (text) => process.stdout.write(text),
  progress: (line) => process.stderr.write(`${line}\n`),
};
const plan = createMixedPlan({
  ...defaultMixedSettings,
  levels: [Number(options.load)],
  measureMs: Number(options.duration) * 1000,
});
const choice = { script: 'mixed', usersP99LimitMs: undefined, maxVirtualUsers: 1000 };

const folder = await mkdtemp(join(tmpdir(), 'k6-agreement-'));
try {
  process.exitCode = await compareInstruments();
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  lab.progress(`error: ${error.message}`);
  process.exitCode = error.exitCode;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compareInstruments() {
  const version = await findK6(lab);
  const calibration = await calibrate(lab, plan);
  const rows = [];
  for (const mode of options.modes.split(',')) {
    const run = plan.runs.find(({ target }) => target === mode);
    if (run === undefined) throw new LabError(`no mode ${mode}: there are inline and pool`, 2);
    const made = { lab: [], k6: [] };
    for (let round = 1; round <= Number(options.rounds); round += 1) {
      for (const tool of ['lab', 'k6', 'k6', 'lab']) {
        lab.progress(`${mode}, round ${round} of ${options.rounds}: ${tool}`);
        made[tool].push(await makeTrusted(tool, run, calibration));
      }
    }
    rows.push(...compareFigures(mode, made));
  }
  const { perSec } = plan.streams[0].arrivalRate;
  lab.print(
    [
      `GET /users at ${perSec} requests per second, compute load ${options.load}: the middle one of ${2 * options.rounds} runs of ${options.duration} s with each tool, k6 ${version}, Node ${process.version}.`,
      '',
      '| mode | figure | k6 | allowed | lab | |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rows.map(({ cells }) => `| ${cells.join(' | ')} |`),
      '',
    ].join('\n'),
  );
  return rows.every(({ agrees }) => agrees) ? 0 : 1;
}

async function makeTrusted(tool, run, calibration) {
  for (let attempt = 1; ; attempt += 1) {
    const result =
      tool === 'lab'
        ? await executeRun(lab, plan, run, calibration)
        : (await executeK6Run(lab, plan, run, calibration, choice, folder)).result;
    if (isValid({ runs: [result] })) return result;
    const codes = result.invalidReasons.map(({ code }) => code).join(', ');
    if (!isRepeatable(result) || attempt === maxAttempts) {
      throw new LabError(`a run of ${tool} on ${run.target} cannot be trusted: ${codes}`, 3);
    }
    lab.progress(`that run cannot be trusted (${codes}); making it again`);
  }
}

function compareFigures(mode, made) {
  return ['p50', 'p95'].map((figure) => {
    const [ourMs, theirMs] = [made.lab, made.k6].map((runs) =>
      median(runs.map((run) => readUsers(run)[`${figure}Ms`])),
    );
    const marginMs = allowedRatio * theirMs + allowedMs;
    const agrees = Math.abs(theirMs - ourMs) <= marginMs;
    const allowed = `${Math.max(0, theirMs - marginMs).toFixed(2)} to ${(theirMs + marginMs).toFixed(2)} ms`;
    const [k6, ours] = [theirMs, ourMs].map((ms) => `${ms.toFixed(2)} ms`);
    return { agrees, cells: [mode, figure, k6, allowed, ours, agrees ? 'agree' : 'DISAGREE'] };
  });
}

function readUsers({ plan, streams }) {
  const users = streams.find(({ plan }) => plan.name === 'users');
  return summarizeStream(users, plan.measureMs).responseTime;
}
