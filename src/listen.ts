import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What listens, and the settings that say where. */
export interface Listener {
  name: string;
  hostSetting: string;
  portSetting: string;
}

/** Where a {@link Listener} is to listen; without a host on all interfaces. */
export interface ListenAddress {
  host: string | undefined;
  port: number;
}

/** An address that cannot be listened on, said in one line that names the setting to change. */
export class ListenError extends Error {
  constructor(listener: Listener, { host = '*', port }: ListenAddress, cause: unknown) {
    const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const reason = explain(cause, listener);
    super(`Cannot listen on ${where} for ${listener.name}: ${reason}`, { cause });
    this.name = 'ListenError';
  }
}

const http: Listener = { name: 'HTTP', hostSetting: 'HOST', portSetting: 'PORT' };

/** Listens and resolves with the address; rejects with a {@link ListenError}. */
export async function listen(
  server: Server,
  { host, port, backlog }: ListenAddress & { backlog: number },
): Promise<AddressInfo> {
  try {
    const listening = once(server, 'listening');
    server.listen({ port, backlog, ...(host !== undefined && { host }) });
    await listening;
  } catch (error) {
    throw new ListenError(http, { host, port }, error);
  }
  return server.address() as AddressInfo;
}

/** A URL by which this machine reaches what listens there. */
export function toLocalUrl({ address, family, port }: AddressInfo): string {
  // All of IPv6 is all of IPv4 too, whichever of the two the name stands for.
  if (address === '::') return `http://localhost:${port}`;
  if (address === '0.0.0.0') return `http://127.0.0.1:${port}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function explain(error: unknown, { hostSetting, portSetting }: Listener): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const explanations: Readonly<Record<string, string>> = {
    EADDRINUSE: `${portSetting} is in use`,
    EACCES: `${portSetting} is not permitted (ports below 1024 may need privileges)`,
    EADDRNOTAVAIL: `${hostSetting} is no address of this machine`,
    EAFNOSUPPORT: `${hostSetting} is of a kind that this machine does not have`,
    ENOTFOUND: `${hostSetting} is no host name known here`,
    EAI_AGAIN: `${hostSetting} cannot be looked up now`,
  };
  return explanations[code ?? ''] ?? message;
}
