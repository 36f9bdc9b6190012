import type { Piscina } from 'piscina';
import type { RollCall } from '../../workers/compute.ts';

const timeoutMs = 10_000;

/**
 * Resolves once all of the pool's threads have loaded its module. Rejects with the reason if one cannot,
 * which piscina by itself would not tell: tasks for a pool that failed to load wait for ever.
 */
export async function callTheRoll(pool: Piscina, threads: number): Promise<void> {
  const rollCall: RollCall = {
    arrived: new Int32Array(new SharedArrayBuffer(4)),
    threads,
    timeoutMs,
  };
  let patience: NodeJS.Timeout | undefined;
  let onError: ((error: Error) => void) | undefined;
  const failure = new Promise<never>((_, reject) => {
    onError = reject;
    pool.on('error', reject);
    patience = setTimeout(() => reject(new Error(`not loaded in ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    const answers = Array.from({ length: threads }, () =>
      pool.run(rollCall, { name: 'answerRollCall' }),
    );
    const everyAnswer = await Promise.race([Promise.all(answers), failure]);
    if (everyAnswer.includes(false)) throw new Error('a thread did not answer');
  } catch (error) {
    // A second failure on the way down tells nothing new, and unheard it would end the process.
    pool.on('error', () => {});
    await pool.destroy();
    throw error;
  } finally {
    clearTimeout(patience);
    if (onError !== undefined) pool.off('error', onError);
  }
}
