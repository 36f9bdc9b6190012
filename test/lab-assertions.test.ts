import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAssertion } from '../loadtest/analysis/assertion-syntax.ts';
import { checkAssertions, evaluateAssertions } from '../loadtest/analysis/assertions.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { createResult } from './helpers/lab-runs.ts';

const result = createResult('contrast', [
  { target: 'inline', offeredLoad: 0.5, answerMs: 20 },
  { target: 'pool', offeredLoad: 0.5, answerMs: 2 },
  { target: 'inline', offeredLoad: 1.2, answerMs: 800 },
  { target: 'pool', offeredLoad: 1.2, answerMs: 4, refused: 6, unanswered: 1 },
  { target: 'pool', offeredLoad: 1.5, answerMs: 16 },
]);

function evaluate(text: string) {
  const [outcome] = evaluateAssertions([parseAssertion(text)], result);
  assert.ok(outcome);
  return outcome;
}

function isUsageError(message: RegExp) {
  return (error: unknown) =>
    error instanceof LabError &&
    error.exitCode === 2 &&
    message.test(error.message) &&
    !error.message.includes('\n');
}

test('condition: with a load and a unit: read', () => {
  assert.deepEqual(parseAssertion(' users.p99.pool@0.9<50ms '), {
    text: 'users.p99.pool@0.9<50ms',
    stream: 'users',
    metric: 'p99',
    target: 'pool',
    dividedBy: undefined,
    offeredLoad: 0.9,
    operator: '<',
    limit: 50,
  });
  const ratio = parseAssertion('users.p99.inline/pool > 30');
  assert.deepEqual([ratio.target, ratio.dividedBy, ratio.limit], ['inline', 'pool', 30]);
  assert.equal(ratio.offeredLoad, undefined);
});

test('condition: units: in milliseconds', () => {
  const limitOf = (text: string) => parseAssertion(text).limit;
  assert.equal(limitOf('users.max.pool <= 1.5s'), 1500);
  assert.equal(limitOf('users.p50.pool < 250us'), 250 * 0.001);
  assert.equal(limitOf('users.p50.pool < 250 µs'), 250 * 0.001);
  assert.equal(limitOf('compute.throughput.pool >= 100/s'), 100);
  assert.equal(limitOf('compute.throughput.pool >= 100'), 100);
  assert.equal(limitOf('users.p99.inline/pool >= 3×'), 3);
});

test('condition: bad ones: one line that says what is allowed', () => {
  const cases: [text: string, message: RegExp][] = [
    ['', /bad condition '': allowed is <stream>\.<p50\|p95/],
    ['users.p99 < 50ms', /allowed is/],
    ['users.p99.pool', /allowed is/],
    ['users.p99.pool == 50ms', /allowed is/],
    ['users.p99.pool < fast', /allowed is/],
    ['users.p99.pool < -5ms', /allowed is/],
    ['users.p99.pool@high < 5ms', /allowed is/],
    ['users.p99.pool < 50ms and more', /allowed is/],
    [
      'users.p98.pool < 50ms',
      /p98 is none of p50, p95, p99, max, throughput, knee, errors, unanswered/,
    ],
    ['users.p99.pool < 50', /the unit of p99 is one of us, ms, s; it has none/],
    ['users.p99.pool < 50min', /not min/],
    ['users.errors.pool <= 1ms', /the unit of errors is none, it is a count; not ms/],
    ['users.throughput.pool > 10ms', /the unit of throughput is \/s or none; not ms/],
    ['users.p99.inline/pool > 30ms', /a ratio has no unit, not ms/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseAssertion(text), isUsageError(message), text);
  }
});

test('condition: any text: read or refused as usage, never anything else', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseAssertion(text);
      } catch (error) {
        assert.ok(isUsageError(/bad condition/)(error) || text.includes('\n'));
      }
    }),
  );
});

test('condition: any valid one: what was written is what was read', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('users', 'health-2'),
      fc.constantFrom('p50', 'max'),
      fc.option(fc.constantFrom('inline', 'pool-a'), { nil: undefined }),
      fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
      fc.constantFrom('<', '<=', '>', '>='),
      fc.integer({ min: 0, max: 1e6 }),
      (stream, metric, dividedBy, percent, operator, number) => {
        const load = percent === undefined ? undefined : percent / 100;
        const ratio = dividedBy === undefined ? '' : `/${dividedBy}`;
        const at = load === undefined ? '' : `@${load}`;
        const unit = dividedBy === undefined ? 'ms' : '';
        const text = `${stream}.${metric}.pool${ratio}${at} ${operator} ${number}${unit}`;
        const parsed = { text, stream, metric, target: 'pool', dividedBy, operator };
        assert.deepEqual(parseAssertion(text), { ...parsed, offeredLoad: load, limit: number });
      },
    ),
  );
});

test('condition: without a load: the highest that its targets were measured at', () => {
  assert.equal(evaluate('users.p99.pool < 50ms').offeredLoad, 1.5);
  assert.equal(evaluate('users.p99.inline < 50ms').offeredLoad, 1.2);
  const ratio = evaluate('users.p99.inline/pool > 30');
  assert.equal(ratio.offeredLoad, 1.2);
  assert.ok(ratio.passed && Math.abs((ratio.actual ?? 0) - 200) < 1);
  assert.ok(!evaluate('users.p99.inline/pool@0.5 > 30').passed);
});

test('condition: figures: each from its stream, with its operator', () => {
  const actualOf = (text: string) => evaluate(text).actual;
  assert.equal(actualOf('compute.errors.pool@1.2 <= 6'), 6);
  assert.equal(actualOf('compute.unanswered.pool@1.2 <= 6'), 1);
  // One of 200 was answered after the window.
  assert.equal(actualOf('users.throughput.pool@0.5 > 1'), 199);
  assert.ok(Math.abs((actualOf('users.p50.pool@0.5 < 1s') ?? 0) - 2) < 0.01);
  assert.ok(evaluate('compute.errors.pool@1.2 <= 6').passed);
  assert.ok(!evaluate('compute.errors.pool@1.2 < 6').passed);
  assert.ok(evaluate('compute.errors.pool@1.2 >= 6').passed);
  assert.ok(!evaluate('compute.errors.pool@1.2 > 6').passed);
});

test('condition: no such figure: not passed, whichever way it points', () => {
  const empty = createResult('contrast', [{ target: 'pool', offeredLoad: 1 }]);
  for (const stream of empty.runs[0]?.streams ?? []) stream.blocks = [];
  for (const text of ['users.p99.pool < 50ms', 'users.p99.pool > 50ms']) {
    const [outcome] = evaluateAssertions([parseAssertion(text)], empty);
    assert.deepEqual([outcome?.passed, outcome?.actual], [false, undefined]);
  }
  // Planned, but the measurement was stopped before.
  const [outcome] = evaluateAssertions([parseAssertion('users.p99.pool < 50ms')], {
    ...result,
    runs: result.runs.slice(0, 2),
  });
  assert.deepEqual([outcome?.passed, outcome?.actual], [false, undefined]);
  // Nothing is no multiple of nothing.
  assert.equal(evaluate('users.errors.inline/pool@1.2 < 1').actual, undefined);
});

test('condition: unknown stream, target or load: refused with those there are', () => {
  const refuses = (text: string, message: RegExp) =>
    assert.throws(() => checkAssertions([parseAssertion(text)], result), isUsageError(message));
  refuses('user.p99.pool < 1s', /no stream user; there are users, create, health, compute/);
  refuses('users.p99.pol < 1s', /no target pol; there are inline, pool/);
  refuses('users.p99.pool/x < 1', /no target x; there are inline, pool/);
  refuses('users.p99.pool@2 < 1s', /no load 2; there are 0\.5, 1\.2, 1\.5/);
  refuses('users.p99.inline/pool@1.5 < 1', /no load 1\.5; there are 0\.5, 1\.2/);
});
