import { STATUS_CODES } from 'node:http';
import { type ErrorCode, errorTable } from '../errors.ts';

/** A part of the document. */
export type Json = Readonly<Record<string, unknown>>;

/** One method of a path, as far as it differs from others. */
export interface Operation {
  summary: string;
  parameters?: readonly Json[];
  requestBody?: Json;
  /** The response when all goes well, by status. */
  ok: Readonly<Record<number, Json>>;
  /** What may go wrong, beyond what any request may meet with. */
  codes: readonly ErrorCode[];
}

/** The methods of a path; HEAD goes with GET, and OPTIONS with every path. */
export interface Operations {
  get: Operation;
  /** What may go wrong with HEAD, where that is less than with GET. */
  headCodes?: readonly ErrorCode[];
  post?: Operation;
}

// What any request may meet with before, or instead of, the code that answers it.
const codesOfAll: readonly ErrorCode[] = [
  'BAD_REQUEST',
  'REQUEST_TIMEOUT',
  'EXPECTATION_FAILED',
  'HEADERS_TOO_LARGE',
  'INTERNAL',
];

/** A path item with all its operations. */
export function describePath({ get, headCodes = get.codes, post }: Operations): Json {
  const methods = ['GET', 'HEAD', ...(post === undefined ? [] : ['POST']), 'OPTIONS'].join(', ');
  const noContent = { description: 'Which these are', headers: allow({ const: methods }) };
  const head = {
    ...get,
    ok: { 200: { description: 'As GET, without content' } },
    codes: headCodes,
  };
  return {
    get: describeOperation(get),
    head: describeOperation(head, (codes) => ({ description: describeCodes(codes) })),
    ...(post !== undefined && { post: describeOperation(post) }),
    options: describeOperation({
      summary: 'The methods of this path',
      ok: { 204: noContent },
      codes: [],
    }),
  };
}

function describeOperation(
  { ok, codes, ...operation }: Operation,
  describeFailure = describeError,
): Json {
  const all = [...codesOfAll, ...codes];
  const statuses = [...new Set(all.map((code) => errorTable[code].status))];
  const failures = statuses.map((status) => [
    status,
    describeFailure(all.filter((code) => errorTable[code].status === status)),
  ]);
  return { ...operation, responses: { ...ok, ...Object.fromEntries(failures) } };
}

/** The response to failures that share a status. */
export function describeError(codes: readonly ErrorCode[]): Json {
  const schema = closedObject({
    success: { const: false },
    message: { type: 'string' },
    code: { enum: codes },
  });
  return {
    description: describeCodes(codes),
    headers: Object.assign({}, ...codes.map((code) => headersByCode[code] ?? {})),
    content: { 'application/json': { schema } },
  };
}

function describeCodes(codes: readonly ErrorCode[]): string {
  const status = STATUS_CODES[errorTable[codes[0] ?? 'INTERNAL'].status];
  return [`${status}.`, ...codes.map((code) => `${code}: ${errorTable[code].message}.`)].join(' ');
}

const retryAfter = {
  'Retry-After': {
    description: 'Seconds until another try may succeed; not while the server shuts down',
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
  },
};

const headersByCode: Partial<Record<ErrorCode, Json>> = {
  METHOD_NOT_ALLOWED: allow({ type: 'string' }),
  QUEUE_FULL: retryAfter,
  WAIT_TOO_LONG: retryAfter,
};

function allow(schema: Json): Json {
  return { Allow: { description: 'The methods this path answers', required: true, schema } };
}

/** A response with JSON. */
export function describeJson(description: string, schema: Json, headers: Json = {}): Json {
  return { description, headers, content: { 'application/json': { schema } } };
}

/** A parameter in the query string; it may be left out. */
export function queryParameter(name: string, description: string, schema: Json): Json {
  return { name, in: 'query', description, schema };
}

/** The schema of an object with these properties and no others, all of which are there but the optional ones. */
export function closedObject(properties: Json, optional: readonly string[] = []): Json {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', required, properties, additionalProperties: false };
}

/** A reference to a schema of the document. */
export function schemaRef(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}
