import { WorkbenchError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import type { Split } from '../../core/dataset';
import type { FeatureSet } from '../../core/features';
import { type EpochRecord, readWeights, type StepProgress } from '../../core/network';
import type { ModelInput, SplitResult } from '../../core/prediction';
import { loadEngine } from '../engine';
import { runWorkerMain } from '../files';
import { trainSplit } from './train-split';
import { checkpointOf } from './training-files';

/** Messages of a process that trains splits. The rows are sent once, through its standard input. */
export interface FoldTask {
  request: {
    config: ExperimentConfig;
    /** of the data */
    fingerprint: string;
    set: Pick<FeatureSet, 'clips' | 'versions'>;
    /** `length`: number of values in `data` */
    input: Omit<ModelInput, 'data'> & { length: number };
    labels: Int32Array;
    classes: number;
    split: Split;
    /** folder */
    checkpoints?: string;
  };
  report:
    | { step: StepProgress }
    | { warning: string }
    | { record: EpochRecord; history: readonly EpochRecord[] }
    | { history: readonly EpochRecord[] };
  end: {
    result: Omit<SplitResult, 'trained' | 'normaliser'>;
    weights: Float32Array[];
    /** as JSON */
    normaliser: unknown;
    /** of the engine */
    threads: number;
  };
}

let data: Promise<Float32Array> | undefined;

runWorkerMain<FoldTask>(async (request, { signal, report }) => {
  const { config, set, input, labels, classes, split, checkpoints } = request;
  data ??= readRows(input.length);
  const engine = await loadEngine();
  const { trained, normaliser, ...result } = await trainSplit(
    engine,
    set,
    { ...input, data: await data },
    split,
    config,
    {
      labels,
      classes,
      signal,
      onResume: (history) => {
        report({ history });
      },
      onStep: (step) => {
        report({ step });
      },
      onEpoch: (record, history) => {
        report({ record, history });
      },
      onWarning: (warning) => {
        report({ warning });
      },
      ...(checkpoints !== undefined && { checkpoint: checkpointOf(checkpoints, split, request, engine) }),
    },
  );
  if (!('network' in trained)) throw new WorkbenchError(`${config.model.kind} is not a network`);
  const weights = await readWeights(trained.network.model);
  trained.network.model.dispose();
  return { result, weights, normaliser: normaliser.toJSON(), threads: engine.threads };
});

/** Reads all rows from standard input. */
async function readRows(length: number): Promise<Float32Array> {
  const rows = new Float32Array(length);
  const bytes = new Uint8Array(rows.buffer);
  let at = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at === bytes.length) return rows;
  throw new WorkbenchError(`received only ${at} of ${bytes.length} bytes of the rows`);
}
