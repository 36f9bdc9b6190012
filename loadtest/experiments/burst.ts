import type { LabContext } from '../lab-context.ts';
import type { BurstCase, BurstResult, BurstSettings } from '../result/burst-result.ts';
import { readEnvironment } from '../result/read-environment.ts';
import { findProjectRoot } from '../target/server-entry.ts';
import { readTcpSettings } from '../telemetry/kernel-counters.ts';
import { type BurstCaseKey, executeBurstCase } from './burst-case.ts';

/** The defaults of {@link BurstSettings}: more connections than the smaller three of the backlogs hold. */
export const defaultBurstSettings: BurstSettings = {
  connections: 600,
  backlogs: [16, 128, 511, 4096],
  loops: ['free', 'blocked'],
  blockMs: 2500,
  deadlineMs: 15_000,
};

// What a case takes besides its burst: two processes to start and to stop, the warm-up, the calibration.
const guessedOverheadMs = 3000;
// What did not fit comes again within about this long after the loop turns, unless far more came than fit.
const guessedRetryMs = 1500;
const farMore = 8;

/**
 * Makes every case in turn. Stopped by the user it resolves all the same, with the cases made so far and marked as
 * incomplete. Rejects when a case cannot be made, or when there is nothing to keep.
 */
export async function runBurstExperiment(
  lab: LabContext,
  settings: BurstSettings,
): Promise<BurstResult> {
  const createdAt = lab.date().toISOString();
  const environment = readEnvironment(findProjectRoot());
  const keys = listBurstCases(settings);
  const cases: BurstCase[] = [];
  try {
    for (const [position, key] of keys.entries()) {
      const leftMs = guessLeftMs(keys.slice(position), settings);
      lab.progress(
        `case ${position + 1} of ${keys.length}: backlog ${key.backlog}, loop ${key.loop}; ` +
          `about ${Math.ceil(leftMs / 1000)} s left`,
      );
      cases.push(await executeBurstCase(lab, settings, key, environment.somaxconn));
    }
  } catch (error) {
    if (!lab.signal.aborted || cases.length === 0) throw error;
  }
  return {
    schemaVersion: 1,
    experiment: 'burst',
    complete: cases.length === keys.length,
    createdAt,
    environment,
    tcpSettings: readTcpSettings(),
    settings,
    cases,
  };
}

/** Every backlog with every state of the loop, in the order they are made. */
export function listBurstCases({ backlogs, loops }: BurstSettings): BurstCaseKey[] {
  return backlogs.flatMap((backlog) => loops.map((loop) => ({ backlog, loop })));
}

/** About how long the cases left will take. */
function guessLeftMs(left: readonly BurstCaseKey[], settings: BurstSettings): number {
  const { connections, blockMs, deadlineMs } = settings;
  const guessMs = ({ backlog, loop }: BurstCaseKey) => {
    if (connections > farMore * backlog) return guessedOverheadMs + deadlineMs;
    const retryMs = connections > backlog ? guessedRetryMs : 0;
    return guessedOverheadMs + (loop === 'blocked' ? blockMs + retryMs : 0);
  };
  return left.reduce((sum, key) => sum + guessMs(key), 0);
}
