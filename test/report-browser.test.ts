import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { readReportAssets } from '../loadtest/commands/report-assets.ts';
import type { ReportAnalysis } from '../loadtest/report/headline.ts';
import { renderReportHtml } from '../loadtest/report/html/render-report.ts';
import { renderJunit } from '../loadtest/report/junit.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import type { LabResult } from '../loadtest/result/result.ts';
import { launchChromium, noChromium, openFile } from './helpers/chromium.ts';
import { childrenOf, waitUntilGone } from './helpers/lab-processes.ts';
import { createReportExample } from './helpers/report-example-result.ts';

const hostile = `</script><script>document.title='hacked'</script><img src=x onerror="document.title='hacked'">&amp;'"`;

describe('report.html in Chromium', { skip: noChromium }, () => {
  let browser: Browser;
  let html = '';
  let analysis: ReportAnalysis;
  let example: LabResult;
  let chromiumPids: number[] = [];

  before(async () => {
    const own = new Set(childrenOf(process.pid));
    browser = await launchChromium();
    chromiumPids = childrenOf(process.pid).filter((pid) => !own.has(pid));
    example = createReportExample();
    analysis = analyzeForReport(example);
    html = render(example, analysis);
  });

  after(async () => {
    await browser?.close();
    await waitUntilGone(chromiumPids);
  });

  test('opened from disk, offline: no complaint, no request, every chart has its lines', async (t) => {
    const { page, complaints, requests, url } = await openFile(t, browser, html);
    const charts = await countColouredPixels(page);
    // Five endpoints with two charts each, p95 against load of those with enough requests, and seven lanes of telemetry.
    assert.equal(charts.length, 20);
    for (const { id, pixels } of charts)
      assert.ok(pixels > 100, `${id}: ${pixels} coloured pixels`);
    assert.deepEqual(complaints, []);
    assert.deepEqual(requests, [url]);
  });

  test('load switch: with the keyboard: charts, captions and tables follow', async (t) => {
    const { page, complaints } = await openFile(t, browser, html);
    const text = page.locator('#users-percentiles-text');
    const before = [await text.innerText(), await pictureOf(page, 'users-percentiles')];
    await page.locator('input[name=load]:checked').focus();
    await page.keyboard.press('ArrowLeft');
    assert.equal(await page.locator('input[name=load]:checked').inputValue(), '0');
    assert.notEqual(await text.innerText(), before[0]);
    assert.notEqual(await pictureOf(page, 'users-percentiles'), before[1]);
    assert.match(await page.locator('#compute-percentiles-text').innerText(), /^Not requested/);
    assert.deepEqual(complaints, []);
  });

  test('cursor: shown in all charts over the same time, with values in the key', async (t) => {
    const { page } = await openFile(t, browser, html);
    await page.locator('#server-cpu .u-over').hover();
    assert.match(await page.locator('#server-cpu .at').innerText(), /^at [\d.]+ s$/);
    assert.match(await page.locator('#users-time .at').innerText(), /^at [\d.]+ s$/);
    const values = await page.locator('#users-time .key output').allInnerTexts();
    assert.equal(values.length, 4);
    for (const value of values) assert.match(value, /^([\d.]+ (µs|ms|s)( \/ |$)){4}/);
  });

  test('dark and light: background and charts differ, and follow a change', async (t) => {
    const { page } = await openFile(t, browser, html, { colorScheme: 'dark' });
    const background = () => probe<string>(page, 'background');
    const dark = [await background(), await pictureOf(page, 'users-time')];
    await page.emulateMedia({ colorScheme: 'light' });
    assert.equal(await background(), 'rgb(255, 255, 255)');
    assert.notEqual(dark[0], 'rgb(255, 255, 255)');
    await waitUntil(async () => (await pictureOf(page, 'users-time')) !== dark[1]);
  });

  test('phone: nothing is wider than the page, and charts fit when it is turned', async (t) => {
    const viewport = { width: 360, height: 700 };
    const { page } = await openFile(t, browser, html, { viewport, isMobile: true });
    const width = () => probe<number>(page, 'pageWidth');
    assert.equal(await width(), 360);
    await page.locator('details').evaluateAll((all) => {
      for (const details of all) details.setAttribute('open', '');
    });
    assert.equal(await width(), 360);
    await page.setViewportSize({ width: 700, height: 360 });
    await waitUntil(async () => (await probe<number>(page, 'chartWidth')) > 360);
    assert.equal(await width(), 700);
  });

  test('print: on white even from the dark, and charts are as wide as the paper', async (t) => {
    const { page } = await openFile(t, browser, html, {
      colorScheme: 'dark',
      viewport: { width: 700, height: 900 },
    });
    await page.emulateMedia({ media: 'print' });
    await page.locator(':root[data-print]').waitFor({ state: 'attached' });
    assert.equal(await probe(page, 'background'), 'rgb(255, 255, 255)');
    const charts = await countColouredPixels(page);
    for (const { id, pixels } of charts) assert.ok(pixels > 100, `${id}: ${pixels}`);
    assert.equal(await probe(page, 'pageWidth'), 700);
    await page.emulateMedia({ media: 'screen' });
    await page.locator(':root:not([data-print])').waitFor({ state: 'attached' });
  });

  test('scripts off: says so, and the tables of every load can be read', async (t) => {
    const { page } = await openFile(t, browser, html, { javaScriptEnabled: false });
    assert.match(await page.locator('noscript').innerText(), /Scripts are off/);
    await page.locator('#users-percentiles summary').click();
    assert.equal(await page.locator('#users-percentiles table:visible').count(), 3);
  });

  test('hostile texts: stay text', async (t) => {
    const result = createReportExample();
    result.environment.cpuModel = hostile;
    result.plan.task = hostile;
    const [block] = result.runs[0]?.streams[0]?.blocks ?? [];
    if (block !== undefined) block.errors[hostile] = 3;
    const { page, complaints } = await openFile(t, browser, render(result, analysis));
    assert.match(await page.title(), /^Contrast: inline and pool/);
    assert.equal(await page.locator('img').count(), 0);
    assert.ok((await page.locator('#environment + dl').innerText()).includes(hostile));
    assert.ok((await page.locator('[aria-labelledby=errors] table').innerText()).includes(hostile));
    assert.deepEqual(complaints, []);
  });

  test('one load, one run each, no telemetry, stopped early: still a report', async (t) => {
    const runs = example.runs
      .filter(({ plan }) => plan.offeredLoad === 1.2 && plan.repetition === 1)
      .map((run) => ({ ...run, telemetry: [] }));
    const stopped = { ...example, complete: false, runs };
    const { page, complaints } = await openFile(
      t,
      browser,
      render(stopped, analyzeForReport(stopped)),
    );
    assert.equal((await countColouredPixels(page)).length, 10);
    assert.match(await page.locator('.verdict').innerText(), /INCOMPLETE.*stopped after 2 of 24/s);
    assert.match(await page.locator('[aria-labelledby=server]').innerText(), /no telemetry/);
    assert.deepEqual(complaints, []);
  });

  test('JUnit: hostile texts: well-formed, and unchanged when it is read', async (t) => {
    const { page } = await openFile(t, browser, '<!doctype html><title>parser</title>');
    const text = `users.p99 < 5\tms\n${hostile}`;
    const xml = renderJunit(example, analysis, [{ text, outcome: 'fails', actual: 'a\u0000b]]>' }]);
    const read = await probe(page, 'readJunit', xml);
    assert.deepEqual(read, { errors: 0, name: text, message: `${text}: a\ufffdb]]>` });
  });
});

function render(result: LabResult, analysis: ReportAnalysis): string {
  return renderReportHtml(result, readReportAssets(), analysis);
}

/** Asks the page by one of the probes in `fixtures/report-probes.js`. */
function probe<Answer>(page: Page, name: string, argument?: string): Promise<Answer> {
  return page.evaluate(`probes.${name}(${argument === undefined ? '' : JSON.stringify(argument)})`);
}

/** Resolves once it holds; rejects after five seconds. */
async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await holds()) return;
    await delay(50);
  }
  assert.fail('waited in vain');
}

function countColouredPixels(page: Page): Promise<{ id: string; pixels: number }[]> {
  return probe(page, 'colouredPixels');
}

function pictureOf(page: Page, chart: string): Promise<string> {
  return probe(page, 'pictureOf', chart);
}
