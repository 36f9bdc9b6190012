import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizeStream } from '../loadtest/analysis/summarize-stream.ts';
import { findInvalidReasons, isValid } from '../loadtest/analysis/validity.ts';
import { planShortCalibration } from '../loadtest/experiments/calibration-plan.ts';
import {
  createContrastPlan,
  defaultContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { executePlan } from '../loadtest/experiments/execute-plan.ts';
import { countRepeatable } from '../loadtest/experiments/repeatable-rounds.ts';
import { createEstimate } from '../loadtest/experiments/time-estimate.ts';
import type { LabContext } from '../loadtest/lab-context.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { renderValidity } from '../loadtest/report/validity-lines.ts';
import type { ExperimentPlan, RunPlan } from '../loadtest/result/experiment-plan.ts';
import { type LabResult, parseResult, type RunResult } from '../loadtest/result/result.ts';
import { parseHostCpuTimes, parseProcessTicks, toHost } from '../loadtest/telemetry/host-cpu.ts';
import { createRun } from './helpers/lab-runs.ts';
import { createStubLab } from './helpers/stub-lab.ts';

// Four rounds, of which one may be made again.
const planned = createContrastPlan({
  ...defaultContrastSettings,
  seed: 1,
  levels: [0, 1.2],
  areLevelsFixed: true,
  repeats: 2,
});
const plan: ExperimentPlan = { ...planned, calibration: planShortCalibration('pool') };
const ids = plan.runs.map(({ id }) => id);

/** Carries the plan out with made-up runs, some of which say that the generator was late, by how often they were tried. */
async function execute(
  isHeldUp: (run: RunPlan, attempt: number) => boolean,
  changes: Partial<ExperimentPlan> = {},
  lab: LabContext = createStubLab(),
) {
  const made: string[] = [];
  const result = await executePlan(lab, {
    experiment: 'contrast',
    createPlan: () => ({ ...plan, ...changes }),
    makeRun: async (_plan, run): Promise<RunResult> => {
      made.push(run.id);
      const attempt = made.filter((id) => id === run.id).length;
      const isInvalid = isHeldUp(run, attempt);
      // How often it was tried is told by what its answers took.
      const shape = { ...run, isInvalid, answerMs: 100 * attempt };
      return { ...createRun(shape), plan: run, host: { ...quiet, stolenCpuRatio: 0.25 } };
    },
  });
  return { made, result, runs: result.runs.map(({ plan: { id } }) => id) };
}

/** Which attempts the runs of a result are, in order. */
function attemptsOf({ runs }: LabResult): number[] {
  return runs.map(({ streams: [stream] }) => {
    assert.ok(stream, 'no stream');
    return Math.round((summarizeStream([stream], 1000).responseTime?.maxMs ?? 0) / 100);
  });
}

const quiet = { stolenCpuRatio: 0, othersCpuRatio: 0, idleCpuRatio: 0.5 };

test('plan: order of runs: round by round, loads upwards, the targets in turns', () => {
  assert.deepEqual(ids, [
    ...['inline 0 1', 'pool 0 1', 'pool 1.2 1', 'inline 1.2 1'],
    ...['pool 0 2', 'inline 0 2', 'inline 1.2 2', 'pool 1.2 2'],
  ]);
  assert.equal(plan.maxRepeatedRounds, 1);
});

test('plan: a run that was held up: its whole round is made again after the last one, openly', async () => {
  const { made, result, runs } = await execute(
    ({ id }, attempt) => id === 'pool 1.2 1' && attempt === 1,
  );
  assert.deepEqual(made, [...ids, 'pool 1.2 1', 'inline 1.2 1']);
  assert.deepEqual(runs, ids);
  assert.deepEqual(attemptsOf(result), [1, 1, 2, 2, 1, 1, 1, 1]);
  assert.ok(isValid(result) && result.complete, 'not valid or not complete');
  // The other run of the round was innocent.
  assert.deepEqual(
    result.discarded.map((run) => [run.plan.id, run.invalidReasons.map(({ code }) => code)]),
    [
      ['pool 1.2 1', ['GENERATOR_LATE']],
      ['inline 1.2 1', []],
    ],
  );
  assert.deepEqual(parseResult(JSON.parse(JSON.stringify(result))), result);
  const text = renderValidity(result).join('\n');
  assert.match(text, /^Valid: /);
  assert.match(
    text,
    /1 round was made again as a whole.*\(inline 0, pool 1\):\n {2}pool 1\.2 1: .*while other machines took 25\.0 %/,
  );
});

test('plan: both runs of a round were held up: one round is made again, each run once', async () => {
  const { made, result } = await execute(
    ({ offeredLoad, repetition }, attempt) =>
      offeredLoad === 0 && repetition === 2 && attempt === 1,
  );
  assert.deepEqual(made.slice(ids.length), ['pool 0 2', 'inline 0 2']);
  assert.ok(isValid(result), 'not valid');
});

test('plan: only so many rounds are made again, the first that were spoiled, and then the result is invalid', async () => {
  const { made, result, runs } = await execute(({ repetition }) => repetition === 2);
  assert.deepEqual(made.slice(ids.length), ['pool 0 2', 'inline 0 2']);
  assert.equal(result.discarded.length, 2);
  assert.deepEqual(runs, ids);
  assert.ok(result.complete, 'not complete');
  assert.match(renderValidity(result).join('\n'), /^INVALID/);
});

test('plan: a round that is spoiled again goes to the end once more', async () => {
  const { made, result } = await execute(
    ({ id }, attempt) =>
      (id === 'inline 0 1' && attempt < 3) || (id === 'pool 1.2 2' && attempt === 1),
    { maxRepeatedRounds: 5 },
  );
  const again = ['inline 0 1', 'pool 0 1', 'inline 1.2 2', 'pool 1.2 2', 'inline 0 1', 'pool 0 1'];
  assert.deepEqual(made.slice(ids.length), again);
  assert.deepEqual(
    result.discarded.map((run) => [run.plan.id, run.invalidReasons.length]),
    again.map((id, position) => [id, [1, 0, 0, 1, 1, 0][position]]),
  );
  assert.ok(isValid(result), 'not valid');
});

test('plan: a server without an answer is no reason to try again', async () => {
  const made: string[] = [];
  await executePlan(createStubLab(), {
    experiment: 'contrast',
    createPlan: () => plan,
    makeRun: async (_plan, run) => {
      made.push(run.id);
      const invalidReasons: RunResult['invalidReasons'] = [
        { code: 'NO_ANSWERS', value: 0, limit: 1, detail: 'users' },
      ];
      return { ...createRun(run), plan: run, invalidReasons };
    },
  });
  assert.deepEqual(made, ids);
});

test('plan: one call is measured before the first run, for the plan, and again after the last', async () => {
  const serviceTimes: (number | undefined)[] = [];
  const lines: string[] = [];
  const result = await executePlan(
    createStubLab((line) => lines.push(line)),
    {
      experiment: 'contrast',
      createPlan: (serviceTimeMs) => {
        serviceTimes.push(serviceTimeMs);
        return { ...plan, runs: plan.runs.slice(0, 2) };
      },
      makeRun: async (_plan, run, calibration) => {
        lines.push(`made with ${calibration.serviceTimeMs}`);
        return { ...createRun(run), plan: run };
      },
    },
  );
  // The stub says 5 ms of every call.
  assert.deepEqual(serviceTimes, [undefined, 5]);
  assert.deepEqual(
    lines.filter((line) => line.startsWith('made')),
    ['made with 5', 'made with 5'],
  );
  assert.equal(result.calibration.serviceTimeMs, 5);
  assert.deepEqual(new Set(result.calibration.atEnd?.samplesMs), new Set([5]));
});

test('plan: nothing to put under load: no run, and no second look at a call', async () => {
  const { result } = await execute(() => false, { runs: [] });
  assert.deepEqual([result.runs, result.complete, result.calibration.atEnd], [[], true, null]);
});

/** A lab that is stopped by its user as soon as it says something. */
function createStoppedLab(when: RegExp): LabContext {
  return createStubLab((line, abort) => {
    if (when.test(line)) abort();
  });
}

/** The same, but noticed by the run that is being made, as by a generator. */
async function executeUntil(
  when: RegExp,
  isHeldUp: (run: RunPlan, attempt: number) => boolean = () => false,
) {
  const lab = createStoppedLab(when);
  return await execute(
    (...tried) => {
      lab.signal.throwIfAborted();
      return isHeldUp(...tried);
    },
    {},
    lab,
  );
}

test('plan: stopped by the user: what was made is kept and marked as incomplete', async () => {
  const { result, runs } = await executeUntil(/run 4 of 8/);
  assert.deepEqual(runs, ids.slice(0, 3));
  assert.equal(result.complete, false);
  assert.equal(result.calibration.atEnd, null);
  assert.deepEqual(parseResult(JSON.parse(JSON.stringify(result))), result);
});

test('plan: stopped by the user in a round that is made again: the runs stay as they were', async () => {
  // Run 3 was held up; run 4 is the other one of its round.
  for (const when of [/once more, run 3/, /once more, run 4/]) {
    const { result, runs } = await executeUntil(
      when,
      ({ id }, attempt) => id === 'pool 1.2 1' && attempt === 1,
    );
    assert.deepEqual(runs, ids);
    assert.deepEqual(attemptsOf(result), Array(8).fill(1));
    assert.deepEqual(result.discarded, []);
    assert.equal(isValid(result), false);
  }
});

test('plan: stopped by the user after the last run: nothing is missing but the second look at a call', async () => {
  const lab = createStoppedLab(/cannot be trusted/);
  const isLast = ({ id }: RunPlan) => id === ids.at(-1);
  const { result, runs } = await execute(isLast, { maxRepeatedRounds: 0 }, lab);
  assert.ok(lab.signal.aborted, 'not stopped');
  assert.deepEqual(runs, ids);
  assert.deepEqual([result.complete, result.calibration.atEnd], [true, null]);
});

test('plan: stopped by the user before there is a run: nothing to keep', async () => {
  await assert.rejects(executeUntil(/run 1 of 8/), /stopped/);
  await assert.rejects(executeUntil(/calibrating/), /stopped/);
});

test('plan: a run that cannot be made: the reason is handed on', async () => {
  const reason = new LabError('the server exited with code 9 under load', 3);
  const isBroken = () => {
    throw reason;
  };
  await assert.rejects(execute(isBroken), reason);
});

test('rounds: how many may be made again: a quarter, at least one of any', () => {
  const runsOf = (rounds: number) =>
    Array.from({ length: 2 * rounds }, (_, index) => ({
      ...(plan.runs[0] as RunPlan),
      repetition: 1 + Math.floor(index / 2),
    }));
  assert.deepEqual(
    [0, 1, 4, 5, 16].map((rounds) => countRepeatable(runsOf(rounds))),
    [0, 1, 1, 2, 4],
  );
});

test('estimate: what is left, with what runs take beyond their windows, runs in vain included', () => {
  let nowMs = 0;
  const run = { ...plan.runs[0], warmupMs: 1000, measureMs: 2000 } as RunPlan;
  const estimate = createEstimate({ nowMs: () => nowMs });
  // Nothing is known yet: 3 × (3 s + a guess of 1.2 s).
  assert.equal(estimate.leftSec([], [run, run, run]), 13);
  nowMs = 5000;
  assert.equal(estimate.leftSec([run], [run, run]), 10);
  nowMs = 14_000;
  // Three, one of them in vain, took 14 s, 5 s beyond their windows: 1.67 s each.
  assert.equal(estimate.leftSec([run, run, run], [run]), 5);
});

test('host CPU: shares of what others took, from two readings of the kernel', () => {
  const first = parseHostCpuTimes('cpu  100 0 50 800 10 0 5 35 7 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n');
  const second = parseHostCpuTimes('cpu  150 0 60 880 10 0 5 95 9 0\n');
  // Guest time is in user time already.
  assert.deepEqual(first, { stolenTicks: 35, idleTicks: 810, totalTicks: 1000 });
  assert.ok(first && second, 'not read');
  const before = { ...first, ownTicks: 500 };
  const after = { ...second, ownTicks: 540 };
  // 200 ticks: 60 stolen, 80 idle, 40 the lab's own, and so 20 of other processes.
  const host = { stolenCpuRatio: 0.3, othersCpuRatio: 0.1, idleCpuRatio: 0.4 };
  assert.deepEqual(toHost(before, after), host);
  // Ticks are rounded: the lab's may come to more than was used.
  assert.equal(toHost(before, { ...after, ownTicks: 570 }).othersCpuRatio, 0);
  const unknown = { stolenCpuRatio: null, othersCpuRatio: null, idleCpuRatio: null };
  assert.deepEqual(toHost(before, before), unknown);
  assert.deepEqual(toHost(after, before), unknown);
  assert.deepEqual(toHost(null, after), unknown);
  assert.equal(parseHostCpuTimes('intr 1 2 3'), null);
  const stat = `7 (a) b) R 1 ${'0 '.repeat(9)}11 12 13 14 20 0`;
  assert.deepEqual(parseProcessTicks(stat), { own: 23, children: 27 });
});

test('host CPU: others take much: a reason only where little is left', () => {
  const { streams, selfCheck, windowStartEpochMs } = createRun({ target: 'pool', offeredLoad: 0 });
  const load = { streams, selfCheck, windowStartEpochMs: windowStartEpochMs ?? 0 };
  const find = (stolenCpuRatio: number | null, othersCpuRatio: number, idleCpuRatio: number) =>
    findInvalidReasons(load, { stolenCpuRatio, othersCpuRatio, idleCpuRatio });
  assert.deepEqual(find(0, 0.1, 0), []);
  assert.deepEqual(find(0.25, 0.25, 0.3), []);
  assert.deepEqual(find(0.25, 0.25, 0.29), [{ code: 'CPU_TAKEN', value: 0.5, limit: 0.1 }]);
  assert.deepEqual(find(null, 0.2, 0), [{ code: 'CPU_TAKEN', value: 0.2, limit: 0.1 }]);
});
