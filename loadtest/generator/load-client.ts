import { connect, type Socket } from 'node:net';
import type { Client, Dispatcher } from 'undici';
import type { PendingRequest } from './pending-request.ts';

/** Sends requests at once, however many are outstanding, and reports through the request. */
export interface LoadClient {
  /** Opens what has to stand before the first request. Rejects with a `LabError` when the target does not answer. */
  open(): Promise<void>;
  send(request: PendingRequest): void;
  /** Breaks every connection off. Requests still on them must have been settled before. */
  close(): void;
}

/** Where a stream's requests go, and what each of them is. */
export interface LoadClientOptions {
  readonly host: string;
  readonly port: number;
  /** The request at a position of the schedule. */
  toRequest(index: number): Dispatcher.DispatchOptions;
}

/** undici's connector callback, with the socket's plain type. */
export type ConnectorCallback = (...result: [null, Socket] | [Error, null]) => void;

/** undici's client settings for both kinds of connection: every time limit is the generator's own. */
export const clientOptions = {
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
  // A kept connection lives as long as the server lets it: reopening idle ones would be load of our own.
  keepAliveTimeout: 600_000,
} satisfies Client.Options;

/**
 * Opens sockets for undici's clients. Its own connector would do, but for two things: it gives up after
 * a timeout of its own, and it tells nobody when the connection stood.
 */
export class Connector {
  readonly #host: string;
  readonly #port: number;
  readonly #connecting = new Set<Socket>();

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  /** Calls back with the socket once it is connected, or with the error. */
  open(callback: ConnectorCallback): void {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    this.#connecting.add(socket);
    const onError = (error: Error) => {
      this.#connecting.delete(socket);
      callback(error, null);
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      this.#connecting.delete(socket);
      socket.off('error', onError);
      callback(null, socket);
    });
  }

  /** Breaks off what is still connecting: undici's clients do not know of it yet. */
  close(): void {
    for (const socket of this.#connecting) {
      socket.removeAllListeners('error');
      socket.on('error', () => {});
      socket.destroy();
    }
    this.#connecting.clear();
  }
}
