import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { LabContext } from '../loadtest/lab-context.ts';
import { pickBaseEnvironment } from '../loadtest/process/base-environment.ts';
import { findServerEntry } from '../loadtest/target/server-entry.ts';

/** The lab for a bench: the built server on this Node.js, progress on stderr; Ctrl-C ends it. */
export function createBenchLab(): LabContext {
  return {
    serverEntry: findServerEntry(),
    serverExecPath: process.execPath,
    baseEnv: pickBaseEnvironment(process.env),
    droppedNames: [],
    signal: new AbortController().signal,
    nowMs: () => performance.now(),
    drawSeed: () => randomInt(2 ** 31),
    date: () => new Date(),
    print: (text) => process.stdout.write(text),
    progress: (line) => process.stderr.write(`${line}\n`),
  };
}
