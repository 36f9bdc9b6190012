import { request } from 'undici';
import { findServiceTime } from '../analysis/service-time.ts';
import { parseServerTiming } from '../generator/server-timing.ts';
import type { LabContext } from '../lab-context.ts';
import { LabError } from '../lab-error.ts';
import type { CalibrationPlan, ExperimentPlan, StreamTemplate } from '../result/experiment-plan.ts';
import type { Calibration } from '../result/result.ts';
import { expectAnswer, type LabCall } from './failed-call.ts';
import { withTarget } from './with-target.ts';

const fewestCalls = 3;
const callTimeoutMs = 60_000;

type Call = Pick<StreamTemplate, 'method' | 'path' | 'bodies'>;

const computePath = '/compute';
const plainCall: Call = { method: 'GET', path: computePath };

type CalibrationRound = Calibration['rounds'][number];

/** Finds out how long one call of `/compute` occupies a thread, with one call at a time and nothing else going on. */
export async function calibrate(lab: LabContext, plan: ExperimentPlan): Promise<Calibration> {
  const { target, rounds: wanted, maxMs } = plan.calibration;
  const endMs = lab.nowMs() + maxMs;
  const rounds: Calibration['rounds'] = [];
  do rounds.push(await makeRound(lab, plan));
  while (rounds.length < wanted && lab.nowMs() < endMs);
  const inputs = callOf(plan).bodies?.length ?? 1;
  return { target, serviceTimeMs: findServiceTime(rounds, inputs), rounds, atEnd: null };
}

/** One more round, to say whether the machine has changed meanwhile. */
export async function calibrateAgain(
  lab: LabContext,
  plan: ExperimentPlan,
): Promise<CalibrationRound> {
  return await makeRound(lab, plan);
}

/** Asked in the plan's own way, with the bodies that its task wants. */
function callOf({ streams }: ExperimentPlan): Call {
  return streams.find(({ path }) => path === computePath) ?? plainCall;
}

async function makeRound(lab: LabContext, plan: ExperimentPlan): Promise<CalibrationRound> {
  const { calibration } = plan;
  const call = callOf(plan);
  const { result } = await withTarget(lab, plan, calibration.target, async ({ ready }, signal) => {
    const url = `http://127.0.0.1:${ready.port}${call.path}`;
    return await sample(lab, calibration, (index) => callOnce(url, call, index, signal));
  });
  return result;
}

async function sample(
  lab: LabContext,
  { rounds, warmupCalls, calls, maxMs }: CalibrationPlan,
  call: (index: number) => Promise<number>,
): Promise<CalibrationRound> {
  const roundMs = maxMs / rounds;
  const endMs = lab.nowMs() + roundMs;
  const warmEndMs = endMs - roundMs / 2;
  const firstMs = await call(0);
  let done = 1;
  for (; done < warmupCalls && lab.nowMs() < warmEndMs; done += 1) await call(done);
  const samplesMs: number[] = [];
  while (samplesMs.length < calls && (samplesMs.length < fewestCalls || lab.nowMs() < endMs)) {
    samplesMs.push(await call(done++));
  }
  return { firstMs, samplesMs };
}

async function callOnce(
  url: string,
  { method, path, bodies }: Call,
  index: number,
  signal: AbortSignal,
): Promise<number> {
  const call: LabCall = { method, path, body: bodies?.[index % bodies.length] };
  const answer = request(url, {
    method: call.method,
    signal,
    headersTimeout: callTimeoutMs,
    ...(call.body !== undefined && {
      body: call.body,
      headers: { 'content-type': 'application/json' },
    }),
  });
  const headers = await expectAnswer('cannot calibrate', call, answer);
  const header = headers['server-timing'];
  const computeMs =
    typeof header === 'string' ? parseServerTiming(header).get('compute') : undefined;
  if (computeMs === undefined) {
    throw new LabError(`cannot calibrate: ${url} answered without Server-Timing: compute`, 3);
  }
  return computeMs;
}
