type PageData = import('../page-data.ts').PageData;

// Once everything else is there, so that the order of the scripts does not matter.
document.addEventListener('DOMContentLoaded', startPage);

function startPage(): void {
  const data = JSON.parse(document.getElementById('result')?.textContent ?? '') as PageData;
  const charts = data.charts.flatMap((chart) => {
    const host = document.querySelector<HTMLElement>(`[data-chart="${CSS.escape(chart.id)}"]`);
    return host === null ? [] : [drawChart(chart, host)];
  });
  const show = (load: number) => {
    for (const element of document.querySelectorAll<HTMLElement>('[data-load]'))
      element.hidden = Number(element.dataset.load) !== load;
    for (const chart of charts) chart.show(load);
  };
  const form = document.querySelector('form');
  form?.addEventListener('change', () => show(Number(new FormData(form).get('load'))));
  // A browser may remember what was chosen before a reload.
  const chosen = form === null ? null : new FormData(form).get('load');
  show(chosen === null ? data.shownLoad : Number(chosen));

  const redraw = () => {
    for (const { plot } of charts) plot.redraw(false);
  };
  const fit = () => {
    for (const chart of charts) chart.fit();
  };
  new ResizeObserver(fit).observe(document.body);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  // A canvas does not follow the paper by itself: white, and as wide as a page.
  const print = (isPrinting: boolean) => {
    document.documentElement.toggleAttribute('data-print', isPrinting);
    fit();
    redraw();
  };
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));
  matchMedia('print').addEventListener('change', ({ matches }) => print(matches));
}
