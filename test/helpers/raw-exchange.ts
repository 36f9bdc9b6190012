import { connect } from 'node:net';

/** A request as it goes over the wire. */
export interface RawRequest {
  method?: string;
  path: string;
  headers?: string[];
  body?: string;
  version?: '1.0' | '1.1';
}

/** The text of a request; without a body, no Content-Length. */
export function toRequestText(request: RawRequest, connection = 'close'): string {
  const { method = 'GET', path, headers = [], body = '', version = '1.1' } = request;
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const framing = headers.some((header) => /^transfer-encoding/i.test(header)) ? [] : length;
  const lines = [
    `${method} ${path} HTTP/${version}`,
    'Host: api.v2.example.com:8080',
    `Connection: ${connection}`,
    ...headers,
    ...framing,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/**
 * Sends the bytes and returns all that comes back until the server ends the connection, in the
 * server's own order and spelling; only the values of `Date` headers are blanked.
 */
export function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setTimeout(60_000, () => socket.destroy(new Error(`no end of the answer to:\n${text}`)));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const answer = Buffer.concat(chunks).toString('latin1');
      resolve(answer.replace(/^Date: .*$/gm, 'Date: -'));
    });
  });
}
