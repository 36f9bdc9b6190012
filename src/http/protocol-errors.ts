import { type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError, type ErrorCode, errorTable } from '../errors.ts';
import { rawErrorResponse, sendError } from './json.ts';
import { responseOf } from './response-of.ts';

const codesByNodeCode: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

// Long enough for the answer to be read; closing at once, with input unread, could reset it away.
const lingerMs = 1000;

/** Answers with JSON what Node refuses before the app sees a whole request, instead of Node's empty bodies. */
export function answerProtocolErrors(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const code = codesByNodeCode[error.code ?? ''] ?? 'BAD_REQUEST';
    const response = responseOf(socket);
    // An answer that has begun cannot be taken back, and one to a whole request is not for what came after it.
    const isTaken = response !== undefined && (response.headersSent || response.req.complete);
    if (!socket.writable || error.code === 'ECONNRESET' || isTaken) {
      socket.destroy();
    } else if (response !== undefined) {
      // Whoever handles the request may still wait for the rest of it.
      response.shouldKeepAlive = false;
      sendError(response, new AppError(code));
    } else {
      socket.end(rawErrorResponse(code, STATUS_CODES[errorTable[code].status] ?? ''));
      // A client that does not close its side would keep the socket for ever.
      setTimeout(() => socket.destroy(), lingerMs).unref();
    }
  });
  server.on('checkExpectation', (_req, res) => sendError(res, new AppError('EXPECTATION_FAILED')));
}
