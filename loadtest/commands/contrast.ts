import { createAaPlan, createContrastPlan } from '../experiments/contrast-plan.ts';
import { executePlan } from '../experiments/execute-plan.ts';
import type { LabContext } from '../lab-context.ts';
import { renderContrast } from '../report/contrast-table.ts';
import { renderNoiseFloor } from '../report/noise-floor.ts';
import { type ContrastOptions, toContrastSettings } from './contrast-options.ts';
import { deliver } from './deliver.ts';

/** `lab contrast`: measures, saves, prints; resolves with the exit code. */
export async function contrast(lab: LabContext, options: ContrastOptions): Promise<number> {
  const settings = toContrastSettings(options);
  if (options.aa === undefined) {
    const result = await executePlan(lab, 'contrast', createContrastPlan(settings));
    return await deliver(lab, result, options, renderContrast);
  }
  const result = await executePlan(lab, 'aa', createAaPlan(settings, options.aa));
  return await deliver(lab, result, options, renderNoiseFloor);
}
