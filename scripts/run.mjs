// For npm scripts, which have to leave nothing behind when they are stopped.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const pollMs = 100;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
// On Windows there are none, and the command would get a console of its own.
const hasGroups = process.platform !== 'win32';

/**
 * Runs a command in a process group of its own. A signal to this process goes to all of the group, and whoever is still
 * there after `graceMs` is killed. Resolves, once all are gone, with the exit code: 128 + n after signal n.
 */
export async function run(command, args, { graceMs = 10_000, ...options } = {}) {
  const child = spawn(command, args, { stdio: 'inherit', detached: hasGroups, ...options });
  const kill = (signal) => {
    try {
      return process.kill(hasGroups ? -child.pid : child.pid, signal);
    } catch {
      return false;
    }
  };
  let stoppedBy;
  let killTimer;
  const stop = (signal) => {
    if (stoppedBy !== undefined) return;
    stoppedBy = signal;
    kill(signal);
    killTimer = setTimeout(() => kill('SIGKILL'), graceMs);
  };
  for (const signal of signals) process.on(signal, stop);
  const watch = onShellGone(() => stop('SIGTERM'));
  try {
    const [code, endedBy] = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (...exit) => resolve(exit));
    });
    while (stoppedBy !== undefined && kill(0)) await delay(pollMs);
    const signal = stoppedBy ?? endedBy;
    return signal === null ? code : 128 + constants.signals[signal];
  } finally {
    clearTimeout(killTimer);
    clearInterval(watch);
    for (const signal of signals) process.off(signal, stop);
  }
}

/** Builds dist/ if a source is newer; resolves as {@link run} does. */
export function buildIfNeeded() {
  const script = fileURLToPath(new URL('./build.mjs', import.meta.url));
  return run(process.execPath, [script, '--if-needed']);
}

/**
 * Sends this process SIGTERM when npm was stopped. npm sends a signal to its shell alone, and dash, the sh of Debian
 * and Ubuntu, ends without handing it on.
 */
export function stopWithNpm() {
  onShellGone(() => process.kill(process.pid, 'SIGTERM'));
}

// There is no event for it. Whoever did not start this through npm may let go of it.
function onShellGone(act) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    act();
  }, pollMs).unref();
  return watch;
}
