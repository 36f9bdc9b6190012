import type { BurstOutcome } from '../result/burst-result.ts';
import { createHistogram, encodeHistogram, recordMs } from '../result/histogram.ts';
import type { ConnectionOutcome } from './connection.ts';

/** Adds up what became of the connections of a burst. */
export class BurstTally {
  readonly #counts = { answered: 0, neverAnswered: 0, notConnected: 0 };
  readonly #beforeConnected: Record<string, number> = {};
  readonly #afterConnected: Record<string, number> = {};
  readonly #connectTime = createHistogram();
  readonly #firstByteTime = createHistogram();
  readonly #neverAnsweredAge = createHistogram();
  readonly #notConnectedAge = createHistogram();
  readonly #errorAge = createHistogram();
  #settled = 0;

  /** How many connections have been added. */
  get settled(): number {
    return this.#settled;
  }

  add(outcome: ConnectionOutcome): void {
    this.#settled += 1;
    switch (outcome.kind) {
      case 'answered':
        this.#counts.answered += 1;
        recordMs(this.#connectTime, outcome.connectMs);
        recordMs(this.#firstByteTime, outcome.firstByteMs);
        return;
      case 'never answered':
        this.#counts.neverAnswered += 1;
        recordMs(this.#connectTime, outcome.connectMs);
        recordMs(this.#neverAnsweredAge, outcome.ageMs);
        return;
      case 'not connected':
        this.#counts.notConnected += 1;
        recordMs(this.#notConnectedAge, outcome.ageMs);
        return;
      case 'failed': {
        const { error, connectMs, ageMs } = outcome;
        const errors = connectMs === undefined ? this.#beforeConnected : this.#afterConnected;
        errors[error] = (errors[error] ?? 0) + 1;
        if (connectMs !== undefined) recordMs(this.#connectTime, connectMs);
        recordMs(this.#errorAge, ageMs);
      }
    }
  }

  toOutcome(start: Pick<BurstOutcome, 'startedEpochMs' | 'openedWithinMs'>): BurstOutcome {
    return {
      ...start,
      opened: this.#settled,
      ...this.#counts,
      errors: { beforeConnected: this.#beforeConnected, afterConnected: this.#afterConnected },
      connectTimeUs: encodeHistogram(this.#connectTime),
      firstByteTimeUs: encodeHistogram(this.#firstByteTime),
      neverAnsweredAgeUs: encodeHistogram(this.#neverAnsweredAge),
      notConnectedAgeUs: encodeHistogram(this.#notConnectedAge),
      errorAgeUs: encodeHistogram(this.#errorAge),
    };
  }
}
