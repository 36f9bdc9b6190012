import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAssertion } from '../loadtest/analysis/assertion-syntax.ts';
import { checkAssertions, evaluateAssertions } from '../loadtest/analysis/assertions.ts';
import { compareKnees, findKnees, isKneeTrustworthy } from '../loadtest/analysis/knee.ts';
import { judgeProbe } from '../loadtest/analysis/knee-probe.ts';
import { readReportAssets } from '../loadtest/commands/report-assets.ts';
import {
  createProbeRun,
  createSearches,
  createSearchSpace,
  defaultKneeSettings,
  guessServer,
} from '../loadtest/experiments/knee-plan.ts';
import { toChecked } from '../loadtest/report/assertion-lines.ts';
import { renderReportHtml } from '../loadtest/report/html/render-report.ts';
import { describeKnees } from '../loadtest/report/knee-headline.ts';
import { renderKnee } from '../loadtest/report/knee-table.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import { parseResult } from '../loadtest/result/result.ts';
import { createResult, createRun } from './helpers/lab-runs.ts';

test('knee probe: fast and nothing failed: passed', () => {
  const run = createRun({ target: 'pool', offeredLoad: 1 });
  assert.deepEqual(judgeProbe(run, 50), { offeredLoad: 1, outcome: 'passed', failures: [] });
});

test('knee probe: p99 at the SLO, a refusal, or no answer: failed, with what', () => {
  const probe = (shape: object) =>
    judgeProbe(createRun({ target: 'pool', offeredLoad: 1, ...shape }), 50);
  const slow = probe({ answerMs: 50 });
  assert.equal(slow.outcome, 'failed');
  assert.equal(slow.failures[0]?.kind, 'slow');
  assert.deepEqual(probe({ refused: 3 }).failures, [
    { kind: 'errors', stream: 'compute', error: '503 QUEUE_FULL', count: 3 },
  ]);
  assert.deepEqual(probe({ unanswered: 2 }).failures, [
    { kind: 'unanswered', stream: 'compute', count: 2 },
  ]);
});

test('knee probe: the generator was late: says nothing; a stream without answers: failed', () => {
  assert.equal(
    judgeProbe(createRun({ target: 'pool', offeredLoad: 1, isInvalid: true }), 50).outcome,
    'invalid',
  );
  const run = createRun({ target: 'pool', offeredLoad: 1, refused: 1e6 });
  run.invalidReasons.push({ code: 'NO_ANSWERS', value: 0, limit: 1, detail: 'compute' });
  assert.equal(judgeProbe(run, 50).outcome, 'failed');
});

function createKneeResult() {
  const inline = { target: 'inline' };
  const pool = { target: 'pool' };
  return createResult('knee', [
    { ...inline, offeredLoad: 0.7 },
    { ...inline, offeredLoad: 0.8, answerMs: 60 },
    { ...inline, offeredLoad: 0.8, answerMs: 70 },
    { ...pool, offeredLoad: 1.4, isInvalid: true },
    { ...pool, offeredLoad: 1.4 },
    { ...pool, offeredLoad: 1.5, refused: 2 },
    { ...pool, offeredLoad: 1.5, refused: 4 },
    { ...pool, repetition: 2, offeredLoad: 1.5 },
    { ...pool, repetition: 2, offeredLoad: 1.6, refused: 1 },
    { ...pool, repetition: 2, offeredLoad: 1.6, refused: 1 },
    { ...inline, repetition: 2, offeredLoad: 0.8, answerMs: 60 },
    { ...inline, repetition: 2, offeredLoad: 0.8 },
    { ...inline, repetition: 2, offeredLoad: 0.9, answerMs: 200 },
    { ...inline, repetition: 2, offeredLoad: 0.9, answerMs: 300 },
  ]);
}

test('knee: two searches per target: the interval spans both, with rates and prediction', () => {
  const result = parseResult(JSON.parse(JSON.stringify(createKneeResult())));
  const [inline, pool] = findKnees(result);
  assert.ok(inline && pool);
  assert.deepEqual(inline.carried, { offeredLoad: 0.7, perSec: 70 });
  assert.deepEqual(inline.notCarried, { offeredLoad: 0.9, perSec: 90 });
  assert.deepEqual(inline.predicted, { offeredLoad: 1, perSec: 100 });
  assert.deepEqual(pool.carried?.offeredLoad, 1.4);
  assert.deepEqual(pool.notCarried?.offeredLoad, 1.6);
  assert.deepEqual(pool.predicted, { offeredLoad: 2, perSec: 200 });
  assert.equal(pool.limitedBy[0]?.kind, 'errors');
  const ratio = compareKnees(pool, inline);
  assert.ok(ratio && Math.abs(ratio.low - 1.4 / 0.9) < 1e-9);
  assert.ok(Math.abs(ratio.high - 1.6 / 0.7) < 1e-9);
  assert.ok(isKneeTrustworthy(result));
});

test('knee: more threads than cores: the prediction is by cores', () => {
  const result = createResult('knee', [{ target: 'pool', offeredLoad: 1, threads: 8 }]);
  assert.equal(findKnees(result)[0]?.predicted.offeredLoad, 2);
});

test('knee: never failed, or never passed: open ends, no ratio made up', () => {
  const result = createResult('knee', [
    { target: 'inline', offeredLoad: 0.05, answerMs: 90 },
    { target: 'inline', offeredLoad: 0.05, answerMs: 90 },
    { target: 'pool', offeredLoad: 3 },
  ]);
  const [inline, pool] = findKnees(result);
  assert.ok(inline && pool);
  assert.equal(inline.carried, undefined);
  assert.equal(pool.notCarried, undefined);
  assert.deepEqual(compareKnees(pool, inline), { low: 3 / 0.05, high: Number.POSITIVE_INFINITY });
  assert.equal(compareKnees(inline, pool), undefined);
  const text = renderKnee(result);
  assert.match(text, /inline +less than tried +5\.0\/s +\? to 0\.05/);
  assert.match(text, /pool +300\.0\/s +not reached +3\.00 or more/);
});

test('knee: stopped, or a search that ended without a valid run: not trusted', () => {
  assert.ok(!isKneeTrustworthy({ ...createKneeResult(), complete: false }));
  const shapes = [
    { target: 'inline', offeredLoad: 0.7 },
    { target: 'pool', offeredLoad: 1.4, isInvalid: true },
  ];
  assert.ok(!isKneeTrustworthy(createResult('knee', shapes)));
  const text = renderKnee(createResult('knee', shapes));
  assert.match(text, /\nINVALID: do not use these figures/);
  assert.match(text, /pool +not found +not found/);
  assert.ok(!isKneeTrustworthy(createResult('knee', shapes.slice(0, 1))));
});

test('knee table: example: what each carries, beside the prediction', () => {
  const text = renderKnee(createKneeResult());
  assert.match(text, /p99 of GET \/users stays below 50\.0 ms and nothing fails/);
  assert.match(
    text,
    /inline +70\.0\/s +90\.0\/s +0\.70 to 0\.90 +100\.0\/s +7 +users p99 70\.0 ms/,
  );
  assert.match(
    text,
    /pool +140\.0\/s +160\.0\/s +1\.40 to 1\.60 +200\.0\/s +7 +4 compute 503 QUEUE_FULL/,
  );
  assert.match(text, /pool carries 1\.6 to 2\.3 times as much as inline\./);
  assert.match(text, /shared the cores/);
  assert.match(text, /\nValid: every search came to its end\. 1 in which the generator was late/);
});

test('knee: on the page: the answer first, the knees, and every step of the searches', () => {
  const result = createKneeResult();
  const headline = describeKnees(result);
  assert.match(
    headline.sentence,
    /below 50\.0 ms and nothing fails, pool carries 1\.6 to 2\.3 times/,
  );
  assert.equal(headline.tone, 'good');
  const analysis = { ...analyzeForReport(result), headline, isTrusted: true };
  const page = renderReportHtml(result, readReportAssets(), analysis);
  const section = page.slice(page.indexOf('id="knees"'), page.indexOf('</details>'));
  assert.match(section, /<th scope="row">inline<\/th><td>70\.0\/s<\/td><td>90\.0\/s<\/td>/);
  const steps = section.match(/<td>(passed|failed|said nothing)<\/td>/g) ?? [];
  assert.equal(steps.length, result.runs.length);
});

test('knee: conditions: on what is carried, and on nothing else', () => {
  const result = createKneeResult();
  const evaluate = (text: string) => {
    const [outcome] = evaluateAssertions([parseAssertion(text)], result);
    assert.ok(outcome);
    return { passed: outcome.passed, text: toChecked(outcome).actual };
  };
  assert.deepEqual(evaluate('compute.knee.pool >= 140/s'), { passed: true, text: 'it is 140.0/s' });
  assert.deepEqual(evaluate('compute.knee.pool > 140/s'), { passed: false, text: 'it is 140.0/s' });
  assert.deepEqual(evaluate('compute.knee.pool/inline > 1.9'), { passed: true, text: 'it is 2×' });
  const refuses = (experiment: 'knee' | 'contrast', text: string, message: RegExp) =>
    assert.throws(
      () => checkAssertions([parseAssertion(text)], { plan: result.plan, experiment }),
      message,
    );
  refuses('knee', 'users.p99.pool < 50ms', /a search for the knee has no figure but knee/);
  refuses('knee', 'users.knee.pool > 50', /no stream users; there are compute/);
  refuses('contrast', 'compute.knee.pool > 50', /only a search for the knee finds a knee/);
});

test('knee plan: searches: every target, in turns', () => {
  const { plan } = createKneeResult();
  assert.deepEqual(
    createSearches(plan, { bisections: 2 }).map(
      ({ target, repetition }) => `${target.name} ${repetition}`,
    ),
    ['inline 1', 'pool 1', 'pool 2', 'inline 2'],
  );
});

test('knee plan: space: by the threads there are, and never more than the generator can offer', () => {
  const of = (mode: string, threads: number, serviceTimeMs: number) =>
    createSearchSpace(defaultKneeSettings, { mode, threads }, 2, serviceTimeMs);
  assert.equal(of('inline', 1, 10).highest, 1.5);
  assert.equal(of('pool', 4, 10).highest, 6);
  assert.deepEqual(of('pool', 4, 10).likely, { low: 1, high: 2 });
  assert.equal(of('pool', 2, 0.1).highest, 0.4);
  const tiny = of('pool', 2, 0.01);
  assert.ok(tiny.lowest < tiny.highest);
  assert.deepEqual(guessServer({ name: 'x', settings: { POOL_THREADS: '3' } }, 2), {
    mode: 'pool',
    threads: 3,
  });
});

test('knee plan: a slow task: window and drain long enough to see it', () => {
  const target = { name: 'pool', settings: {} };
  const run = createProbeRun(defaultKneeSettings, { target, repetition: 2 }, 3, 0.5, 300);
  assert.deepEqual([run.id, run.measureMs, run.drainMs], ['pool 2.3', 6000, 3000]);
});
