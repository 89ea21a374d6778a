import { readAudio } from '../audio';
import type { Clip, Corpora } from '../corpora';
import { clipFeatures, extractFeatures, featureConfig, type FrontEnd, loadFrontEnd } from '../features';
import { type LibrosaRun, runLibrosa } from './bench-librosa';

export interface FeatureBench {
  clips: number;
  /** with one worker, start-up not counted */
  clipsPerSecond: number;
  /** of the whole process with one worker, from its first clip on; the median of the rounds */
  cpuMsPerClip: number;
  /** ms a clip in one thread */
  stages: Record<Stage, number>;
  workers: { workers: number; clipsPerSecond: number }[];
  /** which signal functions were at work */
  frontEnd: string;
  /** the same work in librosa */
  peer?: LibrosaRun;
  /** librosa's processor time a clip to ours */
  ratio?: number;
}

/** `noise`: random numbers, and whatever no other stage counts */
type Stage = 'read' | 'resample' | 'pitch' | 'noise' | 'zcr' | 'rms' | 'mfcc';

export interface FeatureBenchOptions {
  clips: number;
  python?: string;
  onProgress?: (label: string, done: number, total: number) => void;
}

/** Measures the paper's features of some clips, spread evenly over the corpora. */
export async function benchFeatures(corpora: Corpora, options: FeatureBenchOptions): Promise<FeatureBench> {
  const { python, onProgress } = options;
  const step = Math.max(1, corpora.clips.length / options.clips);
  const count = Math.min(options.clips, corpora.clips.length);
  const clips = Array.from({ length: count }, (_, i) => corpora.clips[Math.floor(i * step)]);
  const run = (workers: number) => timeWorkers(corpora, clips, workers, onProgress);

  const stages = await timeStages(corpora, clips.slice(0, 50));
  const alone: Awaited<ReturnType<typeof run>>[] = [];
  const peers: LibrosaRun[] = [];
  for (let round = 0; round < (python === undefined ? 1 : 3); round++) {
    alone.push(await run(1));
    if (python !== undefined)
      peers.push(
        await runLibrosa(
          python,
          clips.map((clip) => corpora.fileOf(clip)),
        ),
      );
  }
  const { clipsPerSecond, cpuMsPerClip } = median(alone, 'cpuMsPerClip');
  const two = await run(2);
  const peer = peers.length > 0 ? median(peers, 'cpuMsPerClip') : undefined;
  return {
    clips: clips.length,
    clipsPerSecond,
    cpuMsPerClip,
    stages,
    workers: [
      { workers: 1, clipsPerSecond },
      { workers: 2, clipsPerSecond: two.clipsPerSecond },
    ],
    frontEnd: (await loadFrontEnd()).name,
    peer,
    ratio: peer && peer.cpuMsPerClip / cpuMsPerClip,
  };
}

async function timeWorkers(
  corpora: Corpora,
  clips: Clip[],
  workers: number,
  onProgress: FeatureBenchOptions['onProgress'],
): Promise<{ clipsPerSecond: number; cpuMsPerClip: number }> {
  let start: { at: number; cpu: NodeJS.CpuUsage; done: number } | undefined;
  let seconds = 0;
  let counted = 0;
  let cpu: NodeJS.CpuUsage = { user: 0, system: 0 };
  await extractFeatures(
    { ...corpora, clips },
    {},
    {
      workers,
      store: false,
      onProgress: ({ done, total }) => {
        // By a tenth of the clips every worker is warm.
        if (!start && done >= total / 10) start = { at: performance.now(), cpu: process.cpuUsage(), done };
        else if (start && done === total) {
          seconds = (performance.now() - start.at) / 1000;
          cpu = process.cpuUsage(start.cpu);
          counted = done - start.done;
        }
        onProgress?.(`${workers} ${workers === 1 ? 'worker' : 'workers'}`, done, total);
      },
    },
  );
  return { clipsPerSecond: counted / seconds, cpuMsPerClip: (cpu.user + cpu.system) / 1000 / counted };
}

async function timeStages(corpora: Corpora, clips: readonly Clip[]): Promise<FeatureBench['stages']> {
  const stages = { read: 0, resample: 0, pitch: 0, noise: 0, zcr: 0, rms: 0, mfcc: 0 };
  const frontEnd = await loadFrontEnd();
  const timed =
    <Args extends unknown[], Result>(stage: Stage, work: (...args: Args) => Result) =>
    (...args: Args): Result => {
      const start = performance.now();
      const result = work(...args);
      stages[stage] += performance.now() - start;
      return result;
    };
  const stopwatch: FrontEnd = {
    ...frontEnd,
    resample: timed('resample', frontEnd.resample),
    pitchShift: timed('pitch', frontEnd.pitchShift),
    zeroCrossingRate: timed('zcr', frontEnd.zeroCrossingRate),
    rms: timed('rms', frontEnd.rms),
    mfcc: timed('mfcc', frontEnd.mfcc),
  };
  const config = featureConfig();
  let total = 0;
  for (const [i, clip] of [clips[0], ...clips].entries()) {
    // The first clip is done twice: once to warm up.
    if (i === 1) for (const stage of Object.keys(stages) as Stage[]) stages[stage] = 0;
    if (i === 1) total = 0;
    const readAt = performance.now();
    const waveform = await readAudio(corpora.fileOf(clip));
    const start = performance.now();
    stages.read += start - readAt;
    clipFeatures(waveform, clip.sha256, config, { frontEnd: stopwatch });
    total += performance.now() - start;
  }
  const { resample, pitch, zcr, rms, mfcc } = stages;
  stages.noise = total - resample - pitch - zcr - rms - mfcc;
  for (const stage of Object.keys(stages) as Stage[]) stages[stage] /= clips.length;
  return stages;
}

function median<Key extends string, T extends Record<Key, number>>(runs: readonly T[], key: Key): T {
  return runs.toSorted((a, b) => a[key] - b[key])[runs.length >> 1];
}
