import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Express } from 'express';
import { AppError } from '../errors.ts';
import { sendError } from './json.ts';

type App = (req: IncomingMessage, res: ServerResponse, done: (error?: unknown) => void) => void;

/**
 * What stands between Node and the app, ahead of it and not a middleware in it, because every middleware costs
 * every request.
 *
 * Refuses HTTP/1.1 requests without a `Host` header (RFC 9112 §3.2); Node would refuse them too, with an empty
 * body, unless its `requireHostHeader` is switched off. And answers as JSON what not even the app's error
 * handler could, where Express would write a page of HTML.
 */
export function createListener(express: Express): RequestListener {
  const app = express as unknown as App;
  return (req, res) => {
    if (req.headers.host === undefined && req.httpVersion === '1.1')
      sendError(res, new AppError('BAD_REQUEST'));
    else app(req, res, () => endUnhandled(res));
  };
}

function endUnhandled(res: ServerResponse): void {
  if (res.headersSent) res.destroy();
  else sendError(res, new AppError('INTERNAL'));
}
