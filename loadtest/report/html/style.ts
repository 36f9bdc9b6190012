/**
 * The page's style. Colours of targets are Okabe and Ito's, told apart with every kind of colour vision and
 * lightened for the dark. `data-print` is set while the page is printed, always on white.
 */
export const style = `
:root { color-scheme: light dark; --bg: #fff; --card: #f6f7f9; --ink: #1b1f24; --soft: #57606a; --line: #d5dae0; --grid: #e8ebef;
  --accent: #0b5cad; --good: #11713f; --bad: #b3261e; --t0: #c14a00; --t1: #0068ad; --t2: #8a3f79; --t3: #00745a; }
@media (prefers-color-scheme: dark) { :root:not([data-print]) { --bg: #101418; --card: #1a2027; --ink: #e8ecf0; --soft: #a3adb8;
  --line: #39424d; --grid: #262d35; --accent: #7cb8f2; --good: #5fce8f; --bad: #ff8f85; --t0: #ff9248; --t1: #5db8f5; --t2: #e09fd0; --t3: #37c9a4; } }
:root[data-print] { color-scheme: light; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1.25rem 3rem; background: var(--bg); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
h1, h2, h3, p, ul, dl, figure, table { margin: 0; }
header p { color: var(--soft); font-size: .875rem; }
h1 { font-size: 1.125rem; line-height: 1.6; }
h2 { font-size: 1.375rem; line-height: 1.25; margin-bottom: .5rem; }
h3 { font-size: 1rem; line-height: 1.3; }
code { font: inherit; }
section { margin-top: 3rem; }
section > p, section > ul, li { max-width: 46rem; }
section > ul { padding-left: 1.25rem; }
a, summary { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.verdict { margin-top: 1rem; padding: 1.25rem 1.5rem; background: var(--card); border-left: .375rem solid var(--soft); border-radius: .375rem; }
.verdict.good { border-color: var(--good); } .verdict.bad, .verdict.untrusted { border-color: var(--bad); }
.verdict h2 { font-size: clamp(1.3rem, 1rem + 1.6vw, 1.85rem); text-wrap: balance; max-width: 60rem; }
.verdict p + p { margin-top: .375rem; }
.verdict ul { padding-left: 1.25rem; margin-top: .5rem; }
.validity { margin-top: 1rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: .9375rem; }
.badge { display: inline-block; padding: .0625rem .5rem; margin-right: .25rem; border: 1px solid; border-radius: 1rem; font-size: .8125rem; }
.good .badge.good, .badge.good { color: var(--good); } .badge.bad { color: var(--bad); }
.badges { margin-bottom: .5rem; } .untrusted h2 { color: var(--soft); }
.note { margin-top: 1rem; font-weight: 600; }
.loads { position: sticky; top: 0; z-index: 200; margin: 1.5rem -1.25rem -1rem; padding: .5rem 1.25rem; background: var(--bg); border-bottom: 1px solid var(--line); }
.loads fieldset { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem; border: 0; margin: 0; padding: 0; }
.loads legend { float: left; padding: 0; margin-right: .5rem; font-size: .875rem; color: var(--soft); }
.loads input { position: absolute; opacity: 0; }
.loads span { display: block; min-width: 3.25rem; padding: .25rem .625rem; text-align: center; border: 1px solid var(--line); border-radius: .375rem; cursor: pointer; font-variant-numeric: tabular-nums; }
.loads :checked + span { background: var(--accent); border-color: var(--accent); color: var(--bg); font-weight: 600; }
.loads :focus-visible + span { outline: 3px solid var(--accent); outline-offset: 2px; }
.scroll { overflow-x: auto; margin-top: .75rem; }
.scroll + ul { margin-top: .75rem; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .25rem; }
th, td { padding: .3125rem .75rem; border-bottom: 1px solid var(--grid); text-align: right; white-space: nowrap; vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; border-color: var(--line); }
th:first-child { text-align: left; padding-left: 0; }
tbody th { font-weight: 600; }
.ratios { width: 100%; max-width: 46rem; }
.ratios td strong { font-size: 1.0625rem; } .ratios .option { white-space: nowrap; } .ratios td > span, .ratios td em { display: block; font-style: normal; color: var(--soft); line-height: 1.35; }
.ratios .better em, .ratios .worse em { color: var(--ink); font-weight: 600; }
.charts { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 2rem 2.5rem; margin-top: 1.5rem; }
.wide { grid-column: 1 / -1; } .wide:nth-child(2) { grid-column: auto; }
figure { min-width: 0; }
figcaption, .axis, .key { font-size: .8125rem; line-height: 1.4; color: var(--soft); }
figcaption { margin-top: .25rem; }
.key { display: flex; flex-wrap: wrap; gap: .125rem 1rem; list-style: none; padding: 0; color: var(--ink); min-height: 1.4em; }
.key li { white-space: nowrap; } .key svg { vertical-align: -.05em; margin-right: .375rem; overflow: visible; }
.key output { font-weight: 600; font-variant-numeric: tabular-nums; } .key .at { color: var(--soft); margin-left: auto; }
.key svg { stroke-width: 2.5; fill: none; } .key svg.weak { stroke-width: 1.25; } .key svg.points { stroke-width: 1.25; width: 24px; }
.t0 { stroke: var(--t0); } .t1 { stroke: var(--t1); stroke-dasharray: 7 4; } .t2 { stroke: var(--t2); stroke-dasharray: 2 3; } .t3 { stroke: var(--t3); stroke-dasharray: 9 3 2 3; }
.points { stroke-dasharray: none; }
.axis { margin-top: .375rem; }
.plot { min-height: 2rem; } .plot .u-cursor-x { border-color: var(--soft); } .plot .u-cursor-y { border-color: var(--soft); }
details { margin-top: .375rem; font-size: .875rem; } summary { cursor: pointer; width: max-content; max-width: 100%; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: .75rem 2rem; }
dt { color: var(--soft); font-size: .8125rem; } dd { margin: 0; }
.advice { display: block; max-width: 52rem; } .advice div { display: grid; grid-template-columns: 7rem minmax(0, 1fr); padding: .375rem 0; border-bottom: 1px solid var(--grid); }
.advice { font-size: .9375rem; } .advice dt { font-size: inherit; grid-row: 1 / 20; } .advice dd { grid-column: 2; } .advice dd + dd { margin-top: .25rem; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .8125rem; }
@media (max-width: 46rem) { body { padding: 1rem 1rem 2rem; } .loads { margin-inline: -1rem; padding-inline: 1rem; } .loads legend { float: none; width: 100%; }
  .charts { grid-template-columns: minmax(0, 1fr); } .verdict { padding: 1rem; } section { margin-top: 2.25rem; }
  .advice div { display: block; } .ratios, .ratios thead, .ratios tbody, .ratios caption { display: block; } .ratios { font-size: .8125rem; }
  .ratios tr { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); padding-block: .25rem; border-bottom: 1px solid var(--grid); } .ratios th, .ratios td { border: 0; padding: .0625rem 0; white-space: normal; }
  .ratios th:first-child, .ratios td[colspan] { grid-column: 1 / -1; text-align: left; } .ratios td > span { font-size: .75rem; } }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } .loads { position: static; margin: 1rem 0 0; padding: 0; border: 0; } .loads label:not(:has(:checked)) { display: none; } .loads span { border: 0 !important; background: none !important; color: var(--ink) !important; padding: 0; text-align: left; } section, figure, .verdict, tr { break-inside: avoid; } section:has(.charts) { break-inside: auto; }
  h2, h3 { break-after: avoid; } .scroll { overflow: visible; } table { font-size: 8pt; } th, td { padding-inline: .375rem; white-space: normal; } .at, details:not([open]) { display: none; } }
`;
