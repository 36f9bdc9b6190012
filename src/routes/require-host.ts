import type { RequestHandler } from 'express';
import { AppError } from '../errors.ts';

/**
 * Refuses HTTP/1.1 requests without a `Host` header, as RFC 9112 §3.2 demands. Node would do it too, but with an
 * empty body; its own check is switched off in server.ts.
 */
export const requireHost: RequestHandler = (req, _res, next) => {
  if (req.headers.host === undefined && req.httpVersion === '1.1')
    throw new AppError('BAD_REQUEST');
  next();
};
