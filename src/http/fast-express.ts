import http, { type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { Express } from 'express';

/**
 * An HTTP server for an Express app, at close to bare `node:http` speed.
 *
 * Express moves every request and response onto its own prototypes with `Object.setPrototypeOf`, and
 * V8 drops an object whose prototype changes out of its fast path. Here Node creates both objects
 * with those prototypes from the start, so Express's call finds nothing to change. The app behaves as
 * it does under `app.listen`; mounted apps still switch prototypes, and pay for it, per request.
 *
 * `listener` stands before the app and calls it, for what must not cost a middleware.
 *
 * One server per app: the app's `request` and `response` prototypes are replaced for good, so add own
 * properties to them (or to `express.request`) as usual, before or after this call.
 */
export function createHttpServer(
  app: Express,
  options: ServerOptions = {},
  listener: RequestListener = app,
): Server {
  // Classes, because Node 20 does not treat a function whose `prototype` was replaced as one shape.
  // Named like their parents, because that is the name in stack traces and printed objects.
  const PinnedRequest = class IncomingMessage extends http.IncomingMessage {};
  const PinnedResponse = class ServerResponse extends http.ServerResponse {};
  app.request = pin(PinnedRequest.prototype, app.request);
  app.response = pin(PinnedResponse.prototype, app.response);
  return http.createServer(
    { ...options, IncomingMessage: PinnedRequest, ServerResponse: PinnedResponse },
    listener,
  );
}

/** Makes `prototype` stand for `template`: the same own properties, ancestry and constructor. */
function pin<Template extends object>(prototype: object, template: Template): Template {
  Object.setPrototypeOf(prototype, Object.getPrototypeOf(template));
  const own = Object.getOwnPropertyDescriptors(template);
  Object.defineProperty(prototype, 'constructor', { value: template.constructor });
  Object.defineProperties(prototype, own);
  // Apps that are mounted already inherit from the template: leave it as an empty link to the
  // prototype, so that they too see what is added to the app from now on.
  for (const key of Reflect.ownKeys(own)) Reflect.deleteProperty(template, key);
  Object.setPrototypeOf(template, prototype);
  return prototype as Template;
}
