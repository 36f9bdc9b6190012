import type { Environment } from '../result/environment.ts';

/** Where a result was measured, in one line. */
export function describeMachine(environment: Environment): string {
  const { availableParallelism: cores, cpuModel, nodeVersion, platform } = environment;
  return (
    `Machine: ${cores} usable ${cores === 1 ? 'core' : 'cores'}, ${cpuModel}, Node ${nodeVersion}, ` +
    `${platform} ${environment.kernelRelease}; the load generator is on it too.`
  );
}
