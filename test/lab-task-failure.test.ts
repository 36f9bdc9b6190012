import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { request } from 'undici';
import {
  explainFailure,
  explainLoggedError,
  type GivenToTarget,
} from '../loadtest/experiments/explain-failure.ts';
import {
  type CallFailure,
  expectAnswer,
  FailedCallError,
} from '../loadtest/experiments/failed-call.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { parseErrorLine } from '../loadtest/target/server-log.ts';
import { AppError } from '../src/errors.ts';
import { makeFolder, type Scope, startLab } from './helpers/lab-command.ts';

/** What the server logs of an error. */
function log(err: unknown): string {
  let line = '';
  pino({}, { write: (text: string) => (line += text) }).error({ err, url: '/compute' }, 'Failed');
  return line;
}

function withStack(error: Error, ...frames: string[]): Error {
  error.stack = [`${error.name}: ${error.message}`, ...frames.map((at) => `    at ${at}`)].join(
    '\n',
  );
  return error;
}

describe("server's log", () => {
  test("an error of the task: its kind, message and place, without the server's own", () => {
    const own = withStack(new TypeError('x is not a function'), 'f (file:///t/a%20b.mjs:3:9)');
    assert.deepEqual(parseErrorLine(log(new AppError('WORKER_FAILED', { cause: own }))), {
      text: 'TypeError: x is not a function',
      place: '/t/a b.mjs:3',
    });
  });

  test('an error with a cause and more lines: all of it in one line', () => {
    const cause = withStack(new Error('no such\n  model'), 'read (/t/model.cjs:1:1)');
    const own = withStack(new Error('cannot load', { cause }), '/t/t.mjs:2:1');
    const text = 'Error: cannot load, caused by Error: no such model';
    assert.deepEqual(parseErrorLine(log(own)), { text, place: '/t/t.mjs:2' });
  });

  for (const [name, frames, place] of [
    ['thrown by Node', ['open (node:fs:1:2)', 'async f (file:///t/t.mjs:7:1)'], '/t/t.mjs:7'],
    ['thrown by JSON.parse', ['JSON.parse (<anonymous>)', 'file:///t/t.mjs:8:1'], '/t/t.mjs:8'],
    [
      'thrown by the server',
      [`toJson (${new URL('../workers/x.ts', import.meta.url)}:1:1)`],
      undefined,
    ],
    ['a thread that ended', ['[kOnExit] (node:internal/worker:320:26)'], undefined],
    ['a place that is none', ['f (file:///t%2Ft.mjs:1:1)'], undefined],
  ] as const) {
    test(`where it was thrown: ${name}`, () => {
      assert.equal(parseErrorLine(log(withStack(new Error('no'), ...frames)))?.place, place);
    });
  }

  test('lines about something else: nothing', () => {
    for (const line of [
      '',
      '(node:1) Warning: old',
      '{"level":50',
      '{"level":30,"msg":"Listening"}',
    ])
      assert.equal(parseErrorLine(line), undefined, line);
  });
});

describe('answers to calls', () => {
  const call = { method: 'GET', path: '/compute' } as const;

  async function ask(status: number, text: string): Promise<unknown> {
    const server = createServer((_req, res) => {
      res.writeHead(status, { 'server-timing': 'compute;dur=1' }).end(text);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const answer = request(`http://127.0.0.1:${port}/compute`, { reset: true });
      return await expectAnswer('cannot ask', call, answer).catch((error: unknown) => error);
    } finally {
      server.close();
    }
  }

  test('status 200: its headers', async () => {
    const headers = (await ask(200, '{}')) as Record<string, string>;
    assert.equal(headers['server-timing'], 'compute;dur=1');
  });

  for (const [name, status, text, reason] of [
    ['words of the contract', 500, '{"code":"WORKER_FAILED","message":"It failed"}', 'It failed'],
    ['a page', 502, '<h1>\nBad\n</h1>', '<h1> Bad </h1>'],
    ['other JSON', 404, '{"error":"none"}', '{"error":"none"}'],
  ] as const) {
    test(`another status, with ${name}: one line with the reason`, async () => {
      const error = await ask(status, text);
      assert.ok(error instanceof FailedCallError);
      const said = `cannot ask: GET /compute was answered with status ${status}: ${reason}`;
      assert.equal(error.message, said);
    });
  }

  test('nobody there: one line with the reason', async () => {
    const answer = request('http://127.0.0.1:1/compute');
    await assert.rejects(
      expectAnswer('cannot ask', call, answer),
      /^FailedCallError: cannot ask: GET \/compute was not answered: .*ECONNREFUSED/,
    );
  });
});

describe('explained failures', () => {
  const task: GivenToTarget = {
    task: './t.mjs',
    settings: { COMPUTE_TASK: './t.mjs' },
    droppedNames: ['MODEL', 'PORT', '_', 'BASH_FUNC_which%%'],
  };
  const post = (body: string) => ({ method: 'POST' as const, path: '/compute', body });
  const failed = { code: 'WORKER_FAILED', reason: 'The computation failed' };
  const answer = (
    status: number | null,
    body: string,
    told: Omit<CallFailure, 'status'> = failed,
  ) => new FailedCallError('cannot calibrate', post(body), { status, ...told });
  const refused = { code: 'INVALID_VALUE', reason: 'n is missing' };
  const late = { code: 'COMPUTE_TIMEOUT', reason: 'It took too long' };
  const logged = (text: string) => ({ text, place: '/t.mjs:1' });

  for (const [name, error, log, given, message] of [
    [
      'the default input: where another comes from',
      answer(500, '{}'),
      logged('TypeError: no n'),
      task,
      '--task ./t.mjs failed with the input {}: TypeError: no n (/t.mjs:1). Give it another with --input',
    ],
    [
      'an input of its own: no hint',
      answer(500, '{"n":1}'),
      logged('TypeError: no m'),
      task,
      '--task ./t.mjs failed with the input {"n":1}: TypeError: no m (/t.mjs:1)',
    ],
    [
      'an input that the task refuses, which is not logged',
      answer(400, '{}', refused),
      undefined,
      task,
      '--task ./t.mjs refuses its input {}: n is missing. Give it another with --input',
    ],
    [
      'a variable that was not passed on',
      answer(500, '{}'),
      logged('Error: MODEL is not set'),
      task,
      '--task ./t.mjs failed with the input {}: Error: MODEL is not set (/t.mjs:1). Your MODEL is not passed on: give it with --env MODEL=value',
    ],
    [
      'a variable that was given',
      answer(500, '[]'),
      logged('Error: MODEL is wrong'),
      { ...task, settings: { ...task.settings, MODEL: 'x' } },
      '--task ./t.mjs failed with the input []: Error: MODEL is wrong (/t.mjs:1)',
    ],
    [
      'names that only look like variables, or are not to be set',
      answer(500, '[]'),
      logged('Error: MODELS, PORT, _'),
      task,
      '--task ./t.mjs failed with the input []: Error: MODELS, PORT, _ (/t.mjs:1)',
    ],
    [
      'more memory than a thread may have',
      answer(500, '[]'),
      { text: 'Error: terminated due to reaching memory limit', place: undefined },
      task,
      '--task ./t.mjs failed with the input []: Error: terminated due to reaching memory limit. A pool thread may have more with --env POOL_HEAP_MAX_MB=value',
    ],
    [
      'more time than it may take',
      answer(504, '{}', late),
      undefined,
      task,
      '--task ./t.mjs failed with the input {}: It took too long. It may have more time with --env COMPUTE_TIMEOUT_MS=value',
    ],
    [
      'no answer',
      answer(null, '[]', { code: undefined, reason: 'other side closed' }),
      undefined,
      task,
      '--task ./t.mjs failed with the input []: other side closed',
    ],
    [
      'a task that --env named',
      answer(500, '{}'),
      logged('Error: no'),
      { ...task, task: null },
      'COMPUTE_TASK ./t.mjs failed with the input {}: Error: no (/t.mjs:1)',
    ],
    [
      "no task, another server's words",
      answer(502, '{}', { code: undefined, reason: '<h1> No</h1>' }),
      undefined,
      { task: null, settings: {}, droppedNames: [] },
      'cannot calibrate: POST /compute was answered with status 502: <h1> No</h1>',
    ],
    [
      'a server that does not start: the option, not the setting',
      new LabError('COMPUTE_TASK ./t.mjs does not load: MODEL is not set', 2),
      undefined,
      task,
      '--task ./t.mjs does not load: MODEL is not set. Your MODEL is not passed on: give it with --env MODEL=value',
    ],
  ] as const) {
    test(`explained failure: ${name}`, () => {
      const explained = explainFailure(error, log, given);
      assert.equal(explained.message, message);
      assert.equal(explained.exitCode, error.exitCode);
      // Where one server runs inside another's time, both explain it.
      assert.equal(explainFailure(explained, undefined, given).message, message);
    });
  }

  test('explained error under load: the task by name', () => {
    assert.equal(
      explainLoggedError(logged('Error: MODEL is gone'), task),
      '--task ./t.mjs failed: Error: MODEL is gone (/t.mjs:1). Your MODEL is not passed on: give it with --env MODEL=value',
    );
  });
});

describe('lab with a task that fails', { concurrency: 2, timeout: 120_000 }, () => {
  function contrast(scope: Scope, source: string, env: Record<string, string> = {}) {
    const folder = makeFolder(scope);
    const task = join(folder, 'task.mjs');
    writeFileSync(task, source);
    const settings = ['--env', 'COMPUTE_TIMEOUT_MS=60000', '--env', 'POOL_HEAP_MAX_MB=16'];
    const short = [
      ...['--quick', '--levels', '0.5', '--repeats', '1', '--duration', '0.5'],
      ...['--rate-users', '20'],
    ];
    const args = ['contrast', '--task', task, '--out', folder, ...settings, ...short];
    return { task, folder, lab: startLab(scope, args, { env }) };
  }

  const throwUnlessSet = "if (!process.env.MODEL) throw new Error('MODEL is not set');";
  const envHint = 'Your MODEL is not passed on: give it with --env MODEL=value';
  for (const [name, source, env, code, message] of [
    [
      'it was given no input',
      'export default (input) => input.items.length;',
      {},
      3,
      "--task TASK failed with the input {}: TypeError: Cannot read properties of undefined (reading 'length') (TASK:1). Give it another with --input",
    ],
    [
      'a variable was not passed on',
      `export default () => {\n${throwUnlessSet}\n};`,
      { MODEL: 'x' },
      3,
      `--task TASK failed with the input {}: Error: MODEL is not set (TASK:2). ${envHint}`,
    ],
    [
      'the same while it loads',
      `${throwUnlessSet} export default () => 1;`,
      { MODEL: 'x' },
      2,
      `the server did not start: Invalid configuration: --task TASK does not load on a pool thread: it cannot be imported: Error: MODEL is not set. ${envHint}`,
    ],
    [
      'it takes more memory than a thread may have',
      'export default () => { for (const all = []; ; ) all.push({ all }); };',
      {},
      3,
      '--task TASK failed with the input {}: Error [ERR_WORKER_OUT_OF_MEMORY]: Worker terminated due to reaching memory limit: JS heap out of memory. A pool thread may have more with --env POOL_HEAP_MAX_MB=value',
    ],
  ] as const) {
    test(`lab: a task fails: ${name}: one line says so`, async (t) => {
      const { task, lab } = contrast(t, source, env);
      const { code: exitCode, stderr } = await lab.ended;
      const [progress, ...lines] = stderr.trimEnd().split('\n');
      assert.match(progress ?? '', /^calibrating/);
      assert.deepEqual(lines, [`error: ${message.replaceAll('TASK', task)}`]);
      assert.equal(exitCode, code);
    });
  }

  test('lab: a task fails under load only: counted as ever, and the reason is told once', async (t) => {
    const { task, folder, lab } = contrast(
      t,
      `import { existsSync } from 'node:fs';
      export default () => {
        if (existsSync(new URL('./worn', import.meta.url))) throw new Error('worn out');
        for (const endMs = performance.now() + 20; performance.now() < endMs; );
        return 1;
      };`,
    );
    await lab.waitFor(/run 1 of 2/);
    writeFileSync(join(folder, 'worn'), '');
    const { stdout, stderr } = await lab.ended;
    assert.match(stdout, /500 WORKER_FAILED/);
    const failed = `--task ${task} failed`;
    assert.deepEqual(stderr.match(/^.*worn out.*$/gm), [
      `${failed}: Error: worn out (${task}:3)`,
      `not calibrated again at the end: ${failed} with the input {}: Error: worn out (${task}:3). Give it another with --input`,
    ]);
  });
});
