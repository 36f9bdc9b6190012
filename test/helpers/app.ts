import { type AddressInfo, connect } from 'node:net';
import type { TestContext } from 'node:test';
import { createApp } from '../../src/app.ts';
import { createInlineRunner } from '../../src/compute/inline-runner.ts';
import type { PoolRunnerOptions } from '../../src/compute/pool-runner.ts';
import type { ComputeMode, ComputeRunner } from '../../src/compute/runner.ts';
import { createServer, type Timeouts } from '../../src/http/server.ts';
import { createMemoryStore } from '../../src/users/memory-store.ts';
import { loadTask } from '../../workers/task.ts';
import { createTestPool } from './pool.ts';

export interface TestApp {
  port: number;
  url: string;
  runner: ComputeRunner;
  /** What the app logged. */
  logged: unknown[];
}

const patient: Timeouts = {
  headersTimeout: 60_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 60_000,
};

/** Time limits that pass within a test. */
export const impatient: Timeouts = {
  headersTimeout: 100,
  requestTimeout: 100,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 50,
};

/** The app on a free port in this process, gone when the test ends. */
export async function startApp(
  t: TestContext,
  mode: ComputeMode = 'inline',
  poolOptions: Partial<PoolRunnerOptions> = {},
  { usersMax = 1000, timeouts = patient }: { usersMax?: number; timeouts?: Timeouts } = {},
): Promise<TestApp> {
  const runner =
    mode === 'inline'
      ? await createInline(poolOptions.taskUrl)
      : await createTestPool(t, poolOptions);
  const logged: unknown[] = [];
  const app = createApp({
    users: createMemoryStore(usersMax),
    runner,
    defaultIterations: 10_000_000,
    logError: (error) => logged.push(error),
  });
  const server = createServer(app, timeouts);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, runner, logged };
}

async function createInline(taskUrl: string | undefined): Promise<ComputeRunner> {
  return createInlineRunner(taskUrl === undefined ? undefined : await loadTask(taskUrl));
}

/** Sends bytes as they are and resolves with all that comes back until the server closes the connection. */
export async function exchangeRaw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(request);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}
