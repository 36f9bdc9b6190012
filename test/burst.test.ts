/** Two real bursts on a blocked loop: one on a queue that is far too short, one on a queue in which all find room. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import {
  type BurstCase,
  type BurstResult,
  burstResultSchema,
} from '../loadtest/result/burst-result.ts';
import { decodeHistogram } from '../loadtest/result/histogram.ts';
import { readSavedBurst } from './helpers/burst-result-file.ts';
import { makeFolder, startLab } from './helpers/lab-command.ts';
import { findLoneNetwork } from './helpers/lone-network.ts';

const connections = 40;
const outs = { short: makeFolder({ after }), long: makeFolder({ after }) };
let results: { short: BurstResult; long: BurstResult };

before(async () => {
  const network = findLoneNetwork();
  const asked = ['--connections', `${connections}`, '--loop', 'blocked', '--block', '3', '--json'];
  const run = async (queue: 'short' | 'long', ...args: string[]) => {
    const command = startLab({ after }, ['burst', ...asked, ...args, '--out', outs[queue]], {
      prefix: network,
    });
    const { code, stdout, stderr } = await command.ended;
    const result = burstResultSchema.parse(JSON.parse(stdout));
    assert.equal(code, caseOf(result).faults.length === 0 ? 0 : 3, stderr);
    return result;
  };
  const running = run('short', '--backlogs', '4', '--deadline', '4');
  // In one network both would move the same counters.
  if (network.length === 0) await running;
  const long = run('long', '--backlogs', '64', '--deadline', '60');
  results = { short: await running, long: await long };
});

/** A queue that is emptied meanwhile is of any length: on a busy machine the loop may turn before all are there. */
function saysNothing(t: TestContext, { faults }: BurstCase): boolean {
  if (faults.length > 0) t.diagnostic(`cannot be told: ${JSON.stringify(faults)}`);
  return faults.length > 0;
}

function caseOf({ complete, cases }: BurstResult): BurstCase {
  assert.equal(complete, true);
  const [first, ...others] = cases;
  assert.ok(first !== undefined && others.length === 0);
  return first;
}

test('burst: blocked loop: every connection is in the counts, and in the histograms', () => {
  for (const result of Object.values(results)) {
    const burst = caseOf(result);
    assert.equal(burst.opened, connections);
    assert.deepEqual(burst.errors, { beforeConnected: {}, afterConnected: {} });
    const recorded = (encoded: string) => decodeHistogram(encoded).totalCount;
    assert.equal(recorded(burst.connectTimeUs) + burst.notConnected, connections);
    assert.equal(recorded(burst.firstByteTimeUs), burst.answered);
    assert.equal(recorded(burst.neverAnsweredAgeUs), burst.neverAnswered);
    assert.equal(recorded(burst.notConnectedAgeUs), burst.notConnected);
  }
});

test('burst: blocked loop: it was blocked while all connections were opened, or it says so', () => {
  for (const result of Object.values(results)) {
    const { loop, blockedForMs, openedWithinMs, faults } = caseOf(result);
    assert.equal(loop, 'blocked');
    assert.ok(blockedForMs !== null);
    const turned = { code: 'LOOP_TURNED', blockedForMs, openedWithinMs };
    assert.deepEqual(faults, blockedForMs > openedWithinMs ? [] : [turned]);
  }
});

test('burst: room for all: all are answered once the loop turns', () => {
  assert.equal(caseOf(results.long).answered, connections);
});

test('burst: Linux: the short queue holds one more than its limit and overflows; the long one does not', {
  skip: process.platform === 'linux' ? false : 'the queue and the counters are those of Linux',
}, (t) => {
  const [short, long] = [caseOf(results.short), caseOf(results.long)];
  if (saysNothing(t, short) || saysNothing(t, long)) return;
  assert.deepEqual([short.effectiveBacklog, short.acceptQueueMax], [4, 5]);
  const overflows = short.kernelCounters?.ListenOverflows;
  assert.ok(typeof overflows === 'number' && overflows >= connections - 5, `${overflows}`);
  assert.deepEqual([long.effectiveBacklog, long.acceptQueueMax], [64, connections]);
  assert.equal(long.kernelCounters?.ListenOverflows, 0);
});

test('burst: the same is in burst.json, in a folder of its own', () => {
  const { name, result } = readSavedBurst(outs.short);
  assert.match(name, /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-burst$/);
  assert.deepEqual(result, results.short);
});
