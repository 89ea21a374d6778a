import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeWav } from '../../src/core/audio';
import { createRandom, median, WorkbenchError } from '../../src/core/base';
import { loadEngine } from '../../src/node/engine';
import { paths, projectRoot, writeStreamAtomic } from '../../src/node/files';
import { moduleOptions } from '../../src/node/files/workers';
import { createPredictor, loadModel, newestModel } from '../../src/node/models';
import { isLibraryStale } from '../../src/node/build';

export interface PredictBench {
  model: string;
  engine: string;
  /** length of the recording */
  durationSec: number;
  /** one prediction in a warm process; median and maximum of a hundred */
  warmMs: number;
  slowestMs: number;
  /** a new process with one prediction, from start to exit; median of the rounds */
  coldMs: number;
  /** what the new process ran: the compiled library, or the sources with tsx */
  cold: 'compiled' | 'sources';
}

export interface PredictBenchOptions {
  /** a recording; default 3 s of noise at 48 kHz */
  file?: string;
  /** model folder; default the newest */
  model?: string;
  /** number of new processes */
  rounds: number;
}

const warmUps = 30;
const timed = 100;

/** Measures the duration of one prediction, in a warm process and in a new one. */
export async function benchPredict(options: PredictBenchOptions): Promise<PredictBench> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-predict-'));
  try {
    const { model = newestModel(), file = noiseFile(folder), rounds } = options;
    const engine = await loadEngine();
    const predictor = createPredictor(await loadModel(engine, model), engine);
    const first = await predictor.predict(file);
    const times: number[] = [];
    for (let i = 0; i < warmUps + timed; i++) {
      const start = performance.now();
      await predictor.predict(file);
      times.push(performance.now() - start);
    }
    const warm = times.slice(warmUps);

    const compiled = join(paths.dist, 'cli', 'predict.js');
    const isCompiled = existsSync(compiled) && !isLibraryStale();
    const program = isCompiled
      ? [compiled]
      : [...moduleOptions, join(projectRoot, 'src', 'cli', 'predict.ts')];
    const colds = Array.from({ length: rounds }, () => {
      const start = performance.now();
      const run = spawnSync(process.execPath, [...program, file, '--model', model], { encoding: 'utf8' });
      if (run.status !== 0) throw new WorkbenchError(`the prediction failed: ${run.stderr.trim()}`);
      return performance.now() - start;
    });
    return {
      model: first.model,
      engine: engine.version,
      durationSec: first.durationSec,
      warmMs: median(warm),
      slowestMs: Math.max(...warm),
      coldMs: median(colds),
      cold: isCompiled ? 'compiled' : 'sources',
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function noiseFile(folder: string): string {
  const sampleRate = 48_000;
  const random = createRandom('noise to predict');
  const samples = Float32Array.from({ length: 3 * sampleRate }, () => 0.1 * random.normal());
  const path = join(folder, 'noise.wav');
  writeFileSync(path, encodeWav({ samples, sampleRate }));
  return path;
}

/** Measurements of a long recording. */
export interface LongBench {
  model: string;
  engine: string;
  durationSec: number;
  segments: number;
  /** one prediction after a first one of the same process; median of the rounds */
  warmMs: number;
  /** largest memory of the process so far, before and after the predictions */
  peakRssMb: { before: number; after: number };
}

/**
 * Measures the duration of the prediction of a long recording, and how much memory it needs beyond that of the engine.
 *
 * @param options.file - a recording; default `minutes` of speech-like noise with pauses, at 48 kHz
 */
export async function benchLong({
  file,
  model = newestModel(),
  minutes,
  rounds,
}: PredictBenchOptions & { minutes: number }): Promise<LongBench> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-long-'));
  try {
    const engine = await loadEngine();
    const predictor = createPredictor(await loadModel(engine, model), engine);
    await predictor.predict(noiseFile(folder));
    const path = file ?? (await longFile(folder, minutes));
    const before = peakRssMb();
    const times: number[] = [];
    let last = await predictor.predict(path);
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      last = await predictor.predict(path);
      times.push(performance.now() - start);
    }
    return {
      model: last.model,
      engine: engine.version,
      durationSec: last.durationSec,
      segments: last.segments.length,
      warmMs: median(times),
      peakRssMb: { before, after: peakRssMb() },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const peakRssMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

/** Writes a long recording second by second, so that making it needs little memory: two seconds of noise, then one of silence. */
async function longFile(folder: string, minutes: number): Promise<string> {
  const sampleRate = 48_000;
  const random = createRandom('a long recording');
  const noise = Float32Array.from({ length: sampleRate }, () => 0.1 * random.normal());
  const header = encodeWav({ samples: noise.subarray(0, 1), sampleRate }).slice(0, 44);
  const seconds = Math.round(60 * minutes);
  const view = new DataView(header.buffer);
  view.setUint32(4, 36 + 2 * sampleRate * seconds, true);
  view.setUint32(40, 2 * sampleRate * seconds, true);
  const loud = encodeWav({ samples: noise, sampleRate }).subarray(44);
  const silent = new Uint8Array(loud.length);
  const path = join(folder, 'long.wav');
  await writeStreamAtomic(path, [
    header,
    ...Array.from({ length: seconds }, (_, second) => (second % 3 === 2 ? silent : loud)),
  ]);
  return path;
}

/** The benchmark as text. */
export function describeLongBench(bench: LongBench): string {
  const { model, engine, durationSec, segments, warmMs, peakRssMb: memory } = bench;
  return [
    `${model}, on ${engine}`,
    `predicting ${(durationSec / 60).toFixed(1)} min of audio (${segments} segments): ${(warmMs / 1000).toFixed(2)} s`,
    `peak memory: ${memory.after} MB, of which ${memory.before} MB before the recording`,
  ].join('\n');
}

/** The benchmark as text. */
export function describePredictBench(bench: PredictBench): string {
  const { model, engine, durationSec, warmMs, slowestMs, coldMs, cold } = bench;
  return [
    `${model}, on ${engine}`,
    `predicting ${durationSec.toFixed(1)} s of audio: median ${warmMs.toFixed(1)} ms, maximum ${slowestMs.toFixed(1)} ms`,
    `in a new process (${cold}): ${(coldMs / 1000).toFixed(2)} s`,
  ].join('\n');
}
