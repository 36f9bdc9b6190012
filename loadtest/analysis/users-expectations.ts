import type { LabResult } from '../result/result.ts';
import { summarizeLevels } from './contrast-summary.ts';
import { findKnees } from './knee.ts';
import { judgedStream } from './knee-probe.ts';

/** What everybody else's requests took at one load that was measured. */
export interface Expectation {
  readonly target: string;
  readonly offeredLoad: number;
  /** Compute requests per second. */
  readonly perSec: number;
  readonly p99Ms: number;
}

/** p99 of everybody else's requests at each load that was measured; of a knee's runs only at the load that was carried. */
export function listExpectations(result: LabResult): Expectation[] {
  const { serviceTimeMs } = result.calibration;
  const carried =
    result.experiment === 'knee'
      ? new Map(findKnees(result).map((knee) => [knee.target, knee.carried?.offeredLoad]))
      : undefined;
  return summarizeLevels(result)
    .filter(({ offeredLoad }) => offeredLoad > 0)
    .filter(
      ({ target, offeredLoad }) => carried === undefined || carried.get(target) === offeredLoad,
    )
    .flatMap(({ target, offeredLoad, streams }) => {
      const p99Ms = streams.find(({ name }) => name === judgedStream)?.responseTime?.p99Ms;
      const perSec = (offeredLoad * 1000) / serviceTimeMs;
      return p99Ms === undefined ? [] : { target, offeredLoad, perSec, p99Ms };
    });
}
