/** Where the computation runs: on the event loop or on the worker pool. */
export type ComputeMode = 'inline' | 'pool';

/** A finished computation. */
export interface ComputeResult {
  /** What the task returned, as JSON text. */
  outputJson: string;
  /** From the request's arrival at the runner until the task started. */
  queueWaitMs: number;
  /** From the task's start until its end, on whichever thread it ran. */
  serviceTimeMs: number;
}

/** A runner's state at one moment. */
export interface RunnerState {
  /** Computations running now. */
  inFlight: number;
  /** Computations waiting for a thread now. */
  waiting: number;
  /** Workers started to take the place of lost ones, since the start. */
  workersReplaced: number;
  /** Every living worker's event loop, for utilisation; empty where there is no pool. */
  workers: readonly { threadId: number; eventLoopUtilization: EventLoopUtilizationReader }[];
}

type EventLoopUtilizationReader = typeof import('node:perf_hooks').performance.eventLoopUtilization;

/** Runs the task; what routes know of computing. */
export interface ComputeRunner {
  readonly mode: ComputeMode;
  /** Whether the task is the user's own, which checks its input itself, and not the default sum of `{n}`. */
  readonly ownTask: boolean;
  /** How many computations run at the same time at most. */
  readonly threads: number;
  /**
   * Runs the task once, with an input that JSON can carry. Rejects with an `AppError`, or with the signal's
   * reason once the signal has fired, which also stops the task where it can be stopped.
   */
  run(input: unknown, signal: AbortSignal): Promise<ComputeResult>;
  /** False once no thread is left that could run the task. */
  isHealthy(): boolean;
  state(): RunnerState;
  /** Refuses new computations from now on. */
  refuseNew(): void;
  /** Refuses new computations, finishes those it has accepted, then lets go of all threads. */
  close(): Promise<void>;
}
