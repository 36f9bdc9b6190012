import { maxIterations } from '../config.ts';
import type { ErrorCode } from '../errors.ts';
import { bodyDepthMax, bodyMaxBytes } from '../routes/input.ts';
import { firstPage, pageMax, userTextMax } from '../routes/users.ts';
import {
  closedObject,
  describeError,
  describeJson,
  describePath,
  type Json,
  type Operations,
  queryParameter,
  schemaRef,
} from './describe.ts';

/** Version of the API, which is the package's. */
export const apiVersion = '0.1.0';

/**
 * The API in OpenAPI 3.1, the same in both modes, with the sum or a task of the user's own behind `/compute`. Every
 * status and every code of every operation is in it; test/openapi.test.ts holds it to what the server does.
 */
export function describeApi({ ownTask }: { ownTask: boolean }): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: 'offload-lab',
      version: apiVersion,
      description: [
        'An endpoint that keeps a core busy, beside others that do not, on one server.',
        'A failure has a message for people and a code for programs.',
        'Any other path is answered as NotFound says, any other method of a path as MethodNotAllowed does.',
      ].join(' '),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths: {
      '/health': describePath({
        get: {
          summary: 'Says that the process answers',
          ok: { 200: describeJson('It does', schemaRef('Health')) },
          codes: [],
        },
      }),
      '/openapi.json': describePath({
        get: {
          summary: 'This document',
          ok: { 200: describeJson('OpenAPI 3.1', { type: 'object' }) },
          codes: [],
        },
      }),
      '/users': describePath(usersOperations),
      '/compute': describePath(ownTask ? taskOperations : sumOperations),
    },
    components: {
      schemas,
      responses: {
        NotFound: describeError(['NOT_FOUND']),
        MethodNotAllowed: describeError(['METHOD_NOT_ALLOWED']),
      },
    },
  };
}

const codesOfBodies: readonly ErrorCode[] = [
  'INVALID_JSON',
  'INVALID_ENCODING',
  'INVALID_VALUE',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
];
const codesOfComputing: readonly ErrorCode[] = [
  'WORKER_FAILED',
  'QUEUE_FULL',
  'WAIT_TOO_LONG',
  'SHUTTING_DOWN',
  'COMPUTE_TIMEOUT',
];

const usersOperations: Operations = {
  get: {
    summary: 'One page of users, in the order of their ids',
    parameters: [
      queryParameter('limit', 'How many at most', {
        type: 'integer',
        minimum: 1,
        maximum: pageMax,
        default: firstPage.limit,
      }),
      queryParameter('after', 'The last id of the page before', {
        type: 'integer',
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        default: firstPage.after,
      }),
    ],
    ok: { 200: describeJson('The page', schemaRef('UserPage')) },
    codes: ['INVALID_VALUE'],
  },
  post: {
    summary: 'Adds a user',
    requestBody: jsonBody(schemaRef('NewUser'), true),
    ok: { 201: describeJson('It is kept until the server ends', schemaRef('UserCreated')) },
    codes: [...codesOfBodies, 'NAME_AND_EMAIL_REQUIRED', 'USERS_FULL'],
  },
};

const times = {
  'Server-Timing': {
    description: 'How long the computation waited and how long it ran, in milliseconds',
    required: true,
    schema: {
      type: 'string',
      pattern: String.raw`^queue;dur=\d+\.\d{3}, compute;dur=\d+\.\d{3}$`,
    },
  },
};
const computed = { 200: describeJson('The result', schemaRef('Result'), times) };

const sumOperations: Operations = {
  get: {
    summary: 'Adds up the integers below n, one by one',
    parameters: [
      queryParameter('n', 'How many; without it as many as COMPUTE_ITERATIONS says', {
        type: 'integer',
        minimum: 1,
        maximum: maxIterations,
      }),
    ],
    ok: { 200: describeJson('The sum', schemaRef('Sum'), times) },
    codes: ['INVALID_VALUE', ...codesOfComputing],
  },
  headCodes: ['INVALID_VALUE'],
};

const taskOperations: Operations = {
  get: {
    summary: "Runs the server's own task on the query string",
    parameters: [
      {
        ...queryParameter('input', 'Whatever the task takes', { type: 'object' }),
        style: 'form',
        explode: true,
      },
    ],
    ok: computed,
    codes: ['INVALID_VALUE', ...codesOfComputing],
  },
  headCodes: [],
  post: {
    summary: "Runs the server's own task on a JSON body",
    requestBody: jsonBody({ type: ['object', 'array'] }, false),
    ok: computed,
    codes: [...codesOfBodies, ...codesOfComputing],
  },
};

function jsonBody(schema: Json, required: boolean): Json {
  const description = `At most ${bodyMaxBytes} bytes, nested at most ${bodyDepthMax} deep, in UTF-8`;
  return { description, required, content: { 'application/json': { schema } } };
}

const natural = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
const text = { type: 'string', minLength: 1, maxLength: userTextMax };

const schemas = {
  Health: closedObject({
    status: { const: 'OK' },
    message: { type: 'string' },
    timestamp: { type: 'string', format: 'date-time' },
  }),
  User: closedObject({ id: { type: 'integer', minimum: 1 }, name: text, email: text }),
  UserPage: closedObject(
    {
      success: { const: true },
      time: { ...natural, description: 'Milliseconds since 1970' },
      count: { ...natural, description: 'How many users there are in all' },
      data: { type: 'array', maxItems: pageMax, items: schemaRef('User') },
      next: { ...natural, description: 'The id to continue after, if there are more' },
    },
    ['next'],
  ),
  // Whatever else a client sends is ignored.
  NewUser: { type: 'object', required: ['name', 'email'], properties: { name: text, email: text } },
  UserCreated: closedObject({
    success: { const: true },
    message: { type: 'string' },
    data: schemaRef('User'),
  }),
  Sum: closedObject({ success: { const: true }, total: natural }),
  Result: closedObject({ success: { const: true }, output: {} }),
};
