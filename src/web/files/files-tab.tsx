import { useRef, useState } from 'preact/hooks';
import { formatCount, formatPercent } from '../../core/base';
import { useWorkbench } from '../page/workbench';
import { PredictionResult } from '../result/prediction-result';
import { byClass, formatTime, verdictOf } from '../result/classes';
import { type FileItem, useFileQueue } from './file-queue';

/** Predictions for files: drop or choose several, or use the examples. */
export function FilesTab() {
  const { model, examples } = useWorkbench();
  const queue = useFileQueue();
  const [isOver, setOver] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const [openId, setOpenId] = useState<number | undefined>();
  const open = queue.items.find(({ id }) => id === openId);
  const add = (files: Iterable<File>): void => {
    queue.add([...files].map((file) => ({ name: file.name, content: file })));
  };
  return (
    <div class="stack">
      <section class="card stack" aria-labelledby="files-title">
        <h2 id="files-title">Predict your own recordings</h2>
        <div
          class={isOver ? 'drop over' : 'drop'}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => {
            setOver(false);
          }}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            add(event.dataTransfer?.files ?? []);
          }}
        >
          <p>
            <strong>Drop audio files here</strong>
          </p>
          <p class="quiet small">0.1 s to 2 hours each, up to 1 GB. They are not uploaded.</p>
          <button
            type="button"
            class="primary"
            disabled={!model}
            onClick={() => {
              chooser.current?.click();
            }}
          >
            Choose files
          </button>
          <input
            ref={chooser}
            type="file"
            multiple
            hidden
            aria-label="Audio files"
            onChange={({ currentTarget }) => {
              add(currentTarget.files ?? []);
              currentTarget.value = '';
            }}
          />
        </div>
        <div class="examples">
          <h3>Examples</h3>
          {examples.length === 0 ? (
            <p class="quiet small">
              None on this page. They come from the demo corpus: run <code>npm run data -- demo</code>, then{' '}
              <code>npm run live</code> again.
            </p>
          ) : (
            <>
              <p class="quiet small">
                Made by a speech synthesiser, not recordings of people. The models were trained on people, so
                expect errors.
              </p>
              <div class="row tight">
                {examples.map((example) => (
                  <button
                    key={example.label}
                    type="button"
                    class="small-button"
                    disabled={!model}
                    onClick={() => {
                      queue.add([{ name: `example: ${example.label}`, content: example.content }]);
                    }}
                  >
                    {example.emotion}
                  </button>
                ))}
              </div>
            </>
          )}
        </div>
      </section>
      {queue.items.length > 0 && (
        <section class="card stack" aria-labelledby="results-title">
          <div class="row between">
            <h2 id="results-title">{summaryOf(queue.items)}</h2>
            <div class="row">
              {queue.isRunning && (
                <button type="button" onClick={queue.cancelAll}>
                  Cancel all
                </button>
              )}
              <button type="button" disabled={queue.isRunning} onClick={queue.clear}>
                Clear the list
              </button>
            </div>
          </div>
          <FileTable
            items={queue.items}
            openId={openId}
            onOpen={(id) => {
              setOpenId(id === openId ? undefined : id);
            }}
            onCancel={queue.cancel}
            onRetry={queue.retry}
          />
        </section>
      )}
      {open?.result && <OpenResult item={open} />}
    </div>
  );
}

function summaryOf(items: readonly FileItem[]): string {
  const count = (state: FileItem['state']): number => items.filter((item) => item.state === state).length;
  const open = count('waiting') + count('running');
  const parts = [
    `${formatCount(count('done'))} of ${formatCount(items.length)} predicted`,
    ...(open > 0 ? [`${formatCount(open)} to do`] : []),
    ...(count('failed') > 0 ? [`${formatCount(count('failed'))} failed`] : []),
    ...(count('cancelled') > 0 ? [`${formatCount(count('cancelled'))} cancelled`] : []),
  ];
  return parts.join(', ');
}

function FileTable({
  items,
  openId,
  onOpen,
  onCancel,
  onRetry,
}: {
  items: readonly FileItem[];
  openId: number | undefined;
  onOpen: (id: number) => void;
  onCancel: (id: number) => void;
  onRetry: (id: number) => void;
}) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Predictions">
      <table class="files">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Length</th>
            <th scope="col">Prediction</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <th scope="row" class="file-name">
                {item.name}
              </th>
              <td class="number">{item.result ? formatTime(item.result.prediction.durationSec) : '–'}</td>
              <td>
                <Outcome item={item} />
              </td>
              <td class="actions">
                {item.state === 'done' && (
                  <button
                    type="button"
                    class="small-button"
                    aria-expanded={item.id === openId}
                    aria-label={`Details of ${item.name}`}
                    onClick={() => {
                      onOpen(item.id);
                    }}
                  >
                    Details
                  </button>
                )}
                {(item.state === 'waiting' || item.state === 'running') && (
                  <button
                    type="button"
                    class="small-button"
                    aria-label={`Cancel ${item.name}`}
                    onClick={() => {
                      onCancel(item.id);
                    }}
                  >
                    Cancel
                  </button>
                )}
                {(item.state === 'cancelled' || item.state === 'failed') && (
                  <button
                    type="button"
                    class="small-button"
                    aria-label={`Try again: ${item.name}`}
                    onClick={() => {
                      onRetry(item.id);
                    }}
                  >
                    Try again
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Outcome({ item: { name, state, progress, result, reason } }: { item: FileItem }) {
  const { threshold } = useWorkbench();
  if (state === 'waiting') return <span class="quiet">waiting</span>;
  if (state === 'cancelled') return <span class="quiet">cancelled</span>;
  if (state === 'running')
    return (
      <span class="running">
        <progress
          {...(progress === undefined ? {} : { value: progress })}
          max={1}
          aria-label={`Progress of ${name}`}
        />
        <span class="quiet small">
          {progress === undefined ? 'predicting …' : formatPercent(progress, 0)}
        </span>
      </span>
    );
  if (state === 'failed' || !result) return <span class="failed">⚠ {reason}</span>;
  const { classes } = result.model;
  const probabilities = byClass(classes, result.prediction.probabilities);
  const { label, best, confidence, isUnsure } = verdictOf(classes, probabilities, threshold);
  return (
    <span>
      <strong>{label}</strong>{' '}
      <span class="quiet">
        {isUnsure ? `(${best} ${formatPercent(confidence)})` : formatPercent(confidence)}
      </span>
    </span>
  );
}

function OpenResult({ item: { name, content, result } }: { item: FileItem }) {
  const { threshold } = useWorkbench();
  return (
    <section class="card stack" aria-labelledby="details-title">
      <h2 id="details-title">{name}</h2>
      <PredictionResult name={name} result={result!} threshold={threshold} audio={content} />
    </section>
  );
}
