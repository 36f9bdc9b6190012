import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Advice, advise } from '../loadtest/analysis/advice.ts';
import { summarizeOverhead } from '../loadtest/analysis/overhead-summary.ts';
import { renderAdvice } from '../loadtest/report/advice-lines.ts';
import { type LabResult, parseResult } from '../loadtest/result/result.ts';
import { createOverhead } from './helpers/lab-overhead.ts';
import { createKneeResult, createResult, type RunShape, repeat } from './helpers/lab-runs.ts';

/** Both targets, at each load three rounds. */
function contrast(inlineMs: number, poolMs: number, shape: Partial<RunShape> = {}) {
  const shapes = [0, 0.9].flatMap((offeredLoad) => [
    { ...shape, target: 'inline', offeredLoad, answerMs: inlineMs },
    { ...shape, target: 'pool', offeredLoad, answerMs: poolMs },
  ]);
  return createResult('contrast', repeat(3, ...shapes));
}

/** One load under which everybody else's requests wait longer and longer, on one target or both. */
function overload(...growing: readonly string[]) {
  const shapes = ['inline', 'pool'].map((target) => ({
    ...{ target, offeredLoad: 1.2 },
    growthMsPerSec: growing.includes(target) ? 300 : 0,
  }));
  return createResult('contrast', repeat(3, ...shapes));
}

const say = (advice: Advice) => renderAdvice(advice).join('\n');

/** The answer, and for each reason what it is about. */
const answerOf = (result: LabResult) => {
  const { answer, reasons } = advise(result).offload;
  return [answer, ...reasons.map(({ kind }) => kind)];
};

test('advice: everybody else waits for inline: offload, with the loaded ratio it rests on', () => {
  const { offload } = advise(contrast(300, 3));
  const [reason, ...others] = offload.reasons;
  assert.ok(offload.answer === 'yes' && reason?.kind === 'ratio' && others.length === 0);
  assert.equal(reason.offeredLoad, 0.9);
  assert.ok(Math.abs(reason.ratio.value - 100) < 0.2);
});

test('advice: the pool makes it worse: do not offload', () => {
  assert.deepEqual(answerOf(contrast(3, 30)), ['no', 'ratio']);
});

test('advice: one mode does not keep up where the other does: that decides, both say nothing', () => {
  assert.deepEqual(answerOf(overload('inline')), ['yes', 'overload']);
  assert.deepEqual(answerOf(overload('pool')), ['no', 'overload']);
  assert.deepEqual(answerOf(overload('inline', 'pool')), ['cannot tell']);
  const [reason] = advise(overload('inline')).offload.reasons;
  assert.ok(reason?.kind === 'overload' && reason.overloaded === 'inline');
  assert.ok(Math.abs(reason.growthMsPerSec.value - 300) < 0.1);
});

test('advice: no difference: cannot tell, unless the task is shorter than handing it over', () => {
  const result = contrast(3, 3);
  assert.deepEqual(answerOf(result), ['cannot tell', 'ratio']);
  const atCost = (dispatchMs: number) => ({ ...result, overhead: createOverhead(dispatchMs) });
  assert.deepEqual(answerOf(atCost(0.12)), ['cannot tell', 'ratio']);
  assert.deepEqual(answerOf(atCost(20)), ['no', 'ratio', 'too short']);
});

test('advice: a task that may remember its inputs: nothing speaks against offloading, and that is said', () => {
  const remembering = (result: LabResult) => ({
    ...result,
    calibration: { ...result.calibration, rounds: [{ firstMs: 400, samplesMs: [10, 10, 10] }] },
  });
  assert.deepEqual(answerOf(remembering(contrast(300, 3))), ['yes', 'ratio', 'cached']);
  assert.deepEqual(answerOf(remembering(contrast(3, 30))), ['cannot tell', 'ratio', 'cached']);
  assert.match(say(advise(remembering(contrast(3, 30)))), /^Offload: .* with --inputs\.$/m);
});

test('advice: what was not measured is not advised', () => {
  const idle = advise(createResult('contrast', [{ target: 'pool', offeredLoad: 0 }]));
  assert.deepEqual(idle, {
    offload: { answer: 'not measured', reasons: [] },
    serviceTimeMs: 10,
    ...{ overhead: undefined, threads: undefined, queue: undefined },
    limits: [],
  });
  assert.match(say(idle), /^Offload: not measured: .*\nBreak-even: not measured here[^\n]*$/);
  const poolOnly = createResult('contrast', [{ target: 'pool', offeredLoad: 1 }]);
  assert.deepEqual(answerOf(poolOnly), ['not measured']);
  const aa = createResult(
    'aa',
    repeat(
      3,
      { target: 'inline', mode: 'pool', offeredLoad: 1 },
      { target: 'pool', offeredLoad: 1 },
    ),
  );
  assert.deepEqual(answerOf(aa), ['not measured']);
});

test('advice: a measurement that cannot be trusted, or was stopped: says so', () => {
  const invalid = contrast(300, 3, { isInvalid: true });
  assert.deepEqual(answerOf(invalid), ['cannot tell', 'invalid']);
  assert.deepEqual(advise(invalid).limits[0], { kind: 'invalid' });
  const stopped = { ...contrast(300, 3), complete: false };
  assert.deepEqual(advise(stopped).limits[0], { kind: 'incomplete' });
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
