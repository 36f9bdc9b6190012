import type { Piscina } from 'piscina';
import type { RollCall, RollCallAnswer } from '../../workers/compute.ts';
import { TaskLoadError } from '../../workers/task.ts';

// Longer than loading a task may take, so that a thread can still say that it took too long.
const timeoutMs = 15_000;

/**
 * Resolves once all of the pool's threads have loaded its module and the task. Rejects with the reason
 * if one cannot, a `TaskLoadError` when it is the task's; piscina by itself would not tell: tasks for a pool
 * that failed to load wait for ever.
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
    const answers = Array.from(
      { length: threads },
      (): Promise<RollCallAnswer> => pool.run(rollCall, { name: 'answerRollCall' }),
    );
    const everyAnswer = await Promise.race([Promise.all(answers), failure]);
    for (const { problem } of everyAnswer)
      if (problem !== undefined) throw new TaskLoadError(problem);
    if (!everyAnswer.every(({ complete }) => complete)) throw new Error('a thread did not answer');
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
