// biome-ignore-all lint/correctness/noUnusedVariables: the page's scripts are classic ones and share one scope.

/** A duration as the rest of the report writes it. */
function formatDuration(ms: number): string {
  const digits = (value: number) => value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
  if (ms < 0.9995) return `${digits(ms * 1000)} µs`;
  return ms < 999.5 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`;
}

/** A value of an axis for reading, with its unit. */
function formatValue({ unit, scale }: ChartAxis, value: number): string {
  if (scale === 'percentile') return formatPercentile(value);
  if (unit === 'ms') return formatDuration(value);
  if (unit === 'load') return value === 0 ? 'none' : `${+value.toPrecision(3)}×`;
  return unit === 'count' ? `${value}` : `${+value.toPrecision(4)} ${unit}`;
}

/** A tick, as short as it can be. */
function formatTick(axis: ChartAxis, value: number): string {
  if (axis.unit !== 'ms' || axis.scale === 'percentile') return formatValue(axis, value);
  if (value < 1) return `${+(value * 1000).toPrecision(3)} µs`;
  return value < 1000 ? `${+value.toPrecision(3)} ms` : `${+(value / 1000).toPrecision(3)} s`;
}

function formatPercentile(x: number): string {
  const percent = 100 * (1 - 1 / x);
  const digits = x < 100 ? 0 : Math.ceil(Math.log10(x) - 2.001);
  return `${percent.toFixed(digits)} %`;
}
