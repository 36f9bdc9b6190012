import { relative, sep } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findProjectRoot } from './server-entry.ts';

/** A line that a server logs about an error; what else it says on stderr is not for the lab. */
const errorLineSchema = z.object({
  err: z.object({ message: z.string(), stack: z.string(), code: z.unknown().optional() }),
});

const maxTextChars = 500;

/** An error that a server under test has logged, in one line each. */
export interface LoggedError {
  /** The kind and the message, of what caused it too: `TypeError: x is not a function`. */
  readonly text: string;
  /** `file:line` in the user's code; undefined when that is not known. */
  readonly place: string | undefined;
}

/** The errors a server has logged so far. All of them are there once its process is gone. */
export interface ServerLog {
  firstError(): LoggedError | undefined;
  lastError(): LoggedError | undefined;
}

/** Reads what a server logs. */
export function readServerLog(stderr: Readable | null): ServerLog {
  let first: LoggedError | undefined;
  let last: LoggedError | undefined;
  if (stderr !== null) {
    createInterface({ input: stderr }).on('line', (line) => {
      last = parseErrorLine(line) ?? last;
      first ??= last;
    });
  }
  return { firstError: () => first, lastError: () => last };
}

/** The error in a line of a server's stderr; undefined when it is about something else. */
export function parseErrorLine(line: string): LoggedError | undefined {
  const parsed = errorLineSchema.safeParse(parseJson(line));
  if (!parsed.success) return undefined;
  const { message, stack, code } = parsed.data.err;
  const errors = stack.split('\ncaused by: ');
  // The server's own error only wraps the task's.
  const own = code === 'WORKER_FAILED' && errors.length > 1 ? errors.slice(1) : errors;
  const texts = own.map((text) => text.split(/\n\s+at /, 1)[0]?.trim() ?? '').filter(Boolean);
  return {
    text: toLine(texts.join(', caused by ') || message),
    place: findPlace(own[0] ?? ''),
  };
}

// pino's lines are objects; much of what is no line of pino's is not even JSON.
function parseJson(line: string): unknown {
  try {
    return line.startsWith('{') ? JSON.parse(line) : undefined;
  } catch {
    return undefined;
  }
}

function toLine(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ');
  return line.length > maxTextChars ? `${line.slice(0, maxTextChars)} …` : line;
}

/** Says an error that was logged, for a message to the user. */
export function describeLoggedError({ text, place }: LoggedError): string {
  return place === undefined ? text : `${text} (${place})`;
}

const frame =
  /^\s+at (?:.* \()?(?:async )?((?:file:\/\/\/|\/|[A-Za-z]:\\)[^()\n]*):(\d+):\d+\)?$/gm;

/** Where an error was thrown: the innermost frame that is not Node's own, unless it is the server's. */
function findPlace(stack: string): string | undefined {
  for (const [, file = '', line] of stack.matchAll(frame)) {
    const path = toPath(file);
    return path === undefined || isServers(path) ? undefined : `${path}:${line}`;
  }
  return undefined;
}

function toPath(file: string): string | undefined {
  try {
    return file.startsWith('file:') ? fileURLToPath(file) : file;
  } catch {
    return undefined;
  }
}

function isServers(path: string): boolean {
  const [folder = '', name] = relative(findProjectRoot(), path).split(sep);
  return folder === 'node_modules'
    ? name === 'piscina'
    : ['workers', 'src', 'dist'].includes(folder);
}
