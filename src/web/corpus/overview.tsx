import { useRef, useState } from 'preact/hooks';
import { countOf, formatCount, messageOf } from '../../core/base';
import { archiveName, zipCorpus } from './archive';
import { ConfirmButton, saveFile, TakePlayer } from './controls';
import { exportedTakes, planFile } from './archive-files';
import { type Progress, progressOf, type Take } from './session';
import { readWav } from './store';
import { describeTake } from './take-controls';
import type { OpenSession } from './use-session';

/** Progress, export, and all takes of a corpus. */
export function Overview({ open }: { open: OpenSession }) {
  return (
    <div class="stack">
      <ProgressTable open={open} />
      <ExportCard open={open} />
      <TakeTable open={open} />
    </div>
  );
}

function ProgressTable({ open: { session } }: { open: OpenSession }) {
  const { all, speakers } = progressOf(session);
  const text = ({ kept, total }: Progress): string => `${kept}/${total}`;
  const cellClass = ({ kept, skipped, total }: Progress): string =>
    kept + skipped === total ? 'complete' : kept > 0 ? 'partial' : '';
  return (
    <section class="card stack" aria-labelledby="progress-title">
      <h2 id="progress-title">
        Progress: {formatCount(all.kept)} of {formatCount(all.total)} kept
        {all.skipped > 0 && `, ${formatCount(all.skipped)} skipped`}
        {all.recorded > 0 && `, ${formatCount(all.recorded)} undecided`}
      </h2>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Table of the progress">
        <table class="progress-table">
          <thead>
            <tr>
              <th scope="col">Speaker</th>
              {session.setup.emotions.map((emotion) => (
                <th scope="col" key={emotion}>
                  {emotion}
                </th>
              ))}
              <th scope="col">All</th>
            </tr>
          </thead>
          <tbody>
            {speakers.map(({ speaker, all: own, emotions }) => (
              <tr key={speaker}>
                <th scope="row">{speaker}</th>
                {emotions.map(({ emotion, progress }) => (
                  <td key={emotion} class={cellClass(progress)}>
                    {text(progress)}
                    {progress.kept + progress.skipped === progress.total && (
                      <span aria-label="complete" role="img">
                        {' '}
                        ✓
                      </span>
                    )}
                  </td>
                ))}
                <td>{text(own)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function ExportCard({ open: { session } }: { open: OpenSession }) {
  const [speaker, setSpeaker] = useState('');
  const [status, setStatus] = useState<{ text: string; isError?: boolean }>();
  const stop = useRef<AbortController | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const takes = exportedTakes(session, speaker || undefined);
  const undecided = [...session.takes.values()].filter(({ kept }) => !kept).length;
  const bytes = takes.reduce((sum, take) => sum + take.bytes, 0);
  const speakers = [...new Set([...session.takes.values()].map(({ prompt }) => prompt.speaker))];
  const save = async (): Promise<void> => {
    stop.current = new AbortController();
    setBusy(true);
    try {
      const parts: Blob[] = [];
      const pieces = zipCorpus(session, (take) => readWav(session.id, take), {
        ...(speaker && { speaker }),
        signal: stop.current.signal,
        onProgress: (done, total) => {
          if (done % 20 === 0 || done === total) setStatus({ text: `Packing: ${done} of ${total}` });
        },
      });
      // Blobs may be kept on the disk; arrays are in memory.
      for await (const piece of pieces) parts.push(new Blob([piece as Uint8Array<ArrayBuffer>]));
      const name = archiveName(session, speaker || undefined);
      saveFile(name, new Blob(parts, { type: 'application/zip' }));
      setStatus({
        text: `${name} was handed to the browser's downloads, with ${countOf(takes.length, 'recording')}.`,
      });
    } catch (error) {
      if (stop.current.signal.aborted) setStatus({ text: 'The export was stopped.' });
      else setStatus({ text: `The export failed: ${messageOf(error)}`, isError: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="card stack" aria-labelledby="export-title">
      <h2 id="export-title">Export</h2>
      <p>
        {countOf(takes.length, 'kept recording')}, {(bytes / 1e6).toFixed(1)} MB.
        {undecided > 0 &&
          ` ${countOf(undecided, 'undecided recording is', 'undecided recordings are')} left out.`}{' '}
        The archive can be added to the workbench with <code>npm run data -- add</code>.
      </p>
      <div class="row">
        {speakers.length > 1 && (
          <label class="field inline">
            <span>Speaker</span>
            <select
              value={speaker}
              onChange={({ currentTarget }) => {
                setSpeaker(currentTarget.value);
              }}
            >
              <option value="">all</option>
              {speakers.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <button
          type="button"
          class="primary"
          disabled={takes.length === 0 || isBusy}
          onClick={() => void save()}
        >
          Export as ZIP
        </button>
        {isBusy && (
          <button type="button" onClick={() => stop.current?.abort()}>
            Stop
          </button>
        )}
        <button
          type="button"
          class="link"
          onClick={() => {
            const setup = { ...session.setup, speakers: [] };
            saveFile('corpus-setup.json', new Blob([planFile({ setup })], { type: 'application/json' }));
          }}
        >
          Save the setup for other devices
        </button>
      </div>
      <p class={status?.isError === true ? 'message error' : 'quiet small'} role="status" hidden={!status}>
        {status?.text}
      </p>
    </section>
  );
}

/** Number of rows that are shown at first. */
const pageLength = 50;

function TakeTable({ open }: { open: OpenSession }) {
  const { session } = open;
  const [shown, setShown] = useState(pageLength);
  const [problem, setProblem] = useState<string>();
  const takes = [...session.takes.values()].sort((a, b) => (a.recordedAt < b.recordedAt ? 1 : -1));
  const nameOf = ({ prompt }: Take): string =>
    `${prompt.speaker}, ${prompt.emotion}, ${prompt.sentence}, take ${prompt.take}`;
  return (
    <section class="card stack" aria-labelledby="takes-title">
      <h2 id="takes-title">Recordings, newest first</h2>
      {problem !== undefined && (
        <p class="message error" role="alert">
          {problem}
        </p>
      )}
      {takes.length === 0 ? (
        <p class="quiet">None yet.</p>
      ) : (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Table of the recordings">
          <table class="takes-table">
            <thead>
              <tr>
                <th scope="col">Speaker</th>
                <th scope="col">Emotion</th>
                <th scope="col">Sentence</th>
                <th scope="col">Recording</th>
                <th scope="col">Actions</th>
              </tr>
            </thead>
            <tbody>
              {takes.slice(0, shown).map((take) => (
                <tr key={take.prompt.id}>
                  <th scope="row">{take.prompt.speaker}</th>
                  <td>{take.prompt.emotion}</td>
                  <td>
                    {take.prompt.sentence}
                    {take.prompt.take > 1 && <span class="quiet"> (take {take.prompt.take})</span>}
                  </td>
                  <td>
                    {describeTake(take)}
                    {take.quality.problems.length > 0 && (
                      <span class="problem"> ⚠ {take.quality.problems.join(', ')}</span>
                    )}
                    {!take.kept && <span class="quiet"> · undecided</span>}
                  </td>
                  <td>
                    <div class="row take-actions">
                      <TakePlayer
                        key={take.recordedAt}
                        label="Listen"
                        name={nameOf(take)}
                        load={() => readWav(session.id, take)}
                        onProblem={setProblem}
                      />
                      {!take.kept && (
                        <button
                          type="button"
                          onClick={() => {
                            open.keep(take.prompt.id);
                          }}
                        >
                          Keep<span class="visually-hidden"> {nameOf(take)}</span>
                        </button>
                      )}
                      <ConfirmButton
                        label="Delete"
                        name={nameOf(take)}
                        question="Delete this recording?"
                        onConfirm={() => {
                          open.remove(take.prompt.id);
                        }}
                      />
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {takes.length > shown && (
        <button
          type="button"
          onClick={() => {
            setShown(shown + 200);
          }}
        >
          Show more ({formatCount(takes.length - shown)} left)
        </button>
      )}
    </section>
  );
}
