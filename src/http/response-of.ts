import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The response that is under way on a connection; undefined between two requests. */
export function responseOf(socket: Duplex): ServerResponse | undefined {
  // Node keeps it in there and looks at it in its own handlers; it has no public name.
  const { _httpMessage: response } = socket as Duplex & { _httpMessage?: ServerResponse | null };
  return response ?? undefined;
}
