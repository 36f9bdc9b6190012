import { LabError } from '../lab-error.ts';
import type { ExperimentPlan } from '../result/experiment-plan.ts';
import { describeLoggedError, type LoggedError } from '../target/server-log.ts';
import { isSettable } from '../target/target-environment.ts';
import { FailedCallError } from './failed-call.ts';

const maxInputChars = 100;

/** What the user gave to a server, and what of the user's it did not get. */
export interface GivenToTarget {
  /** The file that `--task` named; null when there was no such option. */
  readonly task: ExperimentPlan['task'];
  readonly settings: Readonly<Record<string, string>>;
  readonly droppedNames: readonly string[];
}

/** A failure in one line for whoever wrote the task: the reason, the options as they were typed, and what helps. */
export function explainFailure(
  error: LabError,
  logged: LoggedError | undefined,
  given: GivenToTarget,
): LabError {
  const message =
    error instanceof FailedCallError
      ? explainCall(error, logged, given)
      : withHint(nameOptions(error.message, given), findHint(error.message, given));
  return new LabError(message, error.exitCode, { cause: error });
}

/** The same for an error that was logged under load, where the table tells how many requests failed. */
export function explainLoggedError(logged: LoggedError, given: GivenToTarget): string {
  const text = describeLoggedError(logged);
  return withHint(`${nameTask(given) ?? 'a request'} failed: ${text}`, findHint(text, given));
}

function explainCall(
  error: FailedCallError,
  logged: LoggedError | undefined,
  given: GivenToTarget,
): string {
  const { call, failure } = error;
  const { status, code } = failure;
  const reason = logged === undefined ? failure.reason : describeLoggedError(logged);
  const hint = findHint(reason, given) ?? findCallHint(call.body, code, given);
  const task = nameTask(given);
  if (task === undefined) {
    return withHint(logged === undefined ? error.message : `${error.message}: ${reason}`, hint);
  }
  const what = status !== null && status < 500 ? 'refuses its input' : 'failed with the input';
  return withHint(`${task} ${what} ${shorten(call.body ?? '{}')}: ${reason}`, hint);
}

function nameTask({ task, settings: { COMPUTE_TASK } }: GivenToTarget): string | undefined {
  return COMPUTE_TASK === undefined
    ? undefined
    : nameOptions(`COMPUTE_TASK ${COMPUTE_TASK}`, { task });
}

/** The server knows its settings by the names of variables, the user by those of options. */
function nameOptions(text: string, { task }: Pick<GivenToTarget, 'task'>): string {
  return task === null ? text : text.replaceAll('COMPUTE_TASK', '--task');
}

function findHint(text: string, { settings, droppedNames }: GivenToTarget): string | undefined {
  if (text.includes('reaching memory limit'))
    return 'A pool thread may have more with --env POOL_HEAP_MAX_MB=value';
  const dropped = droppedNames.find(
    (name) => isSettable(name) && !(name in settings) && isNamedIn(text, name),
  );
  if (dropped === undefined) return undefined;
  return `Your ${dropped} is not passed on: give it with --env ${dropped}=value`;
}

function findCallHint(
  body: string | undefined,
  code: string | undefined,
  { task }: GivenToTarget,
): string | undefined {
  if (code === 'COMPUTE_TIMEOUT')
    return 'It may have more time with --env COMPUTE_TIMEOUT_MS=value';
  return task !== null && body === '{}' ? 'Give it another with --input' : undefined;
}

function isNamedIn(text: string, name: string): boolean {
  return /^[A-Za-z_]\w+$/.test(name) && new RegExp(`\\b${name}\\b`).test(text);
}

// Once, also when a failure goes through more than one target.
function withHint(sentence: string, hint: string | undefined): string {
  return hint === undefined || sentence.includes(hint) ? sentence : `${sentence}. ${hint}`;
}

function shorten(input: string): string {
  return input.length > maxInputChars ? `${input.slice(0, maxInputChars)} …` : input;
}
