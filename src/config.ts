import { z } from 'zod';

/** The largest n whose sum 0 + 1 + … + (n − 1) a double still holds exactly: 2^27. */
export const maxIterations = 134_217_728;

/** One setting, read from the environment variable of the same name. */
interface Setting<Value> {
  schema: z.ZodType<Value>;
  /** What an unset or empty variable means. */
  fallback: Value;
  /** The fallback in words, where its value does not say it. */
  fallbackText: string;
  allowed: string;
  help: string;
}

/** Every setting of the server. The README's table and `--help` list the same, and a test compares them. */
export const settings = {
  PORT: integer(0, 65_535, 9000, 'Port of the HTTP listener; 0 takes a free one'),
  HOST: address(undefined, 'all interfaces', 'Address of the HTTP listener'),
  BACKLOG: integer(1, 65_535, 4096, 'Connections the kernel may hold for us (it caps this itself)'),
  COMPUTE_MODE: choice(['inline', 'pool'], 'pool', 'Run the task on the event loop or on the pool'),
  COMPUTE_TASK: file(
    ['.js', '.mjs', '.ts'],
    'the sum',
    'Module with a function of your own for /compute to run',
  ),
  COMPUTE_ITERATIONS: integer(
    1,
    maxIterations,
    10_000_000,
    'Iterations of the sum when ?n= is not given',
  ),
  POOL_THREADS: optional(1, 1024, 'one per usable core', 'Threads of the pool'),
  POOL_NICE: integer(0, 19, 10, "Added to the pool threads' nice value (Linux)"),
  POOL_HEAP_MAX_MB: integer(8, 65_536, 64, 'Old generation of a pool thread, in MB'),
  COMPUTE_QUEUE_MAX: optional(0, 65_536, '8 × threads', 'Computations that may wait for a thread'),
  COMPUTE_MAX_WAIT_MS: integer(1, 600_000, 1000, 'How long a computation may wait for a thread'),
  COMPUTE_TIMEOUT_MS: integer(1, 600_000, 5000, 'How long a computation may run'),
  USERS_MAX: integer(2, 100_000_000, 100_000, 'Users that are kept in memory'),
  ADMIN_PORT: optional(0, 65_535, 'off', 'Port of the admin listener; 0 takes a free one'),
  ADMIN_HOST: address('127.0.0.1', '127.0.0.1', 'Address of the admin listener'),
  LIVENESS_MAX_BLOCK_MS: integer(
    100,
    86_400_000,
    30_000,
    'How long the event loop may be blocked before /livez answers 503',
  ),
  HEADERS_TIMEOUT_MS: integer(1, 600_000, 10_000, 'Time a client has to send its headers'),
  REQUEST_TIMEOUT_MS: integer(
    1,
    3_600_000,
    30_000,
    'Time a client has to send a whole request, and to take in more of an answer',
  ),
  KEEP_ALIVE_TIMEOUT_MS: integer(1, 3_600_000, 65_000, 'How long an idle connection stays open'),
  SHUTDOWN_DELAY_MS: integer(0, 600_000, 0, 'Not ready, but still accepting, before a shutdown'),
  SHUTDOWN_TIMEOUT_MS: integer(1, 600_000, 8000, 'Deadline of a shutdown, the delay included'),
  LOG_LEVEL: choice(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    'info',
    'Least severity that is logged',
  ),
};

/** The server's configuration: every setting's value. */
export type Config = {
  [Name in keyof typeof settings]: (typeof settings)[Name] extends Setting<infer Value>
    ? Value
    : never;
};

/** Says in one line everything that is wrong with the configuration. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`Invalid configuration: ${problems.join('; ')}`);
    this.name = 'ConfigError';
  }
}

/** Reads the configuration from environment variables; throws one {@link ConfigError} for all bad ones. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const entries = Object.entries<Setting<unknown>>(settings).map(([name, setting]) => {
    const text = env[name] ?? '';
    if (text === '') return [name, setting.fallback];
    const parsed = setting.schema.safeParse(text);
    if (!parsed.success)
      problems.push(`${name} must be ${setting.allowed}, not ${JSON.stringify(text)}`);
    return [name, parsed.data];
  });
  const config = Object.fromEntries(entries) as Config;
  if (config.HEADERS_TIMEOUT_MS > config.REQUEST_TIMEOUT_MS)
    problems.push('HEADERS_TIMEOUT_MS must not be longer than REQUEST_TIMEOUT_MS');
  if (config.SHUTDOWN_DELAY_MS >= config.SHUTDOWN_TIMEOUT_MS)
    problems.push('SHUTDOWN_DELAY_MS must be shorter than SHUTDOWN_TIMEOUT_MS');
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** The settings as rows of text: name, default, allowed values, meaning. */
export function describeSettings(): {
  name: string;
  fallback: string;
  allowed: string;
  help: string;
}[] {
  return Object.entries<Setting<unknown>>(settings).map(([name, setting]) => ({
    name,
    fallback: setting.fallbackText,
    allowed: setting.allowed,
    help: setting.help,
  }));
}

function integer(min: number, max: number, fallback: number, help: string): Setting<number> {
  return { ...digits(min, max), fallback, fallbackText: String(fallback), help };
}

function optional(
  min: number,
  max: number,
  fallbackText: string,
  help: string,
): Setting<number | undefined> {
  return { ...digits(min, max), fallback: undefined, fallbackText, help };
}

// Digits only: Number() alone would also take '0x10', '1e3' and surrounding white space.
function digits(min: number, max: number) {
  const schema = z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));
  return { schema, allowed: `an integer from ${min} to ${max}` };
}

function choice<const Value extends string>(
  values: readonly [Value, ...Value[]],
  fallback: NoInfer<Value>,
  help: string,
): Setting<Value> {
  return {
    schema: z.enum(values),
    fallback,
    fallbackText: fallback,
    allowed: `one of ${values.join(', ')}`,
    help,
  };
}

function file(
  extensions: readonly string[],
  fallbackText: string,
  help: string,
): Setting<string | undefined> {
  return {
    schema: z.string().refine((path) => extensions.some((extension) => path.endsWith(extension))),
    fallback: undefined,
    fallbackText,
    allowed: `a path that ends in ${extensions.join(', ')}`,
    help,
  };
}

function address<Fallback extends string | undefined>(
  fallback: Fallback,
  fallbackText: string,
  help: string,
): Setting<string | Fallback> {
  const schema = z.string().regex(/^[\w.:%-]+$/);
  return { schema, fallback, fallbackText, allowed: 'a host name or an IP address', help };
}
