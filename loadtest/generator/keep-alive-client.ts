import type { Socket } from 'node:net';
import { Client } from 'undici';
import {
  Connector,
  clientOptions,
  type LoadClient,
  type LoadClientOptions,
} from './load-client.ts';
import type { PendingRequest, RequestConnection } from './pending-request.ts';

/** Connections being opened at a time, which bounds what one burst costs. Open ones are not bounded. */
const maxConnecting = 256;

/**
 * A client with as many kept connections as are needed at a time. A request without an idle connection
 * has one opened, but takes whichever is there first, the new one or one that becomes free (as Go's
 * http.Transport does). So its time is the target's time to answer, not the target's time to accept:
 * that one is measured on its own, by streams of new connections.
 */
export function createKeepAliveClient({ host, port, request }: LoadClientOptions): LoadClient {
  const connector = new Connector(host, port);
  const idle: KeptConnection[] = [];
  const all = new Set<KeptConnection>();
  // In order of sending. A Set, because a request that is given up leaves from the middle.
  const waiting = new Set<PendingRequest>();
  let connecting = 0;

  function connectWhatIsMissing(): void {
    while (connecting < Math.min(waiting.size, maxConnecting)) {
      connecting += 1;
      connector.open((...result) => {
        connecting -= 1;
        if (result[0] === null) offer(new KeptConnection(result[1]));
        else takeOldest()?.fail(result[0]);
        connectWhatIsMissing();
      });
    }
  }

  function offer(connection: KeptConnection): void {
    const pending = takeOldest();
    if (pending === undefined) idle.push(connection);
    else connection.dispatch(pending);
  }

  function takeOldest(): PendingRequest | undefined {
    for (const pending of waiting) {
      waiting.delete(pending);
      return pending;
    }
    return undefined;
  }

  class KeptConnection implements RequestConnection {
    readonly #client: Client;

    constructor(socket: Socket) {
      let first: Socket | undefined = socket;
      this.#client = new Client(`http://${host}:${port}`, {
        ...clientOptions,
        // undici asks again when the server has closed the connection meanwhile. Not before the next
        // tick: called back from within, undici 7 writes the first request twice.
        connect: (_options, callback) => {
          const opened = first;
          first = undefined;
          if (opened === undefined || opened.destroyed) connector.open(callback);
          else process.nextTick(callback, null, opened);
        },
      });
      all.add(this);
    }

    dispatch(pending: PendingRequest): void {
      pending.assign(this);
      this.#client.dispatch(request, pending);
    }

    release(): void {
      if (all.has(this)) offer(this);
    }

    destroy(): void {
      all.delete(this);
      this.#client.destroy().catch(() => {});
    }
  }

  return {
    send(pending: PendingRequest): void {
      const connection = idle.pop();
      if (connection !== undefined) {
        connection.dispatch(pending);
        return;
      }
      waiting.add(pending);
      pending.assign({ release: () => {}, destroy: () => waiting.delete(pending) });
      connectWhatIsMissing();
    },
    close(): void {
      waiting.clear();
      for (const connection of all) connection.destroy();
      connector.close();
    },
  };
}
