/** What an experiment may use of the outside world. Made once, by the CLI, so that tests can replace it. */
export interface LabContext {
  /** Built entry of the server under test. */
  readonly serverEntry: string;
  /** The Node.js binary the server under test runs on. */
  readonly serverExecPath: string;
  /** The environment children start from; never what configures the server under test. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Variables of the user's that are not among them, to say so where one is missed. */
  readonly droppedNames: readonly string[];
  /** Aborted when the user wants to stop: children are then stopped and the experiment rejects. */
  readonly signal: AbortSignal;
  /** Monotonic, in milliseconds. */
  nowMs(): number;
  /** A number for arrivals that nobody has chosen. */
  drawSeed(): number;
  /** Wall clock, only to say when a result was made. */
  date(): Date;
  /** Writes to stdout. */
  print(text: string): void;
  /** Says on stderr what is being done. */
  progress(line: string): void;
}
