import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** What has come in so far; the object stays the same and its numbers change. */
export interface RequestCounts {
  requestsTotal: number;
  requestsInFlight: number;
  connectionsTotal: number;
}

/**
 * Told of a request that has ended: by its method, its route's pattern or `unmatched`, and the status it was
 * answered with or 499 if its client left before.
 */
export type RecordRequest = (
  method: string,
  route: string,
  code: number,
  durationSec: number,
) => void;

// A stranger may ask for any method and must not make a series of each.
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

const arrivedAtMs = Symbol('arrivedAtMs');
type Timed = ServerResponse & { [arrivedAtMs]: number };
type Routed = IncomingMessage & { route?: { path: string } };

/** Counts a server's requests and connections from now on, and has each request recorded when it has ended. */
export function countRequests(server: Server, record?: RecordRequest): RequestCounts {
  const counts: RequestCounts = { requestsTotal: 0, requestsInFlight: 0, connectionsTotal: 0 };
  server.on('connection', () => counts.connectionsTotal++);
  // Ahead of the app, which may end a response at once.
  server.prependListener('request', (_req, res) => {
    counts.requestsTotal++;
    counts.requestsInFlight++;
    if (record !== undefined) (res as Timed)[arrivedAtMs] = performance.now();
    // Emitted once, so that `once`, which costs a closure per request, would gain nothing.
    res.on('close', onEnd);
  });

  function onEnd(this: ServerResponse): void {
    counts.requestsInFlight--;
    if (record === undefined) return;
    const { method = '', route } = this.req as Routed;
    record(
      methods.has(method) ? method : 'other',
      route?.path ?? 'unmatched',
      this.headersSent ? this.statusCode : 499,
      (performance.now() - (this as Timed)[arrivedAtMs]) / 1000,
    );
  }
  return counts;
}
