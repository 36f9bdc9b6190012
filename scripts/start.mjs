// `npm start`: builds if needed and becomes the server. In one process, so that a signal sent to npm reaches
// the server: a shell between the two would die of it and leave the server behind.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const build = fileURLToPath(new URL('./build.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [build, '--if-needed'], { stdio: 'inherit' });
if (status === 0) {
  process.setSourceMapsEnabled(true);
  await import('../dist/src/server.js');
} else process.exitCode = status ?? 1;
