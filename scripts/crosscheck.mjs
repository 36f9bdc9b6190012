// Usage: node --import tsx scripts/crosscheck.mjs
// Shows what the lab's generator reports against a stub with known delays, beside what it must report and what
// a closed-loop tool makes of the same stub. Takes about half a minute; the machine should be otherwise idle.
import autocannon from 'autocannon';
import { summarizeStream } from '../loadtest/analysis/summarize-stream.ts';
import { runGenerator } from '../loadtest/generator/run-generator.ts';
import { judgeSelfCheck } from '../loadtest/generator/self-check.ts';
import { pickBaseEnvironment } from '../loadtest/process/base-environment.ts';
import { renderColumns } from '../loadtest/report/columns.ts';
import {
  createCrosscheckPlan,
  expectFigures,
  expectIdeally,
  toFigures,
  withStub,
} from '../test/helpers/crosscheck.ts';

const measureMs = 4000;
const connections = 10;
const columns = ['stub', 'source', 'requests', 'p50', 'p95', 'p99'].map((title, index) => ({
  title,
  align: index < 2 ? 'left' : 'right',
}));

const rows = [];
for (const shape of ['constant', 'bimodal', 'stall']) {
  const open = await withStub(shape, async (port) => {
    const plan = createCrosscheckPlan(port, measureMs);
    const env = pickBaseEnvironment(process.env);
    const result = await runGenerator(plan, { env, signal: new AbortController().signal });
    return { plan, result };
  });
  const { plan, result } = open.result;
  const { responseTime } = summarizeStream(result.streams[0], measureMs);
  const closed = await withStub(shape, (port) => sendClosedLoop(port, plan));
  const count = measureMs / 5;
  rows.push(
    toRow(shape, 'the delays alone', count, expectIdeally(shape, plan)),
    toRow('', 'schedule and server trace', count, expectFigures(plan, open.trace)),
    toRow('', 'our generator', responseTime.count, responseTime),
    toRow('', 'autocannon, closed loop', closed.result.length, toFigures(closed.result)),
    [],
  );
  const reasons = judgeSelfCheck(result.selfCheck).map(({ code }) => code);
  if (reasons.length > 0) console.error(`${shape}: not to be trusted, ${reasons.join(', ')}`);
}
console.log(`Response times in ms, 200 requests/s offered for ${measureMs / 1000} s.\n`);
console.log(renderColumns(columns, rows).join('\n'));

/** The same rate, over ten connections that each wait for their answer. Resolves with the times it saw, in ms. */
async function sendClosedLoop(port, { warmupMs }) {
  const timesMs = [];
  const startedMs = performance.now();
  const run = autocannon({
    url: `http://127.0.0.1:${port}/`,
    connections,
    overallRate: 200,
    duration: (warmupMs + measureMs) / 1000,
    // Its correction mistakes seconds for milliseconds.
    ignoreCoordinatedOmission: true,
  });
  run.on('response', (_client, _status, _bytes, timeMs) => {
    if (performance.now() - startedMs >= warmupMs) timesMs.push(timeMs);
  });
  await run;
  return timesMs;
}

function toRow(shape, source, count, { p50Ms, p95Ms, p99Ms }) {
  return [shape, source, `${count}`, ...[p50Ms, p95Ms, p99Ms].map((ms) => ms.toFixed(1))];
}
