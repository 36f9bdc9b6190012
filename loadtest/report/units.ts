/** A duration for reading: three significant digits in µs, ms or s; `–` when there is none. */
export function renderDuration(durationMs: number | undefined): string {
  if (durationMs === undefined || !Number.isFinite(durationMs)) return '–';
  // The limits are where rounding to three digits would read as a thousand of the smaller unit.
  if (durationMs < 0.9995) return `${toThreeDigits(durationMs * 1000)} µs`;
  if (durationMs < 999.5) return `${toThreeDigits(durationMs)} ms`;
  return `${toThreeDigits(durationMs / 1000)} s`;
}

/** A ratio for reading, as `812×`: three significant digits below ten, else none after the point. */
export function renderRatio(ratio: number | undefined): string {
  if (ratio === undefined || !Number.isFinite(ratio)) return '–';
  return `${ratio < 10 ? toThreeDigits(ratio) : Math.round(ratio).toString()}×`;
}

/** A rate per second for reading, to one digit after the point. */
export function renderRate(perSec: number | undefined): string {
  if (perSec === undefined) return '–';
  return perSec.toFixed(1);
}

function toThreeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** A count for reading, as `12,345`. */
export function renderCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A share of one for reading, as `12 %`; what is not known is a dash. */
export function renderPercent(ratio: number | null): string {
  return ratio === null ? '–' : `${Math.round(ratio * 100)} %`;
}
