const unitMs = { ms: 1, s: 1000, m: 60_000 } as const;

/** The server under load. Never anything but what this names is contacted. */
export const baseUrl: string = readBaseUrl();

/** After this long k6 gives a request up. It is counted at that age, and as a failure. */
export const requestTimeoutMs: number = readMs('REQUEST_TIMEOUT', '30s');

/**
 * How long a scenario waits for its last requests: longer than any can take, because k6 forgets a request
 * that it interrupts, and the slowest would be missing.
 */
export const gracefulStop: string = `${requestTimeoutMs + 2000}ms`;

function readBaseUrl(): string {
  const text = __ENV.BASE_URL ?? 'http://127.0.0.1:9000';
  if (!/^https?:\/\/[^/?#\s]+\/?$/.test(text)) {
    throw new Error(
      `BASE_URL must be such as http://127.0.0.1:9000, without a path, not '${text}'`,
    );
  }
  return text.replace(/\/$/, '');
}

/** A number from the environment. Throws, and so ends k6, when it is none or below `min`. */
export function readNumber(name: string, fallback: number, min: number): number {
  const text = __ENV[name] ?? '';
  const value = text.trim() === '' ? fallback : Number(text);
  if (!(value >= min && value < Number.POSITIVE_INFINITY)) {
    throw new Error(`${name} must be a number of at least ${min}, not '${text}'`);
  }
  return value;
}

/** A duration from the environment, written as k6 does (`500ms`, `30s`, `1m`), in milliseconds. Throws when it is none. */
export function readMs(name: string, fallback: string): number {
  const text = __ENV[name] ?? fallback;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text.trim()) ?? [];
  if (number === undefined || unit === undefined) {
    throw new Error(`${name} must be a duration such as 500ms, 30s or 1m, not '${text}'`);
  }
  return Number(number) * unitMs[unit as keyof typeof unitMs];
}

/** An upper limit in milliseconds from the environment; undefined when it says `none`. Throws when it is neither. */
export function readLimitMs(name: string, fallbackMs: number | undefined): number | undefined {
  const text = __ENV[name] ?? '';
  if (text === 'none' || (text === '' && fallbackMs === undefined)) return undefined;
  return readNumber(name, fallbackMs ?? 0, 0);
}
