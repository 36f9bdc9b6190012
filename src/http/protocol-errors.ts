import { type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError, type ErrorCode, errorTable } from '../errors.ts';
import { rawErrorResponse, sendError } from './json.ts';

const codesByNodeCode: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

// Long enough for the answer to be read; closing at once, with input unread, could reset it away.
const lingerMs = 1000;

/** Answers with JSON what Node refuses before the app sees a request, instead of Node's empty bodies. */
export function answerProtocolErrors(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // As in Node's own handler: while a response is under way on the socket, more bytes would corrupt it.
    const answering = '_httpMessage' in socket && Boolean(socket._httpMessage);
    if (!socket.writable || error.code === 'ECONNRESET' || answering) {
      socket.destroy();
      return;
    }
    const code = codesByNodeCode[error.code ?? ''] ?? 'BAD_REQUEST';
    socket.end(rawErrorResponse(code, STATUS_CODES[errorTable[code].status] ?? ''));
    // A client that does not close its side would keep the socket for ever.
    setTimeout(() => socket.destroy(), lingerMs).unref();
  });
  server.on('checkExpectation', (_req, res) => sendError(res, new AppError('EXPECTATION_FAILED')));
}
