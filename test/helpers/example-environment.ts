import type { Environment } from '../../loadtest/result/environment.ts';

/** A machine that does not exist. */
export const exampleEnvironment: Environment = {
  cpuModel: 'Example CPU',
  cores: 2,
  availableParallelism: 2,
  memoryBytes: 8e9,
  nodeVersion: 'v20.0.0',
  libuvVersion: '1.46.0',
  v8Version: '11.3',
  platform: 'linux',
  arch: 'x64',
  kernelRelease: '6.0.0',
  somaxconn: 4096,
  git: { commit: '0123456789abcdef', dirty: false },
};
