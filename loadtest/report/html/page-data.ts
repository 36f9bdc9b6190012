/** An axis of a chart. Its ticks carry the unit. */
export interface ChartAxis {
  readonly label: string;
  /** `percentile`: values are 1 ÷ (1 − p) on a logarithmic scale, ticks are p. */
  readonly scale: 'linear' | 'log' | 'percentile';
  readonly unit: 'ms' | 's' | '%' | 'load' | 'VUs' | 'count';
  readonly range: readonly [number, number];
  /** Where ticks are put; empty: wherever they fit. */
  readonly ticks: readonly number[];
}

/** An entry of a chart's key: one look, shared by the same figure of all repetitions. */
export interface ChartKey {
  readonly label: string;
  /** Position of the target, which stands for colour and line style. */
  readonly target: number;
  readonly look: 'strong' | 'weak' | 'points';
}

/** Columns that share their x: `[xs, ys, ys, …]`, all of one length. `null` is a gap and stays one. */
export type ChartTable = readonly (readonly (number | null)[])[];

/** A chart's data at one load. */
export interface ChartView {
  /** `null`: it is of all loads together. */
  readonly load: number | null;
  /** Their y columns, one table after the other, are the chart's series. */
  readonly tables: readonly ChartTable[];
}

/** Everything the page needs to draw one chart. */
export interface ChartData {
  readonly id: string;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly heightPx: number;
  /** Charts of one group share their cursor. */
  readonly group: string;
  readonly keys: readonly ChartKey[];
  /** For each series, the position of its key. */
  readonly series: readonly number[];
  readonly views: readonly ChartView[];
}

/** What the page's script reads. */
export interface PageData {
  /** The load that is shown at first. */
  readonly shownLoad: number;
  readonly charts: readonly ChartData[];
}
