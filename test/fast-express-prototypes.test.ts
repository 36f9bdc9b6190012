import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import express, { type Express, type Request, type Response } from 'express';
import { createHttpServer } from '../src/http/fast-express.ts';
import { createExerciseApp } from './helpers/express-app.ts';
import { allCases } from './helpers/express-cases.ts';
import { exchange, toRequestText } from './helpers/raw-exchange.ts';

type CreateServer = (app: Express) => Server;

const servers: Record<string, CreateServer> = { stock: createServer, pinned: createHttpServer };

async function listen(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Whether a request and a response stand on the prototypes that Express wants for this app. */
function isPinned(app: Express, req: object, res: object): boolean {
  return Object.getPrototypeOf(req) === app.request && Object.getPrototypeOf(res) === app.response;
}

for (const [kind, create] of Object.entries(servers)) {
  test(`createHttpServer: ${kind} server: ${kind === 'pinned' ? 'no' : 'a'} prototype changes per request`, async (t) => {
    const app = express();
    const pinned: boolean[] = [];
    app.use((req, res) => {
      pinned.push(isPinned(app, req, res));
      res.end();
    });
    const server = create(app);
    server.prependListener('request', (req, res) => pinned.push(isPinned(app, req, res)));
    await exchange(await listen(t, server), toRequestText({ path: '/' }));
    assert.deepEqual(pinned, [kind === 'pinned', true]);
  });
}

test('createHttpServer: two requests at the same stage: have one V8 shape', async (t) => {
  // What the speed comes from, without measuring any: under stock Express on Node 20 every request has
  // a shape of its own, and V8 optimises nothing that touches it.
  setFlagsFromString('--allow-natives-syntax');
  const haveOneShape = new Function('a', 'b', 'return %HaveSameMap(a, b)');
  const app = express();
  const held: [Request, Response][] = [];
  const shapes: unknown[] = [];
  app.use((req, res) => {
    held.push([req, res]);
    const [first, second] = held;
    if (first === undefined || second === undefined) return;
    shapes.push(haveOneShape(first[0], second[0]), haveOneShape(first[1], second[1]));
    for (const [, response] of held.splice(0)) response.end();
  });
  const port = await listen(t, createHttpServer(app));
  const text = toRequestText({ path: '/' });
  // The first requests of a server settle the shape; the last pairs have it.
  for (let pair = 0; pair < 10; pair += 1) {
    await Promise.all([exchange(port, text), exchange(port, text)]);
  }
  assert.deepEqual(shapes.slice(-2), [true, true]);
});

test('createHttpServer: request that passed through a mounted app: is back on its prototypes', async (t) => {
  const app = express();
  const mounted = express();
  const pinned: boolean[] = [];
  mounted.use((req, res, next) => {
    pinned.push(isPinned(mounted, req, res));
    next();
  });
  app.use(mounted, (req, res) => {
    pinned.push(isPinned(app, req, res));
    res.end();
  });
  await exchange(await listen(t, createHttpServer(app)), toRequestText({ path: '/' }));
  assert.deepEqual(pinned, [true, true]);
});

test('createHttpServer: request and response: are what Node and Express say they are', async (t) => {
  const app = express();
  let seen: [Request, Response] | undefined;
  app.use((req, res) => {
    seen = [req, res];
    res.end();
  });
  await exchange(await listen(t, createHttpServer(app)), toRequestText({ path: '/' }));
  assert.ok(seen);
  const [req, res] = seen;
  assert.ok(req instanceof IncomingMessage && res instanceof ServerResponse);
  assert.ok(Object.prototype.isPrototypeOf.call(express.request, req));
  assert.ok(Object.prototype.isPrototypeOf.call(express.response, res));
  assert.equal(req.constructor, IncomingMessage);
  assert.equal(res.constructor, ServerResponse);
});

test('createHttpServer: second server for the same app: both answer', async (t) => {
  const app = createExerciseApp();
  const ports = [await listen(t, createHttpServer(app)), await listen(t, createHttpServer(app))];
  const text = toRequestText({ path: '/sub/none' });
  const [first, second] = await Promise.all(ports.map((port) => exchange(port, text)));
  assert.match(first ?? '', /^HTTP\/1\.1 200 OK/);
  assert.equal(second, first);
});

test('fast-express cases: all of them together: use every property Express gives req and res', async (t) => {
  const prototypes = { request: express.request, response: express.response };
  const unused = new Set(
    Object.entries(prototypes).flatMap(([kind, prototype]) =>
      Object.keys(prototype).map((name) => `${kind}.${name}`),
    ),
  );
  assert.ok(unused.has('request.hostname') && unused.has('response.links'));
  for (const [kind, prototype] of Object.entries(prototypes)) {
    watchReads(t, prototype, (name) => unused.delete(`${kind}.${name}`));
  }
  const port = await listen(t, createHttpServer(createExerciseApp()));
  for (const [, , request] of allCases()) await exchange(port, toRequestText(request));
  assert.deepEqual([...unused], [], 'Express has grown: add cases that use these');
});

/** Reports every read of an own property, until the test ends. */
function watchReads(t: TestContext, target: object, onRead: (name: string) => void): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(target))) {
    const { value, get } = descriptor;
    Object.defineProperty(target, name, {
      configurable: true,
      enumerable: descriptor.enumerable ?? true,
      get() {
        onRead(name);
        return get === undefined ? value : get.call(this);
      },
    });
    t.after(() => Object.defineProperty(target, name, descriptor));
  }
}

/** What a server's handler sees of a client that leaves, and whether the server still answers. */
async function eventsOfDisconnect(t: TestContext, create: CreateServer, text: string) {
  const app = express();
  const events: string[] = [];
  let reached = () => {};
  const inHandler = new Promise<void>((resolve) => {
    reached = resolve;
  });
  let closed: Promise<unknown> = Promise.resolve();
  app.get('/ok', (_req, res) => void res.send('still here'));
  app.use((req, res) => {
    for (const name of ['aborted', 'data', 'end', 'error', 'close']) {
      req.on(name, () => events.push(`req ${name} ${req.destroyed}`));
    }
    for (const name of ['error', 'finish', 'close']) {
      res.on(name, () => events.push(`res ${name} ${res.writableFinished} ${res.headersSent}`));
    }
    // Not `once`: it rejects when the socket reports the client's leaving as an error first.
    const closing = [req.socket, res].map(
      (stream) => new Promise((resolve) => stream.once('close', resolve)),
    );
    closed = Promise.all(closing);
    if (req.method === 'GET') res.write('the first half');
    else req.once('data', () => reached());
  });
  const port = await listen(t, create(app));
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  await Promise.race([inHandler, once(socket, 'data')]);
  socket.destroy();
  await closed;
  events.push((await exchange(port, toRequestText({ path: '/ok' }))).slice(-10));
  return events;
}

const disconnects = {
  'while it is answered': toRequestText({ path: '/half' }),
  'while it sends its body': toRequestText({
    method: 'POST',
    path: '/upload',
    headers: ['Content-Length: 1000'],
  }).concat('the first bytes'),
};

for (const [when, text] of Object.entries(disconnects)) {
  test(`createHttpServer: client leaves ${when}: the events of a stock server, which lives on`, async (t) => {
    const expected = await eventsOfDisconnect(t, createServer, text);
    assert.ok(
      expected.includes('res close false true') || expected.includes('res close false false'),
    );
    assert.equal(expected.at(-1), 'still here');
    assert.deepEqual(await eventsOfDisconnect(t, createHttpServer, text), expected);
  });
}
