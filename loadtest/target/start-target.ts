import { LabError } from '../lab-error.ts';
import {
  type ChildExit,
  describeExit,
  type ForkedModule,
  forkModule,
  stopChild,
} from '../process/fork-module.ts';
import { type ReadyMessage, readyMessageSchema } from './ready-message.ts';
import { describeLoggedError, readServerLog, type ServerLog } from './server-log.ts';

const readyTimeoutMs = 20_000;
/** The server's own deadline for a graceful stop is 8 s. */
const stopGraceMs = 9_000;

/** Which server to start, and how. */
export interface TargetOptions {
  readonly entry: string;
  readonly execPath: string;
  /** The one core it may run on (Linux, by util-linux's taskset); any when undefined. */
  readonly core?: number;
  /** The server's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Aborting stops the server and rejects a start in progress with the signal's reason. */
  readonly signal: AbortSignal;
  /** Monotonic, in milliseconds. */
  nowMs(): number;
}

/** How a server under test came to its end. */
export interface TargetStop extends ChildExit {
  /** It did not stop by itself in time and was killed. */
  readonly killed: boolean;
}

/** A running server under test. */
export interface Target {
  readonly pid: number;
  readonly ready: ReadyMessage;
  /** From starting the process to its ready message. */
  readonly startMs: number;
  readonly log: ServerLog;
  /** Rejects with a {@link LabError} as soon as the server ends before {@link Target.stop}. Never resolves. */
  readonly crashed: Promise<never>;
  /** Stops the server, by its pid, and resolves once it is gone. */
  stop(): Promise<TargetStop>;
}

/** Starts a server under test in a fresh process. Rejects with a {@link LabError} that carries the last words it said on stderr. */
export async function startTarget(options: TargetOptions): Promise<Target> {
  options.signal.throwIfAborted();
  const startedMs = options.nowMs();
  const node = [options.execPath, '--enable-source-maps'];
  const [execPath = '', ...execArgv] =
    options.core === undefined ? node : ['taskset', '--cpu-list', `${options.core}`, ...node];
  const server = forkModule(options.entry, { env: options.env, execPath, execArgv });
  const log = readServerLog(server.child.stderr);
  try {
    const ready = await waitForReady(server, log, options.signal);
    const startMs = options.nowMs() - startedMs;
    const { pid } = server.child;
    if (pid === undefined) throw new LabError('the server has no process', 3);
    return { pid, ready, startMs, log, ...supervise(server, log) };
  } catch (error) {
    // It may be stuck where no signal handler runs yet, or in a handler that never finishes.
    await stopChild(server, 1000);
    throw error;
  }
}

function supervise(server: ForkedModule, log: ServerLog): Pick<Target, 'crashed' | 'stop'> {
  let isStopping = false;
  const crashed = new Promise<never>((_, reject) => {
    void server.exited.then((exit) => {
      if (!isStopping) {
        reject(
          new LabError(withWords(`the server ${describeExit(exit)} under load`, server, log), 3),
        );
      }
    });
  });
  // Whoever is interested awaits it; for everybody else it is no unhandled rejection.
  crashed.catch(() => {});
  return {
    crashed,
    async stop() {
      isStopping = true;
      const { exit, killed } = await stopChild(server, stopGraceMs);
      return { ...exit, killed };
    },
  };
}

function waitForReady(
  server: ForkedModule,
  log: ServerLog,
  signal: AbortSignal,
): Promise<ReadyMessage> {
  return new Promise((resolve, reject) => {
    const settled = new AbortController();
    const settle = (act: () => void) => {
      clearTimeout(timer);
      settled.abort();
      act();
    };
    const fail = (message: string, exitCode: 2 | 3 = 3) =>
      settle(() => reject(new LabError(withWords(message, server, log), exitCode)));
    const timer = setTimeout(
      () => fail(`the server was not ready within ${readyTimeoutMs / 1000} s`),
      readyTimeoutMs,
    );
    signal.addEventListener('abort', () => settle(() => reject(signal.reason)), {
      signal: settled.signal,
    });
    server.child.on('message', (message) => {
      const ready = readyMessageSchema.safeParse(message);
      if (ready.success) settle(() => resolve(ready.data));
    });
    void server.exited.then((exit) => {
      // Its own code for a bad setting, which the user gave to us.
      if (exit.code === 2) fail('the server did not start', 2);
      else fail(`the server ${describeExit(exit)} before it was ready`);
    });
  });
}

/** The message with the last words of the server, in one line; of a line of its log the error that it is about. */
function withWords(message: string, server: ForkedModule, log: ServerLog): string {
  const words = server.lastWords();
  const logged = words.startsWith('{') ? log.lastError() : undefined;
  const said = logged === undefined ? words : describeLoggedError(logged);
  return said === '' ? message : `${message}: ${said}`;
}
