import { json, type RequestHandler } from 'express';
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

const requireJson: RequestHandler = (req, _res, next) => {
  // null means that there is no body at all, which is no matter of its type.
  if (req.is('application/json') === false) throw new AppError('UNSUPPORTED_MEDIA_TYPE');
  next();
};

/** Reads a JSON body of at most 16 KiB into `req.body`, which stays undefined when there is none. */
export const readJsonBody: readonly RequestHandler[] = [requireJson, json({ limit: '16kb' })];
