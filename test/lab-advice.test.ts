import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Advice, advise } from '../loadtest/analysis/advice.ts';
import { summarizeOverhead } from '../loadtest/analysis/overhead-summary.ts';
import { renderAdvice } from '../loadtest/report/advice-lines.ts';
import { parseResult } from '../loadtest/result/result.ts';
import { createOverhead } from './helpers/lab-overhead.ts';
import { createKneeResult, createResult, type RunShape } from './helpers/lab-runs.ts';

/** Both targets, at each load two processes. */
function contrast(inlineMs: number, poolMs: number, shape: Partial<RunShape> = {}) {
  const shapes = [0, 0.9].flatMap((offeredLoad) =>
    [1, 2].flatMap((repetition) => [
      { ...shape, target: 'inline', offeredLoad, repetition, answerMs: inlineMs },
      { ...shape, target: 'pool', offeredLoad, repetition, answerMs: poolMs },
    ]),
  );
  return createResult('contrast', shapes);
}

const say = (advice: Advice) => renderAdvice(advice).join('\n');

test('advice: everybody else waits for inline: offload, with the ratio it rests on', () => {
  const advice = advise(contrast(300, 3));
  assert.equal(advice.offload.answer, 'yes');
  assert.match(
    say(advice),
    /^Offload: yes: at compute load 0\.9 p99 of GET \/users is 100× as long/,
  );
  assert.match(say(advice), /Expect: GET \/users p99 300 ms with inline at 90\.0 computations/);
  assert.match(say(advice), /\(load 0\.9\), above the 50\.0 ms allowed/);
  assert.match(say(advice), /p99 3\.00 ms with pool .*, within the 50\.0 ms allowed/);
});

test('advice: the pool makes it worse: do not offload', () => {
  assert.equal(advise(contrast(3, 30)).offload.answer, 'no');
});

test('advice: no difference: cannot tell, unless the task is shorter than handing it over', () => {
  const result = contrast(3, 3);
  assert.equal(advise(result).offload.answer, 'cannot tell');
  assert.equal(advise({ ...result, overhead: createOverhead(0.12) }).offload.answer, 'cannot tell');
  const short = { ...result, overhead: createOverhead(20) };
  const advice = advise(short);
  assert.equal(advice.offload.answer, 'no');
  assert.match(say(advice), /Offload: no: .*; the task is shorter than what handing it over costs/);
});

test('advice: what was not measured is not advised', () => {
  const idle = advise(createResult('contrast', [{ target: 'pool', offeredLoad: 0 }]));
  assert.equal(idle.offload.answer, 'not measured');
  assert.deepEqual(
    [idle.threads, idle.queue, idle.overhead, idle.expectations, idle.limits],
    [undefined, undefined, undefined, [], []],
  );
  assert.match(say(idle), /^Offload: not measured: .*\nBreak-even: not measured here[^\n]*$/);
  const poolOnly = advise(createResult('contrast', [{ target: 'pool', offeredLoad: 1 }]));
  assert.equal(poolOnly.offload.answer, 'not measured');
  const aa = createResult('aa', [
    { target: 'inline', mode: 'pool', offeredLoad: 1 },
    { target: 'pool', offeredLoad: 1 },
  ]);
  assert.equal(advise(aa).offload.answer, 'not measured');
});

test('advice: a measurement that cannot be trusted, or was stopped: says so', () => {
  const invalid = advise(contrast(300, 3, { isInvalid: true }));
  assert.equal(invalid.offload.answer, 'cannot tell');
  assert.match(say(invalid), /Limited by: the load generator/);
  const stopped = advise({ ...contrast(300, 3), complete: false });
  assert.match(say(stopped), /Limited by: being stopped/);
});

test('advice: threads: as measured, no more than there are cores', () => {
  const threadsOf = (threads: number) => advise(contrast(30, 3, { threads })).threads;
  assert.deepEqual(threadsOf(2), { threads: 2, measured: 2, cores: 2 });
  assert.deepEqual(threadsOf(8), { threads: 2, measured: 8, cores: 2 });
  assert.match(
    say(advise(contrast(30, 3, { threads: 8 }))),
    /Threads: 2, one per usable core; more,/,
  );
  assert.match(
    say(advise(contrast(30, 3, { threads: 1 }))),
    /Threads: 1, as measured, on 2 usable cores\. More, up to one per core, were not measured/,
  );
});

test('advice: queue: budget × threads ÷ c, with the numbers', () => {
  const advice = advise(contrast(30, 3));
  assert.deepEqual(advice.queue, { queueMax: 200, maxWaitMs: 1000, threads: 2, serviceTimeMs: 10 });
  assert.match(
    say(advice),
    /COMPUTE_QUEUE_MAX=200 .*max wait × threads ÷ c = 1\.00 s × 2 ÷ 10\.0 ms/,
  );
  const result = contrast(30, 3);
  const pool = result.plan.targets.find(({ name }) => name === 'pool');
  assert.ok(pool);
  pool.settings.COMPUTE_MAX_WAIT_MS = '45';
  assert.equal(advise(result).queue?.queueMax, 9);
});

test('advice: limits: shared cores, and the lowest load at which the queue refused', () => {
  const advice = advise(
    createResult('contrast', [
      { target: 'inline', offeredLoad: 0.5 },
      { target: 'pool', offeredLoad: 1.5, refused: 9 },
      { target: 'pool', offeredLoad: 0.5, refused: 4 },
    ]),
  );
  assert.deepEqual(advice.limits, [
    { kind: 'cores', threads: 2, cores: 2 },
    { kind: 'queue', refused: 4, runs: 1, offeredLoad: 0.5 },
  ]);
  const roomy = contrast(30, 3);
  roomy.environment.availableParallelism = 8;
  assert.deepEqual(advise(roomy).limits, []);
});

test('advice: a knee: by what each carries', () => {
  const advice = advise(
    createKneeResult([
      { target: 'inline', offeredLoad: 0.6, answerMs: 30, runs: 6 },
      { target: 'inline', offeredLoad: 0.7, answerMs: 60, runs: 3 },
      { target: 'pool', offeredLoad: 1.5, runs: 6 },
      { target: 'pool', offeredLoad: 1.6, refused: 1, runs: 2 },
    ]),
  );
  assert.equal(advice.offload.answer, 'yes');
  assert.match(say(advice), /Offload: yes: the pool carries 2\.1 to 2\.7 times the compute load/);
});

test('overhead: what the pool costs the event loop beyond the task itself: the break-even', () => {
  const result = { ...contrast(30, 3), overhead: createOverhead(0.12) };
  const summary = summarizeOverhead(
    parseResult(JSON.parse(JSON.stringify(result))).overhead ?? createOverhead(0),
  );
  assert.ok(Math.abs(summary.breakEvenMs.value - 0.12) < 1e-9);
  assert.ok(summary.breakEvenMs.low < 0.12 && summary.breakEvenMs.high > 0.12);
  assert.ok(Math.abs(summary.addedLatencyMs.value - 0.2) < 1e-9);
  assert.match(
    say(advise(result)),
    /Break-even: handing a task over costs the event loop 120 µs of CPU time \(.*this one, at 10\.0 ms, is 83× that\./,
  );
});
