import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAssertion } from '../loadtest/analysis/assertion-syntax.ts';
import { checkAssertions, evaluateAssertions } from '../loadtest/analysis/assertions.ts';
import {
  compareKnees,
  findKnees,
  isKneeTrustworthy,
  type JudgedLoad,
  readProbe,
} from '../loadtest/analysis/knee.ts';
import { readReportAssets } from '../loadtest/commands/report-assets.ts';
import {
  createContrastPlan,
  defaultContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import {
  createProbeRun,
  createSearchSpace,
  defaultKneeSettings,
  guessServer,
  widenWindows,
} from '../loadtest/experiments/knee-plan.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { toChecked } from '../loadtest/report/assertion-lines.ts';
import { renderReportHtml } from '../loadtest/report/html/render-report.ts';
import { renderJunit } from '../loadtest/report/junit.ts';
import { describeKnees } from '../loadtest/report/knee-headline.ts';
import { renderKnee } from '../loadtest/report/knee-table.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import { type LabResult, parseResult } from '../loadtest/result/result.ts';
import { createKneeResult, createRun } from './helpers/lab-runs.ts';

const sloMs = 50;
const probe = (shape: object) =>
  readProbe(createRun({ target: 'pool', offeredLoad: 1, measureMs: 2000, ...shape }), sloMs);

test('knee probe: p99 of the judged stream, as a share of the SLO, and what failed', () => {
  const fast = probe({ answerMs: 5 });
  assert.deepEqual([fast.isValid, fast.hasFailures, fast.failures], [true, false, []]);
  assert.ok(Math.abs((fast.p99ToSlo ?? 0) - 0.1) < 0.001);
  assert.deepEqual(probe({ refused: 3 }).failures, [
    { kind: '503 QUEUE_FULL', stream: 'compute', count: 3 },
  ]);
  assert.deepEqual(probe({ unanswered: 2 }).failures, [
    { kind: 'unanswered', stream: 'compute', count: 2 },
  ]);
});

test('knee probe: too few requests for a p99: none; disturbed: says nothing; without answers: failed', () => {
  assert.equal(probe({ measureMs: 1000 }).p99ToSlo, undefined);
  assert.equal(probe({ isInvalid: true }).isValid, false);
  const run = createRun({ target: 'pool', offeredLoad: 1, refused: 1e6 });
  run.invalidReasons.push({ code: 'NO_ANSWERS', value: 0, limit: 1, detail: 'compute' });
  const { isValid, hasFailures } = readProbe(run, sloMs);
  assert.deepEqual([isValid, hasFailures], [true, true]);
});

/** inline carries 0.6, at 0.65 it cannot be told, 0.7 is slow; the pool carries 1.4 and refuses at 1.5. */
function createExample(): LabResult {
  const inline = { target: 'inline' };
  const pool = { target: 'pool' };
  return createKneeResult([
    { ...inline, offeredLoad: 0.6, answerMs: 30, runs: 3 },
    { ...inline, offeredLoad: 0.65, answerMs: 50, runs: 8 },
    { ...inline, offeredLoad: 0.7, answerMs: 200, runs: 1 },
    { ...inline, offeredLoad: 0.6, answerMs: 40, runs: 3 },
    { ...pool, offeredLoad: 1.4, isInvalid: true, runs: 1 },
    { ...pool, offeredLoad: 1.4, runs: 6 },
    { ...pool, offeredLoad: 1.5, refused: 2, runs: 2 },
  ]);
}

/** What is expected of a judged load, without its times. */
const pick = (load: JudgedLoad | undefined) =>
  load && [load.offeredLoad, load.perSec, load.outcome, load.runs, load.failingRuns];

test('knee: example: confirmed answer, cannot tell, what was not carried and why', () => {
  const result = parseResult(JSON.parse(JSON.stringify(createExample())));
  const [inline, pool] = findKnees(result);
  assert.ok(inline && pool);
  assert.deepEqual(pick(inline.carried), [0.6, 60, 'passed', 6, 0]);
  assert.deepEqual(inline.undecided.map(pick), [[0.65, 65, 'undecided', 8, 0]]);
  assert.deepEqual(pick(inline.notCarried), [0.7, 70, 'failed', 1, 0]);
  assert.deepEqual(inline.predicted, { offeredLoad: 1, perSec: 100 });
  // Geometric mean of 30 and 40, three times each: s = 0.158, half = 2.571 × 0.158 ÷ √6 = 0.165.
  const { p99Interval } = inline.carried ?? {};
  assert.ok(p99Interval);
  const [value, low, high] = [p99Interval.value, p99Interval.low, p99Interval.high];
  assert.ok(Math.abs(value - 34.64) < 0.05 && Math.abs(low - 29.36) < 0.1, `${value} ${low}`);
  assert.ok(Math.abs(high - 40.87) < 0.1, `${high}`);
  assert.deepEqual(pick(pool.carried), [1.4, 140, 'passed', 6, 0]);
  assert.deepEqual(pick(pool.notCarried), [1.5, 150, 'failed', 2, 2]);
  assert.deepEqual(pool.notCarried?.failures, [
    { kind: '503 QUEUE_FULL', stream: 'compute', count: 4 },
  ]);
  assert.deepEqual(pool.predicted, { offeredLoad: 2, perSec: 200 });
  const ratio = compareKnees(pool, inline);
  assert.ok(ratio && Math.abs(ratio.low - 1.4 / 0.7) < 1e-9);
  assert.ok(Math.abs(ratio.high - 1.5 / 0.6) < 1e-9);
  assert.ok(isKneeTrustworthy(result));
});

test('knee: more threads than cores: the prediction is by cores', () => {
  const result = createKneeResult([{ target: 'pool', offeredLoad: 1, threads: 8, runs: 6 }]);
  assert.equal(findKnees(result)[0]?.predicted.offeredLoad, 2);
});

test('knee: none failed, or none passed: open ends, no ratio made up', () => {
  const result = createKneeResult([
    { target: 'inline', offeredLoad: 0.05, answerMs: 90, runs: 3 },
    { target: 'pool', offeredLoad: 3, runs: 6 },
  ]);
  const [inline, pool] = findKnees(result);
  assert.ok(inline && pool);
  assert.equal(inline.carried, undefined);
  assert.equal(pool.notCarried, undefined);
  assert.deepEqual(compareKnees(pool, inline), { low: 3 / 0.05, high: Number.POSITIVE_INFINITY });
  assert.equal(compareKnees(inline, pool), undefined);
  assert.ok(isKneeTrustworthy(result));
  const text = renderKnee(result);
  assert.match(text, /inline +no load tried +5\.0\/s +p99 90\.\d ms \(.*\) +\? to 0\.05/);
  assert.match(text, /pool +300\.0\/s +2\.\d+ ms \(.*\) +not reached +3\.00 to \?/);
});

for (const [name, { why, ...last }] of Object.entries({
  'ended with a disturbed run': {
    ...{ offeredLoad: 1.4, isInvalid: true, runs: 5 },
    why: /the last one so:\n +pool 1\.4 5: the load generator sent late/,
  },
  'ended with a load half judged': {
    ...{ offeredLoad: 1.4, answerMs: 40, runs: 2 },
    why: /pool: after 2 runs there was no answer/,
  },
  'was not confirmed': {
    ...{ offeredLoad: 1.4, runs: 5 },
    why: /pool: after 5 runs there was no answer/,
  },
})) {
  test(`knee: a search that ${name}: not trusted, nothing said to be carried, an error in JUnit`, () => {
    const result = createKneeResult([
      { target: 'inline', offeredLoad: 0.7, runs: 6 },
      { target: 'pool', ...last },
    ]);
    assert.ok(!isKneeTrustworthy(result));
    const text = renderKnee(result);
    assert.match(text, /\nINVALID: do not use these figures/);
    assert.match(text, /pool +not found +not found/);
    assert.match(text, why);
    assert.match(
      renderJunit(result, analyzeForReport(result), []),
      /name="the search for the knee of pool came to its end"[^>]*>\s*<error message="what pool carries was not found"/,
    );
  });
}

test('knee: stopped, or a target without any run: not trusted', () => {
  assert.ok(!isKneeTrustworthy({ ...createExample(), complete: false }));
  assert.ok(
    !isKneeTrustworthy(createKneeResult([{ target: 'inline', offeredLoad: 0.7, runs: 6 }])),
  );
});

test('knee table: example: what each carries, does not carry, and why', () => {
  const text = renderKnee(createExample());
  assert.match(text, /in windows of 2\.00 s, is below 50\.0 ms with 95 % confidence/);
  assert.match(
    text,
    /inline +60\.0\/s +34\.\d ms \(29\.\d ms to 40\.\d ms\) +70\.0\/s +p99 200 ms +0\.60 to 0\.70 +100\.0\/s +15\n/,
  );
  assert.match(
    text,
    /pool +140\.0\/s +2\.\d+ ms \(.*\) +150\.0\/s +4 compute 503 QUEUE_FULL in 2 of 2 runs +1\.40 to 1\.50 +200\.0\/s +9\n/,
  );
  assert.match(text, /\ninline at 65\.0\/s: cannot tell, p99 is too close to 50\.0 ms/);
  assert.match(text, /\npool carries 2\.0 to 2\.5 times as much as inline\./);
  assert.match(text, /\nValid: every search came to its end\. 1 disturbed run did not count\.\n$/);
});

test('knee table: requests failed in one run of the answer: carried, and said', () => {
  const pool = { target: 'pool', offeredLoad: 1.4 };
  const text = renderKnee(
    createKneeResult([
      { ...pool, refused: 3, runs: 1 },
      { ...pool, runs: 5 },
    ]),
  );
  assert.match(text, /pool at 140\.0\/s: carried, with 3 compute 503 QUEUE_FULL in 1 of 6 runs\./);
});

test('knee: on the page: the answer first, the knees, and every run of the searches', () => {
  const result = createExample();
  const headline = describeKnees(result);
  assert.match(headline.sentence, /below 50\.0 ms, pool carries 2\.0 to 2\.5 times/);
  assert.deepEqual(
    headline.details.map((detail) => detail.replace(/p99 [^,]*/, '…')),
    [
      'inline carries 60.0/s: …, 6 runs.',
      'inline does not carry 70.0/s: …',
      'pool carries 140.0/s: …, 6 runs.',
      'pool does not carry 150.0/s: 4 compute 503 QUEUE_FULL in 2 of 2 runs.',
    ],
  );
  assert.equal(headline.tone, 'good');
  const analysis = { ...analyzeForReport(result), headline, isTrusted: true };
  const page = renderReportHtml(result, readReportAssets(), analysis);
  const section = page.slice(page.indexOf('id="knees"'), page.indexOf('</details>'));
  assert.match(section, /<th scope="row">inline<\/th><td>60\.0\/s<\/td>/);
  assert.match(section, /<p>inline at 65\.0\/s: cannot tell/);
  const [, steps = ''] = section.split('<details>');
  assert.equal(steps.match(/<tr><th scope="row">/g)?.length, result.runs.length);
  assert.match(steps, /disturbed: did not count/);
});

test('knee: conditions: on what is carried, and on nothing else', () => {
  const result = createExample();
  const evaluate = (text: string) => {
    const [outcome] = evaluateAssertions([parseAssertion(text)], result);
    assert.ok(outcome);
    const { actual } = toChecked(outcome);
    return [outcome.outcome, actual];
  };
  assert.deepEqual(evaluate('compute.knee.pool >= 140/s'), ['holds', 'it is 140.0/s']);
  assert.deepEqual(evaluate('compute.knee.pool > 140/s'), ['fails', 'it is 140.0/s']);
  assert.deepEqual(evaluate('compute.knee.pool/inline > 1.9'), ['holds', 'it is 2.333×']);
  const refuses = (experiment: 'knee' | 'contrast', text: string, message: RegExp) =>
    assert.throws(
      () => checkAssertions([parseAssertion(text)], { plan: result.plan, experiment }),
      message,
    );
  refuses('knee', 'users.p99.pool < 50ms', /a search for the knee has no figure but knee/);
  refuses('knee', 'users.knee.pool > 50', /no stream users; there are compute/);
  refuses('contrast', 'compute.knee.pool > 50', /only a search for the knee finds a knee/);
});

test('knee plan: space: by the threads there are, and never more than the generator can offer', () => {
  const of = (mode: string, threads: number, serviceTimeMs: number) =>
    createSearchSpace(defaultKneeSettings, { mode, threads }, 2, serviceTimeMs);
  assert.deepEqual([of('inline', 1, 10).highest, of('inline', 1, 10).start], [1.5, 0.7]);
  assert.deepEqual([of('pool', 4, 10).highest, of('pool', 4, 10).start], [6, 1.4]);
  assert.equal(of('pool', 2, 0.1).highest, 0.2);
  const tiny = of('pool', 2, 0.01);
  assert.ok(tiny.lowest < tiny.highest);
  assert.deepEqual(guessServer({ name: 'x', settings: { POOL_THREADS: '3' } }, 2), {
    mode: 'pool',
    threads: 3,
  });
});

test('knee plan: a slow task: window and drain long enough to see it', () => {
  const run = createProbeRun(defaultKneeSettings, 'pool', 0.5, 3, 300);
  assert.deepEqual([run.id, run.measureMs, run.drainMs], ['pool 0.5 3', 6000, 3000]);
});

test('knee plan: fewer requests a second: longer windows, or one line before anything is measured', () => {
  const widen = (usersPerSec: number) =>
    widenWindows(
      defaultKneeSettings,
      createContrastPlan({ ...defaultContrastSettings, seed: 1, usersPerSec }),
    ).measureMs;
  assert.deepEqual([1000, 200, 100, 14].map(widen), [2000, 2000, 4000, 28_572]);
  assert.throws(
    () => widen(13),
    (error) =>
      error instanceof LabError &&
      error.exitCode === 2 &&
      /--rate-users 13: .* 400 requests in at most 30 s: at least 14 per second$/.test(
        error.message,
      ),
  );
});
