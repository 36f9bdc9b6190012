import type { BurstCase, BurstResult } from '../../loadtest/result/burst-result.ts';
import { createHistogram, encodeHistogram, recordMs } from '../../loadtest/result/histogram.ts';
import { type KernelCounters, kernelCounterNames } from '../../loadtest/result/kernel-counters.ts';
import { exampleEnvironment } from './example-environment.ts';

/** An encoded histogram of these times. */
export function encodeMs(...timesMs: readonly number[]): string {
  const histogram = createHistogram();
  for (const ms of timesMs) recordMs(histogram, ms);
  return encodeHistogram(histogram);
}

/** Counters that are all 0 but for those given. */
export function countersWith(counts: Partial<KernelCounters>): KernelCounters {
  const none = Object.fromEntries(kernelCounterNames.map((name) => [name, 0]));
  return { ...none, ...counts } as KernelCounters;
}

/** A case of three connections that were answered at once, with parts replaced. */
export function createBurstCase(parts: Partial<BurstCase> = {}): BurstCase {
  return {
    startedEpochMs: 0,
    openedWithinMs: 2,
    opened: 3,
    answered: 3,
    neverAnswered: 0,
    notConnected: 0,
    errors: { beforeConnected: {}, afterConnected: {} },
    connectTimeUs: encodeMs(1, 2, 3),
    firstByteTimeUs: encodeMs(4, 5, 6),
    neverAnsweredAgeUs: encodeMs(),
    notConnectedAgeUs: encodeMs(),
    errorAgeUs: encodeMs(),
    backlog: 511,
    loop: 'free',
    effectiveBacklog: 511,
    blockedForMs: null,
    acceptQueueMax: 1,
    kernelCounters: countersWith({}),
    faults: [],
    ...parts,
  };
}

/** A case in which the queue overflowed: of five connections one was late, one never answered, one never connected. */
export const overflowingCase: BurstCase = createBurstCase({
  backlog: 1,
  loop: 'blocked',
  effectiveBacklog: 1,
  blockedForMs: 2400,
  acceptQueueMax: 2,
  opened: 5,
  answered: 3,
  neverAnswered: 1,
  notConnected: 1,
  connectTimeUs: encodeMs(1, 2, 2050, 3010),
  firstByteTimeUs: encodeMs(2410, 2420, 2430),
  neverAnsweredAgeUs: encodeMs(10_000),
  notConnectedAgeUs: encodeMs(10_000),
  kernelCounters: countersWith({ ListenOverflows: 12, SyncookiesSent: 2, TCPSynRetrans: 7 }),
});

/** A result of these cases, measured on Linux unless said otherwise. */
export function createBurstResult(
  cases: readonly BurstCase[],
  platform: NodeJS.Platform = 'linux',
): BurstResult {
  const somaxconn = platform === 'linux' ? exampleEnvironment.somaxconn : null;
  return {
    schemaVersion: 1,
    experiment: 'burst',
    complete: true,
    createdAt: '2026-01-01T00:00:00.000Z',
    environment: { ...exampleEnvironment, platform, somaxconn },
    tcpSettings: {
      tcp_syn_linear_timeouts: 4,
      tcp_syncookies: 1,
      tcp_abort_on_overflow: 0,
      tcp_max_syn_backlog: 128,
    },
    settings: {
      connections: 5,
      backlogs: cases.map(({ backlog }) => backlog),
      loops: ['blocked'],
      blockMs: 2500,
      deadlineMs: 10_000,
    },
    cases: [...cases],
  };
}
