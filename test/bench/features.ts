import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clip, createRandom, InvalidFileError } from '../../src/core/base';
import { median } from '../../src/core/base';
import { presets } from '../../src/core/config';
import { decodeWindow, featureConfig } from '../../src/core/features';
import type { Corpora } from '../../src/node/corpora';
import { extractFeatures, loadReusingFrontEnd } from '../../src/node/extraction';
import { projectRoot } from '../../src/node/files';
import { runForJson } from './run-for-json';

export interface LibrosaRun {
  /** version of librosa */
  version: string;
  clipsPerSecond: number;
  cpuMsPerClip: number;
}

export interface FeatureBench {
  preset: BenchPreset;
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

/** `resample` includes decoding; `features` are those of all versions, without `deltas`, which take almost no time */
type Stage = 'read' | 'hash' | 'resample' | 'noise' | 'pitch' | 'features';

/** Presets whose features `librosa_features.py` also computes. */
export const benchPresets = ['paper', 'compact'] as const;
type BenchPreset = (typeof benchPresets)[number];

export interface FeatureBenchOptions {
  preset: BenchPreset;
  clips: number;
  /** number of rounds; measurements alternate within a round, so that other load on the machine affects all of them equally */
  rounds: number;
  python?: string;
  onProgress?: (label: string, done: number, total: number) => void;
}

/** Clips until the code of a worker is fully compiled; librosa is warmed up as well. */
const warmUpClipsPerWorker = 1000;

/** Measures the extraction of a preset's features from clips spread evenly over the corpora. */
export async function benchFeatures(corpora: Corpora, options: FeatureBenchOptions): Promise<FeatureBench> {
  const { preset, rounds, python, onProgress } = options;
  const count = Math.min(options.clips, corpora.clips.length);
  const step = corpora.clips.length / count;
  const clips = Array.from({ length: count }, (_, i) => corpora.clips[Math.floor(i * step)]);
  const files = clips.map((clip) => corpora.fileOf(clip));
  const run = (workers: number) => timeWorkers(corpora, clips, preset, workers, onProgress);

  const results: { one: WorkersRun; two: WorkersRun; peer?: LibrosaRun }[] = [];
  for (let round = 0; round < rounds; round++) {
    // librosa first, so that a missing installation is reported at once.
    const peer = python === undefined ? undefined : await runLibrosa(python, preset, files);
    results.push({ one: await run(1), two: await run(2), peer });
  }
  const of = (value: (result: (typeof results)[number]) => number): number => median(results.map(value));
  const peer = results[0].peer;
  const { name: frontEnd } = (await loadReusingFrontEnd()).frontEnd;
  return {
    preset,
    clips: count,
    clipsPerSecond: of(({ one }) => one.clipsPerSecond),
    cpuMsPerClip: of(({ one }) => one.cpuMsPerClip),
    stages: await timeStages(files, preset),
    workers: [
      { workers: 1, clipsPerSecond: of(({ one }) => one.clipsPerSecond) },
      { workers: 2, clipsPerSecond: of(({ two }) => two.clipsPerSecond) },
    ],
    frontEnd,
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
 * Computes the features of a preset with librosa, in one process and one thread.
 *
 * @param python - a Python with librosa
 * @throws {@link WorkbenchError} with the message of Python, if it fails
 */
function runLibrosa(python: string, preset: BenchPreset, files: readonly string[]): Promise<LibrosaRun> {
  const env = {
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    MKL_NUM_THREADS: '1',
    NUMBA_NUM_THREADS: '1',
  };
  const program = join(projectRoot, 'test', 'bench', 'librosa_features.py');
  return runForJson(python, [program, preset], { env, input: files.join('\n') }) as Promise<LibrosaRun>;
}

interface WorkersRun {
  clipsPerSecond: number;
  cpuMsPerClip: number;
}

async function timeWorkers(
  corpora: Corpora,
  clips: Clip[],
  preset: BenchPreset,
  workers: number,
  onProgress: FeatureBenchOptions['onProgress'],
): Promise<WorkersRun> {
  const warmUp = Array.from({ length: warmUpClipsPerWorker * workers }, (_, i) => clips[i % clips.length]);
  let start = { at: 0, cpu: { user: 0, system: 0 } };
  const { failed } = await extractFeatures(
    { ...corpora, clips: [...warmUp, ...clips] },
    presets[preset].features,
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
async function timeStages(files: readonly string[], preset: BenchPreset): Promise<FeatureBench['stages']> {
  const { frontEnd, allocate, reuse } = await loadReusingFrontEnd();
  const sums = { read: 0, hash: 0, resample: 0, noise: 0, pitch: 0, features: 0 };
  const time = async <Result>(stage: Stage, work: () => Result | Promise<Result>): Promise<Result> => {
    const start = process.cpuUsage();
    const result = await work();
    const { user, system } = process.cpuUsage(start);
    sums[stage] += (user + system) / 1000;
    return result;
  };
  const config = featureConfig(presets[preset].features);
  const { sampleRate, nMfcc, nFft, hopLength, f0Min: fMin, f0Max: fMax } = config;
  const steps = Object.values(config.versions).flat();
  const shifts = new Set(steps.flatMap((step) => (step.kind === 'pitch' ? [step.nSteps] : [])));
  const hasNoise = steps.some(({ kind }) => kind === 'paperNoise');
  const measures = ['zcr', 'rms', 'mfcc'] as const;
  const pitch = { sampleRate, frameLength: nFft, hopLength, fMin, fMax };
  const measure = (samples: Float32Array): void => {
    frontEnd.measure(samples, { sampleRate, nMfcc, measures });
    if (config.features.includes('f0')) frontEnd.f0Contour(samples, pitch);
  };
  const random = createRandom(config.seed, frontEnd.addNormalNoise);
  const runAll = async (): Promise<void> => {
    for (const file of files) {
      reuse();
      const bytes = await time('read', () => readFileSync(file));
      await time('hash', () => createHash('sha256').update(bytes).digest('hex'));
      const window = await time('resample', () => decodeWindow(bytes, config, frontEnd, { allocate }));
      const pitched = await time('pitch', () =>
        [...shifts].map((nSteps) => frontEnd.pitchShift(window, { sampleRate, nSteps })),
      );
      const clean = [window, ...pitched];
      const noisy = hasNoise
        ? await time('noise', () => clean.map((samples) => random.addNormals(samples, 0.01)))
        : [];
      for (const samples of [...clean, ...noisy]) await time('features', () => measure(samples));
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
  preset,
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
    `${clips} clips, features of the preset ${preset}, ${frontEnd} signal functions`,
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
