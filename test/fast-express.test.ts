/**
 * `createHttpServer` gives Express the prototypes it would otherwise set on every request. Here the
 * same app runs under it and under stock `http.createServer`, which is what `app.listen` does, and
 * the same requests must bring back the same bytes: status line, headers and their order, body.
 */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import express, { type Express } from 'express';
import { createHttpServer } from '../src/http/fast-express.ts';
import { createExerciseApp } from './helpers/express-app.ts';
import { allCases } from './helpers/express-cases.ts';
import { exchange, toRequestText } from './helpers/raw-exchange.ts';

let stock: Server;
let pinned: Server;

/** Adds properties to an app that already has its server, and to `express` itself. */
async function listen(app: Express, create: (app: Express) => Server): Promise<Server> {
  const server = create(app);
  Object.assign(app.request, { lateAppRequest: 'on the app after the server' });
  Object.assign(app.response, { lateShout: 'on the app after the server' });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

before(async () => {
  Object.assign(express.request, { globalRequest: 'on express before the servers' });
  stock = await listen(createExerciseApp(), createServer);
  pinned = await listen(createExerciseApp(), createHttpServer);
  Object.assign(express.request, { lateGlobalRequest: 'on express after the servers' });
});

after(() => {
  stock.close();
  pinned.close();
  Reflect.deleteProperty(express.request, 'globalRequest');
  Reflect.deleteProperty(express.request, 'lateGlobalRequest');
});

for (const [name, status, request] of allCases()) {
  test(`createHttpServer: ${name}: the bytes of a stock Express server`, async () => {
    const text = toRequestText(request);
    const [expected, actual] = await Promise.all([
      exchange(portOf(stock), text),
      exchange(portOf(pinned), text),
    ]);
    // Two servers that fail alike prove nothing: the case must first do what it is meant to do.
    assert.match(expected, new RegExp(`^HTTP/1\\.1 ${status} `));
    if (name === 'body: piped back') assert.equal(joinChunks(actual), joinChunks(expected));
    else assert.equal(actual, expected);
  });
}

/** How a body that is piped is cut into chunks depends on how it arrived. Reads bodies of nothing but `y`. */
function joinChunks(answer: string): string {
  return answer.replace(/[0-9a-f]+\r\n(y*)\r\n/g, '$1');
}

test('createHttpServer: several requests on one connection: the bytes of a stock Express server', async () => {
  const text = [
    toRequestText({ path: '/request' }, 'keep-alive'),
    toRequestText(
      { method: 'POST', path: '/json', headers: ['Content-Type: application/json'], body: '[1]' },
      'keep-alive',
    ),
    toRequestText({ path: '/sub/none' }, 'keep-alive'),
    toRequestText({ path: '/items/2' }),
  ].join('');
  const expected = await exchange(portOf(stock), text);
  assert.equal(expected.match(/HTTP\/1\.1 200 OK/g)?.length, 4);
  assert.equal(await exchange(portOf(pinned), text), expected);
});
