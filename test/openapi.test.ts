import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ComputeMode } from '../src/compute/runner.ts';
import { type ErrorCode, errorTable } from '../src/errors.ts';
import { apiVersion, describeApi } from '../src/openapi/document.ts';
import { faults } from './fixtures/faulty-compute.ts';
import { impatient, startApp, type TestApp } from './helpers/app.ts';
import { faultyModuleUrl, until } from './helpers/pool.ts';
import { exchange, toRequestText } from './helpers/raw-exchange.ts';

const timeout = 120_000;
const taskUrl = new URL('./fixtures/tasks/obliging.mjs', import.meta.url).href;

interface ResponseObject {
  headers?: Record<string, { required?: boolean; schema: object }>;
  content?: { 'application/json': { schema: { properties?: { code?: { enum: string[] } } } } };
}
interface Document {
  paths: Record<string, Record<string, { responses: Record<string, ResponseObject> }>>;
  components: { schemas: Record<string, object>; responses: Record<string, ResponseObject> };
}

/** An answer, and the operation that gave it. */
interface Answer {
  operation: string;
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** Why the server cannot be brought to this answer from outside; `operation` is a pattern. */
const notProvokable: readonly { code: ErrorCode; operation: RegExp; modes: string; why: string }[] =
  [
    { code: 'INTERNAL', operation: /./, modes: 'inline pool', why: 'would be a defect of ours' },
    {
      code: 'WORKER_FAILED',
      operation: /sum$/,
      modes: 'inline',
      why: 'the sum does not fail, and a thread that could is not there',
    },
    ...(['QUEUE_FULL', 'WAIT_TOO_LONG', 'SHUTTING_DOWN', 'COMPUTE_TIMEOUT'] as const).map(
      (code) => ({
        code,
        operation: /./,
        modes: 'inline',
        why: 'nothing is refused or timed out while the event loop runs the task',
      }),
    ),
  ];

function parseAnswer(operation: string, text: string): Answer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => line.split(': ', 2) as [string, string]);
  const body = rest.join('\r\n\r\n');
  return {
    operation,
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body: body === '' || operation.startsWith('HEAD') ? undefined : JSON.parse(body),
  };
}

/** `GET /users 400 INVALID_VALUE`, say; without a code where the answer has none. */
function nameOf({ operation, status, body }: Answer): string {
  const { code } = (body ?? {}) as { code?: string };
  return [operation, status, ...(code === undefined ? [] : [code])].join(' ');
}

function documentedNames({ paths }: Document): string[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { responses }]) =>
      Object.entries(responses).flatMap(([status, { content }]) => {
        const codes = content?.['application/json'].schema.properties?.code?.enum ?? [undefined];
        return codes.map((code) =>
          [`${method.toUpperCase()} ${path} ${status}`, ...(code === undefined ? [] : [code])].join(
            ' ',
          ),
        );
      }),
    ),
  );
}

const json = ['Content-Type: application/json'];
const requests: readonly [
  method: string,
  path: string,
  query: string,
  body?: string,
  headers?: string[],
][] = [
  ['GET', '/health', ''],
  ['GET', '/openapi.json', ''],
  ['GET', '/users', ''],
  ['GET', '/users', '?limit=1'],
  ['GET', '/users', '?limit=0'],
  ['GET', '/compute', ''],
  ['GET', '/compute', '?n=0&do=rejects+its+input'],
  ...['/health', '/openapi.json', '/users', '/compute'].flatMap(
    (path): [string, string, string][] => [
      ['HEAD', path, ''],
      ['OPTIONS', path, ''],
    ],
  ),
  ['HEAD', '/users', '?after=-1'],
  ['HEAD', '/compute', '?n=0'],
  ['POST', '/users', '', '{"name":"a","email":"b","more":1}', json],
  ['POST', '/users', '', '{"name":"a","email":"b"}', json],
  ['POST', '/users', '', '{}', json],
  ...['/users', '/compute'].flatMap((path): [string, string, string, string, string[]][] => [
    ['POST', path, '', '{', json],
    ['POST', path, '', '{}', [...json, 'Content-Encoding: gzip']],
    ['POST', path, '', `${'['.repeat(501)}${']'.repeat(501)}`, json],
    ['POST', path, '', `["${'x'.repeat(17_000)}"]`, json],
    ['POST', path, '', '{}', ['Content-Type: text/plain']],
  ]),
  ['POST', '/compute', '', '{"do":"rejects its input"}', json],
  ['POST', '/compute', '', '', json],
  ['POST', '/compute', '', '{"do":"throws"}', json],
  ['GET', '/compute', '?do=throws&n=1'],
];

/** All that can be got out of a server with this mode and task. */
async function provoke(t: TestContext, mode: ComputeMode, task: string): Promise<Answer[]> {
  const ownTask = task === 'task';
  const options = ownTask ? { taskUrl } : {};
  const app = await startApp(t, mode, options, { usersMax: 3 });
  const hurried = await startApp(t, mode, options, { timeouts: impatient });
  const document = (await (await fetch(`${app.url}/openapi.json`)).json()) as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
  );
  const send = async (to: TestApp, operation: string, text: string) =>
    parseAnswer(operation, await exchange(to.port, text));

  const answers: Answer[] = [];
  for (const [method, path, query, body = '', headers = []] of requests) {
    if (!operations.some(([known, at]) => known === method && at === path)) continue;
    const request = toRequestText({ method, path: `${path}${query}`, body, headers });
    answers.push(await send(app, `${method} ${path}`, request));
  }
  const early = operations.flatMap(([method, path]) => {
    const start = `${method} ${path} HTTP/1.1\r\nConnection: close\r\n`;
    const operation = `${method} ${path}`;
    return [
      send(app, operation, `${start}\r\n`),
      send(app, operation, `${start}Host: x\r\nExpect: tea\r\n\r\n`),
      send(app, operation, `${start}Host: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
      send(hurried, operation, `${start}Host: x\r\n`),
    ];
  });
  answers.push(...(await Promise.all(early)));
  if (mode === 'pool') answers.push(...(await provokeThePool(t, ownTask)));
  return answers;
}

/** What only a pool answers, in threads that do as they are told by `n` or by `do`. */
async function provokeThePool(t: TestContext, ownTask: boolean): Promise<Answer[]> {
  const deeds = ownTask
    ? { waits: 'do=waits+for+the+flag', fails: 'do=throws', works: 'do=returns+null' }
    : {
        waits: `n=${faults.waitsForTheFlag}`,
        fails: `n=${faults.throws}`,
        works: `n=${faults.none}`,
      };
  const options = ownTask ? { taskUrl } : { moduleUrl: faultyModuleUrl };
  const answers: Answer[] = [];
  for (const method of ownTask ? ['GET', 'POST'] : ['GET']) {
    const ask = async ({ port }: TestApp, query: string) => {
      const body = JSON.stringify(Object.fromEntries(new URLSearchParams(query)));
      const request =
        method === 'GET'
          ? { path: `/compute?${query}` }
          : { method, path: '/compute', headers: json, body };
      const text = await exchange(port, toRequestText(request));
      answers.push(parseAnswer(`${method} /compute`, text));
    };

    const busy = async (bounds: { queueMax: number; maxWaitMs: number }) => {
      const app = await startApp(t, 'pool', { ...options, ...bounds });
      const client = new AbortController();
      const waits = fetch(`${app.url}/compute?${deeds.waits}`, { signal: client.signal });
      await until(() => app.runner.state().inFlight === 1);
      await ask(app, deeds.works);
      client.abort();
      await assert.rejects(waits);
    };
    await busy({ queueMax: 0, maxWaitMs: 60_000 });
    await busy({ queueMax: 1, maxWaitMs: 1 });

    const app = await startApp(t, 'pool', { ...options, timeoutMs: 50 });
    await ask(app, deeds.waits);
    await ask(app, deeds.fails);
    app.runner.refuseNew();
    await ask(app, deeds.works);
  }
  return answers;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** Fails unless an answer is as its operation's response, or a shared one, says. */
function check(answer: Answer, response: ResponseObject | undefined, document: Document): void {
  const name = nameOf(answer);
  assert.ok(response !== undefined, `${name} is not documented`);
  for (const [header, { required, schema }] of Object.entries(response.headers ?? {})) {
    const value = answer.headers[header.toLowerCase()];
    assert.ok(value !== undefined || !required, `${name} lacks ${header}`);
    if (value !== undefined) assert.ok(ajv.validate(schema, value), `${name}: ${header}: ${value}`);
  }
  const schema = response.content?.['application/json'].schema;
  assert.equal(answer.body !== undefined, schema !== undefined, `${name}: content`);
  if (schema === undefined) return;
  assert.match(answer.headers['content-type'] ?? '', /^application\/json/);
  const { components } = document;
  assert.ok(ajv.validate({ ...schema, components }, answer.body), `${name}: ${ajv.errorsText()}`);
}

describe('openapi', { timeout }, () => {
  for (const mode of ['inline', 'pool'] as const) {
    for (const task of ['sum', 'task']) {
      test(`COMPUTE_MODE=${mode}, ${task}: the server answers all that is documented, and nothing else`, async (t) => {
        const document = describeApi({ ownTask: task === 'task' }) as unknown as Document;
        const answers = await provoke(t, mode, task);
        for (const answer of answers) {
          const [method = '', path = ''] = answer.operation.split(' ');
          const { responses } = document.paths[path]?.[method.toLowerCase()] ?? {};
          check(answer, responses?.[answer.status], document);
        }
        const provoked = new Set(answers.map(nameOf));
        const missing = documentedNames(document).filter((name) => !provoked.has(name));
        // HEAD has no content to tell a code by, so its statuses are those of the codes.
        const excused = missing.filter((name) =>
          notProvokable.some(
            ({ code, operation, modes }) =>
              modes.includes(mode) &&
              operation.test(`${name} ${task}`) &&
              (name.endsWith(` ${code}`) || name.endsWith(` ${errorTable[code].status}`)),
          ),
        );
        assert.deepEqual(missing, excused);
        for (const { code, operation, modes } of notProvokable) {
          if (!modes.includes(mode)) continue;
          const never = [...provoked].filter(
            (name) => operation.test(`${name} ${task}`) && name.endsWith(` ${code}`),
          );
          assert.deepEqual(never, [], code);
        }
      });
    }
  }

  test('other paths and methods: as the shared responses say', async (t) => {
    const { port } = await startApp(t);
    const document = describeApi({ ownTask: false }) as unknown as Document;
    const { NotFound, MethodNotAllowed } = document.components.responses;
    for (const [method, path, response] of [
      ['GET', '/nope', NotFound],
      ['DELETE', '/', NotFound],
      ['DELETE', '/users', MethodNotAllowed],
      ['POST', '/health', MethodNotAllowed],
      ['POST', '/compute', MethodNotAllowed],
      ['PUT', '/openapi.json', MethodNotAllowed],
    ] as const) {
      const answer = parseAnswer(
        `${method} ${path}`,
        await exchange(port, toRequestText({ method, path })),
      );
      check(answer, response, document);
    }
  });

  for (const ownTask of [false, true]) {
    test(`ownTask ${ownTask}: is OpenAPI 3.1, has every code, and what is served is the document`, async (t) => {
      const document = describeApi({ ownTask });
      const { valid, errors } = await new Validator().validate(structuredClone(document));
      assert.ok(valid, JSON.stringify(errors));
      const text = JSON.stringify(document);
      for (const code of Object.keys(errorTable)) assert.ok(text.includes(`"${code}"`), code);
      const { url } = await startApp(t, 'inline', ownTask ? { taskUrl } : {});
      assert.equal(await (await fetch(`${url}/openapi.json`)).text(), text);
    });
  }

  test("version: the package's", () => {
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    assert.equal(apiVersion, (JSON.parse(text) as { version: string }).version);
  });
});
