import type { ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { sendJson } from '../http/json.ts';
import type { UserPage, UserStore } from '../users/store.ts';
import { parseQuery, queryInteger, readJsonBody } from './input.ts';

/** The page that is answered without a query string. */
export const firstPage = { limit: 100, after: 0 };
/** How many users a page has at most. */
export const pageMax = 1000;
/** How many characters a name or an email has at most. */
export const userTextMax = 320;

const pageQuery = z.object({
  limit: queryInteger(1, pageMax)
    .default(firstPage.limit)
    .describe(`an integer from 1 to ${pageMax}`),
  after: queryInteger(0, Number.MAX_SAFE_INTEGER)
    .default(firstPage.after)
    .describe('the id of a user, or 0'),
});

// Characters, not UTF-16 units: one that takes two of them is still one.
const text = z
  .string()
  .min(1)
  .refine((value) => [...value].length <= userTextMax);
const newUser = z.object({ name: text, email: text });

/** `GET /users`: one page of users, and where the next one starts. */
export function getUsers(store: UserStore): RequestHandler {
  const answer = (res: ServerResponse, { count, users, next }: UserPage) =>
    sendJson(res, 200, {
      success: true,
      time: Date.now(),
      count,
      data: users,
      ...(next !== undefined && { next }),
    });
  return (req, res) => {
    // Most requests have no query string, and Express parses one on every access.
    const { limit, after } = req.url.includes('?') ? parseQuery(pageQuery, req.query) : firstPage;
    const page = store.page(limit, after);
    // A store in memory answers at once, and awaiting it would cost every request a promise.
    return page instanceof Promise ? page.then((later) => answer(res, later)) : answer(res, page);
  };
}

/** `POST /users`: the handlers that read, check and add a user. */
export function postUsers(store: UserStore): RequestHandler[] {
  const create: RequestHandler = async (req, res) => {
    const body = newUser.safeParse(req.body);
    if (!body.success) throw new AppError('NAME_AND_EMAIL_REQUIRED', { cause: body.error });
    const data = await store.add(body.data.name, body.data.email);
    sendJson(res, 201, { success: true, message: 'User created successfully', data });
  };
  return [...readJsonBody, create];
}
