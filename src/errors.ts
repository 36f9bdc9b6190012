/** Every failure a client can be told of: its HTTP status and the message it carries by default. */
export const errorTable = {
  BAD_REQUEST: { status: 400, message: 'The request is not valid HTTP' },
  INVALID_JSON: { status: 400, message: 'The request body is not a JSON object or array' },
  INVALID_ENCODING: { status: 400, message: 'The request body is not as Content-Encoding says' },
  INVALID_VALUE: { status: 400, message: 'A value in the request is not allowed' },
  NAME_AND_EMAIL_REQUIRED: { status: 400, message: 'Please provide name and email' },
  NOT_FOUND: { status: 404, message: 'There is nothing at this path' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'This path does not answer this method' },
  REQUEST_TIMEOUT: { status: 408, message: 'The request took too long to arrive' },
  BODY_TOO_LARGE: { status: 413, message: 'The request body is larger than 16 KiB' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    message: 'The request body must be JSON in UTF-8, as it is or in gzip, deflate or br',
  },
  EXPECTATION_FAILED: { status: 417, message: 'The only expectation met is 100-continue' },
  HEADERS_TOO_LARGE: { status: 431, message: 'The request headers are too large' },
  INTERNAL: { status: 500, message: 'Something went wrong on our side' },
  WORKER_FAILED: { status: 500, message: 'The computation failed' },
  QUEUE_FULL: { status: 503, message: 'Too many computations are waiting' },
  WAIT_TOO_LONG: { status: 503, message: 'The computation would have to wait too long' },
  SHUTTING_DOWN: { status: 503, message: 'The server is shutting down' },
  COMPUTE_TIMEOUT: { status: 504, message: 'The computation took too long' },
  USERS_FULL: { status: 507, message: 'There is no room for another user' },
} as const satisfies Record<string, { status: number; message: string }>;

/** The machine-readable name of a failure. */
export type ErrorCode = keyof typeof errorTable;

/** A failure with an entry in {@link errorTable}; whoever throws it decides what the client is told. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** Response headers that belong to the failure, such as `Retry-After` or `Allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    options: { message?: string; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(options.message ?? errorTable[code].message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.status = errorTable[code].status;
    this.headers = options.headers ?? {};
  }
}
