import { spawn } from 'node:child_process';
import { LabError } from '../../lab-error.ts';
import { describeExit, stopChild, watchChild } from '../../process/fork-module.ts';

const killGraceMs = 2000;
const toldLines = 5;

// k6's own codes (errext/exitcodes/codes.go).
const thresholdsMissedCode = 99;
const interruptedCode = 105;

/** How k6 is to be run. */
export interface K6Invocation {
  readonly args: readonly string[];
  /** k6's whole environment: nothing is inherited besides it. */
  readonly env: Readonly<Record<string, string>>;
  /** Aborting ends k6 and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/**
 * Runs k6 in a process of its own, which is gone when this settles. Resolves with whether a threshold of the script was
 * missed; rejects with a {@link LabError} that carries its last words when it came to no regular end.
 */
export async function runK6({
  args,
  env,
  signal,
}: K6Invocation): Promise<{ thresholdsMissed: boolean }> {
  signal.throwIfAborted();
  const k6 = watchChild(
    spawn('k6', args, { env: { ...env }, stdio: ['ignore', 'ignore', 'pipe'] }),
  );
  const settled = new AbortController();
  try {
    const exit = await new Promise<Awaited<typeof k6.exited>>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { signal: settled.signal });
      void k6.exited.then(resolve);
    });
    // A terminal sends Ctrl-C to k6 as well, which may be the faster one.
    signal.throwIfAborted();
    if (exit.code === 0) return { thresholdsMissed: false };
    if (exit.code === thresholdsMissedCode) return { thresholdsMissed: true };
    if (exit.code === interruptedCode) throw new LabError('k6 was interrupted', 3);
    const lastWords = k6.stderrTail().split('\n').slice(-toldLines).join(' ').replace(/\s+/g, ' ');
    throw new LabError(`k6 ${describeExit(exit)}: ${lastWords}`, 3);
  } finally {
    settled.abort();
    await stopChild(k6, killGraceMs);
  }
}
