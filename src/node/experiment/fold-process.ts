import { WorkbenchError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import type { Split } from '../../core/dataset';
import type { FeatureRows, FeatureSet } from '../../core/features';
import type { EpochRecord, StepProgress } from '../../core/network';
import { type ModelInput, modelInput } from '../../core/prediction';
import { loadEngine } from '../engine';
import { openRowFile } from '../extraction';
import { limitGarbage, runWorkerMain } from '../files';
import { type FoldEnd, foldEnd, trainSplit } from './train-split';
import { checkpointOf } from './training-files';

/** Messages of a process that trains splits. Rows in memory are sent once, through its standard input; those on disk are read from their file. */
export interface FoldTask {
  request: {
    config: ExperimentConfig;
    /** of the data */
    fingerprint: string;
    set: Pick<FeatureSet, 'clips' | 'versions'>;
    input: FoldInput;
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
  end: FoldEnd;
}

/** Rows in memory, without the `length` values; or on disk, in the file `path`. */
export type FoldInput =
  | (Omit<ModelInput, 'data' | 'source'> & { length: number })
  | (Pick<FeatureRows, 'versions' | 'columns' | 'config'> & { path: string });

let data: Promise<Float32Array> | undefined;

runWorkerMain<FoldTask>(async (request, { signal, report }) => {
  const { config, set, input, labels, classes, split, checkpoints } = request;
  limitGarbage(set.clips.length);
  const engine = await loadEngine();
  const result = await trainSplit(engine, set, await inputFor(input, config), split, config, {
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
  });
  return foldEnd(config, engine, result);
});

async function inputFor(input: FoldInput, { model }: ExperimentConfig): Promise<ModelInput> {
  if ('length' in input) return { ...input, data: await (data ??= readRows(input.length)) };
  const { path, ...features } = input;
  const found = openRowFile(path);
  if (!found) throw new WorkbenchError(`${path}: the file with the rows was deleted or damaged; run again`);
  return modelInput({ ...features, ...found.rows }, model.kind);
}

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
