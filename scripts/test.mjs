// Usage: node scripts/test.mjs [test/some.test.ts …] [--test-name-pattern=… and other flags of node]
// Runs test/*.test.ts under the Node that runs this script. Node's own runner passes when a file holds
// no test or was not found, so this one also fails when a file ran none. With
// OFFLOAD_LAB_REQUIRE_ALL=1, as in CI, a skipped test is a failure too.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded, run } from './run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));

const existing = readdirSync(join(root, 'test'), { recursive: true })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join(root, 'test', name))
  .sort();
const files = named.length > 0 ? named.map((name) => resolve(name)) : existing;
const missing = files.filter((file) => !existsSync(file));
if (missing.length > 0 || files.length === 0) {
  console.error(`No such test file: ${missing.join(', ') || 'test/*.test.ts'}`);
  process.exit(1);
}

const built = await buildIfNeeded();
if (built !== 0) process.exit(built);
const scratch = mkdtempSync(join(tmpdir(), 'offload-lab-test-'));
// What is held against exact times has the machine to itself. Much of the other files' time is waiting, but many start
// servers with threads of their own.
const isAlone = (file) => file.endsWith('.alone.test.ts');
const groups = [
  { files: files.filter(isAlone), concurrency: 1 },
  {
    files: files.filter((file) => !isAlone(file)),
    concurrency: Math.min(4, availableParallelism() + 1),
  },
].filter((group) => group.files.length > 0);
const statuses = [];
const events = [];
try {
  for (const [index, group] of groups.entries()) {
    const eventsFile = join(scratch, `events-${index}.ndjson`);
    const status = await runTests(group, eventsFile);
    statuses.push(status);
    // Stopped by a signal: so is the rest.
    if (status > 128) break;
    events.push(...readEvents(eventsFile));
  }
  const wasStopped = Math.max(...statuses) > 128;
  const complaints = wasStopped ? [] : complaintsAbout(events);
  for (const complaint of complaints) console.error(`✖ ${complaint}`);
  if (complaints.length > 0) statuses.push(1);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = Math.max(...statuses);

function runTests({ files, concurrency }, eventsFile) {
  return run(
    process.execPath,
    [
      ...['--import', 'tsx', '--test', `--test-concurrency=${concurrency}`],
      // Generous, since it covers whole files as well; it is there to end a run that hangs.
      '--test-timeout=180000',
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      `--test-reporter=${new URL('./test-events.mjs', import.meta.url).href}`,
      `--test-reporter-destination=${eventsFile}`,
      ...flags,
      ...files,
    ],
    { cwd: root },
  );
}

function readEvents(eventsFile) {
  if (!existsSync(eventsFile)) return [];
  return readFileSync(eventsFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function complaintsAbout(events) {
  const complaints = [];
  // A name pattern leaves files without a test, and reports the others as skipped, on purpose.
  if (!flags.some((flag) => /^--test-(name-pattern|skip-pattern|only)/.test(flag))) {
    const idle = filesWithoutTests(events).map((file) => relative(root, file));
    complaints.push(...idle.map((file) => `${file} ran no test`));
    complaints.push(...skips(events));
  }
  return complaints;
}

function filesWithoutTests(events) {
  const tested = new Set();
  const untested = new Set();
  for (const { name, nesting, file, entryFile, suite } of events) {
    // A file in which no test was reported is reported itself, as if it were one.
    if (nesting === 0 && resolve(root, name) === file) untested.add(file);
    else if (!suite) tested.add(entryFile ?? file);
  }
  // Node 20 knows where a test was written but not which file ran it. When one comes from a helper,
  // only the reports above count there.
  const certain = [...tested].every((file) => files.includes(file));
  return files.filter((file) => untested.has(file) || (certain && !tested.has(file)));
}

function skips(events) {
  if (process.env.OFFLOAD_LAB_REQUIRE_ALL !== '1') return [];
  return events
    .filter(({ skip }) => skip !== undefined && skip !== false)
    .map(({ name, skip }) => `${name}: skipped (${skip === true ? 'no reason given' : skip})`);
}
