import { AppError } from '../errors.ts';

/** The right to use one slot; give it back exactly once. */
export interface Permit {
  /** How long the permit was waited for. */
  readonly queueWaitMs: number;
  release(): void;
}

/** The gate's bounds. */
export interface GateOptions {
  /** How many permits are out at most. */
  slots: number;
  /** How many callers wait at most. */
  queueMax: number;
  /** How long a caller waits at most, predicted at the door and again as time passes. */
  maxWaitMs: number;
  /** A monotonic clock in milliseconds. */
  now: () => number;
}

interface Waiter {
  enqueuedAtMs: number;
  grant: (permit: Permit) => void;
  refuse: (reason: unknown) => void;
}

// The smoothing of TCP's round-trip estimate (RFC 6298): follows a change within about ten tasks and
// does not follow a single odd one.
const smoothing = 1 / 8;

/**
 * A first-in-first-out gate in front of a fixed number of slots, bounded by count and by time.
 *
 * A caller that would have to wait too long is refused at once, because a refusal it gets now is worth
 * more to it than an answer it has stopped waiting for.
 */
export class Gate {
  readonly #options: GateOptions;
  // A Set keeps its insertion order and lets a caller leave from the middle.
  readonly #waiters = new Set<Waiter>();
  readonly #onIdle: (() => void)[] = [];
  #inFlight = 0;
  #serviceTimeMs: number | undefined;
  #closed = false;
  #expiry: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** How many permits are out. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many callers wait. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** What a caller that came now would wait, from the queue and a moving average of recent service times. */
  get predictedWaitMs(): number {
    return (this.#waiters.size * (this.#serviceTimeMs ?? 0)) / this.#options.slots;
  }

  /**
   * Resolves with a permit, in the order of the calls.
   * Rejects with `QUEUE_FULL`, `WAIT_TOO_LONG` or `SHUTTING_DOWN`, or with the signal's reason as soon as
   * the signal fires; a caller whose signal has fired never gets a permit.
   */
  async acquire(signal: AbortSignal): Promise<Permit> {
    signal.throwIfAborted();
    if (this.#closed) throw new AppError('SHUTTING_DOWN');
    const now = this.#options.now();
    if (this.#inFlight < this.#options.slots) return this.#issue(now, now);
    if (this.#waiters.size >= this.#options.queueMax) throw this.#overload('QUEUE_FULL');
    if (this.predictedWaitMs > this.#options.maxWaitMs) throw this.#overload('WAIT_TOO_LONG');
    return this.#wait(now, signal);
  }

  /** From now on refuses every new caller. Those who wait keep their place. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves when no permit is out and nobody waits. */
  async idle(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #wait(enqueuedAtMs: number, signal: AbortSignal): Promise<Permit> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        enqueuedAtMs,
        grant: (permit) => {
          leave();
          resolve(permit);
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const onAbort = () => waiter.refuse(signal.reason);
      signal.addEventListener('abort', onAbort);
      this.#waiters.add(waiter);
      this.#expiry ??= setTimeout(this.#refuseExpired, this.#options.maxWaitMs);
    });
  }

  #issue(enqueuedAtMs: number, now: number): Permit {
    this.#inFlight++;
    let released = false;
    return {
      queueWaitMs: now - enqueuedAtMs,
      release: () => {
        if (released) return;
        released = true;
        this.#settle(this.#options.now() - now);
      },
    };
  }

  #settle(serviceTimeMs: number): void {
    this.#inFlight--;
    this.#serviceTimeMs =
      this.#serviceTimeMs === undefined
        ? serviceTimeMs
        : this.#serviceTimeMs + smoothing * (serviceTimeMs - this.#serviceTimeMs);
    this.#refuseExpired();
    const [next] = this.#waiters;
    if (next !== undefined) next.grant(this.#issue(next.enqueuedAtMs, this.#options.now()));
    else if (this.#inFlight === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  // All callers wait equally long at most, so the first in the queue is always the first to expire and
  // one timer serves them all.
  readonly #refuseExpired = (): void => {
    clearTimeout(this.#expiry);
    this.#expiry = undefined;
    const now = this.#options.now();
    for (const waiter of this.#waiters) {
      const leftMs = waiter.enqueuedAtMs + this.#options.maxWaitMs - now;
      if (leftMs > 0) {
        this.#expiry = setTimeout(this.#refuseExpired, leftMs);
        return;
      }
      waiter.refuse(this.#overload('WAIT_TOO_LONG'));
    }
  };

  #overload(code: 'QUEUE_FULL' | 'WAIT_TOO_LONG'): AppError {
    const retryAfterSec = Math.max(1, Math.ceil(this.predictedWaitMs / 1000));
    return new AppError(code, { headers: { 'Retry-After': String(retryAfterSec) } });
  }
}
