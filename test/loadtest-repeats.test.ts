import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planShortCalibration } from '../loadtest/experiments/calibration-plan.ts';
import {
  createContrastPlan,
  defaultContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { executePlan } from '../loadtest/experiments/execute-plan.ts';
import { createEstimate } from '../loadtest/experiments/time-estimate.ts';
import { renderValidity } from '../loadtest/report/validity-lines.ts';
import type { RunPlan } from '../loadtest/result/experiment-plan.ts';
import type { RunResult } from '../loadtest/result/result.ts';
import { parseHostCpuTimes, toStolenCpuRatio } from '../loadtest/telemetry/host-cpu.ts';
import { createRun } from './helpers/lab-runs.ts';
import { createStubLab } from './helpers/stub-lab.ts';

const plan = {
  ...createContrastPlan({ ...defaultContrastSettings, levels: [0, 1.2], repeats: 2 }),
  calibration: planShortCalibration('pool'),
};

/** Makes runs of which some say that the generator was late, by how often they were tried. */
function makeRuns(isHeldUp: (run: RunPlan, attempt: number) => boolean) {
  const attempts = new Map<string, number>();
  const made: string[] = [];
  const makeRun = async (run: RunPlan): Promise<RunResult> => {
    const attempt = (attempts.get(run.id) ?? 0) + 1;
    attempts.set(run.id, attempt);
    made.push(run.id);
    return {
      ...createRun({ ...run, isInvalid: isHeldUp(run, attempt) }),
      plan: run,
      host: { stolenCpuRatio: 0.25 },
    };
  };
  return { made, makeRun };
}

test('plan: a run in which the generator was held up is made again after the last, openly', async () => {
  const { made, makeRun } = makeRuns(({ id }, attempt) => id === 'pool 1.2 1' && attempt === 1);
  const result = await executePlan(createStubLab(), 'contrast', plan, makeRun);
  const planned = plan.runs.map(({ id }) => id);
  assert.deepEqual(made, [...planned, 'pool 1.2 1']);
  assert.deepEqual(
    result.runs.map((run) => run.plan.id),
    planned,
  );
  assert.deepEqual(
    result.runs.filter(({ invalidReasons }) => invalidReasons.length > 0),
    [],
  );
  assert.ok(result.complete);
  assert.deepEqual(
    result.discarded.map((run) => [run.plan.id, run.invalidReasons.map(({ code }) => code)]),
    [['pool 1.2 1', ['GENERATOR_LATE']]],
  );
  const text = renderValidity(result).join('\n');
  assert.match(text, /^Valid: /);
  assert.match(
    text,
    /One run was made again.*\n {2}pool 1\.2 1: .*while other machines took 25\.0 %/,
  );
});

test('plan: only so many runs are made again, in turns, and then the result is invalid', async () => {
  const { made, makeRun } = makeRuns(({ repetition }) => repetition === 2);
  const result = await executePlan(createStubLab(), 'contrast', plan, makeRun);
  assert.equal(plan.maxRepeatedRuns, 2);
  assert.deepEqual(made.slice(plan.runs.length), ['pool 0 2', 'inline 0 2']);
  assert.equal(result.discarded.length, 2);
  assert.equal(result.runs.length, plan.runs.length);
  assert.match(renderValidity(result).join('\n'), /^INVALID/);
});

test('plan: a run that is spoiled again goes to the end once more', async () => {
  const { made, makeRun } = makeRuns(
    ({ id }, attempt) =>
      (id === 'inline 0 1' && attempt < 3) || (id === 'pool 0 1' && attempt === 1),
  );
  const generous = { ...plan, maxRepeatedRuns: 5 };
  const result = await executePlan(createStubLab(), 'contrast', generous, makeRun);
  assert.deepEqual(made.slice(plan.runs.length), ['inline 0 1', 'pool 0 1', 'inline 0 1']);
  assert.deepEqual(
    result.discarded.map((run) => run.plan.id),
    ['inline 0 1', 'pool 0 1', 'inline 0 1'],
  );
  assert.match(renderValidity(result).join('\n'), /^Valid: /);
});

test('plan: a server without an answer is no reason to try again', async () => {
  const { made, makeRun } = makeRuns(() => false);
  await executePlan(createStubLab(), 'contrast', plan, async (run) => ({
    ...(await makeRun(run)),
    invalidReasons: [{ code: 'NO_ANSWERS', value: 0, limit: 1, detail: 'users' }],
  }));
  assert.equal(made.length, plan.runs.length);
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

test('host CPU: the share that was stolen, from two readings of /proc/stat', () => {
  const before = parseHostCpuTimes('cpu  100 0 50 800 10 0 5 35 7 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n');
  const after = parseHostCpuTimes('cpu  150 0 60 880 10 0 5 95 9 0\n');
  assert.deepEqual(before, { stolenTicks: 35, totalTicks: 1000 });
  // 60 of 200 ticks; guest time is in user time already.
  assert.equal(toStolenCpuRatio(before, after), 0.3);
  assert.equal(toStolenCpuRatio(before, before), null);
  assert.equal(toStolenCpuRatio(after, before), null);
  assert.equal(toStolenCpuRatio(null, after), null);
  assert.equal(parseHostCpuTimes('intr 1 2 3'), null);
});
