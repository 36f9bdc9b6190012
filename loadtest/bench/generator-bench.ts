import { fileURLToPath } from 'node:url';
import { runGenerator } from '../generator/run-generator.ts';
import type { LabContext } from '../lab-context.ts';
import type { SelfCheck } from '../result/stream-result.ts';
import { startBenchTarget } from './bench-target.ts';

// The server and everything else keep out of each other's way where there are two cores.
const serverCore = 0;
const blockMs = 500;
const timeoutMs = 10_000;

/** How much is measured. */
export interface GeneratorBenchSettings {
  /** Offered rates, each measured once a round. */
  readonly ratesPerSec: readonly number[];
  readonly rounds: number;
  readonly measureMs: number;
}

/** How one generator process kept its schedule at a rate. */
export interface GeneratorRound extends SelfCheck {
  readonly ratePerSec: number;
  readonly round: number;
}

/**
 * How well one generator process keeps its schedule, by the rate it offers to a bare node:http server:
 * requests at random (Poisson) on kept connections. Rates go up and down in turns.
 */
export async function benchGenerator(
  lab: LabContext,
  { ratesPerSec, rounds, measureMs }: GeneratorBenchSettings,
): Promise<GeneratorRound[]> {
  const entry = fileURLToPath(
    new URL(`./servers/bare-http${import.meta.url.slice(-3)}`, import.meta.url),
  );
  const target = await startBenchTarget(lab, entry, serverCore);
  const kept: GeneratorRound[] = [];
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const ratePerSec of round % 2 === 1 ? ratesPerSec : ratesPerSec.toReversed()) {
        lab.progress(`round ${round} of ${rounds}: ${ratePerSec} requests/s`);
        const { selfCheck } = await runGenerator(
          createPlan(target.ready.port, ratePerSec, measureMs, round),
          { env: lab.baseEnv, signal: lab.signal },
        );
        kept.push({ ratePerSec, round, ...selfCheck });
      }
    }
    return kept;
  } finally {
    await target.stop();
  }
}

/** More than such a server ever has under way. */
const maxConnections = 256;

function createPlan(port: number, arrivalRatePerSec: number, measureMs: number, seed: number) {
  const schedule = { kind: 'poisson' as const, arrivalRatePerSec, seed };
  const stream = {
    name: 'users',
    method: 'GET' as const,
    path: '/users',
    connection: { kind: 'kept' as const, connections: maxConnections },
    timeoutMs,
    schedule,
  };
  return {
    port,
    streams: [stream],
    openingPath: '/users',
    ...{ warmupMs: 1000, measureMs, drainMs: 2000, blockMs },
  };
}
