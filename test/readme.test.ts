import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeSettings } from '../src/config.ts';
import { errorTable } from '../src/errors.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('README: the table of settings is what the server knows, no more and no less', () => {
  const known = describeSettings().map(
    ({ name, fallback, allowed, help }) => `| \`${name}\` | ${fallback} | ${allowed} | ${help} |`,
  );
  const listed = readme.split('\n').filter((line) => /^\| `[A-Z_]+` \|/.test(line));
  assert.deepEqual(listed, known);
});

test('README: every error code is in the table of errors, under its status', () => {
  for (const [code, { status }] of Object.entries(errorTable)) {
    const row = readme
      .split('\n')
      .find((line) => line.startsWith('|') && line.includes(`\`${code}\``));
    assert.ok(row?.split('|')[1]?.includes(String(status)), `${status} ${code}`);
  }
});

test('README: every file it links to is there', () => {
  for (const [, target = ''] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
    assert.doesNotThrow(() => readFileSync(new URL(`../${target}`, import.meta.url)), target);
});
