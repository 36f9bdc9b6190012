import { measureNoiseFloor } from '../analysis/noise-floor.ts';
import type { LabResult } from '../result/result.ts';
import { renderContrast } from './contrast-table.ts';
import type { ReportAnalysis } from './headline.ts';
import { renderRatio } from './units.ts';

/** A comparison of a target with itself for the terminal: what is noise here, then the figures. */
export function renderNoiseFloor(result: LabResult, analysis: ReportAnalysis): string {
  const { verdict } = analysis;
  if (verdict === undefined) return renderContrast(result, analysis);
  const { comparisons, cannotTell, medianFactor, worstFactor } = measureNoiseFloor(verdict);
  if (comparisons === 0) return renderContrast(result, analysis);
  return [
    `Noise floor: ${verdict.first} and ${verdict.second} are the same thing. Of ${comparisons} comparisons ` +
      `${cannotTell} say "cannot tell", as all of them should.`,
    `The middle one differs by ${renderRatio(medianFactor)}, the worst by ${renderRatio(worstFactor)}: ` +
      'a difference of that size means nothing here.',
    '',
    renderContrast(result, analysis),
  ].join('\n');
}
