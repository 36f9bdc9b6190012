// Usage: node scripts/test.mjs [test/some.test.ts …] [--test-name-pattern=… and other flags of node]
// Runs test/*.test.ts under the Node that runs this script. Node's own runner passes when a file holds
// no test, was not found or was left out, so this one also fails then. What was skipped is listed at the
// end. With OFFLOAD_LAB_REQUIRE_ALL=1, as in CI, a skipped test is a failure too.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded, run } from './run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
// These leave files without a test, and Node 20 reports the tests they leave out as skipped.
const isFiltered = flags.some((flag) => /^--test-(name-pattern|skip-pattern|only)/.test(flag));

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
try {
  const eventsFile = join(scratch, 'events.ndjson');
  const status = await runTests(eventsFile);
  // Stopped by a signal: what did not run then is no finding.
  const complaints = status > 128 ? [] : examine(readEvents(eventsFile));
  for (const complaint of complaints) console.error(`✖ ${complaint}`);
  process.exitCode = status > 128 ? status : status === 0 && complaints.length === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function runTests(eventsFile) {
  return run(
    process.execPath,
    [
      ...['--import', 'tsx', '--test'],
      // Much of the files' time is waiting, but many start servers with threads of their own.
      `--test-concurrency=${Math.min(4, availableParallelism() + 1)}`,
      // For a whole file on a busy machine. It is there to end a run that hangs, and tests have no limits of their own.
      '--test-timeout=600000',
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      `--test-reporter=${new URL('./test-events.mjs', import.meta.url).href}`,
      `--test-reporter-destination=${eventsFile}`,
      ...flags,
      ...files,
    ],
    // A test may start this script too. With that variable Node would take it for a test file and run nothing.
    { cwd: root, env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
  );
}

function readEvents(eventsFile) {
  if (!existsSync(eventsFile)) return [];
  return readFileSync(eventsFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Lists what was skipped, and returns what is wrong though no test failed. */
function examine(events) {
  // A file is an event's subject itself when its turn comes, and when no test in it was reported.
  const isFile = ({ name, nesting, file }) => nesting === 0 && resolve(root, name) === file;
  const started = new Set(events.filter(isFile).map(({ file }) => file));
  const reports = events.filter(({ type }) => type !== 'test:dequeue');
  const complaints = files
    .filter((file) => !started.has(file))
    .map((file) => `${relative(root, file)} did not run`);
  if (isFiltered) return complaints;

  const skipped = reports.filter(isSkipped);
  if (skipped.length > 0) console.log(`\nSkipped: ${skipped.length}`);
  for (const { name, file, entryFile, skip } of skipped) {
    const reason = skip === true ? 'no reason given' : skip;
    console.log(`  ${relative(root, entryFile ?? file)}: ${name}: ${reason}`);
  }
  if (skipped.length > 0 && process.env.OFFLOAD_LAB_REQUIRE_ALL === '1') {
    complaints.push('nothing may be skipped with OFFLOAD_LAB_REQUIRE_ALL=1');
  }
  const idle = filesWithoutTests(reports, isFile).filter((file) => started.has(file));
  return [...complaints, ...idle.map((file) => `${relative(root, file)} ran no test`)];
}

function filesWithoutTests(reports, isFile) {
  const tested = new Set();
  const untested = new Set();
  for (const report of reports) {
    const { file, entryFile, suite } = report;
    if (isFile(report)) untested.add(file);
    // Of a suite that is skipped as a whole only the suite is reported.
    else if (!suite || isSkipped(report)) tested.add(entryFile ?? file);
  }
  // Node 20 knows where a test was written but not which file ran it. When one comes from a helper,
  // only the reports above count there.
  const certain = [...tested].every((file) => files.includes(file));
  return files.filter((file) => untested.has(file) || (certain && !tested.has(file)));
}

function isSkipped({ skip }) {
  return skip !== undefined && skip !== false;
}
