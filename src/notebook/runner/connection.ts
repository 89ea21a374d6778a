import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Content of a Jupyter connection file. */
export interface ConnectionInfo {
  transport: 'tcp';
  ip: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  key: string;
  signature_scheme: 'hmac-sha256';
}

/** The part of a Jupyter message that the runner uses. */
export interface KernelMessage {
  type: string;
  /** id of the request it belongs to */
  parentId: string;
  content: Record<string, unknown>;
}

const delimiter = '<IDS|MSG>';

/** Creates a connection with free local ports and a new key. */
export async function newConnection(): Promise<ConnectionInfo> {
  const [shell, iopub, stdin, control, hb] = await freePorts(5);
  return {
    transport: 'tcp',
    ip: '127.0.0.1',
    shell_port: shell,
    iopub_port: iopub,
    stdin_port: stdin,
    control_port: control,
    hb_port: hb,
    key: randomUUID(),
    signature_scheme: 'hmac-sha256',
  };
}

/** Prefix of the temporary folder of a connection file. */
export const runnerFolder = 'ser-kernel-';

/** Writes a connection file that only the current user can read. Delete it with {@link removeConnectionFile}. */
export function writeConnectionFile(connection: ConnectionInfo): string {
  const file = join(mkdtempSync(join(tmpdir(), runnerFolder)), 'connection.json');
  writeFileSync(file, JSON.stringify(connection), { mode: 0o600 });
  return file;
}

/** Deletes a connection file and its folder. */
export function removeConnectionFile(file: string): void {
  rmSync(dirname(file), { recursive: true, force: true });
}

/** A signed request and its id, which replies refer to. */
export function encodeRequest(
  { key }: ConnectionInfo,
  session: string,
  type: string,
  content: object,
): { id: string; frames: string[] } {
  const id = randomUUID();
  const header = {
    msg_id: id,
    session,
    username: 'runner',
    date: new Date().toISOString(),
    msg_type: type,
    version: '5.3',
  };
  const body = [header, {}, {}, content].map((part) => JSON.stringify(part));
  const signature = createHmac('sha256', key).update(body.join('')).digest('hex');
  return { id, frames: [delimiter, signature, ...body] };
}

/** Decodes a message of a kernel; frames before the delimiter are routing. */
export function decodeMessage(frames: readonly Buffer[]): KernelMessage {
  const parts = frames.map((frame) => frame.toString());
  const start = parts.indexOf(delimiter);
  const [header, parent, , content] = parts.slice(start + 2).map((part) => JSON.parse(part) as unknown);
  return {
    type: (header as { msg_type: string }).msg_type,
    parentId: (parent as { msg_id?: string }).msg_id ?? '',
    content: content as Record<string, unknown>,
  };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((listening, failed) => {
        server.once('error', failed).listen(0, '127.0.0.1', listening);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
