import type { LabContext } from '../lab-context.ts';
import { LabError } from '../lab-error.ts';
import { findK6 } from './k6/find-k6.ts';

/** What can make virtual users. `auto`: k6 where it is on the PATH and they are not too many for it. */
export const generatorNames = ['auto', 'k6', 'lab'] as const;

/** See {@link generatorNames}. */
export type GeneratorName = (typeof generatorNames)[number];

/** A JavaScript runtime for each virtual user is more than a small machine bears for more of them than this. */
const mostForK6 = 1000;

/** Decides what makes so many virtual users. Rejects with a {@link LabError} when k6 is asked for by name and is not there. */
export async function chooseGenerator(
  lab: LabContext,
  name: GeneratorName,
  mostVirtualUsers: number,
): Promise<'k6' | 'lab'> {
  if (name === 'lab') return 'lab';
  if (name === 'auto' && mostVirtualUsers > mostForK6) {
    lab.progress(`the lab makes the virtual users: more than ${mostForK6} are too many for k6`);
    return 'lab';
  }
  try {
    lab.progress(`k6 ${await findK6(lab)} makes the virtual users`);
    return 'k6';
  } catch (error) {
    if (name === 'k6' || !(error instanceof LabError)) throw error;
    lab.progress('the lab makes the virtual users: there is no k6 on the PATH that it can use');
    return 'lab';
  }
}
