import type { TelemetrySample } from '../telemetry.ts';

const samplesKept = 600;

/** The samples of the last minute, oldest first. */
export class Series {
  readonly #samples: TelemetrySample[] = [];
  #sequence = 0;

  add(sample: Omit<TelemetrySample, 'sequence'>): void {
    this.#samples.push({ sequence: ++this.#sequence, ...sample });
    if (this.#samples.length > samplesKept) this.#samples.shift();
  }

  /** The samples after the one with this sequence number, as far as they are still kept. */
  since(sequence: number): TelemetrySample[] {
    return this.#samples.filter((sample) => sample.sequence > sequence);
  }
}
