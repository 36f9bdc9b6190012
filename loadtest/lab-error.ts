/** What went wrong, as an exit code of the lab: 2 the way it was asked, 3 the measurement itself. */
export type FailureExitCode = 2 | 3;

/** A failure the user can act on. The message is one clear line; the CLI prints it without a stack. */
export class LabError extends Error {
  readonly exitCode: FailureExitCode;

  constructor(message: string, exitCode: FailureExitCode, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LabError';
    this.exitCode = exitCode;
  }
}
