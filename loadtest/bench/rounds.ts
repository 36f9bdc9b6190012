import type { LabContext } from '../lab-context.ts';

/** One figure for each of the compared things, measured one right after the other. */
export type Round<Name extends string> = Readonly<Record<Name, number>>;

/** Until the servers' code is compiled. */
const warmupRounds = 4;

/**
 * Measures the named things in turn, round after round, after four rounds of warm-up. Every other round goes
 * backwards (ABC, CBA, ABC …), so that what drifts over a round, clock rate or neighbours, favours none. Many short
 * rounds tell more than few long ones, in which more drifts.
 */
export async function measureRounds<Name extends string>(
  lab: LabContext,
  names: readonly Name[],
  rounds: number,
  measure: (name: Name) => Promise<number>,
): Promise<Round<Name>[]> {
  const kept: Round<Name>[] = [];
  for (let round = -warmupRounds; round < rounds; round += 1) {
    lab.progress(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`);
    const figures: [Name, number][] = [];
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      lab.signal.throwIfAborted();
      figures.push([name, await measure(name)]);
    }
    if (round >= 0) kept.push(Object.fromEntries(figures) as Round<Name>);
  }
  return kept;
}
