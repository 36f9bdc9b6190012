import { z } from 'zod';
import type { RecorderTotals } from './endpoint-recorder.ts';

const count = z.number().int().nonnegative();

/** What is read of autocannon's own result. Its types lack `totalCount`. */
export const autocannonBooksSchema = z.object({
  requests: z.object({ total: count, sent: count }),
  latency: z.object({ totalCount: count }),
  /** Without connections that the server closed with FIN: autocannon does not notice what it lost. */
  errors: count,
  timeouts: count,
});

/** See {@link autocannonBooksSchema}. */
export type AutocannonBooks = z.infer<typeof autocannonBooksSchema>;

/**
 * Compares our count of one endpoint with autocannon's own, both from its first request to its last. Returns what
 * does not agree, or undefined.
 */
export function findDisagreement(
  totals: RecorderTotals,
  books: AutocannonBooks,
): string | undefined {
  const pairs: [what: string, ours: number, theirs: number][] = [
    ['answers', totals.answered, books.requests.total],
    // More times than answers: autocannon has "corrected" for coordinated omission, with made-up times.
    ['times', totals.answered, books.latency.totalCount],
    ['requests sent', totals.sent, books.requests.sent],
    ['failures', totals.failed - totals.closed, books.errors],
    ['timeouts', totals.timedOut, books.timeouts],
    [
      'requests under way',
      totals.open,
      books.requests.sent - books.requests.total - books.errors - totals.closed,
    ],
  ];
  const wrong = pairs.find(([, ours, theirs]) => ours !== theirs);
  if (wrong === undefined) return undefined;
  const [what, ours, theirs] = wrong;
  return `${ours} ${what} were counted, and ${theirs} by autocannon itself`;
}
