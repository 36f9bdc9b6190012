import type { TelemetryPoint } from '../../result/telemetry.ts';
import { renderDuration } from '../units.ts';

/** One figure of the server's own view over time. */
export interface Lane {
  readonly id: string;
  readonly title: string;
  readonly axis: string;
  readonly unit: 'ms' | '%' | 'count';
  readonly scale: 'linear' | 'log';
  /** The upper end of the axis, where it is known beforehand. */
  readonly highest?: number;
  /** How the table sums up several samples. */
  readonly summary: 'max' | 'mean';
  /** One value a sample; null where it was not to be had. */
  read(points: readonly TelemetryPoint[]): (number | null)[];
}

// Over less than this, what a sample costs and when exactly it was taken is all that is to be seen.
const shortestIntervalMs = 50;

/** The server's own view, lane by lane, in the order in which cause and effect are best followed. */
export const lanes: readonly Lane[] = [
  {
    id: 'loop-delay',
    title: 'Event loop delay',
    axis: 'p99 within a tenth of a second (logarithmic)',
    unit: 'ms',
    scale: 'log',
    summary: 'max',
    read: (points) => points.map(({ main }) => main?.eventLoopDelayMs?.p99 ?? null),
  },
  {
    id: 'loop-heartbeat',
    title: 'Time since the event loop last turned',
    axis: 'As another thread sees it, blocked or not (logarithmic)',
    unit: 'ms',
    scale: 'log',
    summary: 'max',
    read: (points) => points.map(({ heartbeatAgeMs }) => Math.max(0, heartbeatAgeMs)),
  },
  {
    id: 'loop-utilization',
    title: 'Event loop utilisation',
    axis: 'Share of the time in which the loop was busy',
    unit: '%',
    scale: 'linear',
    highest: 100,
    summary: 'mean',
    read: (points) =>
      points.map(({ main }) => (main === null ? null : main.eventLoopUtilization * 100)),
  },
  {
    id: 'gate-depth',
    title: 'Computations waiting at the gate',
    axis: 'Waiting requests',
    unit: 'count',
    scale: 'linear',
    summary: 'max',
    read: (points) => points.map(({ main }) => main?.computeWaiting ?? null),
  },
  {
    id: 'queue-wait',
    title: 'Longest wait at the gate',
    axis: 'Of the computations that ended in a tenth of a second (logarithmic)',
    unit: 'ms',
    scale: 'log',
    summary: 'max',
    read: (points) => points.map(({ main }) => main?.computeEnded.queueWaitMaxMs ?? null),
  },
  {
    id: 'accept-queue',
    title: 'Accept queue',
    axis: 'Connections that the kernel has accepted and the server has not',
    unit: 'count',
    scale: 'linear',
    summary: 'max',
    read: (points) => points.map(({ acceptQueue }) => acceptQueue),
  },
  {
    id: 'cpu',
    title: 'CPU of the server process',
    axis: 'All threads together, 100 % is one core',
    unit: '%',
    scale: 'linear',
    summary: 'mean',
    read: (points) => toCpuPercent(points, ({ cpuMs }) => cpuMs),
  },
  {
    id: 'cpu-main',
    title: 'CPU of the main thread',
    axis: 'The event loop’s own thread, 100 % is one core',
    unit: '%',
    scale: 'linear',
    highest: 100,
    summary: 'mean',
    read: (points) => toCpuPercent(points, ({ mainThreadCpuMs }) => mainThreadCpuMs),
  },
  {
    id: 'cpu-compute',
    title: 'CPU of the pool’s threads',
    axis: 'The pool’s threads together, 100 % is one core',
    unit: '%',
    scale: 'linear',
    summary: 'mean',
    read: (points) =>
      toCpuPercent(points, ({ computeThreadsCpuMs }) =>
        computeThreadsCpuMs === null || computeThreadsCpuMs.length === 0
          ? null
          : computeThreadsCpuMs.reduce((sum, cpuMs) => sum + cpuMs, 0),
      ),
  },
];

/** CPU time since the sample before as a share of one core; null where there is none to compare with. */
function toCpuPercent(
  points: readonly TelemetryPoint[],
  read: (point: TelemetryPoint) => number | null,
): (number | null)[] {
  return points.map((point, index) => {
    const previous = points.findLast(
      ({ atMs }, before) => before < index && point.atMs - atMs >= shortestIntervalMs,
    );
    const now = read(point);
    const before = previous === undefined ? null : read(previous);
    // A thread that ended took its time with it.
    if (previous === undefined || now === null || before === null || now < before) return null;
    return (100 * (now - before)) / (point.atMs - previous.atMs);
  });
}

/** A lane's value for reading. */
export function renderLaneValue(unit: Lane['unit'], value: number | undefined): string {
  if (value === undefined) return '–';
  if (unit === 'ms') return renderDuration(value);
  return unit === '%' ? `${value.toFixed(0)} %` : `${value}`;
}
