import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RequestHandler } from 'express';

const file = fileURLToPath(new URL('../fixtures/views/greeting.txt', import.meta.url));

/** A route that answers in one way, and the status it is known to answer GET with. */
export interface ResponseCase {
  status: number;
  handler: RequestHandler;
}

const answer = (handler: RequestHandler, status = 200): ResponseCase => ({ status, handler });

/** Every way in which Express answers, one route each: `GET /responses/<name>`. */
export const responseCases: Record<string, ResponseCase> = {
  'send-string': answer((_req, res) => void res.send('héllo <b>world</b>')),
  'send-buffer': answer((_req, res) => void res.send(Buffer.from([0, 1, 2, 255]))),
  'send-typed-array': answer((_req, res) => void res.type('png').send(new Uint8Array([7, 8]))),
  'send-object': answer((_req, res) => void res.send({ list: [1, 'two', null], none: undefined })),
  'send-undefined': answer((_req, res) => void res.send()),
  'send-null': answer((_req, res) => void res.send(null)),
  'send-boolean': answer((_req, res) => void res.send(true)),
  'send-number': answer((_req, res) => void res.send(42)),
  'send-typed-text': answer((_req, res) => void res.type('text/css').send('a{}')),
  'send-chained': answer((_req, res) => void res.status(201).type('.html').send('<p>'), 201),
  'send-large': answer((_req, res) => void res.send('x'.repeat(3_000_000))),
  'send-204': answer((_req, res) => void res.status(204).send('dropped'), 204),
  'send-205': answer((_req, res) => void res.status(205).send('dropped'), 205),
  json: answer((_req, res) => void res.json({ date: new Date(0), nested: { ok: true } })),
  'json-null': answer((_req, res) => void res.json(null)),
  'json-undefined': answer((_req, res) => void res.json(undefined)),
  jsonp: answer((_req, res) => void res.jsonp({ line: '\u2028' })),
  'send-status': answer((_req, res) => void res.sendStatus(418), 418),
  'status-invalid': answer((_req, res) => void res.status(99).end(), 500),
  'send-file': answer((_req, res) => res.sendFile(file)),
  'send-file-options': answer((_req, res) =>
    res.sendFile('greeting.txt', {
      root: fileURLToPath(new URL('../fixtures/views', import.meta.url)),
      maxAge: 60_000,
      immutable: true,
      lastModified: false,
      headers: { 'X-Sent': 'yes' },
    }),
  ),
  'send-file-missing': answer((_req, res) => res.sendFile(`${file}.missing`), 404),
  'send-file-relative': answer((_req, res) => res.sendFile('greeting.txt'), 500),
  'send-file-callback': answer(
    (_req, res) =>
      res.sendFile(`${file}.missing`, (error) =>
        res.status(410).json({ failed: error instanceof Error }),
      ),
    410,
  ),
  download: answer((_req, res) => res.download(file)),
  'download-named': answer((_req, res) => res.download(file, 'grüße.txt', { maxAge: 1000 })),
  'type-extension': answer((_req, res) => void res.type('json').end('{}')),
  'type-unknown': answer((_req, res) => void res.contentType('no-such-extension').end()),
  format: answer(
    (_req, res) =>
      void res.format({
        'text/plain': () => res.send('plain'),
        html: () => res.send('<p>html</p>'),
        json: () => res.json({ kind: 'json' }),
      }),
  ),
  'format-default': answer((_req, res) => void res.format({ default: () => res.send('default') })),
  attachment: answer((_req, res) => void res.attachment().send('data')),
  'attachment-named': answer((_req, res) => void res.attachment('logo.png').send('data')),
  append: answer(
    (_req, res) =>
      void res
        .append('Link', '<a>')
        .append('Link', ['<b>', '<c>'])
        .append('Warning', '199 misc')
        .json({ link: res.get('Link') }),
  ),
  links: answer(
    (_req, res) =>
      void res
        .links({ next: '/2' })
        .links({ last: '/5' })
        .send(String(res.get('Link'))),
  ),
  set: answer(
    (_req, res) =>
      void res
        .set('X-One', '1')
        .set({ 'X-Two': '2', 'Content-Type': 'text/plain' })
        .header('X-Three', ['a', 'b'])
        .send([res.get('x-one'), res.getHeaderNames()]),
  ),
  cookie: answer((req, res) => {
    // What the cookie-parser middleware does.
    Reflect.set(req, 'secret', 'not a secret');
    res
      .cookie('plain', 'a b;c', { expires: new Date(0), httpOnly: true, sameSite: 'strict' })
      .cookie('object', { a: 1 }, { path: '/sub', secure: true })
      .cookie('signed', 'value', { signed: true, domain: 'example.com' })
      .clearCookie('old', { path: '/old' })
      .json(res.get('Set-Cookie'));
  }),
  'cookie-unsigned': answer((_req, res) => void res.cookie('a', 'b', { signed: true }), 500),
  location: answer((_req, res) => void res.location('/a b?q=é').status(201).end(), 201),
  redirect: answer((_req, res) => res.redirect('/elsewhere?a=<b>'), 302),
  'redirect-status': answer((_req, res) => res.redirect(307, 'http://example.com/'), 307),
  vary: answer((_req, res) => void res.vary('Accept').vary('Origin, accept').end('varied')),
  render: answer((_req, res) => {
    res.locals.place = 'res.locals';
    res.render('greeting', { name: 'reader' });
  }),
  'render-callback': answer((_req, res) =>
    res.render('greeting', (error: Error | null, text?: string) => {
      res.json({ failed: error !== null, text });
    }),
  ),
  'render-missing': answer((_req, res) => res.render('no-such-view'), 500),
  state: answer((req, res) => {
    res.locals.seen = true;
    const before = res.headersSent;
    res.write(
      JSON.stringify({ before, locals: res.locals, linked: res.req === req && req.res === res }),
    );
    res.end(JSON.stringify({ after: res.headersSent, app: res.app === req.app }));
  }),
  'write-in-parts': answer(async (req, res) => {
    // Only a chunked body has trailers; Node throws when they are set on another.
    const chunked = req.method === 'GET' && req.httpVersion === '1.1';
    if (chunked) res.setHeader('Trailer', 'X-Checksum');
    res.write('one,');
    await nextTurn();
    res.write(Buffer.from('two,'));
    if (chunked) res.addTrailers({ 'X-Checksum': 'abc' });
    res.end('three');
  }),
  'write-head': answer(
    (_req, res) => void res.writeHead(202, 'Sure', { 'X-Raw': 'yes' }).end('raw'),
    202,
  ),
  'early-hints': answer((_req, res) => {
    res.writeEarlyHints({ link: '</style.css>; rel=preload' });
    res.send('final');
  }, 103),
  pipe: answer((_req, res) => void Readable.from(['a', 'b'.repeat(100_000), 'c']).pipe(res)),
  'no-etag': answer(
    (_req, res) =>
      void res.set('ETag', '"own"').set('Last-Modified', 'Thu, 01 Jan 1970 00:00:01 GMT').send('x'),
  ),
};
