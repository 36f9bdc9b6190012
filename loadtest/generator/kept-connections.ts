import { Client, type Dispatcher } from 'undici';
import { LabError } from '../lab-error.ts';
import {
  Connector,
  clientOptions,
  type LoadClient,
  type LoadClientOptions,
} from './load-client.ts';
import type { PendingRequest, RequestConnection } from './pending-request.ts';

/** Connections being opened at a time: below any accept queue. */
const openingAtATime = 16;
const openingTimeoutMs = 20_000;

/** What {@link createKeptConnections} keeps. */
export interface KeptConnectionsOptions extends LoadClientOptions {
  readonly connections: number;
  /** What a connection asks for once when it is opened. */
  readonly openingPath: string;
}

/**
 * A client with a fixed number of kept connections. {@link LoadClient.open} opens each of them and has it answered once,
 * because on Linux a connection stands before the server has accepted it: a request on such a one would measure the
 * accept queue. A request that finds no free connection waits for one, in order. Connections take turns, so that none is
 * idle for longer than another. One that is lost is opened and answered again before it serves.
 */
export function createKeptConnections({
  host,
  port,
  toRequest,
  connections,
  openingPath,
}: KeptConnectionsOptions): LoadClient {
  const connector = new Connector(host, port);
  const opening = { method: 'GET', path: openingPath } as const;
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
    connection.dispatch(next);
  }

  class KeptConnection implements RequestConnection {
    readonly #client = new Client(`http://${host}:${port}`, {
      ...clientOptions,
      connect: (_options, callback) => connector.open(callback),
    });
    #isReady = false;

    constructor() {
      all.add(this);
      this.#client.on('disconnect', () => this.#replace());
    }

    async open(): Promise<void> {
      await askOnce(this.#client, opening);
      this.#isReady = true;
      if (all.has(this)) offer(this);
    }

    dispatch(pending: PendingRequest): void {
      pending.assign(this);
      this.#client.dispatch(toRequest(pending.index), pending);
    }

    release(): void {
      if (this.#isReady && all.has(this)) offer(this);
    }

    destroy(): void {
      this.#replace();
    }

    close(): void {
      all.delete(this);
      free.delete(this);
      this.#client.destroy().catch(() => {});
    }

    #replace(): void {
      if (!this.#isReady || isClosed) return;
      this.#isReady = false;
      this.close();
      // What cannot be opened now is one connection less; requests then wait, and that is counted.
      new KeptConnection().open().catch(() => {});
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
        connection.dispatch(pending);
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
      connector.close();
    },
  };
}

function first<Item>(items: ReadonlySet<Item>): Item | undefined {
  for (const item of items) return item;
  return undefined;
}

/** Resolves once an answer is complete, whatever it says. */
async function askOnce(
  client: Client,
  request: Pick<Dispatcher.RequestOptions, 'method' | 'path'>,
): Promise<void> {
  try {
    const signal = AbortSignal.timeout(openingTimeoutMs);
    const { body } = await client.request({ ...request, signal });
    await body.dump();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LabError(`cannot open a connection with GET ${request.path}: ${reason}`, 3);
  }
}
