import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const isUpdating = process.env.UPDATE_GOLDEN === '1';

/** Holds a text against the one that is kept in `test/fixtures/golden/`, or with UPDATE_GOLDEN=1 keeps it there. */
export function assertGolden(name: string, text: string): void {
  const path = fileURLToPath(new URL(`../fixtures/golden/${name}`, import.meta.url));
  if (isUpdating) writeFileSync(path, text);
  else assert.equal(text, readFileSync(path, 'utf8'));
}
