import type { BurstCase, BurstResult } from '../result/burst-result.ts';
import type { KernelCounters } from '../result/kernel-counters.ts';
import { burstKeyColumns, renderBurstKey } from './burst-key.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderDuration } from './units.ts';

const right = (title: string): Column => ({ title, align: 'right' });
const unreadable = 'not readable here';

const shownCounters = [
  'ListenOverflows',
  'ListenDrops',
  'TCPReqQFullDrop',
  'SyncookiesSent',
  'TCPSynRetrans',
  'TCPTimeouts',
] as const satisfies readonly (keyof KernelCounters)[];

/** What the server and the kernel saw of the bursts: the loop, the accept queue, the kernel's counters. */
export function renderKernelView({ cases }: Pick<BurstResult, 'cases'>): string[] {
  const hasCounters = cases.some(({ kernelCounters }) => kernelCounters !== null);
  const counters = hasCounters ? shownCounters : [];
  const columns = [
    ...burstKeyColumns,
    ...['loop blocked for', 'queue limit', 'queue at most', ...counters].map(right),
  ];
  const rows = cases.map((burst) => [
    ...renderBurstKey(burst),
    renderBlock(burst),
    renderCount(burst.effectiveBacklog),
    renderCount(burst.acceptQueueMax),
    ...counters.map((name) => renderCount(burst.kernelCounters?.[name] ?? null)),
  ]);
  return [
    'What the kernel did: the accept queue, and how much its counters grew during the burst',
    ...renderColumns(columns, rows),
    'Queue limit: min(backlog, somaxconn). Queue at most: seen by ten looks a second, so one that was full for less can be missed.',
    hasCounters
      ? 'The counters are of the whole network namespace: other traffic in it would show too.'
      : `Kernel counters: ${unreadable}.`,
  ];
}

function renderBlock({ loop, blockedForMs }: BurstCase): string {
  if (loop === 'free') return '–';
  return blockedForMs === null ? unreadable : renderDuration(blockedForMs);
}

function renderCount(count: number | null): string {
  return count === null ? unreadable : `${count}`;
}
