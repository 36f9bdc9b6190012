import { MIMEType } from 'node:util';
import { type RequestHandler, raw } from 'express';
import { z } from 'zod';
import { AppError } from '../errors.ts';

/** An integer as a query string carries it: decimal digits and nothing else. */
export function queryInteger(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,16}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .describe(`an integer from ${min} to ${max}`);
}

/** Reads a query string by a schema whose fields describe what they allow; throws `INVALID_VALUE`. */
export function parseQuery<Shape extends Record<string, z.ZodType>>(
  schema: z.ZodObject<Shape>,
  query: unknown,
): z.output<z.ZodObject<Shape>> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const problems = Object.keys(z.flattenError(parsed.error).fieldErrors).map(
    (name) => `${name} must be ${schema.shape[name]?.description}`,
  );
  throw new AppError('INVALID_VALUE', { message: problems.join('; '), cause: parsed.error });
}

/** The largest body that is read, in bytes. */
export const bodyMaxBytes = 16_384;
/** How deep a body may be nested. Handing over to a thread gives up somewhere beyond 2,000, at the price of a 500. */
export const bodyDepthMax = 500;

const jsonType = 'application/json';

const requireJson: RequestHandler = (req, _res, next) => {
  // Without a body there is no matter of its type.
  const isEmpty = req.get('content-length') === '0' || req.is(jsonType) === null;
  if (!isEmpty && !(req.is(jsonType) && isUtf8(req.get('content-type'))))
    throw new AppError('UNSUPPORTED_MEDIA_TYPE');
  next();
};

function isUtf8(contentType = ''): boolean {
  return /^utf-?8$/i.test(new MIMEType(contentType).params.get('charset') ?? 'utf-8');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

const parseJson: RequestHandler = (req, res, next) => {
  // Nobody waits for what comes after the request's time was up.
  if (res.headersSent) return;
  const bytes: unknown = req.body;
  req.body = Buffer.isBuffer(bytes) && bytes.length > 0 ? parse(bytes) : undefined;
  next();
};

function parse(bytes: Buffer): object {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw new AppError('INVALID_JSON', { cause: error });
  }
  if (!isObject(value)) throw new AppError('INVALID_JSON');
  if (isDeeper(value, bodyDepthMax)) {
    const message = `The request body must not be nested more than ${bodyDepthMax} deep`;
    throw new AppError('INVALID_VALUE', { message });
  }
  return value;
}

// Level by level, because recursion is what a deep value breaks.
function isDeeper(value: object, depthMax: number): boolean {
  let level = [value];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > depthMax) return true;
    level = level.flatMap((item) => Object.values(item).filter(isObject));
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * Reads a JSON object or array of at most 16 KiB into `req.body`, which stays undefined when there is none. Not
 * `express.json()`, which leaves to its caller how deep it goes, and does not know the charset `utf8`.
 */
export const readJsonBody: readonly RequestHandler[] = [
  requireJson,
  raw({ type: jsonType, limit: bodyMaxBytes }),
  parseJson,
];
