import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { moduleUrl } from '../../workers/monitor.ts';
import type { FromMonitor, MonitorOptions, ToMonitor } from '../../workers/telemetry.ts';
import { ListenError } from '../listen.ts';
import { startThread } from './start-thread.ts';

/** The monitor's thread: the same one for as long as it lives, then its successor. */
export interface MonitorThread {
  /** The port of the admin listener; a successor takes it again. */
  readonly port: number;
  /** Sends a message to the thread; while there is none, it is lost. */
  post(message: ToMonitor): void;
  /** Ends the thread for good. */
  stop(): Promise<void>;
}

/** What its owner hears of a {@link MonitorThread}. */
export interface MonitorThreadEvents {
  /** A successor has started, and knows nothing yet. */
  onRestart: () => void;
  /** The thread has ended, or has survived an error. */
  onProblem: (error: unknown, message: string) => void;
}

const firstPauseMs = 100;
const longestPauseMs = 60_000;

const adminListener = {
  name: 'the admin listener',
  hostSetting: 'ADMIN_HOST',
  portSetting: 'ADMIN_PORT',
};

/**
 * Starts the monitor's thread, and another one whenever it ends: after a pause that doubles each time, and is short
 * again after a thread that lived for a minute. Rejects with a {@link ListenError} if the first cannot listen.
 */
export async function startMonitorThread(
  options: MonitorOptions,
  { onRestart, onProblem }: MonitorThreadEvents,
): Promise<MonitorThread> {
  const stopping = new AbortController();
  const first = await launch(options, onProblem);
  const { port } = first;
  let current: Running | undefined = first;

  async function supervise(): Promise<void> {
    let pauseMs = firstPauseMs;
    let ended = first.ended;
    for (;;) {
      const startedAtMs = performance.now();
      const error = await ended;
      current = undefined;
      if (performance.now() - startedAtMs > longestPauseMs) pauseMs = firstPauseMs;
      if (stopping.signal.aborted) return;
      onProblem(error, `The monitor thread has ended; another one starts in ${pauseMs} ms`);
      await delay(pauseMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
      if (stopping.signal.aborted) return;
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      try {
        current = await launch({ ...options, port }, onProblem);
        ended = current.ended;
        if (stopping.signal.aborted) await current.thread.terminate();
        else onRestart();
      } catch (error) {
        ended = Promise.resolve(error);
      }
    }
  }
  const supervising = supervise();

  return {
    port,
    post: (message) => current?.thread.postMessage(message),
    async stop() {
      stopping.abort();
      await current?.thread.terminate();
      // One that is starting is let in first: Node 20 aborts when it exits while a thread loads.
      await supervising;
    },
  };
}

interface Running {
  thread: Worker;
  port: number;
  /** Resolves with the reason. */
  ended: Promise<unknown>;
}

async function launch(
  options: MonitorOptions,
  onProblem: MonitorThreadEvents['onProblem'],
): Promise<Running> {
  const thread = startThread(moduleUrl, { workerData: options, name: 'monitor' });
  const ended = new Promise<unknown>((resolve) => {
    let reason: unknown;
    thread.once('error', (error) => {
      reason = error;
    });
    thread.once('exit', (code) => resolve(reason ?? new Error(`its exit code was ${code}`)));
  });
  const listening = new Promise<number>((resolve, reject) => {
    thread.on('message', (message: FromMonitor) => {
      if (message.type === 'listening') resolve(message.port);
      else if (message.type === 'failed') reject(new ListenError(adminListener, options, message));
      else onProblem(message.error, 'The monitor thread met with an error');
    });
  });
  try {
    const port = await Promise.race([listening, ended.then((reason) => Promise.reject(reason))]);
    thread.unref();
    return { thread, port, ended };
  } catch (error) {
    await thread.terminate();
    throw error;
  }
}
