import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';

/** SHA-256 of text (as UTF-8) or bytes, in lower-case hex digits, in any JavaScript runtime. */
export function sha256Hex(content: string | Uint8Array): string {
  return bytesToHex(sha256(content));
}

/**
 * Hash of plain data that does not depend on the order of keys.
 *
 * @returns the first 32 hex digits of the SHA-256 of its canonical JSON
 */
export function canonicalHash(value: unknown): string {
  return sha256Hex(canonicalJson(value)).slice(0, 32);
}

/** JSON with sorted keys; a key whose value is `undefined` is omitted. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join()}}`;
}
