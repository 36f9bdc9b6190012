import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, startServer } from './helpers/server-process.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const fixture = (name: string) => relative('.', join(root, 'test', 'fixtures', 'tasks', name));
const onlyOnMain = (reason: string) =>
  `import { isMainThread } from 'node:worker_threads';
   if (!isMainThread) ${reason};
   export default () => 1;`;
let folder = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'offload-lab-task-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('server process with a task', () => {
  for (const mode of ['inline', 'pool']) {
    const where = mode === 'pool' ? ' on a pool thread' : '';

    for (const [name, text, reason] of [
      ['missing.mjs', undefined, /^there is no such file$/],
      ['throws.mjs', "throw new Error('one\\ntwo');", /^it cannot be imported: Error: one$/],
      ['syntax.mjs', 'export default ) => 1;', /^it cannot be imported: SyntaxError: /],
      ['number.mjs', 'export default 1;', /^its default export must be a function, not of type nu/],
      ['typo.ts', 'export default (n: number => n;', /^it cannot be imported: \w*Error: /],
    ] as const) {
      test(`COMPUTE_MODE=${mode}: ${name}: one line with the reason, exit code 2`, async (t) => {
        const path = text === undefined ? join(folder, name) : write(name, text);
        const { output, exited } = launch(t, { COMPUTE_MODE: mode, COMPUTE_TASK: path });
        assert.deepEqual(await exited, [2, null], output.stderr);
        const start = `Invalid configuration: COMPUTE_TASK ${path} does not load${where}: `;
        assert.ok(output.stderr.startsWith(start), output.stderr);
        assert.match(output.stderr.slice(start.length).trimEnd(), reason);
        assert.equal(output.stderr.split('\n').length, 2, output.stderr);
        assert.equal(output.stdout, '');
      });
    }

    test(`COMPUTE_MODE=${mode}: TypeScript, a relative path: runs, and the log names it`, async (t) => {
      const path = fixture('typed.ts');
      const server = await startServer(t, { COMPUTE_MODE: mode, COMPUTE_TASK: path });
      const response = await fetch(`${server.url}/compute?text=a`);
      assert.equal(await response.text(), '{"success":true,"output":"A"}');
      const listening = server.output.stderr.split('\n').find((line) => line.includes('Listening'));
      assert.equal((JSON.parse(listening ?? '{}') as { task?: unknown }).task, path);
    });

    test(`COMPUTE_MODE=${mode}: a task that throws or rejects: the process lives on`, async (t) => {
      const path = fixture('obliging.mjs');
      const server = await startServer(t, { COMPUTE_MODE: mode, COMPUTE_TASK: path });
      for (const deed of ['throws', 'throws+later', 'throws+text', 'returns+a+cycle'])
        assert.equal((await fetch(`${server.url}/compute?do=${deed}`)).status, 500);
      assert.equal((await fetch(`${server.url}/compute`)).status, 200);
      server.child.kill('SIGTERM');
      assert.deepEqual(await server.exited, [0, null]);
    });
  }

  test('a module that loads on the main thread only: refused in pool mode, fine inline', async (t) => {
    const COMPUTE_TASK = write('main-only.mjs', onlyOnMain("throw new Error('no such luck')"));
    const { output, exited } = launch(t, { COMPUTE_TASK });
    assert.deepEqual(await exited, [2, null]);
    assert.equal(
      output.stderr,
      `Invalid configuration: COMPUTE_TASK ${COMPUTE_TASK} does not load on a pool thread: it cannot be imported: Error: no such luck\n`,
    );
    const server = await startServer(t, { COMPUTE_MODE: 'inline', COMPUTE_TASK });
    assert.equal((await fetch(`${server.url}/compute`)).status, 200);
  });

  test('a module that ends the thread that loads it: one line, exit code 1', async (t) => {
    const COMPUTE_TASK = write('exits.mjs', onlyOnMain('process.exit(7)'));
    const { output, exited } = launch(t, { COMPUTE_TASK });
    assert.deepEqual(await exited, [1, null]);
    assert.equal(output.stderr, 'Cannot start the worker pool: worker exited with code: 7\n');
  });

  test('TypeScript without tsx: runs where Node knows TypeScript, else a line says what to do', async (t) => {
    const bare = join(folder, 'bare');
    mkdirSync(join(bare, 'node_modules'), { recursive: true });
    for (const name of readdirSync(join(root, 'node_modules')))
      if (name !== 'tsx')
        symlinkSync(join(root, 'node_modules', name), join(bare, 'node_modules', name));
    cpSync(join(root, 'dist'), join(bare, 'dist'), { recursive: true });
    writeFileSync(join(bare, 'package.json'), '{"type":"module"}');
    const COMPUTE_TASK = write('typed.ts', 'export default (n: object): number => 1;');
    const options = { entry: join(bare, 'dist', 'src', 'server.js') };
    // A feature flag newer than the types of the oldest Node.
    const knowsTypeScript = Boolean((process.features as { typescript?: unknown }).typescript);
    const { child, output, exited } = launch(t, { COMPUTE_TASK }, options);
    const first = await Promise.race([exited, new Promise((r) => child.once('message', r))]);
    if (knowsTypeScript) {
      assert.equal((first as { type?: unknown }).type, 'ready', output.stderr);
    } else {
      assert.deepEqual(first, [2, null]);
      assert.match(
        output.stderr,
        /: this Node does not know TypeScript: run Node 22\.18 or newer, install tsx, or compile it to \.mjs\n$/,
      );
    }
  });
});
