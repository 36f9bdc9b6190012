const kindByCode: Record<string, string> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'connect timeout',
};

const ownFaultCodes = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);

/** The kind a failed request is counted under: a few plain words, else the error's code. */
export function classifyError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (code.startsWith('HPE_')) return 'malformed answer';
  return kindByCode[code] ?? code;
}

/** The kind an answer that is not 2xx is counted under: its status, with the `code` of a JSON error body. */
export function classifyStatus(status: number, body: string): string {
  const code = /"code"\s*:\s*"([A-Z][A-Z0-9_]{0,63})"/.exec(body)?.[1];
  return code === undefined ? `${status}` : `${status} ${code}`;
}

/** Whether a kind is the generator's own limit (no more sockets, ports, memory) and says nothing about the target. */
export function isOwnFault(kind: string): boolean {
  return ownFaultCodes.has(kind);
}
