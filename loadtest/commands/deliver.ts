import { appendFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { advise } from '../analysis/advice.ts';
import { evaluateAssertions } from '../analysis/assertions.ts';
import { isKneeTrustworthy } from '../analysis/knee.ts';
import type { LabContext } from '../lab-context.ts';
import { describeAdmission } from '../report/admission-headline.ts';
import { renderAdmission } from '../report/admission-table.ts';
import { renderAdvice, toSentences } from '../report/advice-lines.ts';
import { renderAssertions, toChecked } from '../report/assertion-lines.ts';
import { renderContrast } from '../report/contrast-table.ts';
import type { CheckedAssertion, ReportAnalysis } from '../report/headline.ts';
import { renderReportHtml } from '../report/html/render-report.ts';
import { renderJunit } from '../report/junit.ts';
import { renderK6Baseline } from '../report/k6-baseline-table.ts';
import { describeKnees } from '../report/knee-headline.ts';
import { renderKnee } from '../report/knee-table.ts';
import { renderNoiseFloor } from '../report/noise-floor.ts';
import { describeSeed } from '../report/original-headline.ts';
import { renderOriginalTable } from '../report/original-table.ts';
import { analyzeForReport } from '../report/report-analysis.ts';
import { renderStepSummary } from '../report/step-summary.ts';
import type { LabResult } from '../result/result.ts';
import { writeResult } from '../result/write-result.ts';
import type { OutputOptions, RenderOptions } from './output-options.ts';
import { readReportAssets } from './report-assets.ts';

/**
 * Saves a new result with its report beside it, prints it, and returns the exit code it calls for. `keepBeside` may put
 * more into the result's folder.
 */
export async function deliver(
  lab: LabContext,
  result: LabResult,
  options: OutputOptions,
  keepBeside: (folder: string) => Promise<void> = async () => {},
): Promise<number> {
  const path = await writeResult(result, options.out);
  await keepBeside(dirname(path));
  const code = await present(lab, result, options, join(dirname(path), 'report.html'));
  lab.progress(`result: ${path}`);
  return code;
}

/**
 * Renders a result in every form that is asked for and returns the exit code it calls for: 3 when it cannot be
 * trusted or a condition not be judged, 1 when a condition does not hold, else 0.
 */
export async function present(
  lab: LabContext,
  result: LabResult,
  options: RenderOptions,
  htmlPath: string,
): Promise<number> {
  const analysis = analyze(result);
  const outcomes = evaluateAssertions(options.assert ?? [], result);
  const checked = outcomes.map(toChecked);
  lab.print(
    options.json ? `${JSON.stringify(result)}\n` : `\n${renderText(result, analysis, checked)}`,
  );
  await writeFile(htmlPath, renderReportHtml(result, readReportAssets(), analysis));
  lab.progress(`\nreport: ${htmlPath}`);
  if (options.junit !== undefined) {
    await writeFile(options.junit, renderJunit(result, analysis, checked));
  }
  if (options.summary)
    await appendFile(options.summary, renderStepSummary(result, analysis, checked));
  if (!analysis.isTrusted || !result.complete) return 3;
  if (checked.some(({ outcome }) => outcome === 'fails')) return 1;
  return checked.every(({ outcome }) => outcome === 'holds') ? 0 : 3;
}

const renderers: Readonly<
  Record<LabResult['experiment'], (result: LabResult, analysis: ReportAnalysis) => string>
> = {
  contrast: renderContrast,
  aa: renderNoiseFloor,
  knee: renderKnee,
  seed: renderOriginalTable,
  admission: renderAdmission,
  'k6 baseline': renderK6Baseline,
  'k6 mixed': renderContrast,
};

/** Whether a result says how to run the server: what compares a mode with itself or leaves computing out does not. */
function isAdvisable({ experiment }: LabResult): boolean {
  return experiment === 'contrast' || experiment === 'knee';
}

function analyze(result: LabResult): ReportAnalysis {
  const analysis = analyzeForReport(result);
  return {
    ...analysis,
    advice: isAdvisable(result) ? toSentences(advise(result, analysis.verdict)) : [],
    ...(result.experiment === 'knee' && {
      headline: describeKnees(result),
      isTrusted: isKneeTrustworthy(result),
    }),
    ...(result.experiment === 'seed' && { headline: describeSeed(result) }),
    ...(result.experiment === 'admission' && { headline: describeAdmission(result) }),
  };
}

function renderText(
  result: LabResult,
  analysis: ReportAnalysis,
  assertions: readonly CheckedAssertion[],
): string {
  const text = renderers[result.experiment](result, analysis);
  const advice = isAdvisable(result) ? ['', ...renderAdvice(advise(result, analysis.verdict))] : [];
  const warning = analysis.isTrusted
    ? []
    : ['Mind: this measurement is INVALID, see below why.', ''];
  return `${[...warning, text.trimEnd(), ...advice, ...renderAssertions(assertions)].join('\n')}\n`;
}
