import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import { responseCases } from './express-responses.ts';

const views = fileURLToPath(new URL('../fixtures/views', import.meta.url));

/** An app that exercises the whole of Express; the same one for every server it is put under. */
export function createExerciseApp(): Express {
  const app = express();
  // In any other environment the final handler prints the errors that these routes provoke.
  app.set('env', 'test');
  app.enable('trust proxy');
  app.set('query parser', 'extended');
  app.set('subdomain offset', 2);
  app.set('json spaces', 1);
  app.enable('json escape');
  app.engine('txt', renderTemplate);
  app.set('views', views);
  app.set('view engine', 'txt');
  app.locals.place = 'app.locals';
  Object.assign(app.request, { appRequest: 'on the app before the server' });
  Object.assign(app.response, { shout: 'on the app before the server' });

  app.use('/static', express.static(views));
  for (const [name, { handler }] of Object.entries(responseCases)) {
    app.get(`/responses/${name}`, handler);
  }
  app.all('/request', (req, res) => void res.json(describeRequest(req)));
  app.all('/fresh', (req, res) => {
    res.set('ETag', '"v1"').set('Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT');
    res.set('X-Fresh', `${req.fresh} ${req.stale}`).send('body');
  });
  app.all('/augmented', (req, res) => void res.json(describeAugmentation(req)));
  addBodies(app);
  addErrors(app);
  addRouters(app);
  addMountedApps(app);
  app.use(describeError);
  return app;
}

async function renderTemplate(
  path: string,
  options: object,
  done: (error: unknown, rendered?: string) => void,
) {
  const values: Record<string, unknown> = { ...options };
  const text = await readFile(path, 'utf8');
  done(
    null,
    text.replace(/\{\{(\w+)\}\}/g, (_, key: string) => String(values[key])),
  );
}

function describeRequest(req: Request) {
  return {
    get: [req.get('X-One'), req.header('x-one'), req.get('Referrer'), req.get('Set-Cookie')],
    accepts: [req.accepts('html', 'json'), req.accepts(['png']), req.accepts()],
    acceptsCharsets: req.acceptsCharsets('iso-8859-1'),
    acceptsEncodings: req.acceptsEncodings('br', 'gzip'),
    acceptsLanguages: req.acceptsLanguages('de', 'en'),
    is: [req.is('json'), req.is(['text/*', 'application/*']), req.is('html')],
    range: req.range(1000, { combine: true }),
    query: req.query,
    path: [req.path, req.url, req.originalUrl, req.baseUrl],
    host: [req.protocol, req.secure, req.host, req.hostname, req.subdomains],
    ip: [req.ip, req.ips],
    xhr: req.xhr,
    params: req.params,
    raw: [req.method, req.httpVersion, req.rawHeaders],
    linked: [Reflect.get(req.app, 'request') === Object.getPrototypeOf(req), req.res?.req === req],
    constructors: [req.constructor.name, req.res?.constructor.name],
    enumerable: enumerableNames(req),
    enumerableOfResponse: enumerableNames(req.res ?? {}),
  };
}

function enumerableNames(value: object): string[] {
  const names: string[] = [];
  for (const name in value) names.push(name);
  return names;
}

/** What a handler sees of properties that were added to prototypes, by whom ever and when ever. */
function describeAugmentation(req: Request) {
  const seen = (target: object, name: string): unknown => Reflect.get(target, name);
  return {
    request: [
      'globalRequest',
      'appRequest',
      'lateGlobalRequest',
      'lateAppRequest',
      'subRequest',
    ].map((name) => seen(req, name)),
    response: ['shout', 'lateShout', 'subShout'].map((name) => seen(req.res ?? {}, name)),
  };
}

function addBodies(app: Express): void {
  app.post('/json', express.json({ limit: 100 }), (req, res) => void res.json({ got: req.body }));
  app.post('/text', express.text(), (req, res) => void res.json({ got: req.body }));
  app.post('/raw', express.raw(), (req, res) => void res.send(req.body));
  app.post('/form', express.urlencoded({ extended: true }), (req, res) => void res.json(req.body));
  app.post('/count', async (req, res) => {
    let bytes = 0;
    for await (const chunk of req) bytes += chunk.length;
    res.json({ bytes, complete: req.complete, trailers: req.rawTrailers });
  });
  app.post('/mirror', (req, res) => void req.pipe(res.type('bin')));
}

function addErrors(app: Express): void {
  app.get('/errors/sync', () => {
    throw new Error('sync');
  });
  app.get('/errors/async', async () => {
    throw Object.assign(new Error('async'), { status: 409, headers: { 'X-Reason': 'conflict' } });
  });
  app.get('/errors/next', (_req, _res, next) => next(new TypeError('next')));
  app.get('/errors/string', () => {
    throw 'not an Error';
  });
  app.get('/errors/after-headers', (_req, res) => {
    res.write('partial');
    throw new Error('too late to answer');
  });
  app.get('/errors/async-after-headers', async (_req, res) => {
    res.write('partial');
    throw new Error('too late to answer');
  });
  app.get('/errors/handled', async () => {
    throw Object.assign(new Error('handled'), { status: 422 });
  });
  app.use('/errors/handled', describeError);
}

const describeError: ErrorRequestHandler = (error, req, res, next) => {
  if (error.status !== 422) return next(error);
  res.status(422).json([error.message, req.path, req.baseUrl, req.app.path(), res.headersSent]);
};

function addRouters(app: Express): void {
  app.param('id', (req, _res, next, id) => {
    if (id === 'bad') return next(Object.assign(new Error('bad id'), { status: 400 }));
    Reflect.set(req, 'loaded', `item ${id}`);
    next();
  });
  app.get('/items/:id', (req, res) => void res.json([req.params, Reflect.get(req, 'loaded')]));
  app
    .route('/route')
    .get((_req, res) => void res.send('get'))
    .post((_req, res) => void res.send('post'))
    .all((_req, res) => void res.sendStatus(405));
  app.get(
    '/skip',
    (_req, _res, next) => next('route'),
    (_req, res) => void res.send('not reached'),
  );
  app.get('/skip', (req, res) => void res.send(`skipped to ${req.route.path}`));

  const router = express.Router({ mergeParams: true, caseSensitive: true, strict: true });
  router.get('/leave', (_req, _res, next) => next('router'));
  router.get('/Case', (req, res) => void res.json(describeRequest(req)));
  router.get('/files/*path', (req, res) => void res.json(req.params));
  router.use((req, res) => void res.json(['router', req.baseUrl, req.url, req.params]));
  app.use('/routers/:owner', router);
  app.get('/routers/:owner/leave', (_req, res) => void res.send('left the router'));
}

function addMountedApps(app: Express): void {
  const sub = express();
  sub.disable('x-powered-by');
  sub.set('json spaces', 0);
  sub.set('etag', 'strong');
  Object.assign(sub.request, { subRequest: 'on the mounted app' });
  Object.assign(sub.response, { subShout: 'on the mounted app' });
  sub.use((req, res, next) => {
    Object.assign(res.locals, { inside: req.app === sub && res.app === sub });
    next();
  });
  sub.get('/augmented', (req, res) => void res.json(describeAugmentation(req)));
  sub.all('/request', (req, res) => void res.json(describeRequest(req)));
  sub.get('/settings', (_req, res) => {
    const names = ['env', 'trust proxy', 'json spaces', 'json escape', 'views', 'etag'];
    res.json([sub.mountpath, sub.path(), names.map((name) => [name, sub.get(name)])]);
  });
  sub.get('/error', () => {
    throw Object.assign(new Error('from the mounted app'), { status: 422 });
  });
  sub.engine('txt', renderTemplate);
  sub.set('views', views);
  sub.get('/render', (_req, res) => res.render('greeting.txt', { name: 'sub' }));

  const nested = express();
  nested.get('/request', (req, res) => void res.json([describeRequest(req), nested.path()]));
  sub.use('/nested', nested);
  app.use('/sub', sub);

  app.use('/sub', (req, res) => {
    const linked = [req.app === app, res.app === app, app.request === Object.getPrototypeOf(req)];
    res.json(['returned', linked, req.baseUrl, res.locals, describeAugmentation(req)]);
  });
}
