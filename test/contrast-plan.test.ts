import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ContrastSettings,
  createAaPlan,
  createContrastPlan,
  defaultContrastSettings,
  maxComputePerSec,
  quickContrastSettings,
  windowForSteadyState,
} from '../loadtest/experiments/contrast-plan.ts';
import { resolveStreams } from '../loadtest/experiments/resolve-streams.ts';
import { LabError } from '../loadtest/lab-error.ts';
import type { ExperimentPlan } from '../loadtest/result/experiment-plan.ts';

const settings: ContrastSettings = { ...defaultContrastSettings, seed: 1 };
const quick: ContrastSettings = { ...quickContrastSettings, seed: 1 };

/** Load, rounds and window in seconds, level by level. */
function levelsOf({ runs }: ExperimentPlan): number[][] {
  const loads = [...new Set(runs.map(({ offeredLoad }) => offeredLoad))];
  return loads.map((load) => {
    const ofLoad = runs.filter(({ offeredLoad }) => offeredLoad === load);
    const rounds = new Set(ofLoad.map(({ repetition }) => repetition));
    const windowsMs = new Set(ofLoad.map(({ measureMs }) => measureMs));
    assert.equal(windowsMs.size, 1);
    assert.equal(ofLoad.length, 2 * rounds.size);
    return [load, rounds.size, ...[...windowsMs].map((ms) => ms / 1000)];
  });
}

test('contrast plan: defaults: an idle server, a steady load, an overload, each as long as it takes', () => {
  assert.deepEqual(levelsOf(createContrastPlan(settings, 7)), [
    [0, 4, 1],
    [0.6, 8, 2.5],
    [1.2, 4, 1.5],
  ]);
  assert.deepEqual(levelsOf(createContrastPlan(quick, 7)), [
    [0.6, 3, 1],
    [1.2, 3, 1.5],
  ]);
});

test('contrast plan: order: round by round, loads upwards, targets take turns in going first', () => {
  const { runs, targets } = createContrastPlan({ ...settings, levels: [0.6, 1.2], repeats: 2 });
  assert.deepEqual(
    runs.map(({ id }) => id),
    [
      ...['inline 0.6 1', 'pool 0.6 1', 'pool 1.2 1', 'inline 1.2 1'],
      ...['pool 0.6 2', 'inline 0.6 2', 'inline 1.2 2', 'pool 1.2 2'],
    ],
  );
  assert.deepEqual(
    targets.map(({ settings }) => settings.COMPUTE_MODE),
    ['inline', 'pool'],
  );
});

test('contrast plan: A/A: one mode twice, under names of their own', () => {
  const { targets, calibration } = createAaPlan(settings, 'inline');
  assert.deepEqual(
    targets.map(({ name, settings }) => [name, settings.COMPUTE_MODE]),
    [
      ['inline-a', 'inline'],
      ['inline-b', 'inline'],
    ],
  );
  assert.equal(calibration.target, 'inline-b');
});

test('contrast plan: a slow task: windows that hold its queue, then a lower load', () => {
  const steadyOf = (callMs: number, of = settings) =>
    levelsOf(createContrastPlan({ ...of, levels: [0.6] }, callMs)).flat();
  const neededMs = windowForSteadyState(0.6, 30);
  assert.deepEqual(steadyOf(30), [0.6, 8, Math.ceil(neededMs / 500) / 2]);
  for (const callMs of [60, 100, 200, 300]) {
    const [load = 0, rounds, windowSec] = steadyOf(callMs);
    assert.deepEqual([rounds, windowSec], [8, 15]);
    assert.ok(load < 0.6 && load >= 0.2, `${load}`);
    assert.ok(windowForSteadyState(load, callMs) <= 15_000, `${callMs} ms at ${load}`);
  }
  // What the user has chosen stays.
  assert.deepEqual(steadyOf(300, { ...settings, areLevelsFixed: true }), [0.6, 8, 15]);
  assert.deepEqual(steadyOf(300, { ...settings, measureMs: 2000, repeats: 3 }), [0.6, 3, 2]);
  const [, overload] = levelsOf(createContrastPlan({ ...settings, levels: [0.2, 1.2] }, 30));
  assert.deepEqual(overload, [1.2, 4, 5.5]);
});

test('contrast plan: a task that no window is long enough for: one line that names what to ask for', () => {
  const isUsageError = (error: unknown) =>
    error instanceof LabError &&
    error.exitCode === 2 &&
    /^one call takes 1\.80 s: [^\n]*--levels 0\.2 --duration \d+/.test(error.message);
  assert.throws(() => createContrastPlan(settings, 1800), isUsageError);
  assert.throws(() => createContrastPlan(quick, 1800), isUsageError);
  const asked = { ...settings, levels: [0.2], areLevelsFixed: true, measureMs: 90_000 };
  assert.deepEqual(levelsOf(createContrastPlan(asked, 1800)), [[0.2, 8, 90]]);
});

test('contrast plan: a trivial task: only the loads that are no load test of HTTP, and none when that is none', () => {
  assert.deepEqual(createContrastPlan(settings, 0.003).runs, []);
  assert.equal(createContrastPlan(settings, 0.003).maxRepeatedRounds, 0);
  const callMs = (1000 * 0.6) / maxComputePerSec;
  assert.deepEqual(
    levelsOf(createContrastPlan(settings, callMs)).map(([load]) => load),
    [0, 0.6],
  );
  // Whoever asks for an idle server gets one, whatever the task.
  const idle = createContrastPlan({ ...settings, levels: [0] }, 0.003);
  assert.deepEqual(levelsOf(idle), [[0, 4, 1]]);
});

test('contrast plan: streams: what each sends and on which connections', () => {
  const streamsOf = (of: ContrastSettings, callMs?: number) =>
    createContrastPlan(of, callMs).streams.map(({ name, method, path, connection, ...stream }) => [
      name,
      `${method} ${path}`,
      connection.kind === 'kept' ? connection.connections : connection.kind,
      stream.arrivalRate.kind === 'fixed' ? stream.arrivalRate.perSec : stream.arrivalRate.kind,
    ]);
  const rates = { usersPerSec: 20, newcomersPerSec: 30, createPerSec: 4, healthPerSec: 5 };
  const some = { ...settings, ...rates, levels: [0.5], warmupMs: 500, measureMs: 2000 };
  assert.deepEqual(streamsOf(some, 10), [
    // As many as requests, so that none ever waits …
    ['users', 'GET /users', 50, 20],
    ['newcomers', 'GET /users', 'new', 30],
    ['create', 'POST /users', 10, 4],
    ['health', 'GET /health', 'new', 5],
    ['compute', 'GET /compute', 125, 'offered-load'],
  ]);
  // … up to a bound.
  assert.deepEqual(streamsOf({ ...some, usersPerSec: 1000 }, 10)[0]?.[2], 256);
  const task = { path: './task.js', inputs: ['{"n":1}', '{"n":2}'] };
  const own = createContrastPlan({ ...settings, task });
  assert.equal(own.task, './task.js');
  assert.deepEqual(own.streams.at(-1)?.bodies, task.inputs);
  assert.ok(own.targets.every(({ settings }) => settings.COMPUTE_TASK === './task.js'));
});

test('arrivals: the targets of a round share them, no two rounds, loads or seeds do', () => {
  const plan = createContrastPlan({ ...settings, levels: [0.6, 1.2] });
  const schedulesOf = (seed: number, offeredLoad: number, repetition: number) =>
    JSON.stringify(
      resolveStreams({ ...plan, seed }, { offeredLoad, repetition }, 10).map(
        ({ schedule }) => schedule,
      ),
    );
  const rounds = [1, 2, 3].flatMap((seed) =>
    [0.6, 1.2].flatMap((load) => [1, 2, 3, 4].map((round) => [seed, load, round] as const)),
  );
  const schedules = rounds.map((round) => schedulesOf(...round));
  assert.equal(new Set(schedules).size, rounds.length);
  assert.deepEqual(
    rounds.map((round) => schedulesOf(...round)),
    schedules,
  );
  for (const { target: _, ...round } of plan.runs) {
    const ofRound = plan.runs
      .filter(
        ({ offeredLoad, repetition }) =>
          offeredLoad === round.offeredLoad && repetition === round.repetition,
      )
      .map((run) => JSON.stringify(resolveStreams(plan, run, 10)));
    assert.equal(ofRound.length, 2);
    assert.equal(ofRound[0], ofRound[1]);
  }
});
