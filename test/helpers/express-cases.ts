import { responseCases } from './express-responses.ts';
import type { RawRequest } from './raw-exchange.ts';

const json = 'Content-Type: application/json';
const form = 'Content-Type: application/x-www-form-urlencoded';
const chunked = 'Transfer-Encoding: chunked';
const forwarded = [
  'X-Forwarded-For: 203.0.113.7, 198.51.100.2',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: a.b.example.org:444, other',
];
const negotiated = [
  'Accept: application/json;q=0.9, text/html;q=0.2',
  'Accept-Charset: iso-8859-1',
  'Accept-Encoding: gzip, br;q=0.1',
  'Accept-Language: en, de;q=0.5',
];

type Case = [status: number, request: RawRequest];

/** Requests that exercise more than the way a response is written. */
const requestCases: Record<string, Case> = {
  'request: bare': [200, { path: '/request' }],
  'request: query': [200, { path: '/request?a=1&b[c]=2&b[d][]=3&e=%C3%A9&&a=4#x' }],
  'request: forwarded': [200, { path: '/request', headers: forwarded }],
  'request: negotiation': [200, { path: '/request', headers: negotiated }],
  'request: body type': [200, { method: 'POST', path: '/request', headers: [json], body: '{}' }],
  'request: range': [200, { path: '/request', headers: ['Range: bytes=0-10,5-50,900-'] }],
  'request: repeated headers': [
    200,
    { path: '/request', headers: ['X-One: 1', 'x-one: 2', 'Cookie: a', 'Cookie: b', 'Referer: r'] },
  ],
  'request: xhr': [200, { path: '/request', headers: ['X-Requested-With: XMLHttpRequest'] }],
  'request: HTTP/1.0': [200, { path: '/request', version: '1.0' }],
  'request: absolute URL': [200, { path: 'http://other.example/request?q' }],
  'request: HEAD': [200, { method: 'HEAD', path: '/request' }],
  'request: OPTIONS': [200, { method: 'OPTIONS', path: '/items/7' }],
  'request: method without a route': [404, { method: 'DELETE', path: '/items/1' }],
  'request: expects 100-continue': [
    100,
    { method: 'POST', path: '/json', headers: [json, 'Expect: 100-continue'], body: '{"a":1}' },
  ],
  'request: malformed': [400, { path: '/request', headers: ['No colon'] }],
  'request: bad escape': [400, { path: '/items/%zz' }],
  'not found': [404, { path: '/no/such/<path>' }],

  'fresh: no validator': [200, { path: '/fresh' }],
  'fresh: ETag matches': [304, { path: '/fresh', headers: ['If-None-Match: "v0", "v1"'] }],
  'fresh: ETag differs': [200, { path: '/fresh', headers: ['If-None-Match: "v2"'] }],
  'fresh: any ETag': [304, { path: '/fresh', headers: ['If-None-Match: *'] }],
  'fresh: not modified since': [
    304,
    { path: '/fresh', headers: ['If-Modified-Since: Fri, 02 Jan 2026 00:00:00 GMT'] },
  ],
  'fresh: no-cache': [
    200,
    { path: '/fresh', headers: ['If-None-Match: "v1"', 'Cache-Control: no-cache'] },
  ],
  'fresh: HEAD': [304, { method: 'HEAD', path: '/fresh', headers: ['If-None-Match: "v1"'] }],
  'fresh: POST': [200, { method: 'POST', path: '/fresh', headers: ['If-None-Match: "v1"'] }],
  'fresh: file': [304, { path: '/responses/send-file', headers: ['If-None-Match: *'] }],
  'fresh: precondition': [412, { path: '/responses/send-file', headers: ['If-Match: "other"'] }],

  'range: first bytes': [206, { path: '/responses/send-file', headers: ['Range: bytes=0-4'] }],
  'range: last bytes': [206, { path: '/responses/send-file', headers: ['Range: bytes=-4'] }],
  'range: unsatisfiable': [416, { path: '/responses/send-file', headers: ['Range: bytes=999-'] }],
  'range: several': [200, { path: '/responses/send-file', headers: ['Range: bytes=0-1,4-5'] }],
  'static: file': [200, { path: '/static/greeting.txt' }],
  'static: directory': [404, { path: '/static/' }],
  'static: missing': [404, { path: '/static/none.txt' }],

  'format: html': [200, { path: '/responses/format', headers: ['Accept: text/html'] }],
  'format: json': [200, { path: '/responses/format', headers: ['Accept: application/json'] }],
  'format: not acceptable': [406, { path: '/responses/format', headers: ['Accept: image/png'] }],
  'jsonp: callback': [200, { path: '/responses/jsonp?callback=cb[0].f<script>' }],
  'redirect: html': [302, { path: '/responses/redirect', headers: ['Accept: text/html'] }],

  'body: JSON': [200, { method: 'POST', path: '/json', headers: [json], body: '{"a":["<é>"]}' }],
  'body: bad JSON': [400, { method: 'POST', path: '/json', headers: [json], body: '{"a":' }],
  'body: too large': [
    413,
    { method: 'POST', path: '/json', headers: [json], body: JSON.stringify('x'.repeat(200)) },
  ],
  'body: unread type': [200, { method: 'POST', path: '/json', headers: [form], body: 'a=1' }],
  'body: form': [200, { method: 'POST', path: '/form', headers: [form], body: 'a[b]=1&c=2' }],
  'body: text': [
    200,
    { method: 'POST', path: '/text', headers: ['Content-Type: text/plain'], body: 'text' },
  ],
  'body: raw': [
    200,
    {
      method: 'POST',
      path: '/raw',
      headers: ['Content-Type: application/octet-stream'],
      body: 'r',
    },
  ],
  'body: large': [200, { method: 'POST', path: '/count', body: 'x'.repeat(2_000_000) }],
  'body: chunked with trailers': [
    200,
    { method: 'POST', path: '/count', headers: [chunked], body: '3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n' },
  ],
  'body: piped back': [200, { method: 'POST', path: '/mirror', body: 'y'.repeat(300_000) }],

  'error: sync': [500, { path: '/errors/sync' }],
  'error: async': [409, { path: '/errors/async' }],
  'error: next(error)': [500, { path: '/errors/next' }],
  'error: not an Error': [500, { path: '/errors/string' }],
  'error: handled': [422, { path: '/errors/handled' }],
  'error: after the headers': [200, { path: '/errors/after-headers' }],
  'error: after the headers, async': [200, { path: '/errors/async-after-headers' }],

  'router: param': [200, { path: '/items/7' }],
  'router: param fails': [400, { path: '/items/bad' }],
  'router: route get': [200, { path: '/route' }],
  'router: route post': [200, { method: 'POST', path: '/route' }],
  'router: route all': [405, { method: 'PUT', path: '/route' }],
  "router: next('route')": [200, { path: '/skip' }],
  "router: next('router')": [200, { path: '/routers/me/leave' }],
  'router: case': [200, { path: '/routers/me/Case?x=1' }],
  'router: other case': [200, { path: '/routers/me/case' }],
  'router: wildcard': [200, { path: '/routers/me/files/a/b.txt' }],

  'mounted: request': [200, { path: '/sub/request?x=1', headers: forwarded }],
  'mounted: nested request': [200, { path: '/sub/nested/request?x=1' }],
  'mounted: settings': [200, { path: '/sub/settings' }],
  'mounted: render': [200, { path: '/sub/render' }],
  'mounted: error reaches the parent': [422, { path: '/sub/error' }],
  'mounted: falls through to the parent': [200, { path: '/sub/none' }],
  'augmented: app': [200, { path: '/augmented' }],
  'augmented: mounted app': [200, { path: '/sub/augmented' }],
};

/** All of them: the requests above, and every way to answer under GET, HEAD and HTTP/1.0. */
export function* allCases(): Generator<[name: string, ...Case]> {
  for (const [name, [status, request]] of Object.entries(requestCases)) {
    yield [name, status, request];
  }
  for (const [name, { status }] of Object.entries(responseCases)) {
    const path = `/responses/${name}`;
    yield [`response: ${name}`, status, { path }];
    yield [`response: ${name}: HEAD`, status, { method: 'HEAD', path }];
    yield [`response: ${name}: HTTP/1.0`, status, { path, version: '1.0' }];
  }
}
