import { type Unzipped, unzipSync, Zip, ZipPassThrough } from 'fflate';
import { decodeAudio, toMono } from '../../core/audio';
import { corpusFolder, InvalidFileError, messageOf, WorkbenchError } from '../../core/base';
import {
  clipsCsv,
  consentText,
  exportedTakes,
  labelMapFile,
  nameTakes,
  parsePlanFile,
  planFile,
  type PlanFile,
} from './archive-files';
import { checkTake } from './quality';
import type { Session, Take } from './session';

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
 * Packs the kept takes of a corpus: a folder with `clips.csv`, perhaps `labels.json`, one folder of WAV files for each speaker, `corpus.json` to continue on
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
  if (bytes > maxZipBytes || clips.length + 4 > maxZipFiles) {
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
  const labels = labelMapFile(clips);
  if (labels !== undefined) yield* add('labels.json', text(labels), latest);
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

/** Limits of an archive that is read. */
export const archiveLimits = {
  files: 25_000,
  /** size of one recording, bytes */
  fileBytes: 64 * 2 ** 20,
  /** size of all files, bytes */
  totalBytes: 2 ** 31,
} as const;

/** A corpus read from a file. */
export interface ReadCorpus {
  plan: PlanFile;
  takes: { take: Take; wav: Uint8Array }[];
  /** recordings that cannot be used, with the reasons */
  skipped: { path: string; reason: string }[];
}

/**
 * Reads an archive that `zipCorpus` wrote, or a plan file with a setup only.
 *
 * @param name - of the file, for messages
 * @throws {@link InvalidFileError} if it is damaged, too large, or neither of the two
 */
export function readCorpusFile(name: string, bytes: Uint8Array): ReadCorpus {
  const refuse = (reason: string): InvalidFileError => new InvalidFileError(name, reason);
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (!isZip) {
    if (bytes.length > 10e6) throw refuse('it is neither a ZIP archive nor a setup file of this page');
    const plan = parsePlanFile(name, new TextDecoder().decode(bytes));
    return { plan: { ...plan, takes: [] }, takes: [], skipped: [] };
  }
  const files = unpack(bytes, refuse);
  const plans = Object.keys(files).filter((path) => /(^|\/)corpus\.json$/.test(path));
  if (plans.length !== 1) {
    throw refuse(
      plans.length === 0
        ? 'it has no corpus.json, so it was not exported by this page; add it to the workbench with `npm run data -- add`'
        : `it must have one corpus.json, got ${plans.length}`,
    );
  }
  const folder = plans[0].slice(0, -'corpus.json'.length);
  const plan = parsePlanFile(`${name}/${plans[0]}`, new TextDecoder().decode(files[plans[0]]));
  const result: ReadCorpus = { plan, takes: [], skipped: [] };
  for (const { path, prompt, recordedAt } of plan.takes) {
    const wav = Object.hasOwn(files, folder + path) ? files[folder + path] : undefined;
    try {
      if (!wav) throw new Error('it is missing in the archive');
      const waveform = toMono(decodeAudio(wav));
      const { sampleRate } = waveform;
      const quality = checkTake(waveform);
      result.takes.push({
        take: { prompt, sampleRate, bytes: wav.length, quality, recordedAt, kept: true },
        wav,
      });
    } catch (error) {
      result.skipped.push({ path, reason: messageOf(error) });
    }
  }
  return result;
}

function unpack(bytes: Uint8Array, refuse: (reason: string) => InvalidFileError): Unzipped {
  let [count, total, packed] = [0, 0, 0];
  try {
    return unzipSync(bytes, {
      filter: ({ name, originalSize, size }) => {
        if (!/\.wav$|(^|\/)corpus\.json$/i.test(name)) return false;
        count++;
        // Of a file without compression, as many bytes are copied as the archive states for the packed size.
        total += Math.max(originalSize, size);
        packed += size;
        if (packed > bytes.length) throw refuse('the archive is damaged: its files overlap');
        if (count > archiveLimits.files) throw refuse(`it must have at most ${archiveLimits.files} files`);
        if (originalSize > archiveLimits.fileBytes || size > archiveLimits.fileBytes)
          throw refuse(`${JSON.stringify(name)} is larger than 64 MB`);
        if (total > archiveLimits.totalBytes) throw refuse('it contains more than 2 GB');
        return true;
      },
    });
  } catch (error) {
    throw error instanceof InvalidFileError ? error : refuse(`the archive is damaged: ${messageOf(error)}`);
  }
}
