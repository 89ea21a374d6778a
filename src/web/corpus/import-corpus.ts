import { readCorpusFile } from './read-archive';
import { type Session, withTake } from './session';
import { loadCorpus, saveCorpus, saveTake } from './store';

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
export async function importCorpus(name: string, bytes: Uint8Array): Promise<ImportReport> {
  const { plan, takes, skipped } = readCorpusFile(name, bytes);
  const id = plan.id ?? crypto.randomUUID();
  const found = await loadCorpus(id);
  let session: Session = found ?? {
    id,
    setup: plan.setup,
    createdAt: plan.createdAt ?? new Date().toISOString(),
    skipped: new Set(plan.skipped),
    takes: new Map(),
  };
  if (!found) await saveCorpus(session);
  const report: ImportReport = { id, added: 0, kept: 0, skipped };
  for (const { take, wav } of takes) {
    const before = session.takes.get(take.prompt.id);
    if (before && before.recordedAt >= take.recordedAt) {
      report.kept++;
      continue;
    }
    session = withTake(session, take);
    await saveTake(session, take, new Uint8Array(wav));
    report.added++;
  }
  return report;
}
