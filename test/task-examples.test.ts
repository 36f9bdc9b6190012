import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { loadTask } from '../workers/task.ts';
import { startApp } from './helpers/app.ts';

const urlOf = (name: string) => new URL(`../examples/${name}.mjs`, import.meta.url).href;
const hashPasswordUrl = urlOf('hash-password');
const compressCatalogueUrl = urlOf('compress-catalogue');

async function compute(url: string, input: unknown) {
  const response = await fetch(`${url}/compute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('examples', () => {
  for (const mode of ['inline', 'pool'] as const) {
    test(`hash-password in ${mode} mode: a hash that verifies, with a new salt each time`, async (t) => {
      const { url } = await startApp(t, mode, { taskUrl: hashPasswordUrl });
      const password = 'correct horse';
      const salts = new Set<string>();
      for (let call = 0; call < 2; call++) {
        const { status, body } = await compute(url, { password });
        assert.equal(status, 200);
        const { salt, hash, cost } = body.output as {
          salt: string;
          hash: string;
          cost: { N: number; r: number; p: number };
        };
        const expected = scryptSync(password, Buffer.from(salt, 'base64'), 32, cost);
        assert.equal(hash, expected.toString('base64'));
        salts.add(salt);
      }
      assert.equal(salts.size, 2);
    });

    test(`compress-catalogue in ${mode} mode: the same sizes for a body and a query string`, async (t) => {
      const { url } = await startApp(t, mode, { taskUrl: compressCatalogueUrl });
      const { status, body } = await compute(url, { items: 1500 });
      assert.equal(status, 200);
      const output = body.output as { items: number; bytes: number; compressedBytes: number };
      assert.equal(output.items, 1500);
      assert.ok(output.compressedBytes > 0 && output.compressedBytes < output.bytes);
      const response = await fetch(`${url}/compute?items=1500`);
      assert.deepEqual(await response.json(), body);
    });
  }

  for (const [taskUrl, inputs, message] of [
    [
      hashPasswordUrl,
      [{}, { password: '' }, { password: 1 }, { password: 'x'.repeat(129) }, []],
      'password must be a string of 1 to 128 characters',
    ],
    [
      compressCatalogueUrl,
      [{}, { items: 0 }, { items: 20_001 }, { items: 1.5 }, { items: '1e3' }, { items: [5] }],
      'items must be an integer from 1 to 20000',
    ],
  ] as const) {
    test(`${message}: anything else is a 400`, async (t) => {
      const { url, logged } = await startApp(t, 'inline', { taskUrl });
      for (const input of inputs) {
        const { status, body } = await compute(url, input);
        assert.equal(status, 400, JSON.stringify(input));
        assert.deepEqual(body, { success: false, message, code: 'INVALID_VALUE' });
      }
      assert.deepEqual(logged, []);
    });
  }

  test('compress-catalogue: cancelled: stops at the next check', async () => {
    const task = await loadTask(compressCatalogueUrl);
    let checks = 0;
    assert.equal(task({ items: 20_000 }, { cancelled: () => ++checks === 3 }), undefined);
    assert.equal(checks, 3);
  });
});
