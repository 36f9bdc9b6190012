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

test('connections: arrivals: one for each request that can be outstanding, no longer than it is waited for', () => {
  const rates = { usersPerSec: 100, createPerSec: 10, healthPerSec: 1 };
  const count = (measureMs: number) =>
    countConnections(
      createContrastPlan({ ...defaultContrastSettings, ...rates, warmupMs: 1000, measureMs }),
    );
  assert.equal(count(4000), 555);
  assert.equal(count(600_000), 111 * 30);
});

test('connections: virtual users: one each, of the run with the most', () => {
  assert.equal(countConnections(createSeedPlan(defaultSeedSettings)), 300);
  const plan = createAdmissionPlan({ ...defaultAdmissionSettings, clients: [7, 3] });
  assert.equal(countConnections(plan), 7 + 20 * 11);
  assert.equal(countConnections({ ...plan, runs: [] }), 0);
});
