// biome-ignore-all lint/correctness/noUnusedVariables: the page's scripts are classic ones and share one scope.

type ChartAxis = import('../page-data.ts').ChartAxis;

/** An axis as uPlot wants it. Colours are read when it draws, because they change with the scheme. */
function toPlotAxis(axis: ChartAxis, side: 'x' | 'y'): uPlot.Axis {
  const common: uPlot.Axis = {
    stroke: () => cssColor('--soft'),
    font: '12px system-ui, "DejaVu Sans", sans-serif',
    grid: { stroke: () => cssColor('--grid'), width: 1 },
    ticks: { stroke: () => cssColor('--line'), width: 1, size: 4 },
    gap: 4,
    // Otherwise only powers of ten are labelled on a logarithmic axis.
    filter: (_, splits) => splits,
    values: (_, splits) => splits.map((value) => (value === null ? '' : formatTick(axis, value))),
  };
  const placed = placeTicks(axis);
  if (placed !== undefined) common.splits = placed;
  // Half a request is not a thing.
  if (axis.unit === 'count')
    common.incrs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000];
  if (side === 'y') return { ...common, size: 58, space: 28 };
  return {
    ...common,
    size: 28,
    space: 56,
    label: axis.label,
    labelSize: 18,
    labelGap: 0,
    labelFont: '12px system-ui, "DejaVu Sans", sans-serif',
  };
}

/** A scale as uPlot wants it: always the whole range, so that loads are seen on the same axes. */
function toPlotScale({ scale, range: [low, high] }: ChartAxis): uPlot.Scale {
  return { time: false, range: [low, high], ...(scale === 'linear' ? {} : { distr: 3, log: 10 }) };
}

function placeTicks({ scale, ticks, range: [low, high] }: ChartAxis): number[] | undefined {
  if (scale === 'percentile') return ticks.filter((tick) => tick <= high);
  if (ticks.length > 0) return [...ticks];
  return scale === 'log' ? logTicks(low, high) : undefined;
}

/** 1, 2 and 5 in each decade while there is room, else powers of ten. */
function logTicks(low: number, high: number): number[] {
  const decades = Math.log10(high / low);
  const digits = decades <= 2.1 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); 10 ** exponent <= high; exponent += 1) {
    ticks.push(...digits.map((digit) => Number(`${digit}e${exponent}`)));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** A colour of the page's style as it is now. */
function cssColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
