// `npm run bench:agreement`: whether other instruments see what the lab sees of GET /users on kept connections: a probe
// that shares no code with it, and k6 where that is on the PATH. Both instruments of a round load fresh servers one
// after the other, in alternating order. A round in which the machine was disturbed is made again.
//
//   npm run bench:agreement -- [--rounds 6] [--only probe|k6]
//
// Exit code: 0 they agree, 1 they do not, 3 the machine was too busy to tell.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { percentileOfRun } from '../loadtest/analysis/summarize-stream.ts';
import { isRepeatable } from '../loadtest/analysis/validity.ts';
import { calibrate } from '../loadtest/experiments/calibrate.ts';
import {
  createContrastPlan,
  defaultContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { executeRun } from '../loadtest/experiments/execute-run.ts';
import { executeK6Run } from '../loadtest/experiments/k6/execute-k6-run.ts';
import { findK6 } from '../loadtest/experiments/k6/find-k6.ts';
import { createMixedPlan, defaultMixedSettings } from '../loadtest/experiments/k6/k6-plan.ts';
import { resolveStreams } from '../loadtest/experiments/resolve-streams.ts';
import { withTarget } from '../loadtest/experiments/with-target.ts';
import type { StreamPlan } from '../loadtest/generator/load-plan.ts';
import { readArrivalRatePerSec } from '../loadtest/generator/schedule.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { type Column, renderColumns } from '../loadtest/report/columns.ts';
import type { ExperimentPlan, RunPlan } from '../loadtest/result/experiment-plan.ts';
import type { Calibration, RunResult } from '../loadtest/result/result.ts';
import { geometricMean, mean } from '../loadtest/stats/estimate.ts';
import { createBenchLab } from './bench-lab.ts';
import type { ProbePlan, ProbeResult } from './probe.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '6' }, only: { type: 'string' } },
});
const rounds = Number(options.rounds);
const probeEntry = fileURLToPath(new URL('./probe.ts', import.meta.url));
const lab = createBenchLab();
const folder = await mkdtemp(join(tmpdir(), 'agreement-'));

/** What one instrument saw of GET /users in one run; undefined: it was disturbed. */
type Seen = Omit<ProbeResult, 'requests' | 'unanswered' | 'lateP99Ms'> | undefined;

/** Another instrument, what it is compared on, and how far it may be off. */
interface Instrument {
  readonly name: string;
  readonly plan: (serviceTimeMs?: number) => ExperimentPlan;
  readonly see: (plan: ExperimentPlan, run: RunPlan, calibration: Calibration) => Promise<Seen>;
  readonly allowedRatio: number;
}

function toSeen({ streams, ...run }: Pick<RunResult, 'streams' | 'invalidReasons'>): Seen {
  const users = streams.find((stream) => stream.plan.name === 'users');
  const [p50Ms, p95Ms] = ([50, 95] as const).map(
    (percentile) => users && percentileOfRun(users, percentile, 'responseTimeUs'),
  );
  const growthMsPerSec = users?.growthMsPerSec ?? undefined;
  if (p50Ms === undefined || p95Ms === undefined || growthMsPerSec === undefined) return undefined;
  return isRepeatable(run) ? undefined : { p50Ms, p95Ms, growthMsPerSec };
}

/** As the lab's generator: at a real-time priority where that is granted. */
const isGranted = spawnSync('chrt', ['-f', '1', 'true'], { stdio: 'ignore' }).status === 0;
const realTime = isGranted ? ['chrt', '-f', '1'] : [];

/** The generator's own limit: then the probe's times are its own too. */
const latestP99Ms = 10;

async function seeByProbe(plan: ExperimentPlan, run: RunPlan, calibration: Calibration) {
  const streams = resolveStreams(plan, run, calibration.serviceTimeMs);
  const { warmupMs, measureMs } = run;
  const probePlan: ProbePlan = { streams: streams.map(toProbeStream), warmupMs, measureMs };
  const { result } = await withTarget(lab, plan, run.target, async ({ ready }) => {
    const [command = '', ...args] = [...realTime, process.execPath, '--import', 'tsx', probeEntry];
    const { stdout } = await promisify(execFile)(command, [
      ...[...args, `${ready.port}`, JSON.stringify(probePlan)],
    ]);
    return JSON.parse(stdout) as ProbeResult;
  });
  return result.lateP99Ms > latestP99Ms ? undefined : result;
}

function toProbeStream(stream: StreamPlan): ProbePlan['streams'][number] {
  const { name, method, path, bodies, connection, schedule } = stream;
  const body = bodies?.[0] ?? '';
  const type = body === '' ? '' : 'content-type: application/json\r\n';
  return {
    name,
    request: `${method} ${path} HTTP/1.1\r\nhost: x\r\n${type}content-length: ${body.length}\r\n\r\n${body}`,
    perSec: readArrivalRatePerSec(schedule) ?? 0,
    connections: connection.kind === 'kept' ? connection.connections : 0,
    isRandom: schedule.kind === 'poisson',
  };
}

const seed = lab.drawSeed();
const probe: Instrument = {
  name: 'probe',
  plan: (serviceTimeMs) =>
    createContrastPlan(
      {
        ...defaultContrastSettings,
        ...{ levels: [0.6, 1.2], areLevelsFixed: true, repeats: rounds, measureMs: 2000, seed },
      },
      serviceTimeMs,
    ),
  see: seeByProbe,
  allowedRatio: 0.2,
};
const k6: Instrument = {
  name: 'k6',
  plan: () =>
    createMixedPlan({
      ...defaultMixedSettings,
      ...{ levels: [0.3, 0.6], repeats: rounds, measureMs: 4000 },
    }),
  see: async (plan, run, calibration) => {
    const choice = { script: 'mixed', usersP99LimitMs: undefined, maxVirtualUsers: 1000 } as const;
    return toSeen((await executeK6Run(lab, plan, run, calibration, choice, folder)).result);
  },
  allowedRatio: 0.15,
};

const right = (title: string): Column => ({ title, align: 'right' });

/** The worst exit code of the comparison's lines. */
async function compare(other: Instrument): Promise<number> {
  const calibration = await calibrate(lab, other.plan());
  const plan = other.plan(calibration.serviceTimeMs);
  const pairs = new Map<string, { lab: Seen; other: Seen }[]>();
  for (const [position, run] of plan.runs.entries()) {
    const pair: { lab: Seen; other: Seen } = { lab: undefined, other: undefined };
    for (let attempt = 1; attempt <= 3 && !(pair.lab && pair.other); attempt += 1) {
      lab.progress(`run ${position + 1} of ${plan.runs.length}: ${run.id}, lab and ${other.name}`);
      for (const turn of run.repetition % 2 === 1 ? ['lab', 'other'] : ['other', 'lab']) {
        if (turn === 'lab') pair.lab = toSeen(await executeRun(lab, plan, run, calibration));
        else pair.other = await other.see(plan, run, calibration);
      }
    }
    const key = `${run.target} ${run.offeredLoad}`;
    pairs.set(key, [...(pairs.get(key) ?? []), pair]);
  }
  const lines = [...pairs].flatMap(([key, ofKey]) => toLines(key, ofKey, other));
  const columns = [
    { title: '', align: 'left' as const },
    { title: 'GET /users', align: 'left' as const },
    ...['rounds', 'lab', other.name, 'allowed difference'].map(right),
    { title: '', align: 'left' as const },
  ];
  lab.print(
    `${renderColumns(
      columns,
      lines.map(({ cells }) => cells),
    ).join('\n')}\n\n`,
  );
  return Math.max(...lines.map(({ code }) => code));
}

function toLines(key: string, pairs: { lab: Seen; other: Seen }[], { allowedRatio }: Instrument) {
  const whole = pairs.flatMap(({ lab, other }) => (lab && other ? [{ lab, other }] : []));
  // Above the capacity of the loop a percentile is as long as the window made it.
  const isOverload = key === 'inline 1.2';
  const figures = isOverload ? (['growthMsPerSec'] as const) : (['p50Ms', 'p95Ms'] as const);
  return figures.map((figure) => {
    const average = isOverload ? mean : geometricMean;
    const ours = average(whole.map(({ lab }) => lab[figure]));
    const theirs = average(whole.map(({ other }) => other[figure]));
    const allowed = allowedRatio * theirs + (isOverload ? 0 : 1);
    const agrees = Math.abs(ours - theirs) <= allowed;
    const unit = isOverload ? 'ms/s' : 'ms';
    const isTold = whole.length >= 3;
    const cells = [
      key,
      { p50Ms: 'p50', p95Ms: 'p95', growthMsPerSec: 'growth' }[figure],
      `${whole.length} of ${pairs.length}`,
      ...[ours, theirs, allowed].map((value) => `${value.toFixed(2)} ${unit}`),
      isTold ? (agrees ? 'agree' : 'DISAGREE') : 'cannot tell: disturbed',
    ];
    return { cells, code: isTold ? (agrees ? 0 : 1) : 3 };
  });
}

try {
  const codes: number[] = [];
  if (options.only !== 'k6') codes.push(await compare(probe));
  if (options.only !== 'probe') {
    lab.progress(`k6 ${await findK6(lab)}`);
    codes.push(await compare(k6));
  }
  process.exitCode = codes.includes(1) ? 1 : Math.max(...codes);
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  lab.progress(`error: ${error.message}`);
  process.exitCode = error.exitCode;
} finally {
  await rm(folder, { recursive: true, force: true });
}
