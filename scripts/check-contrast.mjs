// Usage: node scripts/check-contrast.mjs contrast.json
// Whether what `contrast --json` printed is a whole and valid measurement: for CI, which asserts nothing
// about speed. Run it after a build.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseResult } from '../dist/loadtest/result/result.js';

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('Usage: node scripts/check-contrast.mjs contrast.json');
  process.exit(2);
}

try {
  check(parseResult(JSON.parse(readFileSync(file, 'utf8'))));
} catch (error) {
  console.error(`${file}: ${error.message}`);
  process.exitCode = 1;
}

function check({ experiment, plan, calibration, runs }) {
  assert.equal(experiment, 'contrast');
  assert.deepEqual(
    runs.map((run) => run.plan.id),
    plan.runs.map(({ id }) => id),
    'not every planned run was made in the planned order',
  );
  for (const target of ['inline', 'pool']) {
    const loaded = runs.some((run) => run.plan.target === target && run.plan.offeredLoad > 0);
    assert.ok(loaded, `${target} was not measured under compute load`);
  }
  for (const run of runs) checkRun(run);
  const requests = sum(runs.flatMap(({ streams }) => streams.map(countScheduled)));
  const call = `${calibration.serviceTimeMs.toFixed(2)} ms`;
  console.log(`${runs.length} valid runs, ${requests} requests, one call takes ${call}`);
}

function checkRun({
  plan: { id, target, offeredLoad },
  server,
  streams,
  selfCheck,
  invalidReasons,
}) {
  const reasons = JSON.stringify(invalidReasons);
  assert.equal(invalidReasons.length, 0, `${id} cannot be trusted: ${reasons}`);
  assert.equal(server.mode, target, `${id} ran in mode ${server.mode}`);
  assert.ok(server.stoppedGracefully, `${id}: the server did not stop on request`);
  const names = streams.map((stream) => stream.plan.name).sort();
  const expected =
    offeredLoad > 0 ? ['compute', 'create', 'health', 'users'] : ['create', 'health', 'users'];
  assert.deepEqual(names, expected, `${id}: its streams are ${names}`);
  for (const stream of streams) checkStream(id, stream);
  const counted = sum(streams.map(countScheduled));
  assert.equal(
    counted,
    selfCheck.scheduled,
    `${id}: ${counted} requests of ${selfCheck.scheduled}`,
  );
}

function checkStream(id, { plan: { name }, blocks }) {
  assert.ok(sum(blocks.map(({ succeeded }) => succeeded)) > 0, `${id}: ${name} was never answered`);
  for (const { startMs, scheduled, succeeded, timedOut, unanswered, errors } of blocks) {
    const outcomes = succeeded + timedOut + unanswered + sum(Object.values(errors));
    const where = `${id}: ${name} from ${startMs} ms`;
    assert.equal(outcomes, scheduled, `${where}: ${outcomes} outcomes of ${scheduled} requests`);
  }
}

function countScheduled({ blocks }) {
  return sum(blocks.map(({ scheduled }) => scheduled));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
