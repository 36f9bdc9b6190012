import { Client } from 'undici';
import {
  Connector,
  clientOptions,
  type LoadClient,
  type LoadClientOptions,
} from './load-client.ts';
import type { PendingRequest, RequestConnection } from './pending-request.ts';

/** A client that opens a connection for each request and closes it after the answer, as a container probe does. */
export function createNewConnectionClient({
  host,
  port,
  toRequest,
}: LoadClientOptions): LoadClient {
  const connector = new Connector(host, port);
  const open = new Set<Client>();

  return {
    open: async () => {},
    send(pending: PendingRequest): void {
      const client = new Client(`http://${host}:${port}`, {
        ...clientOptions,
        connect: (_options, callback) =>
          connector.open((...result) => {
            if (result[0] === null) pending.onConnected();
            callback(...result);
          }),
      });
      open.add(client);
      const destroy = () => {
        open.delete(client);
        client.destroy().catch(() => {});
      };
      const connection: RequestConnection = { release: destroy, destroy };
      pending.assign(connection);
      client.dispatch({ ...toRequest(pending.index), reset: true }, pending);
    },
    close(): void {
      for (const client of open) client.destroy().catch(() => {});
      open.clear();
      connector.close();
    },
  };
}
