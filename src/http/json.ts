import type { ServerResponse } from 'node:http';
import { type AppError, type ErrorCode, errorTable } from '../errors.ts';

const jsonType = 'application/json; charset=utf-8';

/** Ends the response with `body` as JSON. */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: object,
  headers?: Readonly<Record<string, string>>,
): void {
  sendJsonText(res, status, JSON.stringify(body), headers);
}

/**
 * Ends the response with a text that is JSON already, its length known beforehand: the only place that
 * writes a body. Leaves out what `res.json` adds (ETag, settings, content negotiation), which costs more
 * than the rest.
 */
export function sendJsonText(
  res: ServerResponse,
  status: number,
  text: string,
  headers?: Readonly<Record<string, string>>,
): void {
  // The client has its answer already when its time ran out.
  if (res.headersSent) return;
  // As a flat list of names and values, which Node writes out without looking each of them up.
  const list = ['Content-Type', jsonType, 'Content-Length', `${Buffer.byteLength(text)}`];
  if (headers !== undefined) list.push(...Object.entries(headers).flat());
  res.writeHead(status, list);
  res.end(text);
}

/** Ends the response to a HEAD whose GET would answer 200 with JSON of a length not known yet. */
export function sendHead(res: ServerResponse): void {
  res.writeHead(200, ['Content-Type', jsonType]).end();
}

/** Ends the response with what the client may know of an error. */
export function sendError(res: ServerResponse, { status, message, code, headers }: AppError): void {
  sendJson(res, status, { success: false, message, code }, headers);
}

/** A whole HTTP/1.1 error response as text, for a socket on which Node has not made a response object. */
export function rawErrorResponse(code: ErrorCode, statusText: string): string {
  const { status, message } = errorTable[code];
  const text = JSON.stringify({ success: false, message, code });
  return [
    `HTTP/1.1 ${status} ${statusText}`,
    `Content-Type: ${jsonType}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
    '',
    text,
  ].join('\r\n');
}
