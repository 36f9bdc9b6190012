/** Brings a result of an older schema version up to date. What was not measured then is left empty. */
export function upgrade(value: unknown, version: number): unknown {
  return version === 1 ? fromVersion1(value as Version1) : value;
}

interface Version1 {
  plan?: { streams?: object[] };
  runs?: object[];
}

// Version 2 added telemetry, the SLO, the task's name, other arrivals than constant ones, and incomplete results.
function fromVersion1(value: Version1): unknown {
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
