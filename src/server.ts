import { pino } from 'pino';
import { BoundedOutput } from './bounded-output.ts';
import { createRunner, PoolStartError } from './compute/create-runner.ts';
import { observeRunner } from './compute/observe.ts';
import { ConfigError, loadConfig } from './config.ts';
import { renderHelp } from './help.ts';
import { countRequests } from './http/request-counts.ts';
import { createServer } from './http/server.ts';
import { ListenError, listen, toLocalUrl } from './listen.ts';
import { startMonitor } from './monitor/monitor.ts';
import { settleAll } from './settle-all.ts';
import { shutDown } from './shutdown.ts';
import { createMemoryStore } from './users/memory-store.ts';

const outputs = {
  stdout: new BoundedOutput(process.stdout),
  stderr: new BoundedOutput(process.stderr),
};

async function main(): Promise<void> {
  const [argument] = process.argv.slice(2);
  if (argument === '--help' || argument === '-h') {
    process.stdout.write(renderHelp());
    return;
  }
  if (argument !== undefined) throw new ConfigError([`unknown argument ${argument}, try --help`]);
  await serve();
}

async function serve(): Promise<void> {
  const config = loadConfig(process.env);
  // Until there is something to shut down, a signal just ends the process: as process 1 of a container it would
  // be ignored if nobody listened.
  let stop = (_reason: string, exitCode: 0 | 1): void => process.exit(exitCode);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal, 0));

  // There is no line per request.
  const log = pino({ level: config.LOG_LEVEL }, process.stderr);
  for (const [name, output] of Object.entries(outputs))
    output.onGap = (lines) => log.warn({ output: name, lines }, 'Lines nobody read were dropped');

  const [monitor, created, { createApp }] = await settleAll([
    config.ADMIN_PORT === undefined
      ? undefined
      : startMonitor(
          {
            host: config.ADMIN_HOST,
            port: config.ADMIN_PORT,
            livenessMaxBlockMs: config.LIVENESS_MAX_BLOCK_MS,
          },
          (error, message) => log.error(error, message),
        ),
    createRunner(config, (error) => log.error(error, 'A pool thread failed between two tasks')),
    // Last, and not at the top: Express loads here while the threads start on the other cores.
    import('./app.ts'),
  ]);
  const runner =
    monitor === undefined
      ? created.runner
      : observeRunner(created.runner, monitor.recordComputation);

  const app = createApp({
    users: createMemoryStore(config.USERS_MAX),
    runner,
    defaultIterations: config.COMPUTE_ITERATIONS,
    logError: (error, { url }) => log.error({ err: error, url }, 'A request failed'),
  });
  const server = createServer(app, {
    headersTimeout: config.HEADERS_TIMEOUT_MS,
    requestTimeout: config.REQUEST_TIMEOUT_MS,
    keepAliveTimeout: config.KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: Math.ceil(config.HEADERS_TIMEOUT_MS / 4),
  });
  const counts = countRequests(server, monitor?.recordRequest);
  const address = await listen(server, {
    host: config.HOST,
    port: config.PORT,
    backlog: config.BACKLOG,
  });
  const { port } = address;
  server.on('error', (error) => log.error(error, 'A connection could not be accepted'));
  monitor?.watch({
    runner,
    counts,
    port,
    linesDropped: () => ({
      stdout: outputs.stdout.linesDropped,
      stderr: outputs.stderr.linesDropped,
    }),
  });
  monitor?.setReady(true);

  let finalCode: 0 | 1 = 0;
  stop = (reason, exitCode) => {
    finalCode = exitCode;
    stop = (again, code) => {
      finalCode = code === 1 ? 1 : finalCode;
      if (again !== 'SIGTERM' && again !== 'SIGINT') return;
      log.warn({ reason: again, requestsLost: counts.requestsInFlight }, 'Cut short');
      exit(1);
    };
    log.info({ reason }, 'Shutting down');
    shutDown({
      server,
      counts,
      runner,
      setNotReady: () => monitor?.setReady(false),
      delayMs: config.SHUTDOWN_DELAY_MS,
      timeoutMs: config.SHUTDOWN_TIMEOUT_MS,
    }).then(async (requestsLost) => {
      await monitor?.stop();
      if (requestsLost > 0) log.error({ requestsLost }, 'The deadline cut off requests');
      else log.info('Shut down');
      exit(requestsLost > 0 ? 1 : finalCode);
    }, fail);
  };
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error) => {
      log.fatal(error, 'An error nobody handled');
      stop(event, 1);
    });
  }

  process.stdout.write(`Server is running on ${toLocalUrl(address)}\n`);
  const adminPort = monitor?.port ?? null;
  log.info({ mode: runner.mode, port, adminPort, ...created.facts }, 'Listening');
  for (const warning of created.warnings) log.warn(warning);

  // Started with an IPC channel: whoever holds its other end learns the ports, and when that process goes,
  // this one goes too.
  if (process.send !== undefined) {
    process.send({ type: 'ready', port, adminPort, mode: runner.mode, threads: runner.threads });
    process.once('disconnect', () => stop('IPC channel closed', 0));
  }
}

/** Ends the process; a user's mistake gets one line, a defect of ours its stack. */
function fail(error: unknown): void {
  const badSetting = error instanceof ConfigError || error instanceof ListenError;
  const expected = badSetting || error instanceof PoolStartError;
  console.error(expected ? error.message : error);
  exit(badSetting ? 2 : 1);
}

/** Ends the process, once what it has printed is read. */
function exit(code: 0 | 1 | 2): void {
  const flushed = Object.values(outputs).map((output) => output.flush());
  void Promise.all(flushed).then(() => process.exit(code));
}

main().catch(fail);
