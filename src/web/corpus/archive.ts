import { Zip, ZipPassThrough } from 'fflate';
import { corpusFolder, WorkbenchError } from '../../core/base';
import { consentText } from './consent';
import { planFile } from './plan-file';
import type { Session, Take } from './session';
import { clipsCsv, exportedTakes, nameTakes } from './table';

/** Limits of the ZIP format without its extension for large files. */
const maxZipBytes = 2 ** 32 - 1;
const maxZipFiles = 2 ** 16 - 1;
/** Size of the headers of a file in an archive, at most: two names and the fields around them. */
const headerBytes = 700;

/** Options of {@link zipCorpus}. */
export interface ZipOptions {
  /** export only the recordings of this speaker */
  speaker?: string;
  /** called after each recording */
  onProgress?: (done: number, total: number) => void;
  /** stops the export */
  signal?: AbortSignal;
}

/**
 * Packs the kept takes of a corpus: a folder with `clips.csv`, one folder of WAV files for each speaker, `corpus.json` to continue on
 * another device, and `README.txt`. `npm run data -- add` adds the archive to the workbench; unpacked in `data/corpora/`, it is
 * a corpus, too. The recordings are read one by one and stored without compression.
 *
 * @param readWav - returns the WAV file of a take
 * @returns the archive, piece by piece
 * @throws {@link WorkbenchError} if there is no kept take, a recording cannot be read, or the archive would be too large
 * @throws the signal's reason if it is aborted
 */
export async function* zipCorpus(
  session: Session,
  readWav: (take: Take) => Promise<Uint8Array>,
  { speaker, onProgress, signal }: ZipOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const clips = nameTakes(exportedTakes(session, speaker));
  if (clips.length === 0) {
    throw new WorkbenchError('there is nothing to export: record a prompt and keep it first');
  }
  const bytes = clips.reduce((sum, { take }) => sum + take.bytes + headerBytes, 0);
  if (bytes > maxZipBytes || clips.length + 3 > maxZipFiles) {
    throw new WorkbenchError(
      `the archive must be smaller than 4 GB and have at most ${maxZipFiles} files, got ${(bytes / 1e9).toFixed(1)} GB and ${clips.length} files; export one speaker at a time`,
    );
  }
  const folder = corpusFolder(session.setup.name);
  let pieces: Uint8Array[] = [];
  let failure: Error | undefined;
  const zip = new Zip((error, piece) => {
    if (error) failure = error;
    else pieces.push(piece);
  });
  const add = (path: string, content: Uint8Array, modifiedAt: string): Uint8Array[] => {
    const file = new ZipPassThrough(`${folder}/${path}`);
    file.mtime = dateInZip(modifiedAt);
    zip.add(file);
    file.push(content, true);
    if (failure) throw failure;
    const ready = pieces;
    pieces = [];
    return ready;
  };
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  const latest = clips.reduce((last, { take }) => (take.recordedAt > last ? take.recordedAt : last), '');
  yield* add('README.txt', text(consentText(session, clips)), latest);
  yield* add('clips.csv', text(clipsCsv(session, clips)), latest);
  yield* add('corpus.json', text(planFile(session, clips)), latest);
  for (const [i, { take, path }] of clips.entries()) {
    signal?.throwIfAborted();
    const wav = await readWav(take);
    if (wav.length !== take.bytes) {
      throw new WorkbenchError(
        `${path}: the stored recording must have ${take.bytes} bytes, got ${wav.length}; repeat it, or delete it, and export again`,
      );
    }
    yield* add(path, wav, take.recordedAt);
    onProgress?.(i + 1, clips.length);
  }
  zip.end();
  if (failure) throw failure;
  yield* pieces;
}

/** The name of the archive's file: `class-7b-anna-2026-11-29.zip`. */
export function archiveName(session: Session, speaker?: string): string {
  const takes = exportedTakes(session, speaker);
  const speakers = [...new Set(takes.map(({ prompt }) => prompt.speaker))];
  const date = takes
    .map(({ recordedAt }) => recordedAt)
    .sort()
    .at(-1)
    ?.slice(0, 10);
  const who = speakers.length === 1 ? [corpusFolder(speakers[0])] : [];
  return `${[corpusFolder(session.setup.name), ...who, ...(date ? [date] : [])].join('-')}.zip`;
}

/** A time in the range of the ZIP format, 1980 to 2099. */
function dateInZip(time: string): Date {
  const date = new Date(time);
  const year = date.getFullYear();
  return year >= 1980 && year < 2099 ? date : new Date(1980, 0, 1);
}
