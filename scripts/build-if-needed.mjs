// `npm start` must work right after `npm ci`, and must not pay for a build that changes nothing.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const inputs = ['src', 'workers', 'loadtest', 'tsconfig.json', 'tsconfig.build.json'];
const stamp = join(root, 'dist', '.tsbuildinfo');

function newestMtimeMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  // A folder's own time tells of files that were removed or renamed.
  const inside = readdirSync(path).map((name) => newestMtimeMs(join(path, name)));
  return Math.max(stat.mtimeMs, ...inside);
}

const builtAtMs = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (Math.max(...inputs.map((name) => newestMtimeMs(join(root, name)))) > builtAtMs) {
  const build = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  process.exitCode = build.status ?? 1;
}
