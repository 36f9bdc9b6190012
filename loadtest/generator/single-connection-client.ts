import { Client } from 'undici';
import {
  Connector,
  clientOptions,
  type LoadClient,
  type LoadClientOptions,
} from './load-client.ts';
import type { PendingRequest } from './pending-request.ts';

/**
 * A client with one kept connection, for one request at a time: what a virtual user has. It is opened by the first
 * request, and again by the next one when it was lost.
 */
export function createSingleConnectionClient({
  host,
  port,
  toRequest,
}: LoadClientOptions): LoadClient {
  const connector = new Connector(host, port);
  let client: Client | undefined;

  function breakOff(): void {
    client?.destroy().catch(() => {});
    client = undefined;
  }

  const connection = { release: () => {}, destroy: breakOff };

  return {
    open: async () => {},
    send(pending: PendingRequest): void {
      client ??= new Client(`http://${host}:${port}`, {
        ...clientOptions,
        connect: (_options, callback) => connector.open(callback),
      });
      pending.assign(connection);
      client.dispatch(toRequest(pending.index), pending);
    },
    close(): void {
      breakOff();
      connector.close();
    },
  };
}
