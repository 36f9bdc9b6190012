import { advise } from '../analysis/advice.ts';
import { mayBeCached } from '../analysis/service-time.ts';
import type { LabResult } from '../result/result.ts';
import type { ReportHeadline } from './headline.ts';
import { renderDuration } from './units.ts';

/** The answer about a task that is too short to be put under load: from what handing it over costs, if it can be told. */
export function describeShortTask(result: LabResult): ReportHeadline {
  const { offload, overhead, serviceTimeMs } = advise(result);
  const call = `one call takes ${renderDuration(serviceTimeMs)}`;
  if (overhead === undefined) {
    return {
      sentence: `Whether to offload cannot be told: ${call}, too short to be put under load, and what handing it over costs was not measured.`,
      details: ['What it costs is measured where the kernel tells CPU times: on Linux.'],
      tone: 'neutral',
    };
  }
  const { value, low, high } = overhead.breakEvenMs;
  const cost = `handing it over costs the event loop ${renderDuration(value)}`;
  const interval = `95 % interval of that cost: ${renderDuration(low)} to ${renderDuration(high)}.`;
  if (offload.answer === 'no') {
    return { sentence: `Do not offload: ${call}, ${cost}.`, details: [interval], tone: 'bad' };
  }
  if (mayBeCached(result.calibration)) {
    return {
      sentence: `Whether to offload cannot be told: ${call} once its input is known, and more than twenty times as long before.`,
      details: ['If the task remembers its inputs, give it different ones with --inputs.'],
      tone: 'neutral',
    };
  }
  return {
    sentence: `Whether to offload cannot be told: ${call}, ${cost}, and a load of such calls would be a load test of HTTP.`,
    details: [interval],
    tone: 'neutral',
  };
}
