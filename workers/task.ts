import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What a task is given besides its input. */
export interface TaskContext {
  /**
   * True once nobody waits for the result any more: the client has gone or the deadline has passed.
   * A task that looks now and then and returns (or throws) early keeps its thread; one that never
   * looks is killed together with its thread soon after the deadline.
   */
  cancelled(): boolean;
}

/**
 * What a task module exports by default. The input comes from a client and is whatever JSON can say, so
 * it is the task's to check: an error with `code: 'INVALID_INPUT'` tells the client its message. What
 * it returns must be something JSON can say.
 */
export type Task<Input = unknown, Output = unknown> = (
  input: Input,
  context: TaskContext,
) => Output | Promise<Output>;

/** A module that cannot serve as a task; the message is one line that says why. */
export class TaskLoadError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'TaskLoadError';
  }
}

// Far more than imports take; there so that a module that waits for ever is refused and not waited for.
const loadTimeoutMs = 10_000;

/** The task a file exports, loaded on the calling thread. Rejects with a {@link TaskLoadError} only. */
export async function loadTask(url: string): Promise<Task> {
  const path = fileURLToPath(url);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new TaskLoadError('there is no such file');
  const exported = await importDefault(url).catch((error: unknown) => {
    throw error instanceof TaskLoadError ? error : toLoadError(error, path);
  });
  if (exported === undefined) throw new TaskLoadError('it has no default export');
  if (typeof exported !== 'function') {
    const kind = exported === null ? 'null' : typeof exported;
    throw new TaskLoadError(`its default export must be a function, not of type ${kind}`);
  }
  return exported as Task;
}

async function importDefault(url: string): Promise<unknown> {
  let patience: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    const error = new TaskLoadError(`it has not finished loading after ${loadTimeoutMs / 1000} s`);
    patience = setTimeout(() => reject(error), loadTimeoutMs);
  });
  try {
    const namespace: { default?: unknown } = await Promise.race([importModule(url), tooLong]);
    const exported = namespace.default;
    // CommonJS that was compiled from TypeScript, by tsx or beforehand, keeps its default export in there.
    return typeof exported === 'object' && exported !== null && 'default' in exported
      ? exported.default
      : exported;
  } finally {
    clearTimeout(patience);
  }
}

async function importModule(url: string): Promise<{ default?: unknown }> {
  try {
    return await import(url);
  } catch (error) {
    if (!url.endsWith('.ts') || codeOf(error) !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    return importThroughTsx(url);
  }
}

// Node knows TypeScript since 22.18. For this one module an older one can borrow tsx, where it is installed.
async function importThroughTsx(url: string): Promise<{ default?: unknown }> {
  const { tsImport } = await import('tsx/esm/api').catch((error: unknown) => {
    const advice = 'run Node 22.18 or newer, install tsx, or compile it to .mjs';
    throw new TaskLoadError(`this Node does not know TypeScript: ${advice}`, { cause: error });
  });
  return tsImport(url, import.meta.url);
}

function toLoadError(error: unknown, path: string): TaskLoadError {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  // The place of a syntax error is not in the error; only Node itself prints it.
  const hint = error instanceof SyntaxError ? ` (run node ${path} to see where)` : '';
  return new TaskLoadError(`it cannot be imported: ${text.split('\n', 1)[0]}${hint}`, {
    cause: error,
  });
}

/** The `code` of whatever was thrown. */
export function codeOf(thrown: unknown): unknown {
  return (thrown as { code?: unknown } | null | undefined)?.code;
}
