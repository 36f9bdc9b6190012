import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { summarizeOverhead } from '../loadtest/analysis/overhead-summary.ts';
import { planShortCalibration } from '../loadtest/experiments/calibration-plan.ts';
import {
  createContrastPlan,
  defaultContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { runKnee } from '../loadtest/experiments/knee.ts';
import { defaultKneeSettings } from '../loadtest/experiments/knee-plan.ts';
import { measureOverhead } from '../loadtest/experiments/overhead.ts';
import { renderKnee } from '../loadtest/report/knee-table.ts';
import { parseResult } from '../loadtest/result/result.ts';
import { childrenOf } from './helpers/lab-processes.ts';
import { createStubLab } from './helpers/stub-lab.ts';

const server = fileURLToPath(new URL('../dist/src/server.js', import.meta.url));
const plan = {
  ...createContrastPlan({ ...defaultContrastSettings, seed: 1 }),
  calibration: planShortCalibration('pool'),
};
// As many requests of `users` in a short window as a p99 takes.
const quickPlan = {
  ...plan,
  streams: plan.streams.map((stream) =>
    stream.name === 'users'
      ? { ...stream, arrivalRate: { kind: 'fixed' as const, perSec: 1000 } }
      : stream,
  ),
};
const settings = { ...defaultKneeSettings, measureMs: 400, warmupMs: 50, drainMs: 300 };

test('knee: a stub, few runs: a result of its own kind, targets in turns, with the runs as its plan', async () => {
  const lines: string[] = [];
  const lab = createStubLab((line) => lines.push(line));
  const result = parseResult(
    JSON.parse(JSON.stringify(await runKnee(lab, quickPlan, { ...settings, maxRuns: 2 }))),
  );
  assert.equal(result.experiment, 'knee');
  assert.ok(result.complete);
  assert.deepEqual(
    result.runs.map((run) => run.server.mode),
    ['inline', 'pool', 'inline', 'pool'],
  );
  assert.deepEqual(result.runs[0]?.plan.id, 'inline 0.7 1');
  assert.equal(new Set(result.runs.map((run) => run.plan.id)).size, 4);
  assert.deepEqual(
    result.plan.runs,
    result.runs.map((run) => run.plan),
  );
  assert.ok(result.calibration.atEnd);
  assert.ok(
    lines.some((line) => /^pool: compute load \d\.\d{3}, run 1; about \d+ s left$/.test(line)),
  );
  assert.match(renderKnee(result), /\ninline .*\npool /);
});

test('knee: windows that cannot hold a p99: refused before anything runs', async () => {
  const lines: string[] = [];
  const lab = createStubLab((line) => lines.push(line));
  const seldom = createContrastPlan({ ...defaultContrastSettings, seed: 1, usersPerSec: 5 });
  await assert.rejects(runKnee(lab, seldom, settings), /bad --rate-users 5: /);
  assert.deepEqual(lines, []);
});

test('knee: stopped: what was measured is kept as incomplete, no process left', async () => {
  let probes = 0;
  const before = childrenOf(process.pid);
  const lab = createStubLab((line, abort) => {
    if (line.includes('compute load') && ++probes === 2) abort();
  });
  const result = await runKnee(lab, quickPlan, settings);
  assert.equal(result.complete, false);
  assert.equal(result.runs.length, 1);
  assert.deepEqual(childrenOf(process.pid), before);
});

test('knee: stopped before the first run: rejected with the reason', async () => {
  const lab = createStubLab((line, abort) => {
    if (line.includes('compute load')) abort();
  });
  await assert.rejects(runKnee(lab, quickPlan, settings), /stopped/);
});

test('overhead: the server, few calls: costs of both modes side by side', async () => {
  const lab = createStubLab(() => {}, server);
  const amounts = { rounds: 4, callsPerRound: 25, warmupCalls: 50 };
  const overhead = await measureOverhead(lab, plan, amounts);
  if (process.platform !== 'linux') {
    assert.equal(overhead, null);
    return;
  }
  assert.ok(overhead);
  assert.equal(overhead.rounds.length, 4);
  for (const side of overhead.rounds.flatMap(({ inline, pool }) => [inline, pool])) {
    assert.ok(side.mainThreadCpuMs > 0 && side.responseTimeMs > side.taskMs);
    assert.ok(side.processCpuMs >= side.mainThreadCpuMs);
  }
  assert.ok(summarizeOverhead(overhead).breakEvenMs.value >= 0);
});
