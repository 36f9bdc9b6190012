import type { BurstCase } from '../result/burst-result.ts';
import type { Column } from './columns.ts';

/** The columns that say which case of `burst` a row is about. */
export const burstKeyColumns: readonly Column[] = [
  { title: 'backlog', align: 'right' },
  { title: 'loop', align: 'left' },
];

/** A case's cells in {@link burstKeyColumns}. */
export function renderBurstKey({ backlog, loop }: Pick<BurstCase, 'backlog' | 'loop'>): string[] {
  return [`${backlog}`, loop];
}
