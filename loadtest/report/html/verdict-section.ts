import { isValid } from '../../analysis/validity.ts';
import type { ContrastVerdict } from '../../analysis/verdict.ts';
import { nameVerdict, renderEstimate } from '../comparison-text.ts';
import type { ReportAnalysis } from '../headline.ts';
import { renderValidity } from '../validity-lines.ts';
import { forLoad } from './figure.ts';
import { type Html, html } from './markup.ts';
import { describeLoad, nameLoad, type ReportView } from './report-view.ts';

/** The answer, and whether it may be trusted, before anything else. */
export function renderVerdict(view: ReportView, analysis: ReportAnalysis): Html {
  const { headline, advice } = analysis;
  const { result } = view;
  const isTrusted = isValid(result) && result.complete;
  const [firstLine = '', ...reasons] = renderValidity(result);
  return html`<section class="verdict ${isTrusted ? headline.tone : 'untrusted'}" aria-labelledby="verdict">
    <h2 id="verdict">${headline.sentence}</h2>
    ${headline.detail === '' ? html`` : html`<p>${headline.detail}</p>`}
    ${advice.length === 0 ? html`` : html`<ul>${advice.map((line) => html`<li>${line}</li>`)}</ul>`}
    <div class="validity"><p>${renderBadge(isValid(result))} ${withoutPrefix(firstLine)}</p>
    ${reasons.length === 0 ? html`` : html`<ul>${reasons.map((line) => html`<li>${line.trim()}</li>`)}</ul>`}
    ${result.complete ? html`` : html`<p><strong class="badge bad">✕ INCOMPLETE</strong> Stopped after ${result.runs.length} of ${result.plan.runs.length} runs: what is missing may change the answer.</p>`}</div>
    </section>
  `;
}

/** How many times as long one target takes as the other, a row for each endpoint. */
export function renderRatios(view: ReportView, verdict: ContrastVerdict | undefined): Html {
  if (verdict === undefined) return html``;
  const { first, second, repetitions, comparisons } = verdict;
  const percentiles = [...new Set(comparisons.map(({ percentile }) => percentile))];
  const tables = view.loads.map((load) => {
    const rows = view.streams.flatMap(({ name, title }) => {
      const ofRow = comparisons.filter(
        ({ stream, offeredLoad }) => stream === name && offeredLoad === load,
      );
      if (ofRow.length === 0) return [];
      return html`<tr><th scope="row">${title}</th>${percentiles.map((percentile) => {
        const comparison = ofRow.find((candidate) => candidate.percentile === percentile);
        if (comparison === undefined) return html`<td>–</td>`;
        const { value, interval } = renderEstimate(comparison);
        return html`<td class="${comparison.verdict.replace(' ', '-')}"><strong>${value}</strong> <span>${interval}</span> <em>${nameVerdict(verdict, comparison)}</em></td>`;
      })}</tr>`;
    });
    return html`<div class="scroll"${forLoad(load)}><table class="ratios">
      <caption>${first} ÷ ${second} ${describeLoad(load)}</caption>
      <thead><tr><th scope="col">Response time</th>${percentiles.map((percentile) => html`<th scope="col">p${percentile}</th>`)}</tr></thead>
      <tbody>${rows}</tbody></table></div>`;
  });
  const runs = repetitions === 1 ? 'a single run' : `${repetitions} runs`;
  return html`<section aria-labelledby="ratios"><h2 id="ratios">How much slower is ${first} than ${second}?</h2>
    <p>How many times as long ${first} takes, with the interval that holds the true value with 95 % confidence, from ${runs} of each.
    “Cannot tell” is an answer: the difference is smaller than what chance alone makes.${repetitions === 1 ? ' How much another run would differ is not in these intervals.' : ''}</p>
    ${tables}</section>
  `;
}

/** The switch between loads. It works with a keyboard as any group of radio buttons does. */
export function renderLoadSwitch({ loads, shownLoad }: ReportView): Html {
  if (loads.length < 2) return html``;
  return html`<form class="loads"><fieldset><legend>Compute load shown</legend>${loads.map(
    (load) =>
      html`<label><input type="radio" name="load" value="${load}"${load === shownLoad ? html` checked` : html``}><span>${nameLoad(load)}</span></label>`,
  )}</fieldset></form>
  `;
}

function renderBadge(isTrusted: boolean): Html {
  return isTrusted
    ? html`<strong class="badge good">✓ VALID</strong>`
    : html`<strong class="badge bad">✕ INVALID</strong>`;
}

function withoutPrefix(line: string): string {
  const text = line.replace(/^(Valid|INVALID): /, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
