import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { InvalidArgumentError, WorkbenchError } from '../../../core/base';
import {
  newFolder,
  paths,
  readFolderSync,
  recoverFolder,
  removeAbandoned,
  removeTemporary,
  replaceFolder,
  startWorker,
  writeInFolder,
} from '../../files';
import { labelByName } from '../readers/read-names';
import { espeakLicence, espeakPackage } from './espeak';
import { type DemoClipPlan, planDemoCorpus } from './plan';
import type { DemoWorkerData, DemoWorkerMessage } from './worker';

/** Options of {@link makeDemoCorpus}. */
export interface MakeDemoCorpusOptions {
  /** folder of the corpus; an existing demo corpus is replaced; default `paths.demo` */
  directory?: string;
  /** an integer; default 1 */
  seed?: number;
  /** called after each clip */
  onProgress?: (done: number, total: number) => void;
  /** stops the work and deletes the unfinished corpus */
  signal?: AbortSignal;
  /** number of threads, at least 1; it does not affect the clips; default: the number of processors, at most 4 */
  workers?: number;
}

/** Result of {@link makeDemoCorpus}. */
export interface DemoCorpusReport {
  directory: string;
  clips: number;
  speakers: number;
  /** total duration */
  durationSec: number;
  /** total size */
  bytes: number;
  marker: DemoMarker;
}

/** The content of the marker file; depends only on the version of the generator and the seed. */
export interface DemoMarker {
  notice: string;
  /** {@link demoVersion} */
  version: number;
  seed: number;
  clips: number;
  speakers: number;
  synthesiser: string;
  synthesiserLicence: string;
}

/** The marker file at the root of a demo corpus. */
export const demoMarkerFile = 'SYNTHETIC-DEMO.json';

/** Version of the generator. Increase it with every change of a clip, so that existing demo corpora are replaced. */
export const demoVersion = 2;

/**
 * Makes the demo corpus: synthetic emotional speech with the file names, folders and sampling rates of the four corpora, to try the
 * workbench without a download. Scores on it do not carry over to human speech.
 *
 * The same seed gives the same bytes with any number of workers. The clips are written to a temporary folder next to `directory`, which
 * replaces it at the end.
 *
 * @throws {@link WorkbenchError} if the optional speech synthesiser is not installed, or `directory` contains other files
 * @throws {@link InvalidArgumentError} if `seed` or `workers` is out of range
 * @throws the signal's reason if it is aborted
 * @example
 * ```ts
 * const { directory, clips } = await makeDemoCorpus();
 * const corpora = await loadCorpora({ root: directory });
 * ```
 */
export function makeDemoCorpus(options: MakeDemoCorpusOptions = {}): Promise<DemoCorpusReport> {
  return makeCorpusOf(planDemoCorpus(), options);
}

/** {@link makeDemoCorpus} with some of the clips, for tests. */
export async function makeCorpusOf(
  plans: readonly DemoClipPlan[],
  options: MakeDemoCorpusOptions,
): Promise<DemoCorpusReport> {
  const { seed = 1, workers = Math.min(4, availableParallelism()), onProgress, signal } = options;
  const directory = resolve(options.directory ?? paths.demo);
  if (!Number.isSafeInteger(seed)) throw new InvalidArgumentError('seed', 'an integer', seed);
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new InvalidArgumentError('workers', 'a positive integer', workers);
  }
  requireReplaceable(directory);
  signal?.throwIfAborted();

  const unfinished = newFolder(directory);
  removeAbandoned(dirname(directory), /^\..+-making-\w{6}$/);
  try {
    const report = { durationSec: 0, bytes: 0 };
    let done = 0;
    await runWorkers(plans, { directory: unfinished, seed, workers, signal }, (clip) => {
      report.durationSec += clip.durationSec;
      report.bytes += clip.bytes;
      onProgress?.(++done, plans.length);
    });
    const marker: DemoMarker = {
      notice: 'Synthetic clips made by a speech synthesiser. They are not recordings of people.',
      version: demoVersion,
      seed,
      clips: plans.length,
      speakers: new Set(plans.map(({ speaker }) => `${speaker.corpus}-${speaker.id}`)).size,
      synthesiser: `eSpeak NG (${espeakPackage})`,
      synthesiserLicence: espeakLicence,
    };
    writeSpeakerTable(unfinished, plans);
    writeInFolder(unfinished, demoMarkerFile, `${JSON.stringify(marker, null, 2)}\n`);
    replaceFolder(directory, unfinished);
    return { directory, clips: marker.clips, speakers: marker.speakers, ...report, marker };
  } finally {
    removeTemporary(unfinished);
  }
}

/**
 * Reads the marker of a demo corpus.
 *
 * @param root - folder of the corpus
 * @returns undefined if the marker is missing or damaged: the folder is not a demo corpus
 */
export function readDemoMarker(root: string): DemoMarker | undefined {
  try {
    const text = readFolderSync(root, (path) => readFileSync(join(path, demoMarkerFile), 'utf8'));
    const marker = JSON.parse(text) as Partial<DemoMarker> | null;
    return Number.isInteger(marker?.version) && Number.isInteger(marker?.clips)
      ? (marker as DemoMarker)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a folder contains a complete demo corpus of the current generator version. Only the marker is read, and the files are
 * counted.
 *
 * @param options - `seed`: the corpus must have been made with this seed
 */
export function isDemoCorpusCurrent(directory: string, options: { seed?: number } = {}): boolean {
  const marker = readDemoMarker(directory);
  if (marker?.version !== demoVersion) return false;
  if (options.seed !== undefined && options.seed !== marker.seed) return false;
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.wav')).length === marker.clips;
}

/** Only a demo corpus without other files, or an empty folder, may be replaced. */
function requireReplaceable(directory: string): void {
  const refuse = (reason: string): never => {
    throw new WorkbenchError(`${directory}: ${reason}; choose another folder`);
  };
  if (!existsSync(recoverFolder(directory))) return;
  if (!statSync(directory).isDirectory()) refuse('it is a file');
  const found = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  if (found.length === 0) return;
  if (!readDemoMarker(directory))
    refuse(`it is neither empty nor a demo corpus (${demoMarkerFile} is missing)`);
  const other = found.find((path) => !isDemoFile(path) && !lstatSync(join(directory, path)).isDirectory());
  if (other !== undefined) refuse(`it contains ${other}, which is not part of the demo corpus`);
}

/** Whether a demo corpus, also of another version, may contain this file. Hidden files of the operating system may be replaced. */
function isDemoFile(path: string): boolean {
  const name = basename(path);
  return path === demoMarkerFile || name === speakerTable || name.startsWith('.') || isDemoClip(path);
}

const isDemoClip = (path: string): boolean =>
  path.endsWith('.wav') && labelByName(path.replaceAll('\\', '/')) !== undefined;

const speakerTable = 'VideoDemographics.csv';

interface FinishedClip {
  durationSec: number;
  bytes: number;
}

/** Divides the clips among threads; the first failure or the signal stops all of them. */
async function runWorkers(
  plans: readonly DemoClipPlan[],
  {
    directory,
    seed,
    workers,
    signal,
  }: { directory: string; seed: number; workers: number; signal?: AbortSignal },
  onClip: (clip: FinishedClip) => void,
): Promise<void> {
  const threads = Array.from({ length: Math.min(workers, plans.length) }, (_, worker) =>
    startWorker(__dirname, 'worker', {
      plans: plans.filter((_, i) => i % workers === worker),
      directory,
      seed,
    } satisfies DemoWorkerData),
  );
  let stop: (() => void) | undefined;
  try {
    await Promise.race([
      new Promise((_, reject) => {
        stop = () => {
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', stop);
      }),
      Promise.all(threads.map((thread) => untilFinished(thread, onClip))),
    ]);
  } finally {
    if (stop) signal?.removeEventListener('abort', stop);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

function untilFinished(thread: Worker, onClip: (clip: FinishedClip) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    thread.on('message', (message: DemoWorkerMessage) => {
      if ('failure' in message) {
        reject(message.isForUser ? new WorkbenchError(message.failure) : new Error(message.failure));
      } else onClip(message);
    });
    thread.on('error', reject);
    thread.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a worker of the demo corpus stopped with code ${code}`));
    });
  });
}

/** Writes CREMA-D's table of speakers, with the columns of the original. */
function writeSpeakerTable(root: string, plans: readonly DemoClipPlan[]): void {
  const speakers = new Map(plans.map(({ speaker }) => [`${speaker.corpus}-${speaker.id}`, speaker]));
  const rows = [...speakers.values()]
    .filter(({ corpus }) => corpus === 'CREMA-D')
    .map(
      ({ id, age, sex }) => `${id},${age},"${sex === 'male' ? 'Male' : 'Female'}","Synthetic","Synthetic"`,
    );
  if (rows.length === 0) return;
  const header = '"ActorID","Age","Sex","Race","Ethnicity"';
  writeInFolder(root, join('cremad', speakerTable), `${[header, ...rows].join('\n')}\n`);
}
