import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Zeromq from 'zeromq';
import { WorkbenchError } from '../../core/base';
import { projectRoot } from '../../node/files';
import { decodeMessage, encodeMessage, newHeader } from '../wire';
import {
  type ConnectionInfo,
  type KernelProcess,
  newConnection,
  spawnKernel,
  writeConnectionFile,
} from './kernel-process';

/** The part of a Jupyter message that the runner uses. */
export interface KernelMessage {
  type: string;
  /** id of the request it belongs to */
  parentId: string;
  content: Record<string, unknown>;
  buffers: readonly Uint8Array[];
}

/** Options of {@link KernelClient.start}. */
export interface KernelOptions {
  /** added to the kernel's environment */
  env?: Readonly<Record<string, string>>;
  /** default 180, because the library may have to be compiled first */
  startTimeoutSec?: number;
  /** called for each message on the output channel except `status` */
  onOutput?: (message: KernelMessage) => void;
}

/** The kernel did not respond in time. */
export class KernelTimeoutError extends WorkbenchError {
  override name = 'KernelTimeoutError';
}

/** The kernel process ended; the message contains its last output. */
export class KernelDiedError extends WorkbenchError {
  override name = 'KernelDiedError';
}

interface Pending {
  reply?: KernelMessage;
  /** the message with which the kernel became idle */
  idle?: KernelMessage;
  settle: () => void;
  fail: (error: Error) => void;
}

/** A kernel started by this process, with its channels. {@link KernelClient.stop | Stop} it after use. */
export class KernelClient {
  readonly #session = randomUUID();
  readonly #pending = new Map<string, Pending>();
  #died: string | undefined;

  private constructor(
    private readonly connection: ConnectionInfo,
    private readonly kernel: KernelProcess,
    private readonly shell: Zeromq.Dealer,
    private readonly control: Zeromq.Dealer,
    private readonly iopub: Zeromq.Subscriber,
    private readonly onOutput: (message: KernelMessage) => void,
  ) {
    void kernel.ended.then((reason) => {
      this.#died = reason;
      for (const { fail } of this.#pending.values()) fail(new KernelDiedError(reason));
    });
  }

  /**
   * Starts a kernel and waits until it responds on all channels.
   *
   * @throws {@link KernelDiedError} or {@link KernelTimeoutError}
   */
  static async start({ env, startTimeoutSec = 180, onOutput }: KernelOptions = {}): Promise<KernelClient> {
    const zeromq = loadZeromq();
    const connection = await newConnection();
    const kernel = spawnKernel(writeConnectionFile(connection), env);
    const [shell, control] = [new zeromq.Dealer({ linger: 0 }), new zeromq.Dealer({ linger: 0 })];
    const iopub = new zeromq.Subscriber({ linger: 0 });
    iopub.subscribe();
    const client = new KernelClient(connection, kernel, shell, control, iopub, onOutput ?? (() => undefined));
    const address = `tcp://${connection.ip}:`;
    shell.connect(address + String(connection.shell_port));
    control.connect(address + String(connection.control_port));
    iopub.connect(address + String(connection.iopub_port));
    for (const socket of [shell, control, iopub]) void client.#receive(socket);
    try {
      await client.#waitUntilReady(startTimeoutSec);
    } catch (error) {
      await client.stop();
      throw error;
    }
    return client;
  }

  get processId(): number | undefined {
    return this.kernel.process.pid;
  }

  /**
   * Runs a cell and waits until it ends.
   *
   * @returns the content of the reply, after all output of the cell has arrived
   * @throws {@link KernelTimeoutError} if the cell is still running, or {@link KernelDiedError}
   */
  async execute(
    code: string,
    timeoutSec = Infinity,
    onStart?: (id: string) => void,
    metadata: Record<string, unknown> = {},
  ): Promise<KernelMessage['content']> {
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: false,
    };
    return (await this.request('execute_request', content, { timeoutSec, onStart, metadata })).content;
  }

  /**
   * Sends a request and waits for its reply and for the kernel to become idle. Messages of comms have no reply: the result is then the
   * message `status` with which the kernel became idle.
   */
  request(
    type: string,
    content: object,
    {
      timeoutSec = 60,
      channel = 'shell',
      metadata = {},
      buffers = [],
      onStart = () => undefined,
    }: RequestOptions = {},
  ): Promise<KernelMessage> {
    if (this.#died !== undefined) return Promise.reject(new KernelDiedError(this.#died));
    const header = newHeader(type, this.#session, 'runner');
    const id = header.msg_id;
    const frames = encodeMessage(this.connection.key, {
      identities: [],
      header,
      parent: {},
      metadata,
      content: { ...content },
      buffers,
    });
    onStart(id);
    return new Promise((resolve, reject) => {
      const timer = Number.isFinite(timeoutSec)
        ? setTimeout(() => {
            end(() => {
              reject(new KernelTimeoutError(`not finished after ${timeoutSec} s`));
            });
          }, timeoutSec * 1000)
        : undefined;
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.#pending.delete(id);
        settle();
      };
      const pending: Pending = {
        settle: () => {
          const { idle } = pending;
          const reply = type.startsWith('comm_') && !type.endsWith('_request') ? idle : pending.reply;
          if (reply !== undefined && idle !== undefined)
            end(() => {
              resolve(reply);
            });
        },
        fail: (error) => {
          end(() => {
            reject(error);
          });
        },
      };
      this.#pending.set(id, pending);
      void this[channel].send(frames);
    });
  }

  /** Interrupts the running cell, like the ■ button of Jupyter. */
  interrupt(): void {
    this.kernel.process.kill('SIGINT');
  }

  /** Kills the kernel. */
  kill(): void {
    this.kernel.kill();
  }

  /** Shuts the kernel down; kills it if it does not end in time. */
  async stop(graceSec = 2): Promise<void> {
    if (this.#died === undefined) {
      const request = this.request(
        'shutdown_request',
        { restart: false },
        { timeoutSec: graceSec, channel: 'control' },
      );
      await request.catch(() => undefined);
      const killer = setTimeout(() => {
        this.kernel.kill();
      }, graceSec * 1000);
      await this.kernel.ended;
      clearTimeout(killer);
    }
    for (const socket of [this.shell, this.control, this.iopub]) if (!socket.closed) socket.close();
  }

  async #waitUntilReady(timeoutSec: number): Promise<void> {
    const deadline = Date.now() + timeoutSec * 1000;
    // The first replies may arrive before the subscription is active; their end is then never received.
    for (;;) {
      try {
        await this.request('kernel_info_request', {}, { timeoutSec: 0.5 });
        return;
      } catch (error) {
        if (!(error instanceof KernelTimeoutError)) throw error;
        if (Date.now() > deadline)
          throw new KernelTimeoutError(`the kernel did not start within ${timeoutSec} s`);
      }
    }
  }

  async #receive(socket: Zeromq.Dealer | Zeromq.Subscriber): Promise<void> {
    for await (const frames of socket) {
      const { header, parent, content, buffers } = decodeMessage(frames);
      const message = { type: header.msg_type, parentId: parent.msg_id ?? '', content, buffers };
      const pending = this.#pending.get(message.parentId);
      if (socket !== this.iopub) {
        if (pending) pending.reply = message;
      } else if (message.type !== 'status') {
        this.onOutput(message);
        continue;
      } else if (pending && message.content.execution_state === 'idle') {
        pending.idle = message;
      }
      pending?.settle();
    }
  }
}

interface RequestOptions {
  timeoutSec?: number;
  channel?: 'shell' | 'control';
  metadata?: Record<string, unknown>;
  buffers?: readonly Uint8Array[];
  /** called with the id of the request before it is sent */
  onStart?: ((id: string) => void) | undefined;
}

/** The zeromq that is installed with tslab. */
function loadZeromq(): typeof Zeromq {
  const fromProject = createRequire(join(projectRoot, 'package.json'));
  const fromTslab = createRequire(fromProject.resolve('tslab/package.json'));
  return fromTslab('zeromq') as typeof Zeromq;
}
