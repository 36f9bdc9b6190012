import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  countRunsLeft,
  isSettled,
  judgeLoad,
  nextProbe,
  type Probe,
  type SearchSpace,
  toBracket,
} from '../loadtest/analysis/knee-search.ts';
import { createRandom } from '../loadtest/generator/random.ts';

const space: SearchSpace = {
  lowest: 0.05,
  highest: 1.5,
  start: 0.7,
  resolution: 0.05,
  maxRuns: 60,
};

type Answer = Partial<Omit<Probe, 'offeredLoad'>>;

const toProbe = (offeredLoad: number, answer: Answer): Probe => ({
  offeredLoad,
  isValid: true,
  p99ToSlo: 0.1,
  hasFailures: false,
  ...answer,
});

/** Searches with `respond` in place of a server. */
function search(where: SearchSpace, respond: (load: number, run: number) => Answer): Probe[] {
  const history: Probe[] = [];
  for (;;) {
    const load = nextProbe(history, where);
    if (load === undefined) return history;
    assert.ok(load >= where.lowest && load <= where.highest, `${load}`);
    history.push(toProbe(load, respond(load, history.length)));
    assert.ok(history.length <= where.maxRuns, 'the search does not end');
  }
}

const slow = { p99ToSlo: 10 };
const fails = { hasFailures: true };
const saysNothing = { isValid: false };

const judgements: readonly {
  readonly name: string;
  readonly runs: readonly Answer[];
  readonly outcome: ReturnType<typeof judgeLoad>;
}[] = [
  { name: 'no run', runs: [], outcome: 'open' },
  { name: 'one, far below', runs: [{ p99ToSlo: 0.33 }], outcome: 'passed' },
  { name: 'one, below', runs: [{ p99ToSlo: 0.34 }], outcome: 'open' },
  { name: 'one, above', runs: [{ p99ToSlo: 2.9 }], outcome: 'open' },
  { name: 'one, far above', runs: [{ p99ToSlo: 3.1 }], outcome: 'failed' },
  { name: 'two alike', runs: [{ p99ToSlo: 0.8 }, { p99ToSlo: 0.8 }], outcome: 'open' },
  // ln: mean -0.5, s 0.1, half 4.303 × 0.1 ÷ √3 = 0.248.
  {
    name: 'three, wholly below',
    runs: [-0.6, -0.5, -0.4].map((ln) => ({ p99ToSlo: Math.exp(ln) })),
    outcome: 'passed',
  },
  {
    name: 'three, not wholly below',
    runs: [-0.3, -0.2, -0.1].map((ln) => ({ p99ToSlo: Math.exp(ln) })),
    outcome: 'open',
  },
  {
    name: 'three, wholly above',
    runs: [0.6, 0.5, 0.4].map((ln) => ({ p99ToSlo: Math.exp(ln) })),
    outcome: 'failed',
  },
  {
    name: 'four around the SLO',
    runs: [0.9, 1.1, 0.95, 1.05].map((p99ToSlo) => ({ p99ToSlo })),
    outcome: 'undecided',
  },
  {
    name: 'seven, nearly below',
    runs: [-0.6, -0.6, 0.1, -0.3, 0.2, -0.1, -0.1].map((ln) => ({ p99ToSlo: Math.exp(ln) })),
    outcome: 'open',
  },
  {
    name: 'eight, nearly below',
    runs: [-0.6, -0.6, 0.1, -0.3, 0.2, -0.1, -0.1, 0].map((ln) => ({ p99ToSlo: Math.exp(ln) })),
    outcome: 'undecided',
  },
  { name: 'one in which requests failed', runs: [fails], outcome: 'open' },
  { name: 'one of two', runs: [fails, {}], outcome: 'open' },
  { name: 'one of three', runs: [fails, {}, {}], outcome: 'passed' },
  { name: 'two of six', runs: [{}, fails, {}, {}, {}, fails], outcome: 'failed' },
  {
    name: 'two without any answer',
    runs: [fails, fails].map((run) => ({ ...run, p99ToSlo: undefined })),
    outcome: 'failed',
  },
  {
    name: 'runs that say nothing',
    runs: [saysNothing, { ...slow, ...saysNothing }],
    outcome: 'open',
  },
  { name: 'one of them says something', runs: [saysNothing, slow], outcome: 'failed' },
];

for (const { name, runs, outcome } of judgements) {
  test(`knee search: a load: ${name}: ${outcome}`, () => {
    assert.equal(judgeLoad(runs.map((run) => toProbe(1, run))), outcome);
  });
}

const spaces = fc
  .record({
    lowest: fc.double({ min: 0.001, max: 1, noNaN: true }),
    width: fc.double({ min: 1.2, max: 1000, noNaN: true }),
    resolution: fc.double({ min: 0.01, max: 0.2, noNaN: true }),
    start: fc.double({ min: 0.001, max: 1000, noNaN: true }),
  })
  .map(
    ({ lowest, width, resolution, start }): SearchSpace => ({
      lowest,
      highest: lowest * width,
      resolution,
      start,
      maxRuns: 200,
    }),
  );
const positions = fc.double({ min: 0, max: 1, noNaN: true });
const kneeWithin = (where: SearchSpace, position: number) =>
  where.lowest * 0.8 * ((where.highest / where.lowest) * 1.5) ** position;

function assertFound(history: readonly Probe[], where: SearchSpace, knee: number): void {
  const { passed, failed } = toBracket(history);
  assert.ok(isSettled(history));
  if (knee < where.lowest) assert.deepEqual([passed, failed], [undefined, where.lowest]);
  else if (knee >= where.highest) assert.deepEqual([passed, failed], [where.highest, undefined]);
  else {
    assert.ok(passed !== undefined && failed !== undefined, `${passed} ${failed}`);
    assert.ok(passed <= knee && knee < failed, `${passed} ${knee} ${failed}`);
    assert.ok(failed <= passed * (1 + where.resolution), `${passed} ${failed}`);
    const confirming = history.filter((run) => run.offeredLoad === passed && run.isValid);
    assert.ok(confirming.length >= 6, `${confirming.length} runs at the answer`);
  }
}

for (const [name, beyond] of Object.entries({ slow, failing: fails })) {
  test(`knee search: any space, start and knee, ${name} beyond it: bracketed within the resolution, confirmed`, () => {
    fc.assert(
      fc.property(spaces, positions, (where, position) => {
        const knee = kneeWithin(where, position);
        assertFound(
          search(where, (load) => (load <= knee ? {} : beyond)),
          where,
          knee,
        );
      }),
    );
  });
}

test('knee search: requests fail in one run by mistake: the same knee', () => {
  fc.assert(
    fc.property(spaces, positions, fc.nat(20), (where, position, flaky) => {
      const knee = kneeWithin(where, position);
      const respond = (load: number, run: number) =>
        load > knee ? slow : run === flaky ? fails : {};
      assertFound(search(where, respond), where, knee);
    }),
  );
});

test('knee search: some runs say nothing: repeated, the same knee', () => {
  fc.assert(
    fc.property(spaces, positions, fc.integer({ min: 2, max: 5 }), (where, position, every) => {
      const knee = kneeWithin(where, position);
      const respond = (load: number, run: number) =>
        run % every === 0 ? saysNothing : load <= knee ? {} : slow;
      assertFound(search(where, respond), where, knee);
    }),
  );
});

test('knee search: nothing but runs that say nothing: given up after five, not settled', () => {
  const history = search(space, () => saysNothing);
  assert.equal(history.length, 5);
  assert.deepEqual(toBracket(history), { passed: undefined, failed: undefined, undecided: [] });
  assert.ok(!isSettled(history));
});

test('knee search: the answer fails when it is confirmed: the search goes on below it', () => {
  const knee = 0.62;
  const isTakenBack = (load: number) => load > 0.58 && load <= knee;
  const seen = new Map<number, number>();
  const history = search(space, (load) => {
    const times = (seen.get(load) ?? 0) + 1;
    seen.set(load, times);
    return load > knee ? slow : isTakenBack(load) && times > 1 ? fails : {};
  });
  const { passed, failed } = toBracket(history);
  assert.ok(passed !== undefined && failed !== undefined);
  assert.ok(passed <= 0.58 && isTakenBack(failed), `${passed} ${failed}`);
  assert.ok(isSettled(history));
});

test('knee search: every load too close to the SLO: cannot tell, down to the end of the space', () => {
  const around = [0.9, 1.1, 0.95, 1.05];
  const history = search({ ...space, highest: 0.7 }, (_, run) => ({ p99ToSlo: around[run % 4] }));
  const { passed, failed, undecided } = toBracket(history);
  assert.deepEqual([passed, failed], [undefined, undefined]);
  assert.deepEqual([undecided[0], undecided.at(-1)], [0.05, 0.7]);
  assert.ok(isSettled(history));
});

test('knee search: at most so many runs: some are kept for confirming', () => {
  const history = search({ ...space, resolution: 1e-6, maxRuns: 20 }, (load) =>
    load <= 0.62 ? {} : slow,
  );
  const { passed } = toBracket(history);
  assert.equal(history.length, 20);
  assert.ok(isSettled(history));
  assert.equal(history.filter(({ offeredLoad }) => offeredLoad === passed).length, 6);
});

test('knee search: how many runs are left: never more than there may be, none at the end', () => {
  const history = search(space, (load) => (load <= 0.62 ? {} : slow));
  assert.equal(countRunsLeft([], { ...space, maxRuns: 3 }), 3);
  assert.ok(countRunsLeft([], space) >= history.length);
  assert.equal(countRunsLeft(history, space), 0);
});

/**
 * Servers of which the answer is known. Runs scatter around `p99ToSlo` lognormally, sigma 0.3; the knee is where that
 * is 1. The flatter it is there, the wider the bracket that chance leaves.
 */
const servers: readonly {
  readonly name: string;
  readonly p99ToSlo: (load: number) => number;
  readonly knee: number;
  readonly medianWidth: number;
  readonly medianRuns: number;
}[] = [
  { name: '8.3 ms ÷ (1 − load)', ...queue(8.3), medianWidth: 1.25, medianRuns: 22 },
  { name: '12 ms ÷ (1 − load)', ...queue(12), medianWidth: 1.35, medianRuns: 28 },
  { name: '15 ms ÷ (1 − load)', ...queue(15), medianWidth: 1.35, medianRuns: 28 },
  {
    // A queue with 12 % of the loop taken by others: the slope that one thread with a computation of 8 ms has.
    name: '8 ms + 17.8 ms × busy ÷ (1 − busy)',
    p99ToSlo: (load) => {
      const busy = load + 0.12;
      return busy < 1 ? (8 + (17.8 * busy) / (1 - busy)) / 50 : 100;
    },
    knee: 42 / 59.8 - 0.12,
    medianWidth: 1.35,
    medianRuns: 28,
  },
  {
    name: 'a cliff',
    p99ToSlo: (load) => (load <= 0.62 ? 0.1 : 40),
    knee: 0.62,
    medianWidth: 1.05,
    medianRuns: 12,
  },
];

function queue(idleMs: number) {
  return {
    p99ToSlo: (load: number) => (load < 1 ? idleMs / (1 - load) / 50 : 100),
    knee: 1 - idleMs / 50,
  };
}

for (const { name, p99ToSlo, knee, medianWidth, medianRuns } of servers) {
  test(`knee search: 1,000 searches of a simulated server, p99 ${name}: narrow, true, bounded`, () => {
    const searches = Array.from({ length: 1000 }, (_, seed) => {
      const random = createRandom(seed);
      const history = search(space, (load) => ({
        p99ToSlo: p99ToSlo(load) * Math.exp(0.3 * drawNormal(random)),
      }));
      assert.ok(isSettled(history));
      const { passed, failed } = toBracket(history);
      assert.ok(passed !== undefined && failed !== undefined);
      return { passed, failed, runs: history.length };
    });
    const share = (holds: (one: (typeof searches)[number]) => boolean) =>
      searches.filter(holds).length / searches.length;
    const held = share(({ passed, failed }) => passed <= knee && knee <= failed);
    const carried = share(({ passed }) => passed <= knee);
    assert.ok(held >= 0.9, `the bracket holds the knee in ${held}`);
    assert.ok(carried >= 0.95, `the answer is carried in ${carried}`);
    const width = median(searches.map(({ passed, failed }) => failed / passed));
    assert.ok(width <= medianWidth, `median of not carried ÷ carried: ${width}`);
    const runs = median(searches.map((one) => one.runs));
    assert.ok(runs <= medianRuns, `median of runs: ${runs}`);
  });
}

/** By the method of Box and Muller. */
function drawNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
