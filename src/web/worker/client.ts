import type { Waveform } from '../../core/audio';
import { messageOf } from '../../core/base';
import { decodeInBrowser } from '../decode';
import type {
  LiveWindow,
  ModelPlace,
  ModelSummary,
  Predicted,
  Reply,
  Request,
  SpectrogramColumns,
} from './protocol';

/** State of a model on the page: its summary, or why it cannot be used; absent while it is loading. */
export type LoadedModel = { summary: ModelSummary } | { reason: string };

/** The prediction was cancelled by the user. */
export class CancelledError extends Error {
  override name = 'CancelledError';
}

/** What a live prediction reports. */
export interface LiveEvents {
  onWindow: (window: LiveWindow) => void;
  onSpectrogram: (columns: SpectrogramColumns) => void;
}

/** Predicts in a worker. */
export interface WorkerClient {
  /**
   * Predicts a recording. Predictions wait while the microphone is on.
   *
   * @param input - a file, or samples
   * @param options.name - for messages
   * @throws Error with the reason if it cannot be predicted; {@link CancelledError} after `signal` was aborted
   */
  predict: (
    model: string,
    input: Blob | Waveform,
    options: { name: string; signal?: AbortSignal; onProgress?: (share: number) => void },
  ) => Promise<Predicted>;
  /**
   * Starts live predictions.
   *
   * @param port - delivers the samples
   * @returns stops them
   */
  listen: (
    model: string,
    source: { port: MessagePort; sampleRate: number },
    events: LiveEvents,
  ) => () => void;
}

interface Pending {
  resolve: (result: Predicted) => void;
  reject: (error: Error) => void;
  onProgress?: (share: number) => void;
}

/**
 * Starts the worker and loads the models.
 *
 * @param first - the model to load first
 * @param events.onModel - called once for each model
 * @param events.onLoaded - called when all models have been loaded, after which the page needs no server
 */
export function startWorker(
  models: readonly ModelPlace[],
  first: string,
  events: { onModel: (name: string, model: LoadedModel) => void; onLoaded: () => void },
): WorkerClient {
  const worker = new Worker(new URL('worker.js', document.baseURI), { type: 'module' });
  const send = (message: Request, transfer: Transferable[] = []): void => {
    worker.postMessage(message, transfer);
  };
  const pending = new Map<number, Pending>();
  let hasStarted = false;
  let live: LiveEvents | undefined;
  let lastId = 0;
  const finish = (id: number): Pending | undefined => {
    const found = pending.get(id);
    pending.delete(id);
    return found;
  };

  /** Workers cannot use the browser's decoder. */
  const decode = async ({ id, bytes, format }: Extract<Reply, { kind: 'decode' }>): Promise<void> => {
    try {
      const audio = await decodeInBrowser(bytes, format);
      send({ kind: 'decoded', id, audio }, [...new Set(audio.channels.map(({ buffer }) => buffer))]);
    } catch (error) {
      send({ kind: 'decoded', id, audio: { reason: messageOf(error) } });
    }
  };

  worker.onerror = ({ message }): void => {
    // Later errors do not end the worker. The browser's console shows them.
    if (hasStarted) return;
    const reason = `the prediction worker failed: ${message || 'its script could not be loaded'}; reload the page`;
    for (const { name } of models) events.onModel(name, { reason });
    for (const id of [...pending.keys()]) finish(id)?.reject(new Error(reason));
  };
  worker.onmessage = ({ data }: MessageEvent<Reply>): void => {
    hasStarted = true;
    switch (data.kind) {
      case 'model':
        events.onModel(data.summary.name, { summary: data.summary });
        break;
      case 'model failed':
        events.onModel(data.name, { reason: data.reason });
        break;
      case 'loaded':
        events.onLoaded();
        break;
      case 'progress':
        pending.get(data.id)?.onProgress?.(data.share);
        break;
      case 'decode':
        void decode(data);
        break;
      case 'predicted':
        finish(data.id)?.resolve(data);
        break;
      case 'failed':
        finish(data.id)?.reject(data.isCancelled ? new CancelledError('cancelled') : new Error(data.reason));
        break;
      case 'window':
        live?.onWindow(data.window);
        break;
      case 'spectrogram':
        live?.onSpectrogram(data.columns);
        break;
    }
  };
  send({ kind: 'start', base: new URL('./', document.baseURI).href, models: [...models], first });

  return {
    predict: (model, input, { name, signal, onProgress }) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(new CancelledError('cancelled'));
          return;
        }
        const id = ++lastId;
        pending.set(id, { resolve, reject, onProgress });
        signal?.addEventListener('abort', () => {
          send({ kind: 'cancel', id });
        });
        send({ kind: 'predict', id, model, input, name });
      }),
    listen: (model, { port, sampleRate }, liveEvents) => {
      live = liveEvents;
      send({ kind: 'listen', model, port, sampleRate }, [port]);
      return () => {
        live = undefined;
        send({ kind: 'stop listening' });
      };
    },
  };
}
