import { useRef, useState } from 'preact/hooks';
import { countOf, formatCount, messageOf } from '../../core/base';
import { readCorpusFile } from './archive';
import { consentRules } from './archive-files';
import { ConfirmButton } from './controls';
import { type CorpusEntry, createCorpus, loadCorpus, reserveCorpus, saveTake } from './store';

/** The corpora of this device, and the ways to begin: a new one, or a file. */
export function CorpusList({
  entries,
  onOpen,
  onNew,
  onImported,
  onDelete,
}: {
  entries: readonly CorpusEntry[];
  onOpen: (id: string) => void;
  onNew: () => void;
  /** called after recordings or a setup from a file have been stored */
  onImported: () => void;
  onDelete: (id: string) => void;
}) {
  const chooser = useRef<HTMLInputElement>(null);
  const [status, setStatus] = useState<{ text: string; isError?: boolean; id?: string }>();
  const read = async (file: File): Promise<void> => {
    setStatus({ text: `Reading ${file.name} …` });
    try {
      const { id, added, kept, skipped } = await importCorpus(
        file.name,
        new Uint8Array(await file.arrayBuffer()),
      );
      const lines = [
        added > 0 || kept > 0
          ? `${file.name}: ${countOf(added, 'recording')} added`
          : `${file.name}: the setup was read; add the speakers of this device`,
        ...(kept > 0 ? [`${formatCount(kept)} ${kept === 1 ? 'was' : 'were'} here already`] : []),
        ...skipped.slice(0, 3).map(({ path, reason }) => `${path} was left out: ${reason}`),
        ...(skipped.length > 3 ? [`${formatCount(skipped.length - 3)} more left out`] : []),
      ];
      setStatus({ text: `${lines.join('; ')}.`, id });
      onImported();
    } catch (error) {
      setStatus({ text: messageOf(error), isError: true });
    }
  };
  return (
    <div class="stack">
      <section class="card stack" aria-labelledby="consent-title">
        <h2 id="consent-title">Before you record people</h2>
        <ul class="rules">
          {consentRules.map((rule) => (
            <li key={rule}>{rule}</li>
          ))}
        </ul>
      </section>
      <section class="card stack" aria-labelledby="corpora-title">
        <h2 id="corpora-title">Corpora on this device</h2>
        {entries.length === 0 ? (
          <p class="quiet">
            None yet. A corpus is a plan of sentences and emotions, and the recordings made from it. It stays
            in this browser until you export or delete it.
          </p>
        ) : (
          <ul class="corpus-list">
            {entries.map(({ id, name, takes, bytes, changedAt }) => (
              <li key={id} class="row between">
                <div>
                  <strong>{name || 'without a name'}</strong>
                  <p class="quiet small">
                    {countOf(takes, 'recording')}, {(bytes / 1e6).toFixed(1)} MB, changed{' '}
                    {changedAt.slice(0, 10)}
                  </p>
                </div>
                <div class="row">
                  <button
                    type="button"
                    class="primary"
                    onClick={() => {
                      onOpen(id);
                    }}
                  >
                    Open<span class="visually-hidden"> {name}</span>
                  </button>
                  <ConfirmButton
                    label="Delete"
                    name={`${name}: ${countOf(takes, 'recording')}`}
                    question="Delete this corpus with all its recordings?"
                    onConfirm={() => {
                      onDelete(id);
                    }}
                  />
                </div>
              </li>
            ))}
          </ul>
        )}
        <div class="row">
          <button type="button" class={entries.length === 0 ? 'primary' : ''} onClick={onNew}>
            New corpus
          </button>
          <button type="button" onClick={() => chooser.current?.click()}>
            Continue from a file …
          </button>
          <input
            ref={chooser}
            class="visually-hidden"
            type="file"
            tabIndex={-1}
            aria-label="Archive or setup file"
            accept=".zip,.json,application/zip,application/json"
            onChange={({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              currentTarget.value = '';
              if (file) void read(file);
            }}
          />
        </div>
        <div role="status">
          {status && (
            <p class={status.isError === true ? 'message error' : 'message'}>
              {status.text}{' '}
              {status.id !== undefined && (
                <button
                  type="button"
                  class="link"
                  onClick={() => {
                    onOpen(status.id!);
                  }}
                >
                  Open it
                </button>
              )}
            </p>
          )}
        </div>
      </section>
    </div>
  );
}

/** What {@link importCorpus} did. */
export interface ImportReport {
  /** the corpus that was created or continued */
  id: string;
  /** recordings that were stored */
  added: number;
  /** recordings that this device already had, in this version or a later one */
  kept: number;
  skipped: { path: string; reason: string }[];
}

/**
 * Continues a corpus from an exported archive, or creates one from a setup file. If this device has the corpus already, missing and newer
 * recordings are added, and its setup stays.
 *
 * @throws InvalidFileError or StorageError with the reason; recordings that were stored before stay
 */
async function importCorpus(name: string, bytes: Uint8Array): Promise<ImportReport> {
  const { plan, takes, skipped } = readCorpusFile(name, bytes);
  const id = plan.id ?? crypto.randomUUID();
  const release = await reserveCorpus(id);
  try {
    const found = await loadCorpus(id);
    if (!found) {
      const createdAt = plan.createdAt ?? new Date().toISOString();
      await createCorpus({ id, setup: plan.setup, createdAt, skipped: new Set(plan.skipped) });
    }
    const before = new Map(found?.takes);
    const report: ImportReport = { id, added: 0, kept: 0, skipped };
    for (const { take, wav } of takes) {
      const known = before.get(take.prompt.id);
      if (known && known.recordedAt >= take.recordedAt) {
        report.kept++;
        continue;
      }
      before.set(take.prompt.id, take);
      await saveTake(id, take, new Uint8Array(wav));
      report.added++;
    }
    return report;
  } finally {
    release();
  }
}
