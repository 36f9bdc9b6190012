import { createServer, type Server, type ServerResponse } from 'node:http';
import type { TelemetrySample } from '../telemetry.ts';
import { chooseExposition, type Metric } from './exposition.ts';

const silentMaxMs = 30_000;

/** What the admin listener can be asked. */
export interface AdminAnswers {
  heartbeatAgeMs(): number;
  livenessMaxBlockMs: number;
  /** Why the server should get no requests now; empty when it should. */
  notReadyReasons(): string[];
  metrics(): Metric[];
  samplesSince(sequence: number): TelemetrySample[];
  sampleIntervalMs: number;
  /** Told of an error that one request met with, and was answered 500 for. */
  onError(error: unknown): void;
}

/** The admin endpoints on a server of their own; whoever calls this makes it listen. */
export function createAdminListener(answers: AdminAnswers): Server {
  const routes: Readonly<Record<string, (query: URLSearchParams, res: ServerResponse) => void>> = {
    '/livez': (_query, res) => {
      const heartbeatAgeMs = answers.heartbeatAgeMs();
      const alive = heartbeatAgeMs <= answers.livenessMaxBlockMs;
      sendJson(res, alive ? 200 : 503, { alive, heartbeatAgeMs });
    },
    '/readyz': (_query, res) => {
      const reasons = answers.notReadyReasons();
      sendJson(res, reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
    },
    '/metrics': (_query, res) => {
      const { contentType, render } = chooseExposition(res.req.headers.accept);
      const text = render(answers.metrics());
      res.writeHead(200, { 'Content-Type': contentType, Vary: 'Accept' }).end(text);
    },
    '/telemetry': (query, res) => {
      const since = query.get('since') ?? '0';
      if (!/^\d{1,15}$/.test(since)) {
        sendFailure(res, 400, 'INVALID_VALUE', 'since must be the sequence number of a sample');
        return;
      }
      const samples = answers.samplesSince(Number(since));
      sendJson(res, 200, { intervalMs: answers.sampleIntervalMs, samples });
    },
  };

  const server = createServer((req, res) => {
    const [path = '', query = ''] = (req.url ?? '').split('?', 2);
    const route = routes[path];
    if (route === undefined) {
      const known = Object.keys(routes).join(', ');
      sendFailure(res, 404, 'NOT_FOUND', `There is nothing at this path; there are ${known}`);
    } else if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.setHeader('Allow', 'GET, HEAD');
      sendFailure(res, 405, 'METHOD_NOT_ALLOWED', 'This path does not answer this method');
    } else {
      try {
        route(new URLSearchParams(query), res);
      } catch (error) {
        answers.onError(error);
        if (res.headersSent) res.destroy();
        else sendFailure(res, 500, 'INTERNAL', 'Something went wrong on our side');
      }
    }
  });
  // Answers are there at once: whoever takes in nothing for so long has gone.
  return server.setTimeout(silentMaxMs);
}

function sendJson(res: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  res.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': length,
    'Cache-Control': 'no-store',
  });
  res.end(text);
}

function sendFailure(res: ServerResponse, status: number, code: string, message: string): void {
  sendJson(res, status, { success: false, message, code });
}
