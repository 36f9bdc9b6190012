import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The stub of the server under test. */
export const stubServer = fileURLToPath(
  new URL('../fixtures/lab-stub-server.mjs', import.meta.url),
);

/** The lab's command line, as built: each of its processes would otherwise begin with a compiler. */
export const labCli = fileURLToPath(new URL('../../dist/loadtest/cli.js', import.meta.url));

/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves once no process of these exists; rejects after a minute, which is for a process that will never go. */
export async function waitUntilGone(pids: readonly number[]): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt += 1) {
    if (!pids.some(isAlive)) return;
    await delay(50);
  }
  throw new Error(`still running: ${pids.filter(isAlive).join(', ')}`);
}

/** The children of a process; none where the kernel does not tell (other than Linux). */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** The children of a process, theirs, and so on. */
export function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}
