import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Starts a thread with a module of ours, built or, in development, as TypeScript. */
export function startThread(moduleUrl: string, options: WorkerOptions): Worker {
  if (!moduleUrl.endsWith('.ts')) return new Worker(new URL(moduleUrl), options);
  // On Node 20 tsx's hooks do not reach the threads of a process it was preloaded into
  // (privatenumber/tsx#354), so the thread asks for them itself.
  const tsx = import.meta.resolve('tsx/esm/api');
  const load = `import(${JSON.stringify(tsx)})
    .then(({ register }) => { register(); return import(${JSON.stringify(moduleUrl)}); })`;
  return new Worker(load, { ...options, eval: true });
}
