import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { Environment } from './environment.ts';

/** Reads what this machine and this checkout are. What cannot be read is null; it never throws. */
export function readEnvironment(projectRoot: string): Environment {
  const cpus = os.cpus();
  return {
    cpuModel: cpus[0]?.model.trim() ?? 'unknown',
    cores: Math.max(1, cpus.length),
    availableParallelism: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    nodeVersion: process.version,
    libuvVersion: process.versions.uv ?? 'unknown',
    v8Version: process.versions.v8 ?? 'unknown',
    platform: process.platform,
    arch: process.arch,
    kernelRelease: os.release(),
    somaxconn: readSomaxconn(),
    git: readGit(projectRoot),
  };
}

function readSomaxconn(): number | null {
  try {
    return Number.parseInt(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'), 10);
  } catch {
    return null;
  }
}

function readGit(cwd: string): Environment['git'] {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    return {
      commit: git('rev-parse', 'HEAD').trim(),
      dirty: git('status', '--porcelain').trim() !== '',
    };
  } catch {
    return null;
  }
}
