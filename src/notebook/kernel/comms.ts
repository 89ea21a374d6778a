import { isRecord } from '../../core/base';
import type { Comm, CommMessage, CommOptions } from '../display';
import type { WireMessage } from '../wire';

/** The type and content of a message to the front ends. */
export interface CommReply {
  type: 'comm_open' | 'comm_msg' | 'comm_close';
  content: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  buffers?: readonly Uint8Array[];
}

/** The cell in which a comm was opened. */
interface Origin {
  /** id of the cell, if the front end sent it */
  cell: string | undefined;
  /** sends a message that belongs to the cell */
  send: (message: CommReply) => void;
}

interface OpenComm {
  comm: Comm;
  target: string;
  cell: string | undefined;
}

/** The comms of a kernel, which connect its widgets with those of the front ends. */
export class CommManager {
  readonly #comms = new Map<string, OpenComm>();
  readonly #targets = new Map<string, (comm: Comm, message: CommMessage) => void>();
  /** the Jupyter message of each received comm message */
  readonly #received = new WeakMap<CommMessage, WireMessage>();

  /** @param answer - replies to a message of a front end */
  constructor(private readonly answer: (request: WireMessage, message: CommReply) => void) {}

  /** Opens a comm from the kernel. */
  open(target: string, { id, data, metadata, buffers }: CommOptions, { cell, send }: Origin): Comm {
    const comm = this.#create(id, target, cell, send);
    const content = { comm_id: id, target_name: target, data };
    send({ type: 'comm_open', content, metadata, buffers });
    return comm;
  }

  /** Sets the function that is called when a front end opens a comm with this target. */
  onOpen(target: string, handler: (comm: Comm, message: CommMessage) => void): void {
    this.#targets.set(target, handler);
  }

  /** Handles `comm_open`, `comm_msg` and `comm_close`; ignores other and malformed messages, and those for comms that are not open. */
  handle(request: WireMessage): void {
    const { comm_id: id, target_name: target, data } = request.content;
    if (typeof id !== 'string') return;
    const message: CommMessage = { data: isRecord(data) ? data : {}, buffers: request.buffers };
    this.#received.set(message, request);
    const type = request.header.msg_type;
    const open = this.#comms.get(id);
    if (type === 'comm_open') {
      // A second comm with the same id would cut off the first one.
      if (open !== undefined) return;
      const handler = typeof target === 'string' ? this.#targets.get(target) : undefined;
      if (handler === undefined) {
        this.answer(request, { type: 'comm_close', content: { comm_id: id, data: {} } });
        return;
      }
      const send = (reply: CommReply): void => {
        this.answer(request, reply);
      };
      handler(this.#create(id, target as string, undefined, send), message);
    } else if (type === 'comm_msg') open?.comm.onMessage(message);
    else if (type === 'comm_close' && open !== undefined) this.#forget(id, open.comm);
  }

  /** The open comms, as `comm_info_reply` lists them. */
  info(target?: string): Record<string, { target_name: string }> {
    const some = [...this.#comms].filter(([, open]) => target === undefined || open.target === target);
    return Object.fromEntries(some.map(([id, open]) => [id, { target_name: open.target }]));
  }

  /** Closes the comms that were opened in these cells. */
  closeCells(cells: readonly (string | undefined)[]): void {
    for (const { comm, cell } of [...this.#comms.values()])
      if (cell !== undefined && cells.includes(cell)) comm.close();
  }

  #create(id: string, target: string, cell: string | undefined, send: (message: CommReply) => void): Comm {
    const comm: Comm = {
      id,
      send: (data, { buffers = [], answers } = {}) => {
        if (!this.#comms.has(id)) return;
        const request = answers && this.#received.get(answers);
        const message: CommReply = { type: 'comm_msg', content: { comm_id: id, data }, buffers };
        if (request) this.answer(request, message);
        else send(message);
      },
      onMessage: () => undefined,
      onClose: () => undefined,
      close: () => {
        if (!this.#comms.has(id)) return;
        this.#forget(id, comm);
        send({ type: 'comm_close', content: { comm_id: id, data: {} } });
      },
    };
    this.#comms.set(id, { comm, target, cell });
    return comm;
  }

  #forget(id: string, comm: Comm): void {
    this.#comms.delete(id);
    comm.onClose();
  }
}

interface HasMetadata {
  metadata: object;
}

/** The id of the cell that a request runs; JupyterLab and Notebook 7 send it. */
export function cellOf({ metadata }: HasMetadata): string | undefined {
  const { cellId } = metadata as { cellId?: unknown };
  return typeof cellId === 'string' ? cellId : undefined;
}

/** The cells that were deleted since the last request. */
export function deletedCellsOf({ metadata }: HasMetadata): string[] {
  const { deletedCells } = metadata as { deletedCells?: unknown };
  return Array.isArray(deletedCells) ? (deletedCells as string[]) : [];
}
