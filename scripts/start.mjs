// `npm start`: builds if needed and becomes the server, in one process with as little as possible between it and
// the terminal. A supervisor should run dist/src/server.js itself: npm and its shell do not hand every signal on.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const build = fileURLToPath(new URL('./build.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [build, '--if-needed'], { stdio: 'inherit' });
if (status === 0) {
  process.setSourceMapsEnabled(true);
  await import('../dist/src/server.js');
} else process.exitCode = status ?? 1;
