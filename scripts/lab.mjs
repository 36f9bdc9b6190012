// The lab's npm scripts: builds if needed and becomes the lab. Exit code 1 is for conditions that do not hold; whatever
// goes wrong here is a 3.
import { buildIfNeeded, stopWithNpm } from './run.mjs';

const built = await buildIfNeeded();
if (built === 0) {
  stopWithNpm();
  process.setSourceMapsEnabled(true);
  await import('../dist/loadtest/cli.js').catch((error) => {
    console.error(error);
    process.exitCode = 3;
  });
} else process.exitCode = built > 128 ? built : 3;
