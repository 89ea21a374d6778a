import type { Executor } from 'tslab/dist/executor';
import type { Captured, CellHost, Comm, CommOptions, DisplayOptions, MimeBundle } from '../display';
import { decodeMessage, encodeMessage, newHeader, type WireMessage } from '../wire';
import {
  Capture,
  logIgnored,
  queueSends,
  type SendingSocket,
  StreamJoiner,
  type StreamName,
} from './output-streams';
import {
  type CellFailure,
  compileFailure,
  type Diagnostic,
  interruptBundle,
  interruptFailure,
  isInterrupt,
  thrownFailure,
} from './cell-failure';
import { bundlesOfResult, helpOnName, helpQuery, KernelHandler } from './handler';
import { cellOf, CommManager, type CommReply, deletedCellsOf } from './comms';
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

/** The requests that have a reply. */
const supportedRequest = /^(kernel_info|execute|is_complete|inspect|complete|comm_info|shutdown)_request$/;

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
  readonly #interruptHandlers = new Set<() => void>();
  readonly #capture = new Capture();
  readonly #comms = new CommManager((request, reply) => {
    this.#send(request, reply);
  });

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

  display(bundle: MimeBundle, options: DisplayOptions = {}): void {
    const { sink } = this.#capture;
    if (sink !== undefined) {
      sink({ bundle, options });
      return;
    }
    const { displayId, update = false } = options;
    this.#streams.flush();
    const transient = displayId === undefined ? {} : { display_id: displayId };
    this.#publish(update ? 'update_display_data' : 'display_data', { data: bundle, metadata: {}, transient });
  }

  /** Writes text to a stream of the current cell; before the first cell it is dropped. */
  write(name: StreamName, text: string): void {
    const { sink } = this.#capture;
    if (sink !== undefined) sink({ stream: name, text });
    else if (this.#request !== undefined) this.#streams.write(name, text);
  }

  commOpener(): (target: string, options: CommOptions) => Comm {
    const request = this.#request;
    if (request === undefined) throw new Error('a comm can only be opened by a cell');
    const send = (message: CommReply): void => {
      this.#send(request, message);
    };
    return (target, options) => this.#comms.open(target, options, { cell: cellOf(request), send });
  }

  onCommOpen(target: string, handler: Parameters<CommManager['onOpen']>[1]): void {
    this.#comms.onOpen(target, handler);
  }

  capture<T>(sink: (output: Captured) => void, work: () => T | Promise<T>): Promise<T> {
    return this.#capture.run(sink, work);
  }

  get isCaptured(): boolean {
    return this.#capture.sink !== undefined;
  }

  onInterrupt(handler: () => void): () => void {
    this.#interruptHandlers.add(handler);
    return () => this.#interruptHandlers.delete(handler);
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
    for (const handler of this.#interruptHandlers) handler();
    this.#executor.interrupt();
  }

  override async handleShellMessage(socket: Socket, ...frames: Buffer[]): Promise<void> {
    try {
      const request = decodeMessage(frames, this.connInfo.key);
      const { msg_type: type } = request.header;
      if (!supportedRequest.test(type)) {
        this.#handleComm(request);
        return;
      }
      if (/^(execute|complete|inspect)_/.test(type)) await this.#ready;
      await super.handleShellMessage(socket, ...frames);
    } catch (error) {
      // The running cell has nothing to do with an invalid message.
      logIgnored(error);
    }
  }

  override async handleExecute(socket: Socket, request: Message): Promise<void> {
    const turn = this.#queue.then(() => this.#execute(socket, request));
    this.#queue = turn.catch(() => undefined);
    await turn;
  }

  override handleCommInfoRequest(socket: Socket, request: Message): void {
    const { target_name: target } = request.content as { target_name?: string };
    this.#reply(socket, request, { status: 'ok', comms: this.#comms.info(target) }, 'comm_info_reply');
  }

  /**
   * Handles a message of a comm; ignores other types. The front end sends the next value of a dragged slider when the kernel is idle
   * after the last one.
   */
  #handleComm(request: WireMessage): void {
    const publish = (state: string): void => {
      this.#send(request, { type: 'status', content: { execution_state: state } });
    };
    publish('busy');
    try {
      this.#comms.handle(request);
    } catch (error) {
      logIgnored(error);
    }
    publish('idle');
    if (this.#cell !== undefined) super.publishStatus('busy', this.#request!);
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
    const { code: given, stop_on_error: stopOnError = true } = request.content as {
      code?: unknown;
      stop_on_error?: boolean;
    };
    const code = typeof given === 'string' ? given : '';
    this.#streams.flush();
    this.#request = request;
    this.#interrupt = new AbortController();
    this.#comms.closeCells([cellOf(request), ...deletedCellsOf(request)]);
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
    if (this.#request !== undefined) this.#send(this.#request, { type, content: { ...content } });
  }

  #reply(socket: Socket, request: Message, content: object, type = 'execute_reply'): void {
    this.#send(request, { type, content: { ...content } }, socket);
  }

  /** Sends a message that belongs to a request, by default to all front ends. */
  #send(
    { identity = [], header }: Pick<Message, 'header'> & { identity?: Message['identity'] },
    { type, content, metadata = {}, buffers = [] }: Omit<CommReply, 'type'> & { type: string },
    socket: unknown = this.iopub,
  ): void {
    const { session, username } = header;
    const frames = encodeMessage(this.connInfo.key, {
      identities: identity,
      header: newHeader(type, session, username),
      parent: header,
      ...{ metadata, content, buffers },
    });
    void (socket as SendingSocket).send(frames);
  }
}
