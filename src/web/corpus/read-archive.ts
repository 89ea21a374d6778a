import { type Unzipped, unzipSync } from 'fflate';
import { decodeAudio, toMono } from '../../core/audio';
import { InvalidFileError, messageOf } from '../../core/base';
import { parsePlanFile, type PlanFile } from './plan-file';
import { checkTake } from './quality';
import type { Take } from './session';

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
        ? 'it has no corpus.json, so that it was not exported by this page; add it to the workbench with `npm run data -- add`'
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
  let [count, total] = [0, 0];
  try {
    return unzipSync(bytes, {
      filter: ({ name, originalSize, size }) => {
        if (!/\.wav$|(^|\/)corpus\.json$/i.test(name)) return false;
        count++;
        total += originalSize;
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
