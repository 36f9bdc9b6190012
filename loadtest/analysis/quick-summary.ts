import { isOwnFault } from '../generator/error-kind.ts';
import { maxUtilization } from '../generator/self-check.ts';
import type { ClosedLoopEndpointResult } from '../result/closed-loop-result.ts';
import { decodeHistogram } from '../result/histogram.ts';
import type { QuickEndpoint, QuickPhase, QuickRun } from '../result/quick-result.ts';
import type { TelemetryPoint } from '../result/telemetry.ts';
import type { ValidityReason } from '../result/validity.ts';
import { toPercentiles } from './percentiles.ts';

/** The figures of an endpoint, from what its recorder kept. */
export function summarizeEndpoint(
  { serviceTimeUs, ...counts }: ClosedLoopEndpointResult,
  windowMs: number,
): QuickEndpoint {
  return {
    ...counts,
    throughputPerSec: counts.succeeded / (windowMs / 1000),
    serviceTime: toPercentiles(decodeHistogram(serviceTimeUs)) ?? null,
  };
}

/** Why a phase's figures cannot be trusted; empty when they can, within what a closed loop can tell. */
export function findQuickInvalidReasons(endpoints: readonly QuickEndpoint[]): ValidityReason[] {
  return endpoints.flatMap(({ path, succeeded, errors }) => [
    ...(succeeded === 0
      ? [{ code: 'NO_ANSWERS' as const, value: 0, limit: 1, detail: `GET ${path}` }]
      : []),
    ...Object.entries(errors)
      .filter(([kind]) => isOwnFault(kind))
      .map(([kind, value]) => ({
        code: 'GENERATOR_ERROR' as const,
        value,
        limit: 0,
        detail: kind,
      })),
  ]);
}

/** How busy the server's event loop was in a window; a sample that is missing because it was blocked counts as busy. */
export function meanServerUtilization(
  points: readonly TelemetryPoint[],
  windowMs: number,
): number | null {
  const within = points.filter(({ atMs }) => atMs > 0 && atMs <= windowMs);
  if (within.length === 0) return null;
  const sum = within.reduce((total, { main }) => total + (main?.eventLoopUtilization ?? 1), 0);
  return sum / within.length;
}

/** What kept a phase's throughput from being higher: the busier of the two event loops, if it was full. */
export type QuickLimit = 'generator' | 'server' | 'neither' | 'unknown';

/** See {@link QuickLimit}. A closed loop at full speed always fills something, so this is no fault. */
export function findLimit({ generator, server }: QuickPhase['eventLoopUtilization']): QuickLimit {
  if (generator > maxUtilization && generator >= (server ?? 0)) return 'generator';
  if (server === null) return 'unknown';
  return server > maxUtilization ? 'server' : 'neither';
}

/** What pressing /compute did to GET /users on one server. */
export interface Slowdown {
  readonly quietP99Ms: number;
  readonly pressedP99Ms: number;
  /** Pressed ÷ quiet. */
  readonly ratio: number;
}

/** See {@link Slowdown}; undefined where one of the two was never answered. */
export function findSlowdown({ phases }: QuickRun): Slowdown | undefined {
  const p99Ms = (isPressed: boolean) =>
    phases
      .find(({ pressed }) => pressed === isPressed)
      ?.endpoints.find(({ path }) => path === '/users')?.serviceTime?.p99Ms;
  const [quietP99Ms, pressedP99Ms] = [p99Ms(false), p99Ms(true)];
  if (quietP99Ms === undefined || pressedP99Ms === undefined) return undefined;
  return { quietP99Ms, pressedP99Ms, ratio: pressedP99Ms / quietP99Ms };
}
