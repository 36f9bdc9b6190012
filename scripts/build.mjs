// Usage: node scripts/build.mjs [--if-needed]
// A clean build of dist/. With --if-needed: only when a source is newer than the last build, so that
// `npm start` works right after `npm ci` and costs nothing the second time.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const inputs = ['src', 'workers', 'loadtest', 'tsconfig.json', 'tsconfig.build.json'];

function newestMtimeMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  // A folder's own time tells of files that were removed or renamed.
  const inside = readdirSync(path).map((name) => newestMtimeMs(join(path, name)));
  return Math.max(stat.mtimeMs, ...inside);
}

function isUpToDate() {
  const builtAtMs = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Math.max(...inputs.map((name) => newestMtimeMs(join(root, name)))) < builtAtMs;
}

if (!process.argv.includes('--if-needed') || !isUpToDate()) {
  rmSync(dist, { recursive: true, force: true });
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  const compile = (...options) =>
    spawnSync(process.execPath, [join(typescript, 'bin', 'tsc'), ...options], { stdio: 'inherit' })
      .status ?? 1;
  // The script of report.html is for browsers and so a project of its own.
  const page = join(root, 'loadtest', 'report', 'html', 'page', 'tsconfig.json');
  const status =
    compile('-p', join(root, 'tsconfig.build.json')) ||
    // The container's build has the server's sources alone.
    (existsSync(page) ? compile('-p', page, '--noEmit', 'false') : 0);
  if (status === 0) writeFileSync(stamp, '');
  process.exitCode = status;
}
