import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An address that cannot be listened on, said in one line. */
export class ListenError extends Error {
  constructor(what: string, address: string, cause: unknown) {
    super(`Cannot listen on ${address} for ${what}: ${explain(cause)}`, { cause });
    this.name = 'ListenError';
  }
}

/** Listens and resolves with the port; rejects with a {@link ListenError}. */
export async function listen(
  server: Server,
  { host, port, backlog }: { host: string | undefined; port: number; backlog: number },
): Promise<number> {
  try {
    const listening = once(server, 'listening');
    server.listen({ port, backlog, ...(host !== undefined && { host }) });
    await listening;
  } catch (error) {
    throw new ListenError('HTTP', `${host ?? '*'}:${port}`, error);
  }
  return (server.address() as AddressInfo).port;
}

const explanations: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'not permitted (ports below 1024 may need privileges)',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such host name',
};

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return explanations[code ?? ''] ?? message;
}
