import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../../core/base';
import { formatTime } from '../result/verdict';
import { deleteRecording, restoreRecording, type StoredRecording, storedRecordings } from './recording-store';
import type { FinishedRecording } from './use-recorder';

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
  const report = (error: unknown): void => {
    setProblem(`The recording could not be restored: ${messageOf(error)}`);
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
            restoreRecording(id).then((samples) => {
              setStored(undefined);
              onRestore({ samples, sampleRate, startedMs });
            }, report);
          }}
        >
          Restore
        </button>
        <button
          type="button"
          class="danger"
          onClick={() => {
            deleteRecording(id).then(() => {
              setStored(undefined);
            }, report);
          }}
        >
          Delete
        </button>
      </div>
    </div>
  );
}
