import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { readReportAssets } from '../loadtest/commands/report-assets.ts';
import type { ReportAnalysis } from '../loadtest/report/headline.ts';
import { html, jsonForScript } from '../loadtest/report/html/markup.ts';
import type { ChartData, PageData } from '../loadtest/report/html/page-data.ts';
import { rangeLog } from '../loadtest/report/html/ranges.ts';
import { renderReportHtml } from '../loadtest/report/html/render-report.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import type { LabResult } from '../loadtest/result/result.ts';
import { createExampleResult } from './helpers/lab-example-result.ts';
import { createReportExample } from './helpers/report-example-result.ts';

describe('report.html', () => {
  let example: LabResult;
  let analysis: ReportAnalysis;
  let page = '';

  before(() => {
    example = createReportExample();
    analysis = analyzeForReport(example);
    page = renderReportHtml(example, readReportAssets(), analysis);
  });

  const chart = (source: string, id: string): ChartData => {
    const found = readData(source).charts.find((candidate) => candidate.id === id);
    assert.ok(found, id);
    return found;
  };

  test('a contrast of 24 runs of 2 s with telemetry: below 400 KB', () => {
    assert.ok(Buffer.byteLength(page) < 400_000, `${Buffer.byteLength(page)} bytes`);
  });

  test('the same result: the same page', () => {
    assert.equal(renderReportHtml(example, readReportAssets(), analysis), page);
  });

  test('verdict and validity first, then the switch, the endpoints and the rest', () => {
    const order = [
      '✓ VALID',
      '<h2 id="verdict">',
      'Valid: the load generator kept',
      '<form class="loads">',
      'id="ratios"',
      'id="users"',
      'id="newcomers"',
      'id="create"',
      'id="health"',
      'id="compute"',
      'id="server"',
      'id="errors"',
      'id="environment"',
      'id="method"',
      'id="limits"',
    ].map((text) => page.indexOf(text));
    assert.ok(!order.includes(-1), `${order}`);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
  });

  test('runs that cannot be trusted: INVALID with every reason, and never VALID', () => {
    const runs = example.runs.map((run, index) =>
      index === 3
        ? { ...run, invalidReasons: [{ code: 'GENERATOR_LATE' as const, value: 25, limit: 10 }] }
        : run,
    );
    const text = renderReportHtml({ ...example, runs }, readReportAssets(), {
      ...analysis,
      isTrusted: false,
    });
    assert.match(text, /INVALID: do not use these figures, because/);
    assert.match(text, /the load generator sent late, p99 25\.0 ms \(at most 10\.0 ms\)/);
    assert.match(text, /class="verdict untrusted"/);
    assert.doesNotMatch(text, /✓ VALID/);
  });

  test('policy: nothing from anywhere, its own script and style by their hashes', () => {
    const hash = (text: string) => createHash('sha256').update(text).digest('base64');
    const [, script = ''] = /<script>(.*?)<\/script>/s.exec(page) ?? [];
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    assert.ok(script.length > 50_000 && style.length > 1000);
    assert.match(policy, /^default-src &#39;none&#39;;/);
    assert.ok(policy.includes(`script-src &#39;sha256-${hash(script)}&#39;`));
    assert.ok(policy.includes(`style-src &#39;sha256-${hash(style)}&#39;`));
    const own = page.replace(script, '').replace(style, '');
    assert.doesNotMatch(own, / (?:src|href|style|on\w+)=/);
  });

  test('percentile curve: both targets at every load, as far as so many requests can tell', () => {
    const { views, x } = chart(page, 'users-percentiles');
    assert.deepEqual(
      views.map(({ load }) => load),
      [0, 0.6, 1.2],
    );
    const [xs = [], inline = [], pool = []] = views.at(-1)?.tables[0] ?? [];
    const at99 = xs.indexOf(100);
    const p99 = [inline[at99], pool[at99]];
    assert.ok((p99[0] ?? 0) > 500 && (p99[1] ?? 0) < 50, `${p99}`);
    // 200 a second for 2 s, four times: one in 1,600.
    assert.equal(inline[xs.findIndex((value) => (value ?? 0) > 1600)], null);
    assert.equal(x.range[1], 1600);
    assert.ok(xs.includes(2) && xs.includes(1000));
  });

  test('p95 against load: a target that does not keep up has no point, single runs beside their mean', () => {
    const users = chart(page, 'users-load');
    assert.deepEqual(users.series, [0, 1, 1, 1, 1, 2, 3, 3, 3, 3]);
    const loads = users.views[0]?.tables.map(([xs]) => xs);
    assert.deepEqual(loads, [
      [0, 0.6],
      [0, 0.6, 1.2],
    ]);
    // Ten and twenty requests a window are too few for p95 at any load.
    assert.ok(!readData(page).charts.some(({ id }) => id === 'health-load'));
  });

  test('shown at first: the highest load that every target keeps up with', () => {
    assert.equal(readData(page).shownLoad, 0.6);
    assert.match(page, /<input type="radio" name="load" value="0\.6" checked>/);
  });

  test('ratios: a row of its own words where there is no steady state, else each percentile with its outcome', () => {
    const table = (load: string) =>
      new RegExp(`data-load="${load}"><table class="ratios">(.*?)</table>`, 's').exec(page)?.[1] ??
      '';
    const cells = (load: string) => table(load).match(/<td.*?<\/td>/gs) ?? [];
    assert.deepEqual(
      cells('1.2'),
      Array.from({ length: 5 }, () => '<td colspan="3"><em>no steady state: inline</em></td>'),
    );
    const classes = cells('0.6').map((cell) => /class="([\w-]+)"/.exec(cell)?.[1]);
    assert.deepEqual(classes.slice(0, 6), [
      'better',
      'better',
      'better',
      'better',
      'better',
      'none',
    ]);
    assert.match(
      cells('0.6')[5] ?? '',
      /too little data: <span class="option">--duration 10<\/span>/,
    );
    assert.match(cells('0.6')[0] ?? '', /× to [\d.]+×<\/span> <span>[\d.]+× from the send<\/span>/);
  });

  test('every chart: as many series as columns, a caption and a table for each of its loads', () => {
    for (const { id, series, views, keys } of readData(page).charts) {
      for (const { tables } of views) {
        assert.equal(tables.flatMap(([, ...ys]) => ys).length, series.length, id);
        for (const [xs, ...ys] of tables) {
          for (const column of ys) assert.equal(column.length, xs?.length, id);
        }
      }
      assert.ok(
        series.every((key) => keys[key] !== undefined),
        id,
      );
      const [, figure = ''] =
        new RegExp(`<figure [^>]*id="${id}">(.*?)</figure>`, 's').exec(page) ?? [];
      assert.equal(figure.match(/<table>/g)?.length, views.length, id);
      assert.match(figure, /role="img" aria-labelledby="[^"]+" aria-describedby="[^"]+"/);
    }
  });

  test('telemetry: what the event loop could not tell is a gap, never a zero', () => {
    const blocked = example.runs.find(
      ({ plan, telemetry }) =>
        plan.offeredLoad === 1.2 && telemetry.some(({ main, atMs }) => main === null && atMs > 0),
    );
    assert.ok(blocked);
    const { views } = chart(page, 'server-loop-utilization');
    const [xs = [], ys = []] = views.at(-1)?.tables[blocked.plan.repetition - 1] ?? [];
    const gap = blocked.telemetry.find(({ main, atMs }) => main === null && atMs > 0);
    const index = xs.indexOf(Number(((gap?.atMs ?? 0) / 1000).toPrecision(4)));
    assert.equal(ys[index], null);
    assert.match(page, /inline, run \d: on average \d+\u00a0% \(\d+ of 20 samples without it\)/);
  });

  test('telemetry: samples that are missing altogether break the line', () => {
    const runs = example.runs.map((run) => ({
      ...run,
      telemetry: run.telemetry.filter(({ atMs }) => atMs < 500 || atMs > 1500),
    }));
    const source = renderReportHtml({ ...example, runs }, readReportAssets(), analysis);
    const [xs = [], ys = []] = chart(source, 'server-cpu').views[0]?.tables[0] ?? [];
    const inside = xs.findIndex((at) => (at ?? 0) > 0.6 && (at ?? 0) < 1.4);
    assert.ok(inside > 0);
    assert.equal(ys[inside], null);
  });
});

test('stopped before the first run: a page without a figure, and it says so', () => {
  const example = createExampleResult();
  const stopped = { ...example, complete: false, runs: [] };
  const page = renderReportHtml(stopped, readReportAssets(), analyzeForReport(stopped));
  assert.match(page, /There is nothing to compare\./);
  assert.match(page, /✕ INCOMPLETE/);
  assert.match(page, /stopped after 0 of 12 runs/);
  const shown = page.replaceAll(/<script.*?<\/script>/gs, '');
  assert.doesNotMatch(shown, /NaN|Infinity|undefined|<figure/);
});

test('markup: what is put in is text, also within an attribute', () => {
  assert.equal(
    html`<p title="${'"><b>'}">${`<i>&'`}</p>`.markup,
    '<p title="&quot;&gt;&lt;b&gt;">&lt;i&gt;&amp;&#39;</p>',
  );
  assert.doesNotMatch(jsonForScript({ text: '</script><!--' }).markup, /</);
  assert.deepEqual(JSON.parse(jsonForScript({ text: '</script>' }).markup), { text: '</script>' });
});

test('assets: one that would end its element is refused', () => {
  const example = createExampleResult();
  const assets = { ...readReportAssets(), pageJs: 'a = "</SCRIPT>"' };
  const analysis: ReportAnalysis = {
    headline: { sentence: '', details: [], tone: 'neutral' },
    verdict: undefined,
    isTrusted: true,
    advice: [],
  };
  assert.throws(() => renderReportHtml(example, assets, analysis), /would end the script/);
});

test('ranges: logarithmic ones hold every value and at least a decade', () => {
  const cases: [number[], [number, number]][] = [
    [
      [3, 450],
      [2, 500],
    ],
    [[1], [1, 10]],
    [
      [0.012, 0.013],
      [0.01, 0.1],
    ],
    [
      [5, 5000],
      [5, 5000],
    ],
    [[], [1, 10]],
  ];
  for (const [values, range] of cases) assert.deepEqual(rangeLog(values), range);
});

function readData(page: string): PageData {
  const [, text = ''] = /id="result">(.*?)<\/script>/s.exec(page) ?? [];
  return JSON.parse(text) as PageData;
}
