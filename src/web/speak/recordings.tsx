import { useEffect, useMemo, useState } from 'preact/hooks';
import { encodeWav } from '../../core/audio';
import { messageOf } from '../../core/base';
import { useWorkbench } from '../page/workbench';
import { byClass, formatTime, verdictOf } from '../result/classes';
import { PredictionResult, type ShownPrediction } from '../result/prediction-result';
import {
  deleteRecording,
  type FinishedRecording,
  restoreRecording,
  type StoredRecording,
  storedRecordings,
} from './use-recorder';

/** A finished recording: downloads, and the prediction for the whole recording. */
export function FinishedView({
  recording,
  onDelete,
}: {
  recording: FinishedRecording;
  /** deletes the recording, also from the browser's storage */
  onDelete: () => Promise<void>;
}) {
  const { client, model, threshold, announce } = useWorkbench();
  const [result, setResult] = useState<ShownPrediction | { problem: string } | undefined>();
  const [isDeleting, setIsDeleting] = useState(false);
  const [problem, setProblem] = useState('');
  const { samples, sampleRate, startedMs, note } = recording;
  const audio = useMemo(() => wavOf(recording, '16'), [recording]);
  const name = fileName(startedMs);
  useEffect(() => {
    if (!model) return undefined;
    const stop = new AbortController();
    setResult(undefined);
    client.predict(model.name, { samples, sampleRate }, { name, signal: stop.signal }).then(
      (predicted) => {
        if (stop.signal.aborted) return;
        setResult({ ...predicted, model });
        const overall = byClass(model.classes, predicted.prediction.probabilities);
        announce(`Recording: ${verdictOf(model.classes, overall, threshold).text}`);
      },
      (error: unknown) => {
        if (!stop.signal.aborted) setResult({ problem: messageOf(error) });
      },
    );
    return () => {
      stop.abort();
    };
    // The threshold changes only how the result is shown.
  }, [client, model, samples, sampleRate, name]);
  return (
    <section class="card stack" aria-labelledby="recording-title">
      <div class="row between">
        <h2 id="recording-title">Your recording</h2>
        <div class="row">
          <DownloadLink name={`${name}.wav`} content={audio} text="WAV, 16 bit" />
          <FloatDownload name={`${name} float.wav`} recording={recording} />
          <button
            type="button"
            class="danger"
            disabled={isDeleting}
            onClick={() => {
              setIsDeleting(true);
              onDelete().catch((error: unknown) => {
                setProblem(`The recording could not be deleted: ${messageOf(error)}`);
                setIsDeleting(false);
              });
            }}
          >
            Delete
          </button>
        </div>
      </div>
      {problem !== '' && (
        <p class="message error" role="alert">
          {problem}
        </p>
      )}
      {note !== undefined && <p class="message warning">{note}</p>}
      {result === undefined ? (
        <p class="quiet">Predicting the recording …</p>
      ) : 'problem' in result ? (
        <p class="message error" role="alert">
          No prediction: {result.problem}
        </p>
      ) : (
        <PredictionResult name={name} result={result} threshold={threshold} audio={audio} />
      )}
    </section>
  );
}

function wavOf(recording: FinishedRecording, bitDepth: '16' | '32f'): Blob {
  return new Blob([encodeWav(recording, { bitDepth }) as Uint8Array<ArrayBuffer>], { type: 'audio/wav' });
}

function FloatDownload({ name, recording }: { name: string; recording: FinishedRecording }) {
  const content = useMemo(() => wavOf(recording, '32f'), [recording]);
  return <DownloadLink name={name} content={content} text="WAV, float" />;
}

function DownloadLink({ name, content, text }: { name: string; content: Blob; text: string }) {
  const [address, setAddress] = useState('');
  useEffect(() => {
    const created = URL.createObjectURL(content);
    setAddress(created);
    return () => {
      URL.revokeObjectURL(created);
    };
  }, [content]);
  return (
    <a class="button" href={address} download={name}>
      <span aria-hidden="true">↓</span> {text}
    </a>
  );
}

/** For example `recording 2026-11-29 14-05-09`, in local time. */
function fileName(startedMs: number): string {
  const date = new Date(startedMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `recording ${day} ${two(date.getHours())}-${two(date.getMinutes())}-${two(date.getSeconds())}`;
}

/** Offers to restore a recording that was made before the page was closed or reloaded. */
export function RestoreOffer({ onRestore }: { onRestore: (recording: FinishedRecording) => void }) {
  const [stored, setStored] = useState<StoredRecording | undefined>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    // Without storage, for example in a private window, there is nothing to restore.
    storedRecordings().then(
      ([newest]) => {
        setStored(newest);
      },
      () => undefined,
    );
  }, []);
  if (problem !== '') return <p class="message error">{problem}</p>;
  if (!stored) return null;
  const { id, sampleRate, startedMs, durationSec } = stored;
  const report = (what: string, error: unknown): void => {
    setProblem(`The recording could not be ${what}: ${messageOf(error)}`);
  };
  return (
    <div class="message row between" role="region" aria-label="Earlier recording">
      <p>
        A recording of {formatTime(durationSec)} from {new Date(startedMs).toLocaleString('en')} is stored in
        this browser.
      </p>
      <div class="row">
        <button
          type="button"
          onClick={() => {
            restoreRecording(id).then(
              (samples) => {
                setStored(undefined);
                onRestore({ samples, sampleRate, startedMs });
              },
              (error: unknown) => {
                report('restored', error);
              },
            );
          }}
        >
          Restore
        </button>
        <button
          type="button"
          class="danger"
          onClick={() => {
            deleteRecording(id).then(
              () => {
                setStored(undefined);
              },
              (error: unknown) => {
                report('deleted', error);
              },
            );
          }}
        >
          Delete
        </button>
      </div>
    </div>
  );
}
