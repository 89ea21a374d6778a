import { join } from 'node:path';
import { median, WorkbenchError } from '../../src/core/base';
import { presets } from '../../src/core/config';
import type { EngineName } from '../../src/core/network';
import { moduleFile, projectRoot } from '../../src/node/files';
import { moduleOptions } from '../../src/node/files/workers';
import { runForJson } from './run-for-json';
import type { TrainRun, TrainTask } from './train-child';

/** Presets with a network that can be measured. */
export const measuredModels = ['paper', 'compact', 'log-mel'] as const satisfies TrainTask['model'][];

/** The same network in another framework. */
export interface PeerRun {
  version: string;
  /** number of trainable parameters */
  parameters: number;
  msPerStep: number;
  msPerPrediction: number;
  peakRssMb: number;
}

export interface TrainBench extends TrainRun {
  model: TrainTask['model'];
  batch: number;
  /** results by framework; `keras-static`: Keras with batches of a static shape */
  peers: Record<string, PeerRun>;
  /** ours divided by theirs, below 1 is faster or smaller; medians over the rounds */
  ratios: Record<string, { step: number; prediction: number; peakRss: number }>;
  /** the same network on WebAssembly */
  wasm?: TrainRun;
}

export interface TrainBenchOptions extends Omit<TrainTask, 'width'> {
  rounds: number;
  /** a Python with Keras, PyTorch or both */
  python?: string;
  /** also measure the WebAssembly engine, with two steps */
  wasm: boolean;
  onProgress?: (label: string, done: number, total: number) => void;
}

/**
 * Measures training and prediction of the network of a preset. Each round runs in new processes: first ours, then each framework.
 *
 * @throws {@link WorkbenchError} if Python has neither Keras nor PyTorch, fails, or builds a network of a different size
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

/** The benchmark as text. */
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
    `  ${name.padEnd(44)} ${step.toFixed(1).padStart(9)} ms per step ${prediction.toFixed(1).padStart(9)} ms per prediction ${rss.toFixed(0).padStart(6)} MB`;
  return [
    `${model} CNN, ${parameters.toLocaleString('en-US')} parameters, batches of ${batch}`,
    line(`${engine}, ${path}`, msPerStep, msPerPrediction, peakRssMb),
    ...Object.entries(peers).map(([name, peer]) => {
      const { step, prediction, peakRss } = ratios[name];
      const ours = `; ours/theirs: step ${step.toFixed(2)}, prediction ${prediction.toFixed(2)}, memory ${peakRss.toFixed(2)}`;
      return line(peer.version, peer.msPerStep, peer.msPerPrediction, peer.peakRssMb) + ours;
    }),
    ...(wasm ? [line(wasm.engine, wasm.msPerStep, wasm.msPerPrediction, wasm.peakRssMb)] : []),
  ].join('\n');
}

async function frameworksOf(python: string): Promise<string[]> {
  const script =
    'import importlib.util as u, json; print(json.dumps([n for n, m in (("keras", "tensorflow"), ("keras-static", "tensorflow"), ("torch", "torch")) if u.find_spec(m)]))';
  const found = (await runForJson(python, ['-c', script])) as string[];
  if (found.length === 0) throw new WorkbenchError(`${python} has neither TensorFlow nor PyTorch`);
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

/** @throws {@link WorkbenchError} if the other framework built a network of a different size */
function requireSameSize({ model }: TrainTask, ours: TrainRun, peer: PeerRun): void {
  if (peer.parameters === ours.parameters) return;
  const [here, there] = [ours, peer].map(({ parameters }) => parameters.toLocaleString('en-US'));
  throw new WorkbenchError(
    `the ${model} CNN must have ${here} parameters in ${peer.version} as it has here, got ${there}; the networks differ`,
  );
}

/** The run with the median step time. */
const medianRun = <T extends { msPerStep: number }>(runs: readonly T[]): T =>
  runs.toSorted((a, b) => a.msPerStep - b.msPerStep)[runs.length >> 1];
