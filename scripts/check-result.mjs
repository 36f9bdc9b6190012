// Usage: node scripts/check-result.mjs result.json
// Whether a saved result is a whole and valid measurement: for CI, which asserts nothing about speed. A run that is
// invalid because the hypervisor took the generator's CPU away is named and let pass: that is the machine's doing, and
// the lab has said so. One that is invalid for any other reason is not. Run it after a build.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseResult } from '../dist/loadtest/result/result.js';

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('Usage: node scripts/check-result.mjs result.json');
  process.exit(2);
}

try {
  check(parseResult(JSON.parse(readFileSync(file, 'utf8'))));
} catch (error) {
  console.error(`${file}: ${error.message}`);
  process.exitCode = 1;
}

function check({ complete, plan, calibration, environment, runs }) {
  assert.ok(complete, 'it is incomplete');
  assert.deepEqual(
    runs.map((run) => run.plan.id),
    plan.runs.map(({ id }) => id),
    'not every planned run was made',
  );
  for (const run of runs) checkRun(run, plan, environment.cores);
  const heldUp = runs.filter(({ invalidReasons }) => invalidReasons.length > 0);
  for (const { plan, invalidReasons, host } of heldUp) {
    const codes = invalidReasons.map(({ code }) => code).join(', ');
    const stolen = `${(100 * host.stolenCpuRatio).toFixed(1)} %`;
    console.log(`${plan.id} is not valid here (${codes}): ${stolen} of the CPU time was stolen`);
  }
  const requests = sum(runs.flatMap(({ streams }) => streams.map(countScheduled)));
  const call = `${calibration.serviceTimeMs.toFixed(2)} ms`;
  const valid = runs.length - heldUp.length;
  console.log(
    `${valid} of ${runs.length} runs valid, ${requests} requests, one call takes ${call}`,
  );
}

function checkRun(run, plan, cores) {
  const { id, target, offeredLoad } = run.plan;
  const { server, streams, selfCheck, invalidReasons } = run;
  assert.ok(
    invalidReasons.every((reason) => isExplainedByHost(reason, run, cores)),
    `${id} cannot be trusted: ${JSON.stringify(invalidReasons)}`,
  );
  assert.equal(server.mode, target, `${id} ran in mode ${server.mode}`);
  assert.ok(server.stoppedGracefully, `${id}: the server did not stop on request`);
  const isWanted = ({ arrivalRate }) => offeredLoad > 0 || arrivalRate.kind === 'fixed';
  assert.deepEqual(
    streams.map((stream) => stream.plan.name),
    plan.streams.filter(isWanted).map(({ name }) => name),
    `${id}: other streams than planned`,
  );
  for (const stream of streams) checkStream(id, stream);
  const counted = sum(streams.map(countScheduled));
  assert.equal(
    counted,
    selfCheck.scheduled,
    `${id}: ${counted} requests of ${selfCheck.scheduled}`,
  );
}

// Late by no more than what was stolen: then nothing of the generator's own need have been the cause.
function isExplainedByHost({ code, value }, { plan, host }, cores) {
  const stolenMs = (host.stolenCpuRatio ?? 0) * cores * (plan.warmupMs + plan.measureMs);
  return code === 'GENERATOR_LATE' && value <= stolenMs;
}

function checkStream(id, { plan: { name }, blocks }) {
  assert.ok(sum(blocks.map(({ succeeded }) => succeeded)) > 0, `${id}: ${name} was never answered`);
  for (const { startMs, scheduled, sent, succeeded, unanswered, errors } of blocks) {
    const unsent = scheduled - sent;
    const outcomes = unsent + succeeded + unanswered + sum(Object.values(errors));
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
