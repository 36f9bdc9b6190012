import type { LoadUnit } from '../result/experiment-plan.ts';

/** A load as a short name: `0.9×` of a thread, `300 VUs`, or `none`. */
export function nameLoad(load: number, unit: LoadUnit): string {
  if (load === 0) return 'none';
  return unit === 'threads' ? `${Number(load.toPrecision(3))}×` : `${load} VUs`;
}

/** A load within a sentence. */
export function describeLoad(load: number, unit: LoadUnit): string {
  if (unit === 'virtual users') return `with ${load} virtual users`;
  return load === 0 ? 'without compute load' : `at compute load ${nameLoad(load, unit)}`;
}

/** A load at the beginning of a sentence that is for everybody. */
export function introduceLoad(load: number, unit: LoadUnit): string {
  if (unit === 'virtual users') return `With ${load} virtual users`;
  return load === 0
    ? 'Without compute load'
    : `At ${Number((100 * load).toPrecision(3))} % of what one thread can do`;
}

/** What a load counts, in a line. */
export function explainLoad(unit: LoadUnit): string {
  return unit === 'threads'
    ? 'Load: what /compute is asked for, as a multiple of what one thread can do.'
    : 'Load: virtual users, each with a connection of its own.';
}
