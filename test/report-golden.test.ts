/**
 * What is said about a result, word for word: in the terminal, in the step summary and in JUnit. The texts are kept in
 * test/fixtures/golden/. When they are meant to change, look at the difference after
 *
 *   UPDATE_GOLDEN=1 npm test -- test/report-golden.test.ts
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabResult } from '../loadtest/result/result.ts';
import { assertGolden } from './helpers/golden.ts';
import { createOverhead } from './helpers/lab-overhead.ts';
import { presentResult } from './helpers/present-result.ts';
import { createReportExample } from './helpers/report-example-result.ts';

/** Both modes, what handing over costs, and a round that was made again because one of its runs was disturbed. */
function createResult(): LabResult {
  const result = createReportExample();
  return {
    ...result,
    overhead: createOverhead(0.12),
    discarded: result.runs
      .filter(({ plan }) => plan.offeredLoad === 0.6 && plan.repetition === 2)
      .map(({ plan }) => ({
        plan,
        invalidReasons:
          plan.target === 'pool' ? [{ code: 'GENERATOR_LATE', value: 25, limit: 10 }] : [],
        host: { stolenCpuRatio: 0.08, othersCpuRatio: 0, idleCpuRatio: 0.2 },
      })),
  };
}

const conditions = [
  'users.p95.pool < 50ms',
  'users.p95.inline/pool@0.6 > 20',
  'users.p95.inline@1.2 < 50ms',
  'compute.p99.pool@0.6 < 1s',
  'users.growth.inline < 50ms/s',
];

test('golden: the terminal, the step summary and JUnit say what they are meant to', async (t) => {
  const { code, terminal, summary, junit } = await presentResult(t, createResult(), conditions);
  assertGolden('contrast.txt', terminal);
  assertGolden('step-summary.md', summary);
  assertGolden('junit.xml', junit);
  assert.equal(code, 1);
});
