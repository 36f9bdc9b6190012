import type { LabResult } from '../../result/result.ts';
import type { ReportAnalysis } from '../headline.ts';
import { renderAdmissionSection } from './admission-section.ts';
import { type EndpointFigures, renderEndpoints } from './endpoint-section.ts';
import { renderEnvironment } from './environment-section.ts';
import { renderErrors } from './errors-section.ts';
import type { Figure } from './figure.ts';
import { renderKnees } from './knee-section.ts';
import { createLaneFigure } from './lane-figure.ts';
import { lanes } from './lanes.ts';
import { createLoadFigure } from './load-figure.ts';
import { type Html, html, jsonForScript } from './markup.ts';
import { renderMethod } from './method-section.ts';
import { renderOriginalSection } from './original-section.ts';
import type { PageData } from './page-data.ts';
import { createPercentileFigure } from './percentile-figure.ts';
import { type ReportView, viewResult } from './report-view.ts';
import { renderServer } from './server-section.ts';
import { style } from './style.ts';
import { createTimeFigure } from './time-figure.ts';
import { renderAdvice, renderLoadSwitch, renderRatios, renderVerdict } from './verdict-section.ts';

/** What the page is made of besides the result. It is read at the edge, where there is a disk. */
export interface ReportAssets {
  readonly uplotJs: string;
  readonly uplotCss: string;
  /** The page's own script, built from `page/`. */
  readonly pageJs: string;
  /** SHA-256 in base64: the page allows nothing but its own script and style, by their hashes. */
  sha256(text: string): string;
}

const titles = {
  contrast: 'Contrast',
  aa: 'A/A check',
  knee: 'Knee',
  seed: 'The original experiment',
  admission: 'Admission',
  'k6 baseline': 'k6 baseline',
  'k6 mixed': 'k6 mixed load',
} as const;

/** The whole report as one file that needs nothing else. */
export function renderReportHtml(
  result: LabResult,
  assets: ReportAssets,
  analysis: ReportAnalysis,
): string {
  const view = viewResult(result);
  const isMeasured = result.runs.length > 0;
  const endpoints = new Map(
    (isMeasured ? view.streams : []).map((stream): [string, EndpointFigures] => [
      stream.name,
      {
        load: createLoadFigure(view, stream),
        percentiles: createPercentileFigure(view, stream),
        time: createTimeFigure(view, stream),
      },
    ]),
  );
  const server = lanes.flatMap((lane) => createLaneFigure(view, lane) ?? []);
  const data: PageData = {
    shownLoad: view.shownLoad,
    charts: [...[...endpoints.values()].flatMap(toFigures), ...server].map(({ chart }) => chart),
  };
  const css = inline(`${assets.uplotCss}\n${style}`, 'style');
  const script = inline(`${assets.uplotJs}\n${assets.pageJs}`, 'script');
  const policy =
    `default-src 'none'; script-src 'sha256-${assets.sha256(script.markup)}'; ` +
    `style-src 'sha256-${assets.sha256(css.markup)}'; base-uri 'none'; form-action 'none'`;
  const title = `${titles[result.experiment]}: ${view.targets.join(' and ')}`;
  const page = html`<!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
    <title>${title} – offload-lab</title>
    <style>${css}</style></head>
    <body><header><p>offload-lab</p><h1>${title}</h1><p>${describeOccasion(view)}</p></header>
    <main>${renderVerdict(view, analysis)}
    <noscript><p class="note">Scripts are off, so there are no charts. Every chart’s figures are in its table.</p></noscript>
    ${renderKnees(view)}${renderOriginalSection(view)}${renderAdmissionSection(view)}${renderLoadSwitch(view)}${renderRatios(view, analysis.verdict)}${renderAdvice(analysis)}${isMeasured ? html`${renderEndpoints(view, endpoints)}${renderServer(server)}${renderErrors(view)}` : html``}${renderEnvironment(view)}${renderMethod(view)}</main>
    <footer><p>Made by offload-lab from a result of schema version ${result.schemaVersion}. Charts: uPlot, © Leon Sorokin, MIT licence.</p></footer>
    <script type="application/json" id="result">${jsonForScript(data)}</script>
    <script>${script}</script></body></html>
  `;
  return page.markup;
}

function toFigures({ load, percentiles, time }: EndpointFigures): Figure[] {
  return [...(load === undefined ? [] : [load]), percentiles, time];
}

function describeOccasion({ result }: ReportView): string {
  const { createdAt, environment, plan } = result;
  return `${createdAt.slice(0, 10)} ${createdAt.slice(11, 16)} UTC · Node ${environment.nodeVersion} · ${environment.cpuModel}, ${environment.availableParallelism} usable ${environment.availableParallelism === 1 ? 'core' : 'cores'}${plan.task === null ? '' : ` · task ${plan.task}`}`;
}

/** Text as the content of an element that the parser reads until its closing tag. */
function inline(text: string, element: 'script' | 'style'): Html {
  if (text.toLowerCase().includes(`</${element}`)) {
    throw new TypeError(`an asset would end the ${element} it is put in`);
  }
  // A parser reads every line end as \n, and the hash is of what it has read.
  return { markup: text.replaceAll('\r\n', '\n') };
}
