import { readFile, rm, stat, writeFile } from 'node:fs/promises';

/** What a `.part` file is a part of: enough to ask the server for the rest of the same thing. */
export interface PartState {
  url: string;
  /** strong ETag or Last-Modified, for `If-Range`; without one the part cannot be continued */
  validator?: string;
  /** size of the whole, bytes */
  total?: number;
}

/** The bytes of `destination` that an earlier download left in `destination.part`, and what they belong to. */
export async function readPart(
  destination: string,
  url: string,
): Promise<{ have: number; state: PartState }> {
  const fresh = { have: 0, state: { url } };
  try {
    const state = JSON.parse(await readFile(`${destination}.part.json`, 'utf8')) as PartState;
    if (state.url !== url || !state.validator) return fresh;
    return { have: (await stat(`${destination}.part`)).size, state };
  } catch {
    return fresh; // no part, or a note that was cut off itself
  }
}

export async function writePartState(destination: string, state: PartState): Promise<void> {
  await writeFile(`${destination}.part.json`, JSON.stringify(state));
}

export async function discardPart(destination: string): Promise<void> {
  await rm(`${destination}.part`, { force: true });
  await rm(`${destination}.part.json`, { force: true });
}

/** What identifies this version of the resource; a weak ETag does not (RFC 9110, 13.1.5). */
export function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get('etag');
  if (etag && !etag.startsWith('W/')) return etag;
  return headers.get('last-modified') ?? undefined;
}
