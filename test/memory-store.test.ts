import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMemoryStore } from '../src/users/memory-store.ts';

test('memory store: any number of users and any page size: walking the pages gives every user once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 20 }), async (added, limit) => {
      const store = createMemoryStore(10_000);
      for (let i = 0; i < added; i++) await store.add(`name ${i}`, `email ${i}`);
      const ids: number[] = [];
      let after: number | undefined = 0;
      while (after !== undefined) {
        const page: Awaited<ReturnType<typeof store.page>> = await store.page(limit, after);
        assert.equal(page.count, added + 2);
        assert.ok(page.users.length <= limit);
        ids.push(...page.users.map(({ id }) => id));
        after = page.next;
      }
      assert.deepEqual(
        ids,
        Array.from({ length: added + 2 }, (_, index) => index + 1),
      );
    }),
  );
});
