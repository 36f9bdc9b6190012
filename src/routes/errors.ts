import type { ErrorRequestHandler, RequestHandler } from 'express';
import { AppError, type ErrorCode } from '../errors.ts';
import { sendError } from '../http/json.ts';

/** Answers whatever no route did. */
export const notFound: RequestHandler = () => {
  throw new AppError('NOT_FOUND');
};

/** Answers the methods a path does not have; mount it behind those it has. */
export function methodNotAllowed(...allowed: string[]): RequestHandler {
  const Allow = [...allowed, 'OPTIONS'].join(', ');
  return (req, res) => {
    if (req.method === 'OPTIONS') res.writeHead(204, { Allow }).end();
    else throw new AppError('METHOD_NOT_ALLOWED', { headers: { Allow } });
  };
}

/**
 * The one mapping of errors to responses. What is the client's doing is said to the client; the rest goes to
 * `logError` whole, and the client learns no more than the error's code.
 */
export function errorHandler(
  logError: (error: unknown, req: { url: string }) => void,
): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error, req, res, _next) => {
    const appError = toAppError(error);
    if (appError.status === 500) logError(error, req);
    if (res.headersSent) res.destroy();
    else sendError(res, appError);
  };
}

// The `type` that body-parser and the `status` that Express's router give the errors they throw.
const codesByType: Readonly<Record<string, ErrorCode>> = {
  'encoding.unsupported': 'UNSUPPORTED_MEDIA_TYPE',
  'entity.too.large': 'BODY_TOO_LARGE',
};

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { type, status, errno } = (error ?? {}) as Readonly<Record<string, unknown>>;
  const code = typeof type === 'string' ? codesByType[type] : undefined;
  if (code !== undefined) return new AppError(code, { cause: error });
  const isClients = typeof status === 'number' && status >= 400 && status < 500;
  if (!isClients) return new AppError('INTERNAL', { cause: error });
  // Of all that is the client's, only what zlib found has a number.
  return new AppError(typeof errno === 'number' ? 'INVALID_ENCODING' : 'BAD_REQUEST', {
    cause: error,
  });
}
