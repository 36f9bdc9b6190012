import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
  JsHistogram,
} from 'hdr-histogram-js';
import { z } from 'zod';

const highestTrackableUs = 3_600_000_000;

/** A microsecond histogram from 1 µs to one hour, exact to three digits (every lab histogram has this shape). */
export function createHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: highestTrackableUs,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
    autoResize: false,
  });
}

/** Records a duration given in milliseconds. What is out of range counts at the end of the range. */
export function recordMs(histogram: Histogram, durationMs: number): void {
  const us = Math.round(durationMs * 1000);
  histogram.recordValue(Math.min(Math.max(us, 0), highestTrackableUs));
}

/** The HDR V2 compressed form in base64, which other HDR tools read too. */
export function encodeHistogram(histogram: Histogram): string {
  return encodeIntoCompressedBase64(histogram);
}

/** Reads what {@link encodeHistogram} wrote. Throws when it is anything else. */
export function decodeHistogram(encoded: string): Histogram {
  return decodeFromCompressedBase64(encoded);
}

/** An encoded histogram at a border: text that does decode. */
export const encodedHistogramSchema = z.string().refine(
  (text) => {
    try {
      decodeHistogram(text);
      return true;
    } catch {
      return false;
    }
  },
  { error: 'not an HDR V2 histogram in base64' },
);

/** The values of a histogram that were recorded, in ascending order, each with how often it was. */
export function* readCounts(histogram: Histogram): Generator<[value: number, count: number]> {
  // Of the library's kinds of histogram only those in WebAssembly do not offer this; the lab makes none.
  if (!(histogram instanceof JsHistogram)) throw new TypeError('not a histogram of the lab');
  // The library's own iterator computes the value of every slot, and of 23,000 few are used.
  const slots = histogram.countsArrayIndex(histogram.maxValue) + 1;
  for (let slot = 0; slot < slots; slot += 1) {
    const count = histogram.getCountAtIndex(slot);
    if (count > 0) yield [histogram.highestEquivalentValue(histogram.valueFromIndex(slot)), count];
  }
}
