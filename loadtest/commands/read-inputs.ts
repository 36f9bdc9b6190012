import { readFileSync } from 'node:fs';
import { LabError } from '../lab-error.ts';

/** More lines than this are no list of examples any more, and every result holds them. */
const maxInputs = 10_000;

/** The JSON texts in a file with one JSON object or array a line. Throws a {@link LabError} that names the line that is none. */
export function readInputs(path: string): readonly [string, ...string[]] {
  const lines = readLines(path);
  const [first, ...others] = lines.flatMap((line, index) =>
    line.trim() === '' ? [] : [toInput(path, line, index + 1)],
  );
  if (first === undefined) throw new LabError(`--inputs: ${path} holds no input`, 2);
  if (others.length >= maxInputs) {
    throw new LabError(`--inputs: ${path} holds more than ${maxInputs} inputs`, 2);
  }
  return [first, ...others];
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new LabError(`--inputs: ${path} cannot be read (${code ?? 'unknown'})`, 2);
  }
}

function toInput(path: string, line: string, number: number): string {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  } catch {
    // Said below, as of any other line that is no input.
  }
  throw new LabError(`--inputs: line ${number} of ${path} is no JSON object or array`, 2);
}
