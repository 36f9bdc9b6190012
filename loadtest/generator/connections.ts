import { LabError } from '../lab-error.ts';
import { type AnswerHandler, encodeRequest, HttpConnection } from './http-connection.ts';
import type { ConnectionPolicy, StreamPlan } from './load-plan.ts';
import type { PendingRequest, RequestConnection } from './pending-request.ts';

/** Sends requests at once, however many are outstanding, and reports through the request. */
export interface LoadClient {
  /** Opens what has to stand before the first request. Rejects with a {@link LabError} when the target does not answer. */
  open(): Promise<void>;
  send(request: PendingRequest): void;
  /** Breaks every connection off. Requests still on them must have been settled before. */
  close(): void;
}

/** Where a stream's requests go, and what they are. */
export interface LoadClientOptions {
  readonly host: string;
  readonly port: number;
  readonly stream: Pick<StreamPlan, 'method' | 'path' | 'bodies'>;
  /** What a kept connection asks for once when it is opened. */
  readonly openingPath: string;
}

/** Connections being opened at a time: below any accept queue. */
const openingAtATime = 16;
const openingTimeoutMs = 20_000;

/** The client that a connection policy calls for; `on-demand` is one connection, opened by the first request, for one user. */
export function createClient(policy: ConnectionPolicy, options: LoadClientOptions): LoadClient {
  switch (policy.kind) {
    case 'kept':
      return createKeptConnections(policy.connections, options);
    case 'new':
      return createNewConnections(options);
    case 'on-demand':
      return createOwnConnection(options);
  }
}

/**
 * A fixed number of kept connections. `open` opens each of them and has it answered once, because on Linux a connection
 * stands before the server has accepted it: a request on such a one would measure the accept queue. A request that finds
 * no free connection waits for one, in order. Connections take turns, so that none is idle for longer than another. One
 * that is lost is opened and answered again before it serves.
 */
function createKeptConnections(connections: number, options: LoadClientOptions): LoadClient {
  const { host, port, openingPath } = options;
  const toRequest = encodeRequests(options, false);
  const opening = encodeRequest({ method: 'GET', path: openingPath }, `${host}:${port}`, false);
  // Sets keep the order of adding, and lose from the middle at no cost.
  const free = new Set<KeptConnection>();
  const all = new Set<KeptConnection>();
  const waiting = new Set<PendingRequest>();
  let isClosed = false;

  function offer(connection: KeptConnection): void {
    const next = first(waiting);
    if (next === undefined) {
      free.add(connection);
      return;
    }
    waiting.delete(next);
    next.onConnectionFree();
    connection.ask(next);
  }

  class KeptConnection implements RequestConnection {
    readonly #connection = new HttpConnection(port, host, () => this.destroy());
    #isReady = false;

    constructor() {
      all.add(this);
    }

    async open(): Promise<void> {
      await askOnce(this.#connection, opening, openingPath);
      this.#isReady = true;
      if (all.has(this)) offer(this);
    }

    ask(pending: PendingRequest): void {
      pending.assign(this);
      this.#connection.ask(toRequest(pending.index), pending);
    }

    release(): void {
      if (all.has(this)) offer(this);
    }

    destroy(): void {
      const wasReady = this.#isReady && all.has(this);
      this.close();
      // What cannot be opened now is one connection less; requests then wait, and that is counted.
      if (wasReady && !isClosed) new KeptConnection().open().catch(() => {});
    }

    close(): void {
      all.delete(this);
      free.delete(this);
      this.#connection.destroy();
    }
  }

  return {
    async open(): Promise<void> {
      for (let opened = 0; opened < connections; opened += openingAtATime) {
        const batch = Math.min(openingAtATime, connections - opened);
        await Promise.all(Array.from({ length: batch }, () => new KeptConnection().open()));
      }
    },
    send(pending: PendingRequest): void {
      const connection = first(free);
      if (connection !== undefined) {
        free.delete(connection);
        connection.ask(pending);
        return;
      }
      waiting.add(pending);
      pending.onConnectionsBusy();
      pending.assign({ release: () => {}, destroy: () => waiting.delete(pending) });
    },
    close(): void {
      isClosed = true;
      waiting.clear();
      for (const connection of all) connection.close();
    },
  };
}

/** A connection for each request, closed after the answer: a newcomer's, or a container probe's. */
function createNewConnections(options: LoadClientOptions): LoadClient {
  const { host, port } = options;
  const toRequest = encodeRequests(options, true);
  const all = new Set<HttpConnection>();

  return {
    open: async () => {},
    send(pending: PendingRequest): void {
      const connection = new HttpConnection(port, host, () => all.delete(connection));
      all.add(connection);
      const destroy = () => {
        all.delete(connection);
        connection.destroy();
      };
      pending.assign({ release: destroy, destroy });
      connection.ask(toRequest(pending.index), pending);
    },
    close(): void {
      for (const connection of all) connection.destroy();
      all.clear();
    },
  };
}

/** One kept connection for one request at a time, opened by the first one and again by the next one when it was lost. */
function createOwnConnection(options: LoadClientOptions): LoadClient {
  const { host, port } = options;
  const toRequest = encodeRequests(options, false);
  let connection: HttpConnection | undefined;

  function breakOff(): void {
    connection?.destroy();
    connection = undefined;
  }

  return {
    open: async () => {},
    send(pending: PendingRequest): void {
      connection ??= new HttpConnection(port, host, () => {
        connection = undefined;
      });
      pending.assign({ release: () => {}, destroy: breakOff });
      connection.ask(toRequest(pending.index), pending);
    },
    close: breakOff,
  };
}

/** The requests of a stream by their position, made once; bodies are taken in turn. */
function encodeRequests(
  { host, port, stream: { method, path, bodies } }: LoadClientOptions,
  isLast: boolean,
): (index: number) => Buffer {
  const encode = (body?: string) =>
    encodeRequest({ method, path, body }, `${host}:${port}`, isLast);
  const plain = encode();
  const requests = bodies?.map(encode) ?? [];
  return (index) => requests[index % requests.length] ?? plain;
}

/** Resolves once an answer is complete, whatever it says. */
function askOnce(connection: HttpConnection, request: Buffer, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      clearTimeout(timer);
      reject(new LabError(`cannot open a kept connection with GET ${path}: ${reason}`, 3));
    };
    const timer = setTimeout(() => {
      connection.destroy();
      fail(`no answer within ${openingTimeoutMs / 1000} s`);
    }, openingTimeoutMs);
    const handler: AnswerHandler = {
      onConnect: () => {},
      onHead: () => {},
      onData: () => {},
      onEnd: (isReusable) => {
        if (!isReusable) return fail('the target closes the connection after one answer');
        clearTimeout(timer);
        resolve();
      },
      onError: (error) => fail(error.message),
    };
    connection.ask(request, handler);
  });
}

function first<Item>(items: ReadonlySet<Item>): Item | undefined {
  for (const item of items) return item;
  return undefined;
}
