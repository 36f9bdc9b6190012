/** Brings a result of an older schema version up to date. What was not measured then is left empty. */
export function upgrade(value: unknown, version: number): unknown {
  const second = version === 1 ? fromVersion1(value as OldResult) : value;
  const third = version <= 2 ? fromVersion2(second as OldResult) : second;
  return version <= 3 ? fromVersion3(third as OldResult) : third;
}

interface OldResult {
  plan?: { streams?: object[]; calibration?: object };
  calibration?: { samplesMs?: unknown };
  runs?: { telemetry?: object[] }[];
}

// Version 4 calibrates in rounds; before, there was one.
function fromVersion3(value: OldResult): unknown {
  const { samplesMs, ...calibration } = value.calibration ?? {};
  return {
    ...value,
    schemaVersion: 4,
    plan: { ...value.plan, calibration: { ...value.plan?.calibration, rounds: 1 } },
    calibration: { ...calibration, rounds: [{ samplesMs }] },
  };
}

// Version 3 added other generators and virtual users, what host and pool threads did meanwhile, and discarded runs.
function fromVersion2(value: OldResult): unknown {
  return {
    ...value,
    schemaVersion: 3,
    generator: { tool: 'offload-lab', version: 'unknown' },
    plan: { ...value.plan, loadUnit: 'threads', maxRepeatedRuns: 0 },
    runs: value.runs?.map((run) => ({
      ...run,
      host: { stolenCpuRatio: null },
      telemetry: run.telemetry?.map((point) => ({ ...point, computeThreadsCpuMs: null })),
    })),
    discarded: [],
  };
}

// Version 2 added telemetry, the SLO, the task's name, other arrivals than constant ones, and incomplete results.
function fromVersion1(value: OldResult): unknown {
  return {
    ...value,
    schemaVersion: 2,
    complete: true,
    plan: {
      ...value.plan,
      streams: value.plan?.streams?.map((stream) => ({ ...stream, arrivals: 'constant' })),
      sloP99Ms: 50,
      task: null,
    },
    runs: value.runs?.map((run) => ({ ...run, windowStartEpochMs: null, telemetry: [] })),
  };
}
