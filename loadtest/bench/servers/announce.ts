import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Tells the lab the way our own server does that this one takes requests, and ends with the lab. */
export function announce(server: Server, mode: string): void {
  const { port } = server.address() as AddressInfo;
  process.send?.({ type: 'ready', port, adminPort: null, mode, threads: 0 });
  process.once('disconnect', () => process.exit(0));
  process.once('SIGTERM', () => process.exit(0));
}
