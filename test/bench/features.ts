import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clip, createRandom, InvalidFileError } from '../../src/core/base';
import { median } from '../../src/core/base';
import { decodeWindow, featureConfig, type FrontEnd } from '../../src/core/features';
import type { Corpora } from '../../src/node/corpora';
import { extractFeatures, loadFrontEnd } from '../../src/node/extraction';
import { projectRoot } from '../../src/node/files';
import { runForJson } from './run-for-json';

export interface LibrosaRun {
  /** version of librosa */
  version: string;
  clipsPerSecond: number;
  cpuMsPerClip: number;
}

export interface FeatureBench {
  clips: number;
  /** with one worker, without start-up; this and the following values are medians over the rounds */
  clipsPerSecond: number;
  /** processor time of the whole process with one worker */
  cpuMsPerClip: number;
  /** processor time in one thread, ms per clip */
  stages: Record<Stage, number>;
  workers: { workers: number; clipsPerSecond: number }[];
  /** which signal functions were used: `kernel` or `plain` */
  frontEnd: string;
  /** the same work in librosa */
  peer?: LibrosaRun;
  /** processor time of librosa divided by ours, in the same round */
  ratio?: number;
}

/** `resample` includes decoding; `features` is zero-crossing rate, RMS and MFCC of all four versions */
type Stage = 'read' | 'hash' | 'resample' | 'noise' | 'pitch' | 'features';

export interface FeatureBenchOptions {
  clips: number;
  /** number of rounds; measurements alternate within a round, so that other load on the machine affects all of them equally */
  rounds: number;
  python?: string;
  onProgress?: (label: string, done: number, total: number) => void;
}

/** Clips until the code of a worker is fully compiled; librosa is warmed up as well. */
const warmUpClipsPerWorker = 400;

/** Measures the extraction of the paper's features from clips spread evenly over the corpora. */
export async function benchFeatures(corpora: Corpora, options: FeatureBenchOptions): Promise<FeatureBench> {
  const { rounds, python, onProgress } = options;
  const count = Math.min(options.clips, corpora.clips.length);
  const step = corpora.clips.length / count;
  const clips = Array.from({ length: count }, (_, i) => corpora.clips[Math.floor(i * step)]);
  const files = clips.map((clip) => corpora.fileOf(clip));
  const run = (workers: number) => timeWorkers(corpora, clips, workers, onProgress);

  const results: { one: WorkersRun; two: WorkersRun; peer?: LibrosaRun }[] = [];
  for (let round = 0; round < rounds; round++) {
    // librosa first, so that a missing installation is reported at once.
    const peer = python === undefined ? undefined : await runLibrosa(python, files);
    results.push({ one: await run(1), two: await run(2), peer });
  }
  const of = (value: (result: (typeof results)[number]) => number): number => median(results.map(value));
  const peer = results[0].peer;
  const frontEnd = await loadFrontEnd();
  return {
    clips: count,
    clipsPerSecond: of(({ one }) => one.clipsPerSecond),
    cpuMsPerClip: of(({ one }) => one.cpuMsPerClip),
    stages: await timeStages(files, frontEnd),
    workers: [
      { workers: 1, clipsPerSecond: of(({ one }) => one.clipsPerSecond) },
      { workers: 2, clipsPerSecond: of(({ two }) => two.clipsPerSecond) },
    ],
    frontEnd: frontEnd.name,
    ...(peer && {
      peer: {
        ...peer,
        clipsPerSecond: of((result) => result.peer!.clipsPerSecond),
        cpuMsPerClip: of((result) => result.peer!.cpuMsPerClip),
      },
      ratio: of((result) => result.peer!.cpuMsPerClip / result.one.cpuMsPerClip),
    }),
  };
}

/**
 * Computes the features of the paper with librosa, in one process and one thread.
 *
 * @param python - a Python with librosa
 * @throws {@link WorkbenchError} with the message of Python, if it fails
 */
function runLibrosa(python: string, files: readonly string[]): Promise<LibrosaRun> {
  const env = {
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    MKL_NUM_THREADS: '1',
    NUMBA_NUM_THREADS: '1',
  };
  const program = join(projectRoot, 'test', 'bench', 'librosa_features.py');
  return runForJson(python, [program], { env, input: files.join('\n') }) as Promise<LibrosaRun>;
}

interface WorkersRun {
  clipsPerSecond: number;
  cpuMsPerClip: number;
}

async function timeWorkers(
  corpora: Corpora,
  clips: Clip[],
  workers: number,
  onProgress: FeatureBenchOptions['onProgress'],
): Promise<WorkersRun> {
  const warmUp = Array.from({ length: warmUpClipsPerWorker * workers }, (_, i) => clips[i % clips.length]);
  let start = { at: 0, cpu: { user: 0, system: 0 } };
  const { failed } = await extractFeatures(
    { ...corpora, clips: [...warmUp, ...clips] },
    {},
    {
      workers,
      store: false,
      onProgress: ({ done, total }) => {
        if (done === warmUp.length) start = { at: performance.now(), cpu: process.cpuUsage() };
        onProgress?.(`${workers} ${workers === 1 ? 'worker' : 'workers'}`, done, total);
      },
    },
  );
  const seconds = (performance.now() - start.at) / 1000;
  const { user, system } = process.cpuUsage(start.cpu);
  if (failed.length > 0) throw new InvalidFileError(failed[0].path, failed[0].reason);
  return { clipsPerSecond: clips.length / seconds, cpuMsPerClip: (user + system) / 1000 / clips.length };
}

/** Times the steps of a worker one by one. */
async function timeStages(files: readonly string[], frontEnd: FrontEnd): Promise<FeatureBench['stages']> {
  const sums = { read: 0, hash: 0, resample: 0, noise: 0, pitch: 0, features: 0 };
  const time = async <Result>(stage: Stage, work: () => Result | Promise<Result>): Promise<Result> => {
    const start = process.cpuUsage();
    const result = await work();
    const { user, system } = process.cpuUsage(start);
    sums[stage] += (user + system) / 1000;
    return result;
  };
  const config = featureConfig();
  const { sampleRate } = config;
  const measures = ['zcr', 'rms', 'mfcc'] as const;
  const random = createRandom(config.seed, frontEnd.addNormalNoise);
  const runAll = async (): Promise<void> => {
    for (const file of files) {
      const bytes = await time('read', () => readFileSync(file));
      await time('hash', () => createHash('sha256').update(bytes).digest('hex'));
      const window = await time('resample', () => decodeWindow(bytes, config, frontEnd));
      const pitched = await time('pitch', () => frontEnd.pitchShift(window, { sampleRate, nSteps: 0.7 }));
      const noisy = await time('noise', () =>
        [window, pitched].map((samples) => random.addNormals(samples, 0.01)),
      );
      for (const samples of [window, pitched, ...noisy])
        await time('features', () => frontEnd.measure(samples, { sampleRate, measures }));
    }
  };
  await runAll(); // to warm up
  for (const stage of Object.keys(sums) as Stage[]) sums[stage] = 0;
  await runAll();
  for (const stage of Object.keys(sums) as Stage[]) sums[stage] /= files.length;
  return sums;
}

/** The benchmark as text. */
export function describeFeatureBench({
  clips,
  clipsPerSecond,
  cpuMsPerClip,
  stages,
  workers,
  frontEnd,
  peer,
  ratio,
}: FeatureBench): string {
  const rates = workers
    .map(({ workers: n, clipsPerSecond: rate }) => `${rate.toFixed(1)} with ${n}`)
    .join(', ');
  return [
    `${clips} clips, four versions each, ${frontEnd} signal functions`,
    `clips per second: ${rates} (${(workers[1].clipsPerSecond / clipsPerSecond).toFixed(2)} times)`,
    `processor time: ${cpuMsPerClip.toFixed(1)} ms per clip`,
    ...Object.entries(stages).map(([stage, ms]) => `  ${stage.padEnd(9)} ${ms.toFixed(2).padStart(7)} ms`),
    ...(peer
      ? [
          `librosa ${peer.version}: ${peer.cpuMsPerClip.toFixed(1)} ms per clip, ${ratio!.toFixed(1)} times ours`,
        ]
      : []),
  ].join('\n');
}
