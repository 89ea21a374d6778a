import { createHmac, randomUUID } from 'node:crypto';
import { isRecord } from '../core/base';

/** Header of a Jupyter message. */
export interface MessageHeader {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

/** A message of the Jupyter protocol. */
export interface WireMessage {
  /** routing frames of zeromq; empty for a client */
  identities: readonly (string | Buffer)[];
  header: MessageHeader;
  /** header of the request that it belongs to; empty for requests */
  parent: Partial<MessageHeader>;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
  /** binary data, for example of an uploaded file */
  buffers: readonly Uint8Array[];
}

const delimiter = '<IDS|MSG>';

/** A header with a new id. */
export function newHeader(type: string, session: string, username = 'kernel'): MessageHeader {
  const date = new Date().toISOString();
  return { msg_id: randomUUID(), msg_type: type, session, username, date, version: '5.3' };
}

/** Encodes a message as zeromq frames. Buffers are not part of the signature. */
export function encodeMessage(
  key: string,
  { identities, header, parent, metadata, content, buffers }: WireMessage,
): (string | Buffer)[] {
  const body = [header, parent, metadata, content].map((part) => JSON.stringify(part));
  const binary = buffers.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  return [...identities, delimiter, sign(key, body), ...body, ...binary];
}

/**
 * Decodes zeromq frames.
 *
 * @param key - checks the signature, if given
 * @throws Error if the frames are not a Jupyter message, the signature is wrong, or a part is not a JSON object
 */
export function decodeMessage(frames: readonly Buffer[], key?: string): WireMessage {
  const start = frames.findIndex((frame) => frame.toString() === delimiter);
  const parts = frames.slice(start + 2, start + 6);
  if (start < 0 || parts.length < 4) throw new Error('not a Jupyter message');
  if (key !== undefined && sign(key, parts) !== frames[start + 1].toString())
    throw new Error('a Jupyter message has a wrong signature');
  const [header, parent, metadata, content] = parts.map(parseObject);
  if (typeof header.msg_type !== 'string') throw new Error('a Jupyter message has no type');
  return {
    identities: frames.slice(0, start),
    header: header as unknown as MessageHeader,
    parent,
    metadata,
    content,
    buffers: frames.slice(start + 6),
  };
}

function parseObject(part: Buffer): Record<string, unknown> {
  const value: unknown = JSON.parse(part.toString());
  if (!isRecord(value)) throw new Error('a part of a Jupyter message is not an object');
  return value;
}

function sign(key: string, parts: readonly (string | Buffer)[]): string {
  const hash = createHmac('sha256', key);
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
