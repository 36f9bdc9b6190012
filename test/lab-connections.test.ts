import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createAdmissionPlan,
  defaultAdmissionSettings,
} from '../loadtest/experiments/admission-plan.ts';
import {
  createContrastPlan,
  defaultContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { countConnections } from '../loadtest/experiments/count-connections.ts';
import { createSeedPlan, defaultSeedSettings } from '../loadtest/experiments/seed-plan.ts';
import { startLab } from './helpers/lab-command.ts';

test('connections: arrivals: one for each request that can be outstanding, no longer than it is waited for', () => {
  const rates = { usersPerSec: 10, newcomersPerSec: 5, createPerSec: 2, healthPerSec: 1 };
  const count = (measureMs: number) =>
    countConnections(
      createContrastPlan({
        ...defaultContrastSettings,
        ...rates,
        ...{ seed: 1, levels: [0], warmupMs: 1000, measureMs },
      }),
    );
  // Kept ones as many as are planned, at most 256 a stream; new ones one for each request.
  assert.equal(count(4000), 50 + 25 + 10 + 5 + 1);
  assert.equal(count(600_000), 256 + 5 * 30 + 256 + 30 + 1);
});

test('connections: virtual users: one each, of the run with the most', () => {
  assert.equal(countConnections(createSeedPlan(defaultSeedSettings)), 300);
  const plan = createAdmissionPlan({ ...defaultAdmissionSettings, clients: [7, 3] }, 1);
  assert.equal(countConnections(plan), 7 + 20 * 11);
  assert.equal(countConnections({ ...plan, runs: [] }), 0);
});

for (const [args, message] of [
  [['contrast'], /\d+ connections need \d+ open files, .* limit is 300: .*-n \d+.*--rate-users/],
  [['knee', '--rate-users', '400'], /\d+ connections .*--rate-users/],
  [['quick', '--connections', '400'], /402 connections .*--connections or --pressing/],
  [['seed', '--generator', 'lab'], /300 connections .*--vus/],
  [['admission', '--clients', '100'], /320 connections .*--clients/],
  [['burst'], /600 connections .*--connections/],
  [['k6', 'baseline'], /300 connections .*--vus/],
  [['k6', 'mixed'], /1000 connections .*--max-vus/],
] as const) {
  test(`open files: ${args.join(' ')} with too few open files: refused before anything is done`, {
    skip: process.platform === 'win32' ? 'Windows has no such limit' : false,
  }, async (t) => {
    const prefix = ['sh', '-c', 'ulimit -n 300 && exec "$@"', 'sh'];
    const { code, stderr } = await startLab(t, args, { prefix }).ended;
    assert.match(stderr, message);
    assert.match(stderr, /^error: .*\n$/);
    assert.equal(code, 2);
  });
}
