import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { loadTask, TaskLoadError } from '../workers/task.ts';

const context = { cancelled: () => false };
let folder = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'offload-lab-task-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function load(name: string, text: string) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return loadTask(pathToFileURL(path).href);
}

describe('loadTask', () => {
  for (const [name, file, text] of [
    ['an ES module', 'module.mjs', 'export default (n) => n + 1;'],
    ['an asynchronous function', 'async.mjs', 'export default async (n) => n + 1;'],
    ['CommonJS', 'common.js', 'module.exports = (n) => n + 1;'],
    [
      'CommonJS compiled from TypeScript',
      'compiled.js',
      'exports.__esModule = true; exports.default = (n) => n + 1;',
    ],
    ['TypeScript', 'typed.ts', 'export default (n: number): number => n + 1;'],
    ['a path with a space and a %', 'a %20 b.mjs', 'export default (n) => n + 1;'],
  ] as const) {
    test(`${name}: is loaded`, async () => {
      const task = await load(file, text);
      assert.equal(await task(1, context), 2);
    });
  }

  for (const [name, file, text, reason] of [
    [
      'a module that throws',
      'throws.mjs',
      "throw new Error('no database\\nat all');",
      /^it cannot be imported: Error: no database$/,
    ],
    [
      'a module that throws nothing',
      'nothing.mjs',
      'throw undefined;',
      /^it cannot be imported: undefined$/,
    ],
    [
      'a syntax error',
      'syntax.mjs',
      'export default () => { foo bar };',
      /^it cannot be imported: SyntaxError: .* \(run node .*syntax\.mjs to see where\)$/,
    ],
    [
      'a package that is not there',
      'needs.mjs',
      "import 'not-installed-at-all'; export default () => 1;",
      /^it cannot be imported: Error: Cannot find package 'not-installed-at-all'/,
    ],
    [
      'no default export',
      'named.mjs',
      'export const task = () => 1;',
      /^it has no default export$/,
    ],
    ['an empty file', 'empty.mjs', '', /^it has no default export$/],
    [
      'an object as default export',
      'object.mjs',
      'export default { run() {} };',
      /^its default export must be a function, not of type object$/,
    ],
    [
      'null as default export',
      'null.mjs',
      'export default null;',
      /^its default export must be a function, not of type null$/,
    ],
  ] as const) {
    test(`${name}: is refused with the reason, in one line`, async () => {
      await assert.rejects(load(file, text), (error) => {
        assert.ok(error instanceof TaskLoadError);
        assert.match(error.message, reason);
        return true;
      });
    });
  }

  for (const name of ['missing.mjs', 'folder.mjs']) {
    test(`${name}: there is no such file`, async () => {
      mkdirSync(join(folder, 'folder.mjs'), { recursive: true });
      const url = pathToFileURL(join(folder, name)).href;
      await assert.rejects(loadTask(url), new TaskLoadError('there is no such file'));
    });
  }

  test('a module that waits for ever: is refused after the time limit', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const loading = load('waits.mjs', 'await new Promise(() => {});');
    t.mock.timers.tick(10_000);
    await assert.rejects(loading, /^TaskLoadError: it has not finished loading after 10 s$/);
  });
});
