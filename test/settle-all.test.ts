import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settleAll } from '../src/settle-all.ts';

test('settleAll: all fulfilled: their values, in order, of whatever type', async () => {
  const [one, two, three]: [number, string, undefined] = await settleAll([
    Promise.resolve(1),
    Promise.resolve('two'),
    undefined,
  ]);
  assert.deepEqual([one, two, three], [1, 'two', undefined]);
});

test('settleAll: one rejected: its reason, but only once the others have settled', async () => {
  const events: string[] = [];
  let finish: (() => void) | undefined;
  const slow = new Promise<void>((resolve) => {
    finish = resolve;
  }).then(() => events.push('the slow one settled'));
  const all = settleAll([Promise.reject(new Error('first')), slow]).catch((error: Error) =>
    events.push(`rejected: ${error.message}`),
  );
  // Turns of the loop in which a plain Promise.all would have rejected long since.
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(events, []);
  finish?.();
  await all;
  assert.deepEqual(events, ['the slow one settled', 'rejected: first']);
});
