import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  countProbesLeft,
  nextProbe,
  type Probe,
  type ProbeOutcome,
  type SearchSpace,
  toBracket,
} from '../loadtest/analysis/knee-search.ts';

const space: SearchSpace = {
  lowest: 0.05,
  highest: 3,
  resolution: 0.05,
  likely: { low: 1, high: 2 },
  maxProbes: 1000,
};

const spaces = fc
  .record({
    lowest: fc.double({ min: 0.001, max: 1, noNaN: true }),
    width: fc.double({ min: 1.2, max: 1000, noNaN: true }),
    resolution: fc.double({ min: 0.01, max: 0.2, noNaN: true }),
    likelyLow: fc.double({ min: 0.001, max: 10, noNaN: true }),
    likelyWidth: fc.double({ min: 1, max: 10, noNaN: true }),
  })
  .map(
    ({ lowest, width, resolution, likelyLow, likelyWidth }): SearchSpace => ({
      lowest,
      highest: lowest * width,
      resolution,
      likely: { low: likelyLow, high: likelyLow * likelyWidth },
      maxProbes: 1000,
    }),
  );

/** Searches with `respond` in place of a server. */
function search(where: SearchSpace, respond: (load: number, probe: number) => ProbeOutcome) {
  const history: Probe[] = [];
  for (;;) {
    const offeredLoad = nextProbe(history, where);
    if (offeredLoad === undefined) return history;
    assert.ok(offeredLoad >= where.lowest && offeredLoad <= where.highest, `${offeredLoad}`);
    assert.ok(history.length < 300, 'the search does not end');
    history.push({ offeredLoad, outcome: respond(offeredLoad, history.length) });
  }
}

function assertFound(history: readonly Probe[], where: SearchSpace, knee: number): void {
  const { passed, failed } = toBracket(history);
  if (knee < where.lowest) assert.deepEqual([passed, failed], [undefined, where.lowest]);
  else if (knee >= where.highest) assert.deepEqual([passed, failed], [where.highest, undefined]);
  else {
    assert.ok(passed !== undefined && failed !== undefined, `${passed} ${failed}`);
    assert.ok(passed <= knee && knee < failed, `${passed} ${knee} ${failed}`);
    assert.ok(failed <= passed * (1 + where.resolution), `${passed} ${failed}`);
  }
}

const kneeWithin = (where: SearchSpace, position: number) =>
  where.lowest * 0.8 * ((where.highest / where.lowest) * 1.5) ** position;
const positions = fc.double({ min: 0, max: 1, noNaN: true });

test('knee search: any knee, space and guess: bracketed within the resolution', () => {
  fc.assert(
    fc.property(spaces, positions, (where, position) => {
      const knee = kneeWithin(where, position);
      assertFound(
        search(where, (load) => (load <= knee ? 'passed' : 'failed')),
        where,
        knee,
      );
    }),
  );
});

test('knee search: one run fails by mistake: the same knee', () => {
  fc.assert(
    fc.property(spaces, positions, fc.nat(20), (where, position, flaky) => {
      const knee = kneeWithin(where, position);
      const respond = (load: number, probe: number) =>
        load <= knee && probe !== flaky ? 'passed' : 'failed';
      assertFound(search(where, respond), where, knee);
    }),
  );
});

test('knee search: some runs say nothing: repeated, the same knee', () => {
  fc.assert(
    fc.property(spaces, positions, fc.integer({ min: 2, max: 5 }), (where, position, every) => {
      const knee = kneeWithin(where, position);
      const respond = (load: number, probe: number) =>
        probe % every === 0 ? 'invalid' : load <= knee ? 'passed' : 'failed';
      assertFound(search(where, respond), where, knee);
    }),
  );
});

test('knee search: a good guess: few runs, every failing one twice', () => {
  const history = search(space, (load) => (load <= 1.62 ? 'passed' : 'failed'));
  assert.ok(history.length <= 8, `${history.length}`);
  const failed = history.filter(({ outcome }) => outcome === 'failed');
  assert.equal(failed.length, 2 * new Set(failed.map(({ offeredLoad }) => offeredLoad)).size);
  assert.equal(countProbesLeft([], space), 8);
  assert.equal(countProbesLeft(history, space), 0);
});

test('knee search: nothing but invalid runs: given up after five', () => {
  const history = search(space, () => 'invalid');
  assert.equal(history.length, 5);
  assert.deepEqual(toBracket(history), { passed: undefined, failed: undefined });
});

test('knee search: at most so many runs: ends there', () => {
  const history = search({ ...space, maxProbes: 4 }, () => 'failed');
  assert.equal(history.length, 4);
});
