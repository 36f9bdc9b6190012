import { type ChildProcess, fork } from 'node:child_process';

// More than V8 prints when a process runs out of memory.
const stderrTailChars = 16_384;
/** How an error begins that ends a process, in what Node.js and V8 print. */
const errorLine = /^(?:[\w.]*(?:Error|Exception)\b.*|FATAL ERROR): /;

/** How to start one of the lab's child processes. */
export interface ForkOptions {
  /** The child's whole environment: nothing is inherited besides it. */
  readonly env: Readonly<Record<string, string>>;
  /** Default: the Node.js this process runs on. */
  readonly execPath?: string;
  readonly execArgv?: readonly string[];
}

/** How a child ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child and how it ends. One that was forked ends by itself when this process goes away. */
export interface ForkedModule {
  readonly child: ChildProcess;
  /** Settles once the child is gone, also when it could not be started; never rejects. */
  readonly exited: Promise<ChildExit>;
  /** The last 16 KiB the child wrote to stderr, trimmed. */
  stderrTail(): string;
  /** The one line of them that says most: an error's, else the last one. */
  lastWords(): string;
}

/** Starts `entry` in a process of its own. A `.ts` entry runs through tsx, as in tests. */
export function forkModule(entry: string, options: ForkOptions): ForkedModule {
  // Never the parent's own execArgv: a profiler or an inspector flag must not reach what is measured.
  const loader = entry.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [];
  const child = fork(entry, [], {
    env: { ...options.env },
    execArgv: [...loader, ...(options.execArgv ?? [])],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(options.execPath === undefined ? {} : { execPath: options.execPath }),
  });
  return watchChild(child);
}

/** Watches a child that was just started, with its stderr as a pipe. */
export function watchChild(child: ChildProcess): ForkedModule {
  let tail = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    tail = (tail + text).slice(-stderrTailChars);
  });

  const exited = new Promise<ChildExit>((resolve) => {
    // 'close' and not 'exit': only then has all of stderr been read.
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => {
      tail = `${tail}\n${error.message}`;
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });

  return {
    child,
    exited,
    stderrTail: () => tail.trim(),
    lastWords() {
      const lines = tail.trim().split('\n');
      return lines.find((line) => errorLine.test(line)) ?? lines.at(-1) ?? '';
    },
  };
}

/** Says how a child ended, for an error message. */
export function describeExit({ code, signal }: ChildExit): string {
  if (signal !== null) return `was ended by ${signal}`;
  return code === null ? 'could not be started' : `exited with code ${code}`;
}

/** Asks a child to stop and kills it by its pid after `graceMs`. Resolves once it is gone. */
export async function stopChild(
  { child, exited }: ForkedModule,
  graceMs: number,
): Promise<{ exit: ChildExit; killed: boolean }> {
  let killed = false;
  child.kill('SIGTERM');
  const timer = setTimeout(() => {
    killed = true;
    child.kill('SIGKILL');
  }, graceMs);
  const exit = await exited;
  clearTimeout(timer);
  return { exit, killed };
}
