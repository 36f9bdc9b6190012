import {
  createServer,
  IncomingMessage,
  type Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import type { Express } from 'express';

/**
 * An HTTP server for an Express app, at close to bare `node:http` speed.
 *
 * Express moves every request and response onto its own prototypes with `Object.setPrototypeOf`, and
 * V8 drops an object whose prototype changes out of its fast path. Here Node creates both objects
 * with those prototypes from the start, so Express's call finds nothing to change. The app behaves as
 * it does under `app.listen`; mounted apps still switch prototypes, and pay for it, per request.
 *
 * One server per app: the app's `request` and `response` prototypes are replaced for good, so add own
 * properties to them (or to `express.request`) as usual, before or after this call.
 */
export function createHttpServer(app: Express, options: ServerOptions = {}): Server {
  // Classes, because Node 20 does not treat a function whose `prototype` was replaced as one shape.
  class PinnedRequest extends IncomingMessage {}
  class PinnedResponse extends ServerResponse {}
  app.request = pin(PinnedRequest.prototype, app.request);
  app.response = pin(PinnedResponse.prototype, app.response);
  return createServer(
    { ...options, IncomingMessage: PinnedRequest, ServerResponse: PinnedResponse },
    app,
  );
}

/** Gives `prototype` the own properties and the ancestry of `template`, and returns it. */
function pin<Template extends object>(prototype: object, template: Template): Template {
  Object.setPrototypeOf(prototype, Object.getPrototypeOf(template));
  const { constructor: _, ...own } = Object.getOwnPropertyDescriptors(template) as Record<
    string,
    PropertyDescriptor
  >;
  Object.defineProperties(prototype, own);
  return prototype as Template;
}
