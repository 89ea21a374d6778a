import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeWav } from '../../src/core/audio';
import { createRandom, WorkbenchError } from '../../src/core/base';
import { median } from '../../src/core/base';
import { loadEngine } from '../../src/node/engine';
import { paths, projectRoot } from '../../src/node/files';
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

/** The benchmark as text. */
export function describePredictBench(bench: PredictBench): string {
  const { model, engine, durationSec, warmMs, slowestMs, coldMs, cold } = bench;
  return [
    `${model}, on ${engine}`,
    `predicting ${durationSec.toFixed(1)} s of audio: median ${warmMs.toFixed(1)} ms, maximum ${slowestMs.toFixed(1)} ms`,
    `in a new process (${cold}): ${(coldMs / 1000).toFixed(2)} s`,
  ].join('\n');
}
