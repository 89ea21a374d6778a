import { AsyncLocalStorage } from 'node:async_hooks';
import type {
  Captured,
  CellHost,
  Comm,
  CommData,
  CommMessage,
  CommOptions,
} from '../../src/notebook/display';

/** A comm as a test sees it. */
export interface OpenedComm extends CommOptions {
  target: string;
  comm: Comm;
  /** messages that the kernel has sent */
  sent: { data: CommData; buffers: readonly Uint8Array[] }[];
  isOpen: boolean;
  /** simulates a message of the front end */
  receive: (data: CommData, buffers?: readonly Uint8Array[]) => void;
}

/** A kernel without a front end, which records what the library sends. */
export interface FakeHost extends CellHost {
  comms: OpenedComm[];
  /** simulates a front end that opens a comm; returns the kernel's messages */
  openFromFrontEnd: (target: string, message: CommMessage) => OpenedComm['sent'];
  interrupt: () => void;
}

export function fakeHost(
  display: CellHost['display'],
  signal: AbortSignal = new AbortController().signal,
): FakeHost {
  const storage = new AsyncLocalStorage<{ sink: ((output: Captured) => void) | undefined }>();
  const targets = new Map<string, (comm: Comm, message: CommMessage) => void>();
  const handlers = new Set<() => void>();
  const comms: OpenedComm[] = [];

  function commOf(id: string, sent: OpenedComm['sent']): Comm & { closed: boolean } {
    const comm = {
      id,
      closed: false,
      send: (data: CommData, { buffers = [] }: { buffers?: readonly Uint8Array[] } = {}) => {
        if (!comm.closed) sent.push({ data: structuredClone(data), buffers });
      },
      onMessage: (() => undefined) as Comm['onMessage'],
      onClose: () => undefined,
      close: () => {
        if (comm.closed) return;
        comm.closed = true;
        comm.onClose();
      },
    };
    return comm;
  }

  return {
    display: (bundle, options) => {
      const sink = storage.getStore()?.sink;
      if (sink) sink({ bundle, options: options ?? {} });
      else display(bundle, options);
    },
    signal,
    comms,
    commOpener: () => (target, options) => {
      const sent: OpenedComm['sent'] = [];
      const comm = commOf(options.id, sent);
      comms.push({
        ...structuredClone(options),
        target,
        comm,
        sent,
        get isOpen() {
          return !comm.closed;
        },
        receive: (data, buffers = []) => {
          comm.onMessage({ data, buffers });
        },
      });
      return comm;
    },
    onCommOpen: (target, handler) => {
      targets.set(target, handler);
    },
    openFromFrontEnd: (target, message) => {
      const sent: OpenedComm['sent'] = [];
      const comm = commOf('front-end', sent);
      targets.get(target)!(comm, message);
      comm.onMessage(message);
      return sent;
    },
    capture: async (sink, work) => {
      const store: { sink: typeof sink | undefined } = { sink };
      try {
        return await storage.run(store, work);
      } finally {
        store.sink = undefined;
      }
    },
    get isCaptured() {
      return storage.getStore()?.sink !== undefined;
    },
    onInterrupt: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    interrupt: () => {
      for (const handler of handlers) handler();
    },
  };
}
