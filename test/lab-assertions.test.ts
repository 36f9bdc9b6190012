import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAssertion } from '../loadtest/analysis/assertion-syntax.ts';
import { checkAssertions, evaluateAssertions } from '../loadtest/analysis/assertions.ts';
import { present } from '../loadtest/commands/deliver.ts';
import {
  createContrastPlan,
  defaultContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { makeFolder } from './helpers/lab-command.ts';
import { createResult, repeat } from './helpers/lab-runs.ts';
import { createStubLab } from './helpers/stub-lab.ts';

/** Inline carries 0.5 and not 1.2, the pool all three loads. Windows of 2 s hold 400 requests of `users`. */
const result = createResult(
  'contrast',
  repeat(
    3,
    ...[
      { target: 'inline', offeredLoad: 0.5, answerMs: 20 },
      { target: 'pool', offeredLoad: 0.5, answerMs: 2 },
      { target: 'inline', offeredLoad: 1.2, answerMs: 40, growthMsPerSec: 300 },
      { target: 'pool', offeredLoad: 1.2, answerMs: 4, refused: 6, unanswered: 1 },
      { target: 'pool', offeredLoad: 1.5, answerMs: 16 },
    ].map((shape) => ({ ...shape, measureMs: 2000 })),
  ),
);

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
      /p98 is none of p50, p95, p99, max, throughput, knee, growth, errors, unanswered/,
    ],
    ['users.p99.pool < 50', /the unit of p99 is one of us, ms, s; it has none/],
    ['users.p99.pool < 50min', /not min/],
    ['users.errors.pool <= 1ms', /the unit of errors is none, it is a count; not ms/],
    ['users.throughput.pool > 10ms', /the unit of throughput is \/s or none; not ms/],
    ['users.p99.inline/pool > 30ms', /a ratio has no unit, not ms/],
    ['users.growth.pool < 50ms', /the unit of growth is ms\/s; not ms/],
    ['users.growth.pool < 50', /the unit of growth is ms\/s; not none/],
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

test('condition: without a load: times are of the highest steady one, other figures of the highest', () => {
  const loadOf = (text: string) => evaluate(text).offeredLoad;
  assert.equal(loadOf('users.p95.pool < 50ms'), 1.5);
  assert.equal(loadOf('users.p95.inline < 50ms'), 0.5);
  assert.equal(loadOf('users.growth.inline < 50ms/s'), 1.2);
  assert.equal(loadOf('compute.errors.pool <= 0'), 1.5);
  const ratio = evaluate('users.p95.inline/pool > 5');
  assert.deepEqual([ratio.offeredLoad, ratio.outcome, ratio.unit], [0.5, 'holds', 'ratio']);
  assert.ok(Math.abs((ratio.actual ?? 0) - 10) < 0.02);
  assert.equal(evaluate('users.p95.inline/pool > 20').outcome, 'fails');
});

test('condition: without a load: of those at which its stream is sent at all', () => {
  const idle = createResult(
    'contrast',
    repeat(
      3,
      { target: 'pool', offeredLoad: 0 },
      { target: 'pool', offeredLoad: 1, growthMsPerSec: 300 },
    ),
  );
  const [users, compute] = ['users', 'compute'].map(
    (stream) => evaluateAssertions([parseAssertion(`${stream}.p50.pool < 1s`)], idle)[0],
  );
  assert.deepEqual([users?.offeredLoad, users?.outcome], [0, 'holds']);
  assert.deepEqual([compute?.offeredLoad, compute?.obstacle?.kind], [1, 'no steady state']);
});

test('condition: figures: each from its stream, in its unit, with its operator', () => {
  const figureOf = (text: string) => {
    const { actual, unit } = evaluate(text);
    return [Math.round(1000 * (actual ?? Number.NaN)) / 1000, unit];
  };
  // Three runs each.
  assert.deepEqual(figureOf('compute.errors.pool@1.2 <= 6'), [18, 'requests']);
  assert.deepEqual(figureOf('compute.unanswered.pool@1.2 <= 6'), [3, 'requests']);
  const [perSec, rateUnit] = figureOf('users.throughput.pool@0.5 > 1');
  // Of each run's last one the answer may come after the window.
  assert.ok(Number(perSec) >= 199.5 && Number(perSec) <= 200 && rateUnit === '/s');
  assert.deepEqual(figureOf('users.growth.inline@1.2 < 50ms/s'), [300, 'ms/s']);
  const [p99Ms, unit] = figureOf('users.p99.pool@0.5 < 1s');
  assert.ok(Math.abs(Number(p99Ms) - 2) < 0.01 && unit === 'ms');
  const outcomeOf = (condition: string) => evaluate(`compute.errors.pool@1.2 ${condition}`).outcome;
  assert.deepEqual(['<= 18', '< 18', '>= 18', '> 18'].map(outcomeOf), [
    'holds',
    'fails',
    'holds',
    'fails',
  ]);
});

test('condition: cannot be judged: with what is in the way, whichever way it points', () => {
  const obstacleOf = (condition: string, of = result) => {
    for (const operator of ['<', '>']) {
      const text = `${condition} ${operator} 50ms`;
      const [outcome] = evaluateAssertions([parseAssertion(text)], of);
      assert.deepEqual([outcome?.outcome, outcome?.actual], ['cannot be judged', undefined], text);
      if (operator === '>') return outcome?.obstacle;
    }
    return undefined;
  };
  assert.deepEqual(obstacleOf('users.p95.inline@1.2'), {
    kind: 'no steady state',
    target: 'inline',
  });
  assert.deepEqual(obstacleOf('newcomers.p50.inline@1.2'), {
    kind: 'no steady state',
    target: 'inline',
  });
  assert.deepEqual(obstacleOf('compute.p99.pool@0.5'), {
    kind: 'too little data',
    target: 'pool',
    wants: [{ kind: 'requests', have: 100, need: 400, windowMs: 2000 }],
  });
  // Three rounds were planned, and the measurement was stopped after the first.
  const stopped = { ...result, runs: result.runs.slice(0, 5) };
  assert.deepEqual(obstacleOf('users.p95.pool@0.5', stopped), {
    kind: 'too little data',
    target: 'pool',
    wants: [{ kind: 'rounds', have: 1, need: 3 }],
  });
  assert.deepEqual(obstacleOf('users.p95.pool@0.5', { ...result, runs: [] }), { kind: 'missing' });
  // Nothing is no multiple of nothing.
  const { outcome, obstacle } = evaluate('users.errors.inline/pool@1.2 < 1');
  assert.deepEqual([outcome, obstacle], ['cannot be judged', { kind: 'missing' }]);
});

test('condition: of a task too short for any load: no load is wrong, and none has a figure', () => {
  const short = { ...result, plan: { ...result.plan, runs: [] }, runs: [] };
  for (const text of ['users.p95.pool@0.6 < 50ms', 'users.p95.pool < 50ms']) {
    const [outcome] = evaluateAssertions([parseAssertion(text)], short);
    assert.deepEqual(
      [outcome?.outcome, outcome?.obstacle],
      ['cannot be judged', { kind: 'missing' }],
    );
  }
});

test('condition: unknown stream, target or load: refused with those there are', () => {
  const refuses = (text: string, message: RegExp) =>
    assert.throws(() => checkAssertions([parseAssertion(text)], result), isUsageError(message));
  refuses('user.p99.pool < 1s', /no stream user; there are users, newcomers, create, health, com/);
  refuses('users.p99.pol < 1s', /no target pol; there are inline, pool/);
  refuses('users.p99.pool/x < 1', /no target x; there are inline, pool/);
  refuses('users.p99.pool@2 < 1s', /no load 2; there are 0\.5, 1\.2, 1\.5/);
  refuses('users.p99.inline/pool@1.5 < 1', /no load 1\.5; there are 0\.5, 1\.2/);
  refuses('newcomers.growth.pool < 50ms/s', /newcomers opens a connection .*: use users\.growth/);
});

test('condition: what the plan cannot hold enough of: refused before measuring, with the option that helps', () => {
  const settings = { ...defaultContrastSettings, healthPerSec: 10, repeats: 3, seed: 1 };
  const plan = createContrastPlan({ ...settings, levels: [0.6], measureMs: 1000 });
  const check = (text: string, of = plan) =>
    checkAssertions([parseAssertion(text)], { plan: of, experiment: 'contrast' });
  const refuses = (text: string, message: RegExp, of = plan) =>
    assert.throws(() => check(text, of), isUsageError(message), text);
  // 200 and 10 a second.
  refuses(
    'users.p99.pool < 1s',
    /p99 takes 400 requests in a window, .* 200: ask for --duration 2 /,
  );
  refuses('health.p95.pool@0.6 < 1s', /p95 takes 80 .* sends 10: ask for --duration 8 /);
  check('users.p95.pool < 1s');
  check('users.max.pool < 1s');
  check('health.errors.pool <= 0');
  // How many requests of /compute there will be is known when it is known what one takes.
  check('compute.p99.pool < 1s');
  const two = createContrastPlan({ ...settings, levels: [0.6], repeats: 2 });
  refuses('users.p50.pool < 1s', /p50 takes 3 rounds, and there are 2: ask for --repeats 3 /, two);
  refuses('users.growth.pool < 1ms/s', /growth takes 3 rounds, .*: ask for --repeats 3 /, two);
  check('users.errors.pool <= 0', two);
});

test('condition: outcomes as an exit code and in JUnit: what cannot be judged is an error, not a failure', async (t) => {
  const folder = makeFolder(t);
  const outcomeOf = async (...texts: string[]) => {
    const junit = join(folder, 'lab.xml');
    const options = { assert: texts.map(parseAssertion), junit };
    const code = await present(createStubLab(), result, options, join(folder, 'report.html'));
    const [, head = ''] =
      /<testsuite name="assertions" (.*) skipped/.exec(readFileSync(junit, 'utf8')) ?? [];
    return [code, head];
  };
  const holds = 'users.p95.pool@0.5 < 50ms';
  const fails = 'users.growth.inline@1.2 < 50ms/s';
  const unknown = 'users.p95.inline@1.2 < 50ms';
  assert.deepEqual(await outcomeOf(holds), [0, 'tests="1" failures="0" errors="0"']);
  assert.deepEqual(await outcomeOf(holds, unknown), [3, 'tests="2" failures="0" errors="1"']);
  assert.deepEqual(await outcomeOf(holds, fails, unknown), [
    1,
    'tests="3" failures="1" errors="1"',
  ]);
});
