// Usage: node scripts/in-turn.mjs <npm script> …
// Runs npm scripts one after the other until one fails, as `&&` would, and hands signals on, which a shell does not.
import { run } from './run.mjs';

// What runs in there may take its own time to clean up.
const graceMs = 20_000;

for (const name of process.argv.slice(2)) {
  const code = await run(process.execPath, [process.env.npm_execpath, 'run', '--silent', name], {
    graceMs,
  });
  if (code !== 0) {
    process.exitCode = code;
    break;
  }
}
