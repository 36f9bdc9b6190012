import type { RequestHandler } from 'express';
import { sendJson } from '../http/json.ts';

/** `GET /health`: says that this process answers; what `/livez` and `/readyz` add is on the admin listener. */
export const getHealth: RequestHandler = (_req, res) => {
  sendJson(res, 200, {
    status: 'OK',
    message: 'Server is running',
    timestamp: new Date().toISOString(),
  });
};
