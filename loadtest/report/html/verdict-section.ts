import { type Comparison, type ContrastVerdict, verdictOf } from '../../analysis/verdict.ts';
import { nameOutcome, renderEstimate } from '../comparison-text.ts';
import type { ReportAnalysis } from '../headline.ts';
import { describeLoad, nameLoad } from '../load-name.ts';
import { describeTrust } from '../trust-lines.ts';
import { renderRatio } from '../units.ts';
import { forLoad } from './figure.ts';
import { type Html, html, keepOptions, keepTogether } from './markup.ts';
import type { ReportView } from './report-view.ts';

/** The answer, and whether it may be trusted, before anything else. */
export function renderVerdict(view: ReportView, analysis: ReportAnalysis): Html {
  const { headline, isTrusted } = analysis;
  const { result } = view;
  const trust = describeTrust(result, isTrusted);
  const badges = [
    ...(isTrusted ? [] : [html`<strong class="badge bad">✕ INVALID</strong>`]),
    ...(result.complete ? [] : [html`<strong class="badge bad">✕ INCOMPLETE</strong>`]),
    ...(isTrusted && result.complete ? [html`<strong class="badge good">✓ VALID</strong>`] : []),
  ];
  return html`<section class="verdict ${isTrusted && result.complete ? headline.tone : 'untrusted'}" aria-labelledby="verdict">
    <p class="badges">${badges}</p>
    <h2 id="verdict">${keepTogether(headline.sentence)}</h2>
    ${headline.details.map((detail) => html`<p>${keepTogether(detail)}</p>`)}
    <div class="validity">${trust === undefined ? html`` : html`<p>${keepTogether(trust.sentence)}</p>`}
    ${trust === undefined || trust.items.length === 0 ? html`` : html`<ul>${trust.items.map((line) => html`<li>${line}</li>`)}</ul>`}
    ${result.complete ? html`` : html`<p>Incomplete: stopped after ${result.runs.length} of ${result.plan.runs.length} runs: what is missing may change the answer.</p>`}</div>
    </section>
  `;
}

/** How many times as long one target takes as the other, a row for each endpoint. */
export function renderRatios(view: ReportView, verdict: ContrastVerdict | undefined): Html {
  if (verdict === undefined) return html``;
  const { first, second, comparisons } = verdict;
  const percentiles = [...new Set(comparisons.map(({ percentile }) => percentile))];
  const tables = view.loads.map((load) => {
    const rows = view.streams.flatMap(({ name, title }) => {
      const ofRow = comparisons.filter(
        ({ stream, offeredLoad }) => stream === name && offeredLoad === load,
      );
      const [first] = ofRow;
      if (first === undefined) return [];
      const cells =
        first.outcome.kind === 'no steady state'
          ? html`<td colspan="${percentiles.length}"><em>${nameOutcome(verdict, first)}</em></td>`
          : html`${percentiles.map((percentile) =>
              renderComparison(
                verdict,
                ofRow.find((one) => one.percentile === percentile),
              ),
            )}`;
      return html`<tr><th scope="row">${title}</th>${cells}</tr>`;
    });
    return html`<div class="scroll" tabindex="0"${forLoad(load)}><table class="ratios">
      <caption>${first} ÷ ${second} ${describeLoad(load, view.result.plan.loadUnit)}</caption>
      <thead><tr><th scope="col">Response time</th>${percentiles.map((percentile) => html`<th scope="col">p${percentile}</th>`)}</tr></thead>
      <tbody>${rows}</tbody></table></div>`;
  });
  return html`<section aria-labelledby="ratios"><h2 id="ratios">How much slower is ${first} than ${second}?</h2>
    <p>Each round measures both targets one after the other with the same arrivals and gives one ratio. Shown is their geometric mean with the 95 % interval that
    Student’s t gives for their logarithms. “Faster” takes an interval beyond a factor of 1.1, and one that lies on the same side of 1 when times count from the
    actual send, so that it is not the load generator’s own lateness; else it is “cannot tell”.
    “Too little data” names the option that would be enough. Without a steady state there is no ratio: times grow for as long as the load lasts.</p>
    ${tables}</section>
  `;
}

function renderComparison(verdict: ContrastVerdict, comparison: Comparison | undefined): Html {
  if (comparison === undefined) return html`<td>–</td>`;
  const { ratio, sendRatio } = comparison;
  const { value, interval } = renderEstimate(ratio);
  const figures =
    ratio === undefined
      ? html``
      : html`<strong>${value}</strong> <span>${interval}</span> <span>${renderRatio(sendRatio?.value)} from the send</span> `;
  return html`<td class="${(verdictOf(comparison) ?? 'none').replace(' ', '-')}">${figures}<em>${keepOptions(nameOutcome(verdict, comparison))}</em></td>`;
}

/** What to do about it. */
export function renderAdvice({ advice }: ReportAnalysis): Html {
  if (advice.length === 0) return html``;
  const topics = [...new Set(advice.map(({ topic }) => topic))];
  return html`<section aria-labelledby="advice"><h2 id="advice">What follows from it</h2>
    <dl class="advice">${topics.map((topic) => html`<div><dt>${topic}</dt>${advice.filter((piece) => piece.topic === topic).map(({ text }) => html`<dd>${keepTogether(text)}</dd>`)}</div>`)}</dl></section>
  `;
}

/** The switch between loads. It works with a keyboard as any group of radio buttons does. */
export function renderLoadSwitch({ result, loads, shownLoad }: ReportView): Html {
  if (loads.length < 2) return html``;
  return html`<form class="loads"><fieldset><legend>${result.plan.loadUnit === 'threads' ? 'Compute load' : 'Virtual users'} shown</legend>${loads.map(
    (load) =>
      html`<label><input type="radio" name="load" value="${load}"${load === shownLoad ? html` checked` : html``}><span>${nameLoad(load, result.plan.loadUnit)}</span></label>`,
  )}</fieldset></form>
  `;
}
