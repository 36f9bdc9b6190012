import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBurstFaults } from '../loadtest/analysis/burst-faults.ts';
import { countBySecond, summarizeBurstCase } from '../loadtest/analysis/burst-summary.ts';
import { renderBurst } from '../loadtest/report/burst-table.ts';
import { type BurstCase, burstResultSchema } from '../loadtest/result/burst-result.ts';
import { decodeHistogram } from '../loadtest/result/histogram.ts';
import {
  createBurstCase,
  createBurstResult,
  encodeMs,
  overflowingCase,
} from './helpers/burst-result.ts';

/** The cells of the table row that begins with these. */
function cellsOf(text: string, section: number, ...key: string[]): string[] {
  const rows = text
    .split('\n')
    .map((line) => line.trim().split(/\s{2,}/))
    .filter(([first, second]) => first === key[0] && second === key[1]);
  return rows[section] ?? [];
}

test('burst summary: connect times: counted by the nearest second', () => {
  const counts = (...timesMs: number[]) => countBySecond(decodeHistogram(encodeMs(...timesMs)));
  assert.deepEqual(counts(), []);
  assert.deepEqual(counts(0.1, 499, 501, 1400, 3040), [2, 2, 0, 1]);
});

test('burst summary: unfinished connections: in the percentiles at their age, as lower bounds', () => {
  const { connectTimes, firstByteTimes, connectedBySecond } = summarizeBurstCase(overflowingCase);
  assert.deepEqual(connectedBySecond, [2, 0, 1, 1]);
  assert.equal(connectTimes?.p50.isLowerBound, false);
  assert.equal(Math.round((connectTimes?.p50.ms ?? 0) / 10), 205);
  assert.equal(connectTimes?.max.isLowerBound, true);
  assert.equal(Math.round((connectTimes?.max.ms ?? 0) / 100), 100);
  assert.equal(firstByteTimes?.p50.isLowerBound, false);
  assert.equal(firstByteTimes?.p99.isLowerBound, true);
});

test('burst summary: all failed: no times, and every failure counted by kind', () => {
  const errors = { beforeConnected: { refused: 2, reset: 1 }, afterConnected: { reset: 1 } };
  const none = { connectTimeUs: encodeMs(), firstByteTimeUs: encodeMs() };
  const summary = summarizeBurstCase(createBurstCase({ ...none, answered: 0, opened: 4, errors }));
  assert.equal(summary.connectTimes, undefined);
  assert.deepEqual(summary.errors, { refused: 2, reset: 2 });
});

test('burst faults: limits of the client, and a loop that turned too early; refusals are none', () => {
  const find = (parts: Partial<BurstCase>) => findBurstFaults(createBurstCase(parts));
  const errors = { beforeConnected: { EMFILE: 3, refused: 1 }, afterConnected: { reset: 1 } };
  assert.deepEqual(find({ errors }), [{ code: 'CLIENT_LIMIT', error: 'EMFILE', count: 3 }]);
  assert.deepEqual(find({ blockedForMs: 80, openedWithinMs: 90 }), [
    { code: 'LOOP_TURNED', blockedForMs: 80, openedWithinMs: 90 },
  ]);
  assert.deepEqual(find({ blockedForMs: 80, openedWithinMs: 70 }), []);
  assert.deepEqual(find({}), []);
});

test('burst result: counts that do not add up: refused', () => {
  const result = createBurstResult([overflowingCase]);
  assert.deepEqual(burstResultSchema.parse(result), result);
  const broken = createBurstResult([{ ...overflowingCase, answered: 4 }]);
  const { error } = burstResultSchema.safeParse(broken);
  assert.match(error?.message ?? '', /do not add up/);
});

test('burst table: overflow on Linux: outcomes, steps, counters and why', () => {
  const text = renderBurst(createBurstResult([overflowingCase, createBurstCase()]));
  assert.deepEqual(cellsOf(text, 0, '1', 'blocked'), [
    ...['1', 'blocked', '3', '1', '1', '2.05 s', '≥ 10.0 s', '≥ 10.0 s'],
    ...['2.43 s', '≥ 10.0 s', '≥ 10.0 s', 'none'],
  ]);
  assert.deepEqual(cellsOf(text, 1, '1', 'blocked').slice(2), ['2', '0', '1', '1', '1']);
  assert.deepEqual(cellsOf(text, 2, '1', 'blocked').slice(2), ['0', '0', '3', '2']);
  assert.deepEqual(cellsOf(text, 3, '1', 'blocked').slice(2), [
    ...['2.40 s', '1', '2', '12', '0', '0', '2', '7', '0'],
  ]);
  assert.match(text, /^What happened here \(Linux\):$/m);
  assert.match(text, /whole network namespace: other traffic in it would show too/);
  assert.match(text, /4 times about a second apart/);
  assert.match(text, /SYN cookies/);
  assert.equal(text.match(/^ {2}(Windows|macOS): .*$/gm)?.length, 2);
  assert.match(text, /^Valid: /m);
});

test('burst table: no overflow: none is explained', () => {
  const text = renderBurst(createBurstResult([createBurstCase()]));
  assert.match(text, /No queue overflowed/);
  assert.doesNotMatch(text, /SYN cookies|sent again:|Connected is not accepted/);
});

test('burst table: older Linux: retries at doubling intervals from the first on', () => {
  const result = createBurstResult([overflowingCase]);
  const text = renderBurst({ ...result, tcpSettings: null });
  assert.match(text, /after 1 s, 3 s, 7 s/);
});

test('burst table: elsewhere: what cannot be read is said, what happened is that system', () => {
  const unreadable = { effectiveBacklog: null, acceptQueueMax: null, kernelCounters: null };
  const errors = { beforeConnected: { refused: 2 }, afterConnected: {} };
  const burst = createBurstCase({ ...unreadable, answered: 1, errors });
  for (const [platform, name] of [
    ['win32', 'Windows'],
    ['darwin', 'macOS'],
  ] as const) {
    const text = renderBurst(createBurstResult([burst], platform));
    assert.ok(text.includes(`What happened here (${name}):`), text);
    assert.equal(cellsOf(text, 0, '511', 'free').at(-1), '2 refused');
    assert.equal(cellsOf(text, 3, '511', 'free').at(-1), 'not readable here');
    assert.match(text, /^Kernel counters: not readable here\.$/m);
    assert.match(text, /^ {2}Linux: .* not refused\.$/m);
    assert.doesNotMatch(text, new RegExp(`^  ${name}: `, 'm'));
  }
  assert.match(renderBurst(createBurstResult([burst], 'sunos')), /not known to this lab/);
});

test('burst table: faults and a stop before the end: said, not hidden', () => {
  const faults: BurstCase['faults'] = [
    { code: 'CLIENT_LIMIT', error: 'EMFILE', count: 3 },
    { code: 'LOOP_TURNED', blockedForMs: 80, openedWithinMs: 90 },
  ];
  const result = createBurstResult([createBurstCase({ faults })]);
  const settings = { ...result.settings, backlogs: [511, 16] };
  const text = renderBurst({ ...result, settings, complete: false });
  assert.match(text, /^INCOMPLETE: stopped after 1 of 2 cases\.$/m);
  assert.match(text, /backlog 511, loop free: the client ran into EMFILE of its own, 3 times/);
  assert.match(text, /the loop turned again after 80\.0 ms/);
  assert.doesNotMatch(text, /^Valid/m);
});
