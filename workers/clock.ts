/**
 * Milliseconds on the system's monotonic clock. All threads of a process read the same clock, so a
 * moment taken on one thread can be subtracted from a moment taken on another.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
