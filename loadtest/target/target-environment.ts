import { LabError } from '../lab-error.ts';

/** What the lab decides for every server under test. */
const fixed = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  PORT: '0',
  ADMIN_PORT: '0',
  LOG_LEVEL: 'error',
  // No experiment is about a full store.
  USERS_MAX: '100000000',
} as const;

const ownNames = new Set([...Object.keys(fixed), 'COMPUTE_MODE']);

/** The whole environment of a server under test: what a process needs, the given settings, and the lab's own last. */
export function createTargetEnvironment(
  baseEnv: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>>,
): Record<string, string> {
  return { ...baseEnv, ...settings, ...fixed };
}

/** Whether `--env` may set that variable of a server under test. */
export function isSettable(name: string): boolean {
  return !ownNames.has(name);
}

/** Reads a `NAME=value` setting for the server. Throws a {@link LabError} when it is none, or not the user's to set. */
export function parseTargetSetting(text: string): [name: string, value: string] {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new LabError(`not a NAME=value setting: ${text}`, 2);
  }
  if (!isSettable(name)) throw new LabError(`${name} is set by the lab itself`, 2);
  return [name, value];
}
