import type { RequestHandler } from 'express';
import { sendJsonText } from '../http/json.ts';
import { describeApi } from '../openapi/document.ts';

/** `GET /openapi.json`: the description of this API, written once. */
export function getOpenApi(variant: { ownTask: boolean }): RequestHandler {
  const text = JSON.stringify(describeApi(variant));
  return (_req, res) => sendJsonText(res, 200, text);
}
