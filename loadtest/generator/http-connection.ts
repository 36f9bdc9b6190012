import { connect, type Socket } from 'node:net';

/** What becomes of one request. Exactly one of `onEnd` and `onError` is called, last, unless the connection is broken off. */
export interface AnswerHandler {
  /** The connection stands; called for the first request on it only. */
  onConnect(): void;
  /** The status and the header fields, as text, are here. Informational answers (1xx) are left out. */
  onHead(status: number, head: string): void;
  /** A piece of the body as it was sent. */
  onData(chunk: Buffer): void;
  /** The answer is complete. `isReusable`: another request may follow on this connection. */
  onEnd(isReusable: boolean): void;
  onError(error: Error): void;
}

/** What a request looks like on the wire. */
export function encodeRequest(
  { method, path, body }: { method: 'GET' | 'POST'; path: string; body?: string | undefined },
  host: string,
  isLast: boolean,
): Buffer {
  const fields = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    ...(isLast ? ['connection: close'] : []),
    ...(body === undefined
      ? []
      : ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.from(`${fields.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

/**
 * One HTTP/1.1 connection for one request at a time (RFC 9112). It does no more than a load generator needs: a request
 * is bytes that were made beforehand, and of an answer only its end is found. That costs a tenth of what a client for
 * everything costs, so that a burst of answers does not make the next request leave late.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #onClose: () => void;
  #handler: AnswerHandler | undefined;
  #body: BodyReader | undefined;
  #head = '';
  #isClosed = false;

  /** Begins to connect. `onClose` is called once when the connection is gone, unless {@link destroy} was what ended it. */
  constructor(port: number, host: string, onClose: () => void) {
    this.#onClose = onClose;
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.once('connect', () => this.#handler?.onConnect());
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#close(error));
    this.#socket.on('end', () => this.#close(undefined));
    this.#socket.on('close', () => this.#close(undefined));
  }

  /** Sends a request; the one before has ended. */
  ask(request: Buffer, handler: AnswerHandler): void {
    this.#handler = handler;
    this.#head = '';
    this.#body = undefined;
    if (this.#isClosed) this.#fail(withCode('the connection is closed', 'ECONNRESET'));
    else this.#socket.write(request);
  }

  /** Breaks the connection off and forgets the request on it. */
  destroy(): void {
    this.#handler = undefined;
    this.#isClosed = true;
    this.#socket.destroy();
    // It may fail to connect all the same; nobody is interested.
    this.#socket.on('error', () => {});
  }

  #read(chunk: Buffer): void {
    // What comes without having been asked for, or after an answer's end, makes the connection unusable.
    if (this.#handler === undefined) {
      this.#socket.destroy();
      return;
    }
    try {
      let rest = chunk;
      while (this.#body === undefined) {
        this.#head += rest.toString('latin1');
        const end = this.#head.indexOf('\r\n\r\n');
        if (end === -1) return;
        const extra = this.#head.length - (end + 4);
        rest = rest.subarray(rest.length - extra);
        this.#startBody(this.#head.slice(0, end + 2));
        this.#head = '';
      }
      if (rest.length === 0 && !this.#body.isComplete) return;
      if (rest.length > 0) {
        this.#handler?.onData(rest);
        this.#body.read(rest);
      }
      if (this.#body?.isComplete) this.#end(this.#body.isReusable);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      this.#socket.destroy();
    }
  }

  #startBody(head: string): void {
    const status = Number(/^HTTP\/1\.[01] (\d{3})[ \r]/.exec(head)?.[1]);
    if (Number.isNaN(status)) throw malformed('no status line');
    if (status >= 100 && status < 200) return;
    this.#body = new BodyReader(status, head);
    this.#handler?.onHead(status, head);
  }

  #end(isReusable: boolean): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#body = undefined;
    handler?.onEnd(isReusable && !this.#isClosed);
  }

  #fail(error: Error): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onError(error);
  }

  #close(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
    if (error === undefined && this.#body?.endsWithConnection) this.#end(false);
    this.#fail(
      error ?? withCode('the connection was closed before the answer was complete', 'ECONNRESET'),
    );
    this.#onClose();
  }
}

/** Finds the end of an answer's body (RFC 9112, 6.3). Answers to HEAD are never asked for. */
class BodyReader {
  readonly isReusable: boolean;
  readonly endsWithConnection: boolean;
  #left: number;
  #chunks: ChunkReader | undefined;

  constructor(status: number, head: string) {
    const length = /\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1];
    const isChunked = /\r\ntransfer-encoding:[^\r]*chunked/i.test(head);
    const isEmpty = status === 204 || status === 304;
    this.#chunks = isChunked && !isEmpty ? new ChunkReader() : undefined;
    this.endsWithConnection = !isEmpty && !isChunked && length === undefined;
    this.#left = isEmpty ? 0 : this.endsWithConnection ? Number.POSITIVE_INFINITY : Number(length);
    if (isChunked) this.#left = 0;
    this.isReusable =
      !this.endsWithConnection &&
      !/\r\nconnection:[^\r]*close/i.test(head) &&
      !head.startsWith('HTTP/1.0');
  }

  get isComplete(): boolean {
    return this.#chunks === undefined ? this.#left === 0 : this.#chunks.isComplete;
  }

  read(chunk: Buffer): void {
    if (this.#chunks !== undefined) {
      this.#chunks.read(chunk);
      return;
    }
    if (chunk.length > this.#left) throw malformed('more than its length says');
    this.#left -= chunk.length;
  }
}

/** Follows a chunked body (RFC 9112, 7.1) to its end, byte by byte only where sizes are. */
class ChunkReader {
  isComplete = false;
  #line = '';
  #left = 0;
  #isTrailer = false;

  read(bytes: Buffer): void {
    let position = 0;
    while (position < bytes.length) {
      if (this.isComplete) throw malformed('more than its last chunk');
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - position);
        this.#left -= taken;
        position += taken;
        continue;
      }
      const character = String.fromCharCode(bytes[position++] ?? 0);
      this.#line += character;
      if (character === '\n') this.#endLine();
    }
  }

  #endLine(): void {
    const line = this.#line.trim();
    this.#line = '';
    if (this.#isTrailer) {
      this.isComplete = line === '';
      return;
    }
    const size = Number.parseInt(line, 16);
    if (!/^[0-9a-f]/i.test(line) || !(size >= 0)) throw malformed('a chunk without a size');
    this.#isTrailer = size === 0;
    // The line end after a chunk's data belongs to the chunk.
    this.#left = size === 0 ? 0 : size + 2;
  }
}

function malformed(what: string): Error {
  return withCode(`malformed answer: ${what}`, 'HPE_MALFORMED');
}

function withCode(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
