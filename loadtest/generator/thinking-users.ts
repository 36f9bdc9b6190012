/** A user whose thinking is over. */
export interface AwakeUser {
  readonly user: number;
  /** When the thinking ended, in milliseconds from the beginning of the run. */
  readonly sinceMs: number;
}

/**
 * The users of a closed loop that think at the moment. All think equally long, so who began first is awake first: a
 * queue in a ring, in which finding out who is awake costs the same however many think.
 */
export class ThinkingUsers {
  readonly #thinkTimeMs: number;
  readonly #users: Int32Array;
  readonly #wakesAtMs: Float64Array;
  #first = 0;
  #count = 0;

  /** A user thinks once at a time, so there is room for all. */
  constructor(users: number, thinkTimeMs: number) {
    this.#thinkTimeMs = thinkTimeMs;
    this.#users = new Int32Array(users);
    this.#wakesAtMs = new Float64Array(users);
  }

  /** A user begins to think. `nowMs` never goes back from call to call. */
  begin(user: number, nowMs: number): void {
    const last = (this.#first + this.#count) % this.#users.length;
    this.#users[last] = user;
    this.#wakesAtMs[last] = nowMs + this.#thinkTimeMs;
    this.#count += 1;
  }

  /** The next one whose thinking was over by `untilMs`; undefined: nobody's was. */
  takeAwake(untilMs: number): AwakeUser | undefined {
    const sinceMs = this.#wakesAtMs[this.#first] ?? Number.POSITIVE_INFINITY;
    const user = this.#users[this.#first] ?? 0;
    if (this.#count === 0 || sinceMs > untilMs) return undefined;
    this.#first = (this.#first + 1) % this.#users.length;
    this.#count -= 1;
    return { user, sinceMs };
  }
}
