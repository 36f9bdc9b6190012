// biome-ignore-all lint/correctness/noUnusedVariables: the page's scripts are classic ones and share one scope.

type ChartData = import('../page-data.ts').ChartData;

/** A chart on the page. */
interface DrawnChart {
  readonly plot: uPlot;
  show(load: number): void;
  fit(): void;
}

/** Draws a chart into its place. */
function drawChart(chart: ChartData, host: HTMLElement): DrawnChart {
  const outputs = [...(host.closest('figure')?.querySelectorAll('.key output') ?? [])];
  const at = host.closest('figure')?.querySelector('.at');
  let shown: number | undefined;
  const options: uPlot.Options = {
    width: host.clientWidth,
    height: chart.heightPx,
    padding: [10, 22, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: false, y: false },
      sync: { key: chart.group, setSeries: false, scales: ['x', null] },
      points: { size: 7 },
    },
    scales: { x: toPlotScale(chart.x), y: toPlotScale(chart.y) },
    axes: [toPlotAxis(chart.x, 'x'), toPlotAxis(chart.y, 'y')],
    series: [{}, ...chart.series.map((key) => toPlotSeries(chart, key))],
    hooks: {
      drawClear: [(plot) => markLoad(plot, chart, shown)],
      setCursor: [(plot) => tell(plot, chart, outputs, at ?? null)],
    },
  };
  const plot = new uPlot(options, emptyData(chart), host);
  return {
    plot,
    show(load) {
      const view = chart.views.find((candidate) => candidate.load === load) ?? chart.views[0];
      shown = load;
      if (view !== undefined) plot.setData(toPlotData(view.tables));
    },
    fit() {
      if (host.clientWidth > 0 && host.clientWidth !== plot.width)
        plot.setSize({ width: host.clientWidth, height: chart.heightPx });
    },
  };
}

function toPlotSeries(chart: ChartData, key: number): uPlot.Series {
  const { target = 0, look = 'strong' } = chart.keys[key] ?? {};
  const stroke = () => cssColor(`--t${target % 4}`);
  // As in the style of the key.
  const dashes = [[], [7, 4], [2, 3], [9, 3, 2, 3]];
  if (look === 'points')
    return { stroke, paths: () => null, points: { show: true, size: 6, width: 1.25, stroke } };
  return {
    stroke,
    width: look === 'strong' ? 2 : 1,
    dash: (dashes[target % 4] ?? []).map((px) => px * devicePixelRatio),
    points: { show: true, size: 6, width: 2, stroke, filter: chart.group === 'load' ? all : lone },
  };
}

function all(plot: uPlot, series: number): number[] {
  return [...(plot.data[series] ?? []).keys()];
}

/** A value between two gaps makes no line: it is marked, so that it is seen. */
function lone(plot: uPlot, series: number): number[] {
  const known = [...(plot.data[series] ?? []).entries()].filter(([, value]) => value !== undefined);
  return known.flatMap(([index, value], position) => {
    const neighbours = [known[position - 1]?.[1] ?? null, known[position + 1]?.[1] ?? null];
    return value !== null && neighbours.every((neighbour) => neighbour === null) ? index : [];
  });
}

function emptyData(chart: ChartData): uPlot.AlignedData {
  return [[], ...chart.series.map(() => [])];
}

/** Tables with an x of their own become one. Only there it may bridge what another table has no value for. */
function toPlotData(tables: ChartData['views'][number]['tables']): uPlot.AlignedData {
  const data = tables as unknown as uPlot.AlignedData[];
  if (data.length === 1 && data[0] !== undefined) return data[0];
  const retain = tables.map((table) => table.map(() => 1 as const));
  return uPlot.join(data, retain);
}

/** A band under the load that the other charts show. */
function markLoad(plot: uPlot, chart: ChartData, load: number | undefined): void {
  if (chart.group !== 'load' || load === undefined) return;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = cssColor('--grid');
  const halfPx = 9 * devicePixelRatio;
  ctx.fillRect(plot.valToPos(load, 'x', true) - halfPx, bbox.top, 2 * halfPx, bbox.height);
  ctx.restore();
}

/** Writes what is under the cursor into the key, all runs of one look side by side. */
function tell(plot: uPlot, chart: ChartData, outputs: Element[], at: Element | null): void {
  const index = plot.cursor.idx;
  const x = index === null || index === undefined ? undefined : plot.data[0][index];
  if (at !== null) at.textContent = x === undefined ? '' : `at ${formatValue(chart.x, x)}`;
  for (const [key, output] of outputs.entries()) {
    const values = chart.series.flatMap((ofKey, series) => {
      const value =
        ofKey === key && x !== undefined
          ? valueNear(plot, series + 1, index ?? 0, chart.group === 'load' ? 0 : 8)
          : null;
      return value === null ? [] : formatValue(chart.y, value);
    });
    output.textContent = values.join(' / ');
  }
}

/** Joined tables have values at their own x only: the last one within reach counts. Null is a gap and ends the search. */
function valueNear(plot: uPlot, series: number, index: number, reach: number): number | null {
  const values = plot.data[series];
  for (let near = index; near >= 0 && index - near <= reach; near -= 1) {
    const value = values?.[near];
    if (value !== undefined) return value;
  }
  return null;
}
