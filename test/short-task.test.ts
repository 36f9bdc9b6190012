/** A task that is too short to be put under load: its answer, in every form a result has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advise } from '../loadtest/analysis/advice.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import { type LabResult, parseResult } from '../loadtest/result/result.ts';
import { createExampleResult } from './helpers/lab-example-result.ts';
import { createOverhead } from './helpers/lab-overhead.ts';
import { presentResult } from './helpers/present-result.ts';

/** What a contrast makes of a task of that length; `firstMs`: what the very first call took. */
function createShort(callMs: number, { firstMs = callMs, dispatchMs = 0.108 } = {}): LabResult {
  const { plan, calibration, ...result } = createExampleResult();
  return {
    ...result,
    plan: { ...plan, runs: [] },
    calibration: {
      ...calibration,
      serviceTimeMs: callMs,
      rounds: [{ firstMs, samplesMs: [callMs, callMs, callMs] }],
    },
    overhead: createOverhead(dispatchMs),
    runs: [],
  };
}

test('short task: shorter than handing it over: do not offload, everywhere, and nothing else', async (t) => {
  const sentence =
    'Do not offload: one call takes 3.00 µs, handing it over costs the event loop 108 µs.';
  const result = parseResult(JSON.parse(JSON.stringify(createShort(0.003))));
  assert.equal(advise(result).offload.answer, 'no');
  assert.deepEqual(analyzeForReport(result).headline.sentence, sentence);
  const { code, terminal, summary, junit, page } = await presentResult(t, result);
  assert.equal(code, 0);
  assert.ok(terminal.startsWith(`\n${sentence}\n`));
  assert.ok(summary.startsWith(`## ${sentence}\n`));
  assert.ok(junit.includes(`<system-out>${sentence}`));
  assert.ok(page.replaceAll('\u00a0', ' ').includes(`<h2 id="verdict">${sentence}</h2>`));
  const shown = page.replaceAll(/<script.*?<\/script>/gs, '');
  for (const text of [terminal, summary, junit, shown]) {
    assert.doesNotMatch(
      text,
      /NaN|Infinity|undefined|othing to compare|othing was measured|INVALID/,
    );
    assert.doesNotMatch(text, /INCOMPLETE|<figure|p95/);
  }
});

test('short task: a condition on it: cannot be judged', async (t) => {
  const { code, junit } = await presentResult(t, createShort(0.003), ['users.p95.pool < 50ms']);
  assert.equal(code, 3);
  assert.match(junit, /<testsuite name="assertions" tests="1" failures="0" errors="1"/);
});

test('short task: what cannot be told, and why: a sentence of its own each, and no colour', () => {
  const unclear = {
    'about what handing over costs': createShort(0.108),
    'longer, but not by a load that is no load test of HTTP': createShort(0.25),
    'its input may be remembered': createShort(0.003, { firstMs: 40 }),
    'not measured': { ...createShort(0.003), overhead: null },
  };
  const headlines = Object.entries(unclear).map(([why, result]) => {
    const { headline } = analyzeForReport(result);
    assert.match(headline.sentence, /^Whether to offload cannot be told: one call takes /, why);
    assert.equal(headline.tone, 'neutral', why);
    return headline.sentence;
  });
  assert.equal(new Set(headlines).size, headlines.length);
  assert.deepEqual(
    Object.values(unclear).map((result) => advise(result).offload.answer),
    ['cannot tell', 'cannot tell', 'cannot tell', 'not measured'],
  );
  const [cached] = advise(unclear['its input may be remembered']).offload.reasons.slice(-1);
  assert.deepEqual(cached, { kind: 'cached' });
});

test('stopped before the first run: that is no short task', () => {
  const { headline } = analyzeForReport({ ...createExampleResult(), complete: false, runs: [] });
  assert.equal(headline.sentence, 'There is nothing to compare.');
});
