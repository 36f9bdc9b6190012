import { performance } from 'node:perf_hooks';
import type { LabContext } from '../../loadtest/lab-context.ts';
import { LabError } from '../../loadtest/lab-error.ts';
import { pickBaseEnvironment } from '../../loadtest/process/base-environment.ts';
import { stubServer } from './lab-processes.ts';

/** A lab that measures a stub, or another server; a test hears of its progress and can stop it as a user would. */
export function createStubLab(
  onProgress: (line: string, abort: () => void) => void = () => {},
  serverEntry = stubServer,
): LabContext {
  const stop = new AbortController();
  return {
    serverEntry,
    serverExecPath: process.execPath,
    baseEnv: pickBaseEnvironment(process.env),
    droppedNames: [],
    signal: stop.signal,
    nowMs: () => performance.now(),
    drawSeed: () => 1,
    date: () => new Date(),
    progress: (line) => onProgress(line, () => stop.abort(new LabError('stopped', 3))),
    print: () => {},
  };
}
