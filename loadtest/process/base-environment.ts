// What a process needs to run at all. Everything else stays out, so that a variable the user happens to
// have exported (COMPUTE_MODE, NODE_OPTIONS, UV_THREADPOOL_SIZE …) cannot change what is measured.
const inheritedNames = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LD_LIBRARY_PATH',
  'SystemRoot',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
];

/** The part of an environment that the lab's children inherit. */
export function pickBaseEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const base: Record<string, string> = {};
  for (const name of inheritedNames) {
    const value = env[name];
    if (value !== undefined) base[name] = value;
  }
  return base;
}

/** The names of the variables that the lab's children do not inherit. */
export function listDroppedNames(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env).filter((name) => !inheritedNames.includes(name));
}
