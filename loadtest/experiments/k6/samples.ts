import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { LabError } from '../../lab-error.ts';
import { createRowParser, type SampleRow } from './sample-row.ts';

/** One request as k6 timed it. Durations are k6's own: `blocked` holds the connecting, `duration` does not. */
export interface K6Request {
  readonly scenario: string;
  /** When the last byte was here, in milliseconds since 1970. */
  readonly endEpochMs: number;
  readonly durationMs: number;
  readonly blockedMs: number;
  readonly connectingMs: number;
  readonly sendingMs: number;
  readonly waitingMs: number;
  readonly status: number;
  readonly errorCode: number;
  readonly serverCode: string | undefined;
}

/** An iteration that k6 was meant to start and had no virtual user for. */
export interface K6Drop {
  readonly scenario: string;
  readonly atEpochMs: number;
}

/** Everything the lab takes from k6's raw samples. */
export interface K6Samples {
  /** When the first scenario began, in milliseconds since 1970. */
  readonly startEpochMs: number;
  readonly requests: readonly K6Request[];
  readonly dropped: readonly K6Drop[];
}

/** The metrics that make up a request. */
const parts = [
  'http_req_duration',
  'http_req_blocked',
  'http_req_connecting',
  'http_req_sending',
  'http_req_waiting',
] as const;
type Part = (typeof parts)[number];
const wanted = new Set<string>([...parts, 'dropped_iterations', 'failures', 'scenario_start']);

/** Reads the samples of a file that k6 wrote with `--out csv`. Rejects with a {@link LabError} when they are not what the lab's scripts give. */
export async function readK6Samples(path: string): Promise<K6Samples> {
  return await collectK6Samples(
    createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY }),
  );
}

/** Puts requests together from the lines of k6's CSV output. Rejects as {@link readK6Samples} does. */
export async function collectK6Samples(
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<K6Samples> {
  const collector = new Collector();
  let parseRow: ReturnType<typeof createRowParser> | undefined;
  for await (const line of lines) {
    if (parseRow === undefined) parseRow = createRowParser(line);
    else if (wanted.has(line.slice(0, line.indexOf(',')))) collector.add(parseRow(line));
  }
  return collector.finish();
}

class Collector {
  /** By iteration, because each of them is one request: its samples need not come in one piece. */
  readonly #unfinished = new Map<string, Map<Part, number>>();
  readonly #requests: { iteration: string; request: Omit<K6Request, 'serverCode'> }[] = [];
  readonly #serverCodes = new Map<string, string>();
  readonly #dropped: K6Drop[] = [];
  #startEpochMs = Number.POSITIVE_INFINITY;

  add(row: SampleRow): void {
    switch (row.metric) {
      case 'dropped_iterations':
        this.#dropped.push({ scenario: row.scenario, atEpochMs: row.epochMs });
        break;
      case 'scenario_start':
        this.#startEpochMs = Math.min(this.#startEpochMs, row.value);
        break;
      case 'failures':
        if (row.serverCode !== undefined) this.#serverCodes.set(row.iteration, row.serverCode);
        break;
      default:
        this.#addPart(row.metric as Part, row);
    }
  }

  #addPart(part: Part, row: SampleRow): void {
    const { iteration, scenario, epochMs, status, errorCode } = row;
    const values = this.#unfinished.get(iteration) ?? new Map<Part, number>();
    values.set(part, row.value);
    if (values.size < parts.length) {
      this.#unfinished.set(iteration, values);
      return;
    }
    this.#unfinished.delete(iteration);
    const msOf = (name: Part) => values.get(name) ?? 0;
    this.#requests.push({
      iteration,
      request: {
        scenario,
        endEpochMs: epochMs,
        durationMs: msOf('http_req_duration'),
        blockedMs: msOf('http_req_blocked'),
        connectingMs: msOf('http_req_connecting'),
        sendingMs: msOf('http_req_sending'),
        waitingMs: msOf('http_req_waiting'),
        status,
        errorCode,
      },
    });
  }

  finish(): K6Samples {
    if (this.#startEpochMs === Number.POSITIVE_INFINITY) {
      throw new LabError('k6 started not one request', 3);
    }
    if (this.#unfinished.size > 0) {
      throw new LabError(`k6 left the samples of ${this.#unfinished.size} requests incomplete`, 3);
    }
    return {
      startEpochMs: this.#startEpochMs,
      requests: this.#requests.map(({ iteration, request }) => ({
        ...request,
        serverCode: this.#serverCodes.get(iteration),
      })),
      dropped: this.#dropped,
    };
  }
}
