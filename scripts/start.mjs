// `npm start`: builds if needed and becomes the server, in one process with as little as possible between it and
// the terminal. A supervisor should run dist/src/server.js itself: npm and its shell do not hand every signal on.
import { buildIfNeeded } from './run.mjs';

const built = await buildIfNeeded();
if (built === 0) {
  process.setSourceMapsEnabled(true);
  await import('../dist/src/server.js');
} else process.exitCode = built;
