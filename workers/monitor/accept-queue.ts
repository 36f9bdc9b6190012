import { closeSync, openSync, readSync } from 'node:fs';

// The kernel lists listening sockets before all others, so the first lines are enough, however many
// connections there are.
const buffer = Buffer.allocUnsafe(16_384);

/**
 * How many connections wait to be accepted on a listening port, from Linux's socket tables; null where
 * there are none to read or the port is not in them.
 * @see https://docs.kernel.org/networking/proc_net_tcp.html (for a listener rx_queue is the accept queue)
 */
export function readAcceptQueue(port: number): number | null {
  const depths = ['/proc/self/net/tcp', '/proc/self/net/tcp6'].map((table) =>
    findAcceptQueue(readStart(table), port),
  );
  const known = depths.filter((depth) => depth !== null);
  return known.length === 0 ? null : known.reduce((sum, depth) => sum + depth, 0);
}

/** The same, from the text of one table. */
export function findAcceptQueue(table: string, port: number): number | null {
  const localPort = port.toString(16).toUpperCase().padStart(4, '0');
  const listener = new RegExp(
    `^ *\\d+: [0-9A-F]+:${localPort} \\S+ 0A [0-9A-F]+:([0-9A-F]+) `,
    'm',
  );
  const depth = listener.exec(table)?.[1];
  return depth === undefined ? null : Number.parseInt(depth, 16);
}

function readStart(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
