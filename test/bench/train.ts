import { join } from 'node:path';
import { WorkbenchError } from '../../src/core/base';
import { presets } from '../../src/core/config';
import type { EngineName } from '../../src/core/network';
import { moduleFile, projectRoot } from '../../src/node/files';
import { moduleOptions } from '../../src/node/files/workers';
import { median } from './median';
import { runForJson } from './run-for-json';
import type { TrainRun, TrainTask } from './train-child';

/** The same network elsewhere. */
export interface PeerRun {
  version: string;
  /** numbers that training changes: as many as here, or it is not the same network */
  parameters: number;
  msPerStep: number;
  msPerPrediction: number;
  peakRssMb: number;
}

export interface TrainBench extends TrainRun {
  model: TrainTask['model'];
  batch: number;
  /** by framework */
  peers: Record<string, PeerRun>;
  /** ours to theirs, below 1 is faster or smaller: medians over the rounds, each of a pair that ran one after the other */
  ratios: Record<string, { step: number; prediction: number; peakRss: number }>;
  /** the same network on WebAssembly */
  wasm?: TrainRun;
}

export interface TrainBenchOptions extends Omit<TrainTask, 'width'> {
  rounds: number;
  /** a Python with Keras, PyTorch or both */
  python?: string;
  /** whether to measure the WebAssembly engine too, with a few steps */
  wasm: boolean;
  onProgress?: (label: string, done: number, total: number) => void;
}

/**
 * Measures the training of a network as wide as its preset has it, each round in processes of their own: this project's, then
 * each peer's.
 *
 * @throws WorkbenchError if Python has neither Keras nor PyTorch, fails, or builds a network of another size
 */
export async function benchTrain(options: TrainBenchOptions): Promise<TrainBench> {
  const { model, batch, steps, rounds, python, wasm, onProgress } = options;
  const { width } = presets[model].model;
  const task: TrainTask = { model, width, batch, steps };
  const frameworks = python === undefined ? [] : await frameworksOf(python);
  const own: TrainRun[] = [];
  const others = new Map<string, PeerRun[]>(frameworks.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    onProgress?.('rounds', round, rounds);
    const ours = await runOwn(task);
    own.push(ours);
    for (const [name, runs] of others) {
      const peer = await runPeer(python!, name, task);
      requireSameSize(task, ours, peer);
      runs.push(peer);
    }
  }
  onProgress?.('rounds', rounds, rounds);
  const ratio = (name: string, key: 'msPerStep' | 'msPerPrediction' | 'peakRssMb'): number =>
    median(others.get(name)!.map((peer, round) => own[round][key] / peer[key]));
  return {
    ...medianRun(own),
    model,
    batch,
    peers: Object.fromEntries([...others].map(([name, runs]) => [name, medianRun(runs)])),
    ratios: Object.fromEntries(
      frameworks.map((name) => [
        name,
        {
          step: ratio(name, 'msPerStep'),
          prediction: ratio(name, 'msPerPrediction'),
          peakRss: ratio(name, 'peakRssMb'),
        },
      ]),
    ),
    ...(wasm && { wasm: await runOwn({ ...task, steps: Math.min(steps, 2) }, 'wasm') }),
  };
}

/** The benchmark in words. */
export function describeTrainBench({
  model,
  batch,
  engine,
  path,
  parameters,
  msPerStep,
  msPerPrediction,
  peakRssMb,
  peers,
  ratios,
  wasm,
}: TrainBench): string {
  const line = (name: string, step: number, prediction: number, rss: number): string =>
    `  ${name.padEnd(44)} ${step.toFixed(1).padStart(9)} ms a step ${prediction.toFixed(1).padStart(9)} ms a prediction ${rss.toFixed(0).padStart(6)} MB`;
  return [
    `${model} CNN, ${parameters.toLocaleString('en-US')} parameters, batches of ${batch}`,
    line(`${engine}, ${path}`, msPerStep, msPerPrediction, peakRssMb),
    ...Object.entries(peers).map(([name, peer]) => {
      const { step, prediction, peakRss } = ratios[name];
      const ours = `; ours takes ${step.toFixed(2)} of it, ${prediction.toFixed(2)}, ${peakRss.toFixed(2)}`;
      return line(peer.version, peer.msPerStep, peer.msPerPrediction, peer.peakRssMb) + ours;
    }),
    ...(wasm ? [line(wasm.engine, wasm.msPerStep, wasm.msPerPrediction, wasm.peakRssMb)] : []),
  ].join('\n');
}

async function frameworksOf(python: string): Promise<string[]> {
  const script =
    'import importlib.util as u, json; print(json.dumps([n for n, m in (("keras", "tensorflow"), ("torch", "torch")) if u.find_spec(m)]))';
  const found = (await runForJson(python, ['-c', script])) as string[];
  if (found.length === 0)
    throw new WorkbenchError(`${python} has neither TensorFlow nor PyTorch to compare with`);
  return found;
}

function runOwn(task: TrainTask, engine?: EngineName): Promise<TrainRun> {
  const program = moduleFile(__dirname, 'train-child');
  const args = [...moduleOptions, program, JSON.stringify(task)];
  return runForJson(process.execPath, args, {
    ...(engine && { env: { SER_ENGINE: engine } }),
  }) as Promise<TrainRun>;
}

function runPeer(python: string, framework: string, task: TrainTask): Promise<PeerRun> {
  const { model, width, batch, steps } = task;
  const program = join(projectRoot, 'test', 'bench', 'train.py');
  const args = [program, framework, model, ...[width, batch, steps].map(String)];
  return runForJson(python, args) as Promise<PeerRun>;
}

/** @throws WorkbenchError if the peer built another network: their times say nothing of one another */
function requireSameSize({ model }: TrainTask, ours: TrainRun, peer: PeerRun): void {
  if (peer.parameters === ours.parameters) return;
  const [here, there] = [ours, peer].map(({ parameters }) => parameters.toLocaleString('en-US'));
  const rule = `the ${model} CNN must have as many parameters in ${peer.version} as here, ${here}`;
  throw new WorkbenchError(`${rule}, got ${there}: they are different networks`);
}

/** The run whose step took the median time. */
const medianRun = <T extends { msPerStep: number }>(runs: readonly T[]): T =>
  runs.toSorted((a, b) => a.msPerStep - b.msPerStep)[runs.length >> 1];
