import type { ChartAxis } from './page-data.ts';

/** Four digits are more than a chart can show, and keep the file small. */
export function roundForChart(value: number): number {
  return Number(value.toPrecision(4));
}

/** A range for a logarithmic axis: from and to 1, 2 or 5 times a power of ten, at least a factor of ten. */
export function rangeLog(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return [1, 10];
  const low = Math.max(...niceUpTo(Math.min(...positive), (step, value) => step <= value));
  const high = Math.min(...niceUpTo(Math.max(...positive), (step, value) => step >= value));
  return [low, Math.max(high, low * 10)];
}

/** A logarithmic axis of times in milliseconds that has room for all of them. */
export function timeAxis(what: string, timesMs: readonly (number | null)[]): ChartAxis {
  const range = rangeLog(timesMs.filter((timeMs) => timeMs !== null));
  return { label: `${what} (logarithmic)`, scale: 'log', unit: 'ms', range, ticks: [] };
}

/** A range for an axis that begins at zero. */
export function rangeFromZero(values: readonly number[]): [number, number] {
  const highest = Math.max(0, ...values);
  return [0, highest === 0 ? 1 : highest * 1.08];
}

function niceUpTo(value: number, keep: (step: number, value: number) => boolean): number[] {
  const decade = Math.floor(Math.log10(value));
  return [decade - 1, decade, decade + 1]
    .flatMap((exponent) => [1, 2, 5].map((digit) => Number(`${digit}e${exponent}`)))
    .filter((step) => keep(step, value));
}
