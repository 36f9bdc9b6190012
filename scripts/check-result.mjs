// Usage: node scripts/check-result.mjs <folder of a result> <exit code of the command that wrote it>
// Whether a saved result is a whole measurement that tells the truth about itself: for CI, which asserts nothing about
// speed, nor that the machine was idle. A run that says it is invalid is a right answer when its own figures say so too,
// and the exit code has to agree: 3 for an invalid result, and only for one; 1 when k6 missed a threshold, which here may
// be none but the one on iterations it had to drop. Run it after a build.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findInvalidReasons, isValid } from '../dist/loadtest/analysis/validity.js';
import { readMissedThresholds } from '../dist/loadtest/experiments/k6/summary.js';
import { parseResult } from '../dist/loadtest/result/result.js';

const [folder, exitCode] = process.argv.slice(2);
if (folder === undefined || exitCode === undefined) {
  console.error('Usage: node scripts/check-result.mjs <folder of a result> <exit code>');
  process.exit(2);
}

try {
  const result = parseResult(JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')));
  check(result);
  checkExitCode(result, await findMissedThresholds());
} catch (error) {
  console.error(`${folder}: ${error.message}`);
  process.exitCode = 1;
}

function check({ complete, plan, calibration, runs }) {
  assert.ok(complete, 'it is incomplete');
  assert.deepEqual(
    runs.map((run) => run.plan.id),
    plan.runs.map(({ id }) => id),
    'not every planned run was made',
  );
  for (const run of runs) checkRun(run, plan);
  const streams = runs.flatMap((run) => run.streams);
  for (const { name } of plan.streams) {
    const own = streams.filter((stream) => stream.plan.name === name);
    const succeeded = sum(own.flatMap(({ blocks }) => blocks.map((block) => block.succeeded)));
    assert.ok(succeeded > 0, `${name} was never answered`);
  }
  const invalid = runs.filter(({ invalidReasons }) => invalidReasons.length > 0);
  for (const { plan, invalidReasons, host } of invalid) {
    const reasons = invalidReasons.map(
      ({ code, value, limit }) => `${code} ${value}, not ${limit}`,
    );
    const stolen = host.stolenCpuRatio === null ? '?' : (100 * host.stolenCpuRatio).toFixed(1);
    console.log(`${plan.id} says it is invalid (${reasons.join('; ')}; CPU stolen: ${stolen} %)`);
  }
  const valid = `${runs.length - invalid.length} of ${runs.length} runs valid`;
  const call = `one call takes ${calibration.serviceTimeMs.toFixed(2)} ms`;
  console.log(`${valid}, ${sum(streams.map(countScheduled))} requests, ${call}`);
}

function checkRun({ plan: run, server, streams, selfCheck, host, invalidReasons }, plan) {
  const { id, target, offeredLoad } = run;
  assert.deepEqual(
    invalidReasons,
    findInvalidReasons({ streams, selfCheck }, host),
    `${id}: its reasons to be invalid are not those its figures give`,
  );
  assert.equal(server.mode, target, `${id} ran in mode ${server.mode}`);
  assert.ok(server.stoppedGracefully, `${id}: the server did not stop on request`);
  const isWanted = ({ arrivalRate }) => offeredLoad > 0 || arrivalRate.kind === 'fixed';
  assert.deepEqual(
    streams.map((stream) => stream.plan.name),
    plan.streams.filter(isWanted).map(({ name }) => name),
    `${id}: other streams than planned`,
  );
  for (const { plan, blocks } of streams) checkBlocks(`${id}: ${plan.name}`, blocks);
  const counted = sum(streams.map(countScheduled));
  const { scheduled } = selfCheck;
  assert.equal(counted, scheduled, `${id}: ${counted} requests of ${scheduled}`);
}

function checkBlocks(stream, blocks) {
  for (const { startMs, scheduled, sent, succeeded, unanswered, errors } of blocks) {
    const unsent = scheduled - sent;
    const outcomes = unsent + succeeded + unanswered + sum(Object.values(errors));
    const where = `${stream} from ${startMs} ms`;
    assert.equal(outcomes, scheduled, `${where}: ${outcomes} outcomes of ${scheduled} requests`);
  }
}

function checkExitCode(result, missed) {
  const expected = !isValid(result) ? 3 : missed.length > 0 ? 1 : 0;
  assert.equal(
    Number(exitCode),
    expected,
    `exit code ${exitCode}, and the result calls for ${expected}`,
  );
  const others = missed.filter((threshold) => !threshold.startsWith('dropped_iterations{'));
  assert.deepEqual(others, [], `k6 missed ${others.join(', ')}`);
  for (const threshold of missed) console.log(`k6 missed ${threshold}`);
}

async function findMissedThresholds() {
  const summaries = readdirSync(folder).filter((name) => /^k6-.*\.json$/.test(name));
  return (
    await Promise.all(summaries.map((name) => readMissedThresholds(join(folder, name))))
  ).flat();
}

function countScheduled({ blocks }) {
  return sum(blocks.map(({ scheduled }) => scheduled));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
