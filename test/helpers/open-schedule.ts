import assert from 'node:assert/strict';
import {
  createSchedule,
  readArrivalRatePerSec,
  type ScheduleSpec,
} from '../../loadtest/generator/schedule.ts';

/** The intended starts of a schedule that must be known beforehand. */
export function createOpenSchedule(spec: ScheduleSpec, durationMs: number): Float64Array {
  assert.ok(spec.kind !== 'virtual-users');
  return createSchedule(spec, durationMs);
}

/** The rate of a schedule that must have one. */
export function rateOf(spec: ScheduleSpec): number {
  const perSec = readArrivalRatePerSec(spec);
  assert.ok(perSec !== undefined);
  return perSec;
}
