import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const waitingMaxBytes = 1_048_576;
const flushMaxMs = 500;

type Done = (error?: Error | null) => void;

/**
 * Bounds what may wait for the reader of an output stream, `process.stdout` or `process.stderr`: beyond it, and once
 * nobody reads any more, what is written is dropped, and its lines are counted. So a log reader that stalls or ends
 * neither blocks this process nor fills its memory nor, by an EPIPE that nobody handles, ends it.
 *
 * The stream stays what it is but for its `write`, which Node calls too for what pool threads print. On Linux and
 * macOS Node writes to pipes and sockets without blocking, and to files and terminals at once.
 */
export class BoundedOutput {
  /** Told how many lines are missing, when the first line after them got through. */
  onGap: (lines: number) => void = () => {};
  readonly #stream: Writable;
  readonly #write: (chunk: string | Uint8Array, encoding: BufferEncoding, done: Done) => boolean;
  #linesDropped = 0;
  #linesReported = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
    this.#write = stream.write.bind(stream);
    stream.write = (
      chunk: string | Uint8Array,
      encodingOrDone?: BufferEncoding | Done,
      done?: Done,
    ) =>
      typeof encodingOrDone === 'function'
        ? this.#offer(chunk, 'utf8', encodingOrDone)
        : this.#offer(chunk, encodingOrDone ?? 'utf8', done);
    // The callback of each write tells the same.
    stream.on('error', () => {});
  }

  /** Since the start. */
  get linesDropped(): number {
    return this.#linesDropped;
  }

  /** Resolves when all that waits has been read, or after half a second. */
  async flush(): Promise<void> {
    const flushed = new Promise<void>((resolve) => this.#write('', 'utf8', () => resolve()));
    await Promise.race([flushed, delay(flushMaxMs, undefined, { ref: false })]);
  }

  // Always true: whoever waited for room would keep the rest in a memory without a bound.
  #offer(chunk: string | Uint8Array, encoding: BufferEncoding, done?: Done): true {
    if (this.#stream.writableLength > waitingMaxBytes) {
      this.#linesDropped += countLines(chunk);
      if (done !== undefined) process.nextTick(done);
      return true;
    }
    this.#write(chunk, encoding, (error) => {
      if (error) this.#linesDropped += countLines(chunk);
      else this.#reportGap();
      done?.(error);
    });
    return true;
  }

  #reportGap(): void {
    const lines = this.#linesDropped - this.#linesReported;
    this.#linesReported = this.#linesDropped;
    if (lines > 0) this.onGap(lines);
  }
}

function countLines(chunk: string | Uint8Array): number {
  let lines = 0;
  for (let at = -1; ; lines++) {
    at = typeof chunk === 'string' ? chunk.indexOf('\n', at + 1) : chunk.indexOf(10, at + 1);
    if (at === -1) return lines;
  }
}
