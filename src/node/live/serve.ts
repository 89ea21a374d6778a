import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { pipeline } from 'node:stream';
import { WorkbenchError } from '../../core/base';
import type { Site } from './site';

const types: Readonly<Record<string, string>> = {
  '.bin': 'application/octet-stream',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.wav': 'audio/wav',
};

/** Sent with every response. The page itself declares a policy too, for web hosts that send none. */
const headers: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; worker-src 'self'; img-src 'self' data:; media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
};

/** A running server of the live page. */
export interface LiveServer {
  /** `http://127.0.0.1:PORT/` */
  address: string;
  /** ends all connections */
  close: () => Promise<void>;
}

/**
 * Serves the live page to this machine only (127.0.0.1).
 *
 * Only the files of the site can be requested, so no path leads out of it. Requests under another host name are rejected, so that a
 * web page cannot reach the server through its own domain (DNS rebinding).
 *
 * @param options.port - default 0: any free port
 * @throws {@link WorkbenchError} if the port is in use or not allowed
 * @example
 * ```ts
 * const { address, close } = await serveSite(await liveSite({ models }));
 * ```
 */
export async function serveSite(site: Site, { port = 0 }: { port?: number } = {}): Promise<LiveServer> {
  const server = createServer((request, response) => {
    respond(site, server, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(new WorkbenchError(portProblem(port, error)));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    address: `http://127.0.0.1:${portOf(server)}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function portProblem(port: number, error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `port ${port} is in use; choose another one, or leave out --port`;
  if (code === 'EACCES') return `port ${port} is not allowed; choose one above 1023, or leave out --port`;
  return `port ${port}: ${error.message}`;
}

function respond(site: Site, server: Server, request: IncomingMessage, response: ServerResponse): void {
  const end = (status: number, text: string): void => {
    response.writeHead(status, { ...headers, 'content-type': types['.txt'] }).end(text);
  };
  const { host = '' } = request.headers;
  // Browsers leave out the port of HTTP.
  const suffixes = portOf(server) === 80 ? [':80', ''] : [`:${portOf(server)}`];
  if (!suffixes.some((suffix) => [`127.0.0.1${suffix}`, `localhost${suffix}`].includes(host))) {
    end(403, 'this server answers only requests to 127.0.0.1');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    end(405, 'this server only sends files');
    return;
  }
  const name = nameIn(request.url ?? '/');
  const file = name === undefined ? undefined : site.get(name);
  if (name === undefined || !file) {
    end(404, 'not found');
    return;
  }
  response.setHeader('content-type', types[extname(name)] ?? types['.bin']);
  for (const [key, value] of Object.entries(headers)) response.setHeader(key, value);
  if (request.method === 'HEAD') response.end();
  else if ('content' in file) response.end(file.content);
  else {
    // Closes the file if the browser stops the download, and the connection if the file cannot be read.
    pipeline(createReadStream(file.path), response, () => undefined);
  }
}

/** The name of the requested file; undefined if the address is malformed. */
function nameIn(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.replace(/[?#].*$/s, '')).replace(/^\/+/, '');
    return path === '' ? 'index.html' : path;
  } catch {
    return undefined;
  }
}
