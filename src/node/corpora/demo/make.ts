import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { InvalidArgumentError, WorkbenchError } from '../../../core/base';
import { paths, startWorker } from '../../files';
import { espeakLicence, espeakPackage } from './espeak';
import { type DemoMarker, demoMarkerFile, readDemoMarker } from './marker';
import { type DemoClipPlan, planDemoCorpus } from './plan';
import { demoVersion } from './version';
import type { DemoWorkerData, DemoWorkerMessage } from './worker';

export interface MakeDemoCorpusOptions {
  /** the corpus's folder; a demo corpus there is replaced; default `paths.demo` */
  directory?: string;
  /** an integer; default 1 */
  seed?: number;
  /** called after each clip */
  onProgress?: (done: number, total: number) => void;
  /** stops the making; nothing is left of it */
  signal?: AbortSignal;
  /** threads, at least 1; the clips do not depend on it; default: one a processor, at most 4 */
  workers?: number;
}

export interface DemoCorpusReport {
  directory: string;
  clips: number;
  speakers: number;
  /** of all clips together */
  durationSec: number;
  /** of all clips together */
  bytes: number;
  marker: DemoMarker;
}

/**
 * Makes the demo corpus: synthetic emotional speech in the names, folders and sample rates of the four corpora, so that all
 * the workbench does can be tried without a download. It shows how things work and proves nothing about people.
 *
 * The same seed gives the same bytes, whatever the number of workers. Clips go to a temporary folder beside `directory`,
 * which takes its place when all are there.
 *
 * @returns what was made
 * @throws WorkbenchError if the optional speech synthesiser is not installed, or `directory` holds something else
 * @throws InvalidArgumentError if `seed` or `workers` is out of its range
 * @throws the signal's reason, if it was aborted
 */
export function makeDemoCorpus(options: MakeDemoCorpusOptions = {}): Promise<DemoCorpusReport> {
  return makeCorpusOf(planDemoCorpus(), options);
}

/** As {@link makeDemoCorpus}, of any clips: tests make a few. */
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
  refuseOtherContents(directory);
  signal?.throwIfAborted();

  mkdirSync(dirname(directory), { recursive: true });
  const temporary = mkdtempSync(join(dirname(directory), `.${basename(directory)}-making-`));
  // A folder inside has the usual permissions; the temporary one is its owner's alone.
  const making = join(temporary, 'corpus');
  mkdirSync(making);
  try {
    const report = { durationSec: 0, bytes: 0 };
    let done = 0;
    await runWorkers(plans, { directory: making, seed, workers, signal }, (clip) => {
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
    writeSpeakerTable(making, plans);
    writeFileSync(join(making, demoMarkerFile), `${JSON.stringify(marker, null, 2)}\n`);
    rmSync(directory, { recursive: true, force: true });
    renameSync(making, directory);
    return { directory, clips: marker.clips, speakers: marker.speakers, ...report, marker };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Only a demo corpus or an empty folder may be replaced. */
function refuseOtherContents(directory: string): void {
  if (!existsSync(directory) || readDemoMarker(directory) || readdirSync(directory).length === 0) return;
  throw new WorkbenchError(
    `${directory} holds something else than a demo corpus (it has no ${demoMarkerFile}); choose another folder`,
  );
}

/** Shares the clips out among threads; the first failure or the signal stops all of them. */
async function runWorkers(
  plans: readonly DemoClipPlan[],
  {
    directory,
    seed,
    workers,
    signal,
  }: { directory: string; seed: number; workers: number; signal?: AbortSignal },
  onClip: (clip: { durationSec: number; bytes: number }) => void,
): Promise<void> {
  const threads = Array.from({ length: Math.min(workers, plans.length) }, (_, share) =>
    startWorker(__dirname, 'worker', {
      plans: plans.filter((_, i) => i % workers === share),
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
      Promise.all(threads.map((thread) => finished(thread, onClip))),
    ]);
  } finally {
    if (stop) signal?.removeEventListener('abort', stop);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

function finished(
  thread: Worker,
  onClip: (clip: { durationSec: number; bytes: number }) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    thread.on('message', (message: DemoWorkerMessage) => {
      if ('failure' in message) {
        reject(message.isForUser ? new WorkbenchError(message.failure) : new Error(message.failure));
      } else onClip(message);
    });
    thread.on('error', reject);
    thread.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`A worker of the demo corpus stopped with code ${code}`));
    });
  });
}

/** CREMA-D's names do not say who speaks: its table of speakers does, in the original's columns. */
function writeSpeakerTable(root: string, plans: readonly DemoClipPlan[]): void {
  const speakers = new Map(plans.map(({ speaker }) => [`${speaker.corpus}-${speaker.id}`, speaker]));
  const rows = [...speakers.values()]
    .filter(({ corpus }) => corpus === 'CREMA-D')
    .map(
      ({ id, age, sex }) => `${id},${age},"${sex === 'male' ? 'Male' : 'Female'}","Synthetic","Synthetic"`,
    );
  if (rows.length === 0) return;
  const header = '"ActorID","Age","Sex","Race","Ethnicity"';
  writeFileSync(join(root, 'cremad', 'VideoDemographics.csv'), `${[header, ...rows].join('\n')}\n`);
}
