// @ts-check
// An export of a large document: parsed, every record checked, written out again and compressed.
//
//   COMPUTE_TASK=examples/compress-catalogue.mjs npm start
//   curl 'localhost:9000/compute?items=10000'
import { gzipSync } from 'node:zlib';

const itemsMax = 20_000;
const itemsPerCheck = 1000;
const currencies = ['EUR', 'USD', 'JPY'];

/** @typedef {{ id: number, name: string, tags: string[], price: { amount: number, currency: string } }} Item */

/**
 * Compresses a catalogue of `items` records. The catalogue is made up here, in place of the file or the
 * database it would come from, so that the request stays small; what leaves the thread is small as well.
 *
 * Looks at `cancelled` every 1,000 records; the last step, one call of gzip, cannot be left early.
 * @param {unknown} input `{ items }`, an integer from 1 to 20000, as a number or as text
 * @param {import('../workers/task.ts').TaskContext} context
 * @returns {{ items: number, bytes: number, compressedBytes: number } | undefined} undefined once cancelled
 */
export default function compressCatalogue(input, { cancelled }) {
  const count = readCount(input);
  const documents = [];
  for (let start = 0; start < count; start += itemsPerCheck) {
    if (cancelled()) return undefined;
    documents.push(normalize(makeJson(start, Math.min(start + itemsPerCheck, count))));
  }
  const text = documents.join('\n');
  if (cancelled()) return undefined;
  const compressed = gzipSync(text);
  return { items: count, bytes: Buffer.byteLength(text), compressedBytes: compressed.byteLength };
}

/**
 * @param {unknown} input
 * @returns {number}
 */
function readCount(input) {
  const { items } = /** @type {{ items?: unknown }} */ (input);
  // A query string only has text.
  const count = typeof items === 'string' && /^\d{1,9}$/.test(items) ? Number(items) : items;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > itemsMax) {
    const error = new Error(`items must be an integer from 1 to ${itemsMax}`);
    throw Object.assign(error, { code: 'INVALID_INPUT' });
  }
  return count;
}

/**
 * @param {number} start
 * @param {number} end
 */
function makeJson(start, end) {
  const items = Array.from({ length: end - start }, (_, index) => {
    const id = start + index + 1;
    // A multiplicative hash: the same catalogue every time, and not one that compresses to nothing.
    const mix = Math.imul(id, 0x9e3779b1) >>> 0;
    return {
      id,
      name: `Article ${mix.toString(36)}`,
      tags: [`colour-${mix % 12}`, `size-${mix % 7}`],
      price: { amount: (mix % 100_000) / 100, currency: currencies[mix % currencies.length] },
    };
  });
  return JSON.stringify(items);
}

/**
 * Parses, checks and rewrites one part of the document.
 * @param {string} json
 */
function normalize(json) {
  const parsed = /** @type {unknown} */ (JSON.parse(json));
  if (!Array.isArray(parsed) || !parsed.every(isItem)) throw new Error('not a catalogue');
  return parsed.map((item) => JSON.stringify({ ...item, name: item.name.trim() })).join('\n');
}

/**
 * @param {unknown} value
 * @returns {value is Item}
 */
function isItem(value) {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name, tags, price } = /** @type {Partial<Record<keyof Item, unknown>>} */ (value);
  if (typeof price !== 'object' || price === null) return false;
  const { amount, currency } = /** @type {{ amount?: unknown, currency?: unknown }} */ (price);
  return (
    Number.isSafeInteger(id) &&
    typeof name === 'string' &&
    name.length <= 100 &&
    Array.isArray(tags) &&
    tags.every((tag) => typeof tag === 'string' && /^[a-z]+-\d+$/.test(tag)) &&
    typeof amount === 'number' &&
    amount >= 0 &&
    typeof currency === 'string' &&
    currencies.includes(currency)
  );
}
