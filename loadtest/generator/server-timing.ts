/** Reads a `Server-Timing` header: the durations in milliseconds, by metric name. Metrics without one are left out. */
export function parseServerTiming(header: string): Map<string, number> {
  const durationsMs = new Map<string, number>();
  for (const metric of header.split(',')) {
    const [name, ...parameters] = metric.split(';').map((part) => part.trim());
    const duration = parameters.find((parameter) => parameter.startsWith('dur='))?.slice(4);
    const durationMs = duration === undefined ? Number.NaN : Number.parseFloat(duration);
    if (name !== undefined && name !== '' && Number.isFinite(durationMs)) {
      durationsMs.set(name, durationMs);
    }
  }
  return durationsMs;
}
