// @ts-check
// Password hashing with the synchronous API, as login handlers often do it by mistake.
//
//   COMPUTE_TASK=examples/hash-password.mjs npm start
//   curl -d '{"password":"correct horse"}' -H 'Content-Type: application/json' localhost:9000/compute
import { randomBytes, scryptSync } from 'node:crypto';

const lengthMax = 128;
// Node's defaults, spelled out: 16 MiB of memory, outside V8's heap. OWASP asks for p = 5 at this N.
const cost = { N: 16_384, r: 8, p: 1 };

/**
 * Hashes a password with scrypt and a new salt.
 *
 * Never looks at `cancelled`: the work is one call into native code that cannot be left early.
 * @param {unknown} input `{ password }`, a string of 1…128 characters
 * @returns {{ algorithm: string, cost: typeof cost, salt: string, hash: string }} salt and hash as base64
 */
export default function hashPassword(input) {
  const { password } = /** @type {{ password?: unknown }} */ (input);
  if (typeof password !== 'string' || password === '' || password.length > lengthMax) {
    const error = new Error(`password must be a string of 1 to ${lengthMax} characters`);
    throw Object.assign(error, { code: 'INVALID_INPUT' });
  }
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, cost);
  return {
    algorithm: 'scrypt',
    cost,
    salt: salt.toString('base64'),
    hash: hash.toString('base64'),
  };
}
