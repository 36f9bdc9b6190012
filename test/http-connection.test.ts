import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { classifyError } from '../loadtest/generator/error-kind.ts';
import { encodeRequest, HttpConnection } from '../loadtest/generator/http-connection.ts';
import { serve, serveTcp } from './helpers/lab-servers.ts';

const host = '127.0.0.1';
const get = encodeRequest({ method: 'GET', path: '/' }, host, false);

/** What a connection made of one answer. */
type Outcome =
  | { readonly status: number; readonly isReusable: boolean }
  | { readonly kind: string };

/** Asks once; resolves with what came of it. It is called once and last: whatever follows is a fault. */
function ask(
  connection: HttpConnection,
  request = get,
  onData: (chunk: Buffer) => void = () => {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let isOver = false;
    const settle = (outcome: Outcome) => {
      if (isOver) reject(new Error('ended twice'));
      isOver = true;
      resolve(outcome);
    };
    connection.ask(request, {
      onConnect: () => {},
      onHead: (code) => {
        if (isOver || status !== 0) reject(new Error('a head too many'));
        status = code;
      },
      onData,
      onEnd: (isReusable) => settle({ status, isReusable }),
      onError: (error) => settle({ kind: classifyError(error) }),
    });
  });
}

/** Writes in pieces, each in a turn of its own, so that they are read one by one where the kernel lets them. */
async function writeInPieces(socket: Socket, text: string, cuts: readonly number[]): Promise<void> {
  const at = [0, ...cuts.map((cut) => cut % text.length).sort((a, b) => a - b), text.length];
  for (const [index, end] of at.entries()) {
    if (index === 0 || socket.destroyed) continue;
    socket.write(text.slice(at[index - 1], end));
    await nextTurn();
    await nextTurn();
  }
}

interface Answer {
  readonly name: string;
  /** Lines are given with `|` for their ends. */
  readonly wire: string;
  readonly isClosed?: boolean;
  readonly outcome: Outcome;
}

const answers: readonly Answer[] = [
  {
    name: 'with a length',
    wire: 'HTTP/1.1 200 OK|Content-Length: 5||hello',
    outcome: { status: 200, isReusable: true },
  },
  {
    name: 'with a length of nothing',
    wire: 'HTTP/1.1 503 Service Unavailable|content-length: 0||',
    outcome: { status: 503, isReusable: true },
  },
  {
    name: 'without a reason phrase',
    wire: 'HTTP/1.1 200|content-length:2||{}',
    outcome: { status: 200, isReusable: true },
  },
  {
    name: 'in chunks, with an extension and a trailer',
    wire: 'HTTP/1.1 200 OK|transfer-encoding: chunked||A;a=1|0123456789|3|abc|0|server-timing: a||',
    outcome: { status: 200, isReusable: true },
  },
  {
    name: 'in chunks whose data look like their ends',
    wire: 'HTTP/1.1 200 OK|Transfer-Encoding: chunked||8|0||0||0||',
    outcome: { status: 200, isReusable: true },
  },
  {
    name: 'that has no body',
    wire: 'HTTP/1.1 204 No Content||',
    outcome: { status: 204, isReusable: true },
  },
  {
    name: 'that was not modified, with the length it would have',
    wire: 'HTTP/1.1 304 Not Modified|content-length: 10||',
    outcome: { status: 304, isReusable: true },
  },
  {
    name: 'after early hints',
    wire: 'HTTP/1.1 103 Early Hints|link: a||HTTP/1.1 100 Continue||HTTP/1.1 200 OK|content-length: 1||x',
    outcome: { status: 200, isReusable: true },
  },
  {
    name: 'that says it is the last',
    wire: 'HTTP/1.1 200 OK|Connection: Close|content-length: 1||x',
    outcome: { status: 200, isReusable: false },
  },
  {
    name: 'of HTTP/1.0',
    wire: 'HTTP/1.0 200 OK|content-length: 1||x',
    outcome: { status: 200, isReusable: false },
  },
  {
    name: 'that ends with the connection',
    wire: 'HTTP/1.1 200 OK|content-type: text/plain||all there is',
    isClosed: true,
    outcome: { status: 200, isReusable: false },
  },
  {
    name: 'cut off in its head',
    wire: 'HTTP/1.1 200 OK|content-le',
    isClosed: true,
    outcome: { kind: 'reset' },
  },
  {
    name: 'cut off in its body',
    wire: 'HTTP/1.1 200 OK|content-length: 10||half',
    isClosed: true,
    outcome: { kind: 'reset' },
  },
  {
    name: 'cut off between chunks',
    wire: 'HTTP/1.1 200 OK|transfer-encoding: chunked||3|abc|',
    isClosed: true,
    outcome: { kind: 'reset' },
  },
  { name: 'of another protocol', wire: 'SSH-2.0-OpenSSH||', outcome: { kind: 'malformed answer' } },
  {
    name: 'with a chunk that has no size',
    wire: 'HTTP/1.1 200 OK|transfer-encoding: chunked||none|',
    outcome: { kind: 'malformed answer' },
  },
];

for (const { name, wire, isClosed = false, outcome } of answers) {
  test(`connection: answer ${name}: the same however it is cut into pieces`, async (t) => {
    const text = wire.replaceAll('|', '\r\n');
    const property = fc.asyncProperty(fc.array(fc.nat(), { maxLength: 6 }), async (cuts) => {
      assert.deepEqual(await askFor(t, text, cuts, isClosed), outcome);
    });
    await fc.assert(property, { numRuns: 15 });
    const all = Array.from({ length: text.length }, (_, position) => position);
    assert.deepEqual(await askFor(t, text, all, isClosed), outcome);
  });
}

/** Asks a server that answers with these pieces, and closes after them or not. */
async function askFor(t: TestContext, text: string, cuts: readonly number[], isClosed: boolean) {
  const port = await serveTcp(t, (socket) => {
    socket.setNoDelay(true);
    socket.once('data', async () => {
      await writeInPieces(socket, text, cuts);
      if (isClosed) socket.end();
    });
  });
  const connection = new HttpConnection(port, host, () => {});
  const outcome = await ask(connection);
  connection.destroy();
  return outcome;
}

test('connection: any bodies from a real server: one answer after the other on one connection', async (t) => {
  const connections = new Set<Socket>();
  const port = await serve(t, (req, res) => {
    connections.add(req.socket);
    const parts: Buffer[] = [];
    req.on('data', (part) => parts.push(part));
    req.on('end', () => {
      const body = Buffer.concat(parts);
      const half = body.length / 2;
      if (req.url === '/chunked') res.write(body.subarray(0, half));
      res.end(req.url === '/chunked' ? body.subarray(half) : body);
    });
  });
  const connection = new HttpConnection(port, host, () => {});
  t.after(() => connection.destroy());
  const requests = fc.array(
    fc.record({
      body: fc.string({ unit: 'binary', minLength: 2, maxLength: 50_000 }),
      path: fc.constantFrom('/', '/chunked'),
    }),
    { maxLength: 5 },
  );
  const property = fc.asyncProperty(requests, async (list) => {
    for (const { body, path } of list) {
      let bytes = 0;
      const request = encodeRequest({ method: 'POST', path, body }, host, false);
      const outcome = await ask(connection, request, (chunk) => {
        bytes += chunk.length;
      });
      assert.deepEqual(outcome, { status: 200, isReusable: true });
      if (path === '/') assert.equal(bytes, Buffer.byteLength(body));
    }
  });
  await fc.assert(property, { numRuns: 25 });
  assert.equal(connections.size, 1);
});

test('connection: more than its answer at once: malformed, and gone', async (t) => {
  const port = await serveTcp(t, (socket) => {
    socket.once('data', () => {
      socket.cork();
      answer(socket);
      answer(socket);
      socket.uncork();
    });
  });
  await new Promise<void>((resolve, reject) => {
    const connection = new HttpConnection(port, host, resolve);
    ask(connection).then((outcome) => {
      assert.deepEqual(outcome, { kind: 'malformed answer' });
    }, reject);
  });
});

test('connection: something nobody asked for: it is gone, and the next request on it fails', async (t) => {
  const sockets: Socket[] = [];
  const port = await serveTcp(t, (socket) => {
    sockets.push(socket);
    socket.once('data', () => answer(socket));
  });
  const gone = new Promise<HttpConnection>((resolve, reject) => {
    const connection = new HttpConnection(port, host, () => resolve(connection));
    ask(connection).then((outcome) => {
      assert.deepEqual(outcome, { status: 200, isReusable: true });
      for (const socket of sockets) answer(socket);
    }, reject);
  });
  assert.deepEqual(await ask(await gone), { kind: 'reset' });
});

test('connection: broken off: neither the request nor the owner hears of it', async (t) => {
  const heard: string[] = [];
  let connection: HttpConnection | undefined;
  await new Promise<void>((resolve, reject) => {
    serve(t, ({ socket }, res) => {
      connection?.destroy();
      res.write('too late');
      socket.once('close', resolve);
    }).then((port) => {
      connection = new HttpConnection(port, host, () => heard.push('closed'));
      connection.ask(get, {
        onConnect: () => heard.push('connected'),
        onHead: () => heard.push('head'),
        onData: () => heard.push('data'),
        onEnd: () => heard.push('end'),
        onError: () => heard.push('error'),
      });
    }, reject);
  });
  await nextTurn();
  assert.deepEqual(heard, ['connected']);
});

function answer(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
}
