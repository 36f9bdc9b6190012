import { spawnSync } from 'node:child_process';

const enter = ['unshare', '-rn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/**
 * What to put before a command so that it has a network of its own, whose kernel counters nobody else moves. Nothing
 * where this user may not make one (Linux alone knows them, and not every machine lets everybody).
 */
export function findLoneNetwork(): string[] {
  const [command = '', ...args] = [...enter, 'true'];
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0 ? enter : [];
}
