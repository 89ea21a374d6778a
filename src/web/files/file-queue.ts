import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../../core/base';
import { useWorkbench } from '../page/workbench';
import type { ShownPrediction } from '../result/prediction-result';
import { CancelledError } from '../worker/client';

/** A file in the list, with its prediction when it is done. */
export interface FileItem {
  id: number;
  name: string;
  content: Blob;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  /** 0 to 1; undefined if unknown */
  progress?: number;
  result?: ShownPrediction;
  /** why it failed */
  reason?: string;
}

/** Reason to stop the prediction of a file: it must be predicted by the model that was chosen meanwhile. */
const otherModel = Symbol('another model was chosen');

/** A list of files that are predicted one after the other. When another model is chosen, all are predicted again. */
export function useFileQueue() {
  const { client, model, announce } = useWorkbench();
  const [items, setItems] = useState<readonly FileItem[]>([]);
  const nextId = useRef(1);
  const running = useRef<{ id: number; model: string; stop: AbortController } | undefined>(undefined);
  const latest = useRef(model);
  latest.current = model;
  const change = useCallback((id: number, values: Partial<FileItem>): void => {
    setItems((before) => before.map((item) => (item.id === id ? { ...item, ...values } : item)));
  }, []);

  useEffect(() => {
    if (running.current && running.current.model !== model?.name) running.current.stop.abort(otherModel);
    setItems((before) =>
      before.map((item) =>
        item.state === 'done' && item.result?.model.name !== model?.name
          ? { ...item, state: 'waiting', result: undefined }
          : item,
      ),
    );
  }, [model?.name]);

  const next = items.find(({ state }) => state === 'waiting');
  useEffect(() => {
    if (!next || !model || running.current) return;
    const { id, name, content } = next;
    const stop = new AbortController();
    running.current = { id, model: model.name, stop };
    change(id, { state: 'running', progress: undefined });
    const onProgress = (progress: number): void => {
      change(id, { progress });
    };
    void client
      .predict(model.name, content, { name, signal: stop.signal, onProgress })
      .then(
        (predicted): Partial<FileItem> => ({ state: 'done', result: { ...predicted, model } }),
        (error: unknown): Partial<FileItem> =>
          error instanceof CancelledError
            ? { state: 'cancelled' }
            : { state: 'failed', reason: messageOf(error) },
      )
      .then((outcome) => {
        running.current = undefined;
        const isOutdated = latest.current?.name !== model.name && outcome.state !== 'cancelled';
        if (isOutdated || stop.signal.reason === otherModel) {
          change(id, { state: 'waiting' });
          return;
        }
        change(id, outcome);
        announce(`${name}: ${outcome.state}`);
      });
  }, [next, items, model, client, change, announce]);

  const cancel = useCallback(
    (id: number): void => {
      if (running.current?.id === id) running.current.stop.abort();
      else change(id, { state: 'cancelled' });
    },
    [change],
  );
  return {
    items,
    isRunning: items.some(({ state }) => state === 'waiting' || state === 'running'),
    add: (files: readonly { name: string; content: Blob }[]): void => {
      const added = files.map((file): FileItem => ({ ...file, id: nextId.current++, state: 'waiting' }));
      setItems((before) => [...before, ...added]);
    },
    cancel,
    cancelAll: (): void => {
      setItems((before) =>
        before.map((item) => (item.state === 'waiting' ? { ...item, state: 'cancelled' } : item)),
      );
      running.current?.stop.abort();
    },
    retry: (id: number): void => {
      change(id, { state: 'waiting', reason: undefined });
    },
    clear: (): void => {
      setItems([]);
    },
  };
}
