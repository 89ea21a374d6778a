import type { Executor } from 'tslab/dist/executor';
import type { CellHost, DisplayOptions, MimeBundle } from '../display';
import {
  type CellFailure,
  compileFailure,
  type Diagnostic,
  interruptBundle,
  interruptFailure,
  isInterrupt,
  thrownFailure,
} from './cell-failure';
import { bundlesOfResult } from './cell-result';
import { helpOnName, helpQuery, KernelHandler } from './handler';
import { queueSends, type SendingSocket, StreamJoiner, type StreamName } from './output-streams';
import { displayTarget, JupyterHandlerImpl, ZmqServer } from './tslab';

type Message = Parameters<InstanceType<typeof ZmqServer>['handleExecute']>[1];
type Socket = Parameters<InstanceType<typeof ZmqServer>['handleCommInfoRequest']>[0];

/** A socket of tslab before it is bound; a high-water mark of 0 means no limit. */
interface BindableSocket {
  sendHighWaterMark: number;
  bind(address: string): Promise<void>;
}

/** Requests that arrive within this time after a failed cell were sent before the user saw the failure. */
const abortWindowMs = 100;

/** State of a running cell. */
interface RunningCell {
  code: string;
  diagnostics: Diagnostic[];
  thrown: unknown[];
  /** value of the last expression, if it is neither undefined nor null */
  result?: unknown;
}

/** What `prepare` returns. */
export interface Prepared {
  executor: Executor;
  /** printed to stderr by the first cell */
  notices: readonly string[];
}

const noExecutor = { interrupt: () => undefined, close: () => undefined } as unknown as Executor;

/**
 * tslab's server with a complete Jupyter protocol: cells run one after another, no output is lost, a failed cell sends an `error`
 * message, and cells queued behind it are aborted.
 */
export class KernelServer extends ZmqServer implements CellHost {
  readonly #streams = new StreamJoiner((name, text) => {
    this.#publish('stream', { name, text });
  });
  #drain = (): Promise<void> => Promise.resolve();
  /** request of the running or last cell; its output belongs to it */
  #request: Message | undefined;
  #cell: RunningCell | undefined;
  #count = 0;
  #executor = noExecutor;
  /** printed to stderr by the first cell */
  #notices: string[] = [];
  #ready: Promise<void> = Promise.resolve();
  #queue: Promise<void> = Promise.resolve();
  #aborting = false;
  #interrupt = new AbortController();

  /**
   * @param prepare - creates the executor; cells wait for it, other requests do not
   */
  constructor(
    connectionFile: string,
    private readonly root: string,
    private readonly prepare: () => Promise<Prepared>,
  ) {
    super(new JupyterHandlerImpl(noExecutor, false), connectionFile);
    // By default a publisher drops messages when 1,000 of them wait for a slow reader, including the end of the cell.
    Object.defineProperty(this, 'bindSocket', {
      value: async (socket: BindableSocket, port: number) => {
        socket.sendHighWaterMark = 0;
        await socket.bind(`${this.connInfo.transport}://${this.connInfo.ip}:${port}`);
      },
    });
    displayTarget.lastWriteDisplayData = ({ data, transient }, update) => {
      this.display(data, { displayId: transient?.display_id, update });
    };
  }

  get signal(): AbortSignal {
    return this.#interrupt.signal;
  }

  override async init(): Promise<void> {
    await super.init();
    // The receive loops keep the original sockets; only sending uses the queues.
    const queues = [this.iopub, this.shell, this.control].map((socket) =>
      queueSends(socket as SendingSocket),
    );
    [this.iopub, this.shell, this.control] = queues as unknown as [typeof this.iopub, Socket, Socket];
    this.#drain = async () => {
      await Promise.all(queues.map((queue) => queue.drained()));
    };
    this.#ready = this.prepare().then(({ executor, notices }) => {
      this.#executor = executor;
      this.handler = new KernelHandler(executor);
      this.#notices = [...notices];
    });
  }

  display(bundle: MimeBundle, { displayId, update = false }: DisplayOptions = {}): void {
    this.#streams.flush();
    const transient = displayId === undefined ? {} : { display_id: displayId };
    this.#publish(update ? 'update_display_data' : 'display_data', { data: bundle, metadata: {}, transient });
  }

  /** Writes text to a stream of the current cell; before the first cell it is dropped. */
  write(name: StreamName, text: string): void {
    if (this.#request !== undefined) this.#streams.write(name, text);
  }

  /** Called by tslab's executor with the value of a cell's last expression. */
  setResult(value: unknown): void {
    if (this.#cell !== undefined) this.#cell.result = value;
  }

  /** Called by tslab's executor when a cell fails. */
  report(diagnostic: Diagnostic | undefined, thrown: unknown): void {
    if (diagnostic !== undefined) this.#cell?.diagnostics.push(diagnostic);
    else this.reportThrown(thrown);
  }

  /** Reports an uncaught error: as the failure of the running cell, otherwise on stderr. */
  reportThrown(thrown: unknown): void {
    if (this.#cell !== undefined) this.#cell.thrown.push(thrown);
    else if (isInterrupt(thrown, this.signal))
      return; // work of the interrupted cell has ended
    else this.write('stderr', `${thrownFailure(thrown, this.root).traceback.join('\n')}\n`);
  }

  interrupt(): void {
    this.#interrupt.abort();
    this.#executor.interrupt();
  }

  override async handleShellMessage(socket: Socket, ...frames: Buffer[]): Promise<void> {
    const needsExecutor = frames.some((frame) =>
      /"msg_type": ?"(execute|complete|inspect)_request"/.test(frame.toString()),
    );
    if (needsExecutor) await this.#ready;
    await super.handleShellMessage(socket, ...frames);
  }

  override async handleExecute(socket: Socket, request: Message): Promise<void> {
    const turn = this.#queue.then(() => this.#execute(socket, request));
    this.#queue = turn.catch(() => undefined);
    await turn;
  }

  /** A queued cell is not busy yet, and the end of another request does not make a running cell idle. */
  override publishStatus(status: string, parent: Message): void {
    const isCell = parent.header.msg_type === 'execute_request';
    if (isCell && status === 'busy') return;
    if (isCell) this.#streams.flush();
    super.publishStatus(status, parent);
    if (status === 'idle' && this.#cell !== undefined) super.publishStatus('busy', this.#request!);
  }

  override close(): void {
    this.#streams.flush();
    void this.#drain().then(() => {
      super.close();
      // A worker or timer left by a cell must not keep the kernel alive.
      setTimeout(() => process.exit(0), abortWindowMs);
    });
  }

  async #execute(socket: Socket, request: Message): Promise<void> {
    if (this.#aborting) {
      this.#reply(socket, request, { status: 'aborted' });
      return;
    }
    const { code, stop_on_error: stopOnError = true } = request.content as {
      code: string;
      stop_on_error?: boolean;
    };
    this.#streams.flush();
    this.#request = request;
    this.#interrupt = new AbortController();
    const count = ++this.#count;
    super.publishStatus('busy', request);
    this.#publish('execute_input', { code, execution_count: count });
    for (const notice of this.#notices.splice(0)) this.write('stderr', `${notice}\n`);
    const failure = await this.#run(code);
    this.#streams.flush();
    if (failure !== undefined) {
      if (failure === interruptFailure) this.display(interruptBundle);
      else this.#publish('error', failure);
      if (stopOnError) this.#abortQueued();
    }
    this.#reply(socket, request, {
      status: failure ? 'error' : 'ok',
      execution_count: count,
      ...(failure ?? { payload: [], user_expressions: {} }),
    });
  }

  async #run(code: string): Promise<CellFailure | undefined> {
    const cell: RunningCell = { code, diagnostics: [], thrown: [] };
    this.#cell = cell;
    const name = helpQuery(code);
    let ok = name !== undefined;
    try {
      if (name === undefined) ok = await this.#executor.execute(code);
      else this.display(helpOnName(this.#executor, name));
      if (cell.result !== undefined) await this.#showResult(cell.result);
      // Unhandled rejections are emitted after the microtasks of this turn.
      await new Promise((resume) => setImmediate(resume));
    } catch (error) {
      cell.thrown.push(error);
    }
    this.#cell = undefined;
    // When a cell is interrupted, its pending work may be rejected too.
    if (cell.thrown.some((thrown) => isInterrupt(thrown, this.signal))) return interruptFailure;
    if (cell.thrown.length > 0) return thrownFailure(cell.thrown[0], this.root);
    if (cell.diagnostics.length > 0) return compileFailure(cell.diagnostics, code, this.root);
    return ok ? undefined : thrownFailure(new Error('the cell failed for an unknown reason'), this.root);
  }

  /** Shows the value of the last expression; a promise is awaited. Several outputs end with the `execute_result`. */
  async #showResult(value: unknown): Promise<void> {
    const bundles = await bundlesOfResult(value, this.signal);
    const last = bundles.pop();
    for (const bundle of bundles) this.display(bundle);
    this.#streams.flush();
    if (last) this.#publish('execute_result', { data: last, metadata: {}, execution_count: this.#count });
  }

  #abortQueued(): void {
    this.#aborting = true;
    setTimeout(() => (this.#aborting = false), abortWindowMs);
  }

  #publish(type: string, content: object): void {
    if (this.#request === undefined) return;
    const message = this.#request.createReply();
    message.header.msg_type = type;
    message.content = content;
    message.signAndSend(this.connInfo.key, this.iopub);
  }

  #reply(socket: Socket, request: Message, content: object): void {
    const message = request.createReply();
    message.header.msg_type = 'execute_reply';
    message.content = content;
    message.signAndSend(this.connInfo.key, socket);
  }
}
