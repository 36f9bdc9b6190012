import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const builtServer = fileURLToPath(new URL('../../dist/src/server.js', import.meta.url));

export interface ServerProcess {
  child: ChildProcess;
  url: string;
  adminUrl: string;
  /** All that was printed so far. */
  output: { stdout: string; stderr: string };
  /** Resolves with the exit code and the signal that ended it. */
  exited: Promise<[number | null, NodeJS.Signals | null]>;
}

interface LaunchOptions {
  args?: string[];
  /** A command that starts Node, such as one that takes privileges away. */
  prefix?: string[];
  /** The server's entry; the built one unless said otherwise. */
  entry?: string;
}

/** Starts the built server with these variables alone. It is killed, by its id, when the test ends. */
export function launch(t: TestContext, env: Record<string, string>, options: LaunchOptions = {}) {
  const [command = '', ...args] = [
    ...(options.prefix ?? []),
    process.execPath,
    options.entry ?? builtServer,
    ...(options.args ?? []),
  ];
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = { stdout: '', stderr: '' };
  const collected = (['stdout', 'stderr'] as const).map(async (name) => {
    for await (const chunk of child[name] ?? []) output[name] += chunk;
  });
  const exited = once(child, 'exit').then(async ([code, signal]) => {
    await Promise.all(collected);
    return [code, signal] as [number | null, NodeJS.Signals | null];
  });
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { child, output, exited };
}

/** The same, with an admin listener, once it is ready. Rejects with what it printed if it ends before. */
export async function startServer(
  t: TestContext,
  env: Record<string, string> = {},
  options: LaunchOptions = {},
): Promise<ServerProcess> {
  const launched = launch(t, { ADMIN_PORT: '0', ...env }, options);
  const ready = once(launched.child, 'message').then(([message]) => message);
  const first = await Promise.race([ready, launched.exited]);
  if (Array.isArray(first)) throw new Error(`Ended before it was ready: ${launched.output.stderr}`);
  const { port, adminPort } = first as { port: number; adminPort: number };
  return {
    ...launched,
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
  };
}
