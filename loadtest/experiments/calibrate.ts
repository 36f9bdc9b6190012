import { request } from 'undici';
import { findServiceTime } from '../analysis/service-time.ts';
import type { LabContext } from '../lab-context.ts';
import { LabError } from '../lab-error.ts';
import type { CalibrationPlan, ExperimentPlan } from '../result/experiment-plan.ts';
import type { Calibration } from '../result/result.ts';
import { expectAnswer, type LabCall } from './failed-call.ts';
import { parseServerTiming } from './server-timing.ts';
import { withTarget } from './with-target.ts';

const fewestCalls = 3;
const callTimeoutMs = 60_000;

const computePath = '/compute';
const plainCall: LabCall = { method: 'GET', path: computePath };

/** Finds out how long one call of `/compute` occupies a thread, with one call at a time and nothing else going on. */
export async function calibrate(lab: LabContext, plan: ExperimentPlan): Promise<Calibration> {
  const { target, rounds: wanted, maxMs } = plan.calibration;
  const endMs = lab.nowMs() + maxMs;
  const rounds: Calibration['rounds'] = [];
  do rounds.push({ samplesMs: await makeRound(lab, plan) });
  while (rounds.length < wanted && lab.nowMs() < endMs);
  return { target, serviceTimeMs: findServiceTime(rounds), rounds };
}

async function makeRound(lab: LabContext, plan: ExperimentPlan): Promise<number[]> {
  const { calibration, streams } = plan;
  // Asked in the plan's own way, with the body that its task wants.
  const call = streams.find(({ path }) => path === computePath) ?? plainCall;
  const { result } = await withTarget(lab, plan, calibration.target, async ({ ready }, signal) => {
    const url = `http://127.0.0.1:${ready.port}${call.path}`;
    return await sample(lab, calibration, () => callOnce(url, call, signal));
  });
  return result;
}

async function sample(
  lab: LabContext,
  { rounds, warmupCalls, calls, maxMs }: CalibrationPlan,
  call: () => Promise<number>,
): Promise<number[]> {
  const roundMs = maxMs / rounds;
  const endMs = lab.nowMs() + roundMs;
  const warmEndMs = endMs - roundMs / 2;
  for (let done = 0; done < warmupCalls && lab.nowMs() < warmEndMs; done += 1) await call();
  const samplesMs: number[] = [];
  while (samplesMs.length < calls && (samplesMs.length < fewestCalls || lab.nowMs() < endMs)) {
    samplesMs.push(await call());
  }
  return samplesMs;
}

async function callOnce(url: string, call: LabCall, signal: AbortSignal): Promise<number> {
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
  if (computeMs === undefined || computeMs <= 0) {
    throw new LabError(`cannot calibrate: ${url} answered without Server-Timing: compute`, 3);
  }
  return computeMs;
}
