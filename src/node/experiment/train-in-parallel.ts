import { resolve } from 'node:path';
import { WorkbenchError } from '../../core/base';
import { preparationFromJson, type Split } from '../../core/dataset';
import { buildModel, createNetwork, writeWeights } from '../../core/network';
import type { SplitResult } from '../../core/prediction';
import { moduleFile, openWorkerProcess, runOnWorkers, type WorkerProcess } from '../files';
import type { FoldTask } from './fold-process';
import type { SplitPlace, SplitsContext, TrainedSplits, TrainSplitsOptions } from './train-splits';

/**
 * Trains networks of several splits at once, each in a process with its share of the processors, and brings them back.
 *
 * The processes read no recordings and no store: they are handed the rows, and the splits, as they are here.
 *
 * @param places - of the splits; `atOnce` says how many processes there are
 * @throws {@link WorkbenchError} if a split fails or its process dies, with the split's name; the others have then been stopped
 */
export async function trainSideBySide(
  splits: readonly Split[],
  places: readonly SplitPlace[],
  context: SplitsContext,
  options: TrainSplitsOptions,
): Promise<Pick<TrainedSplits, 'results' | 'threads'>> {
  const { engine, input } = context;
  const { data } = input;
  const { onSplit, onSplitEnd } = options;
  const processes = Array.from({ length: places[0].atOnce }, () =>
    openWorkerProcess<FoldTask>(moduleFile(__dirname, 'fold-process'), {
      processes: places[0].atOnce,
      env: { SER_ENGINE: engine.name },
      input: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    }),
  );
  const results: TrainedSplits['results'] = splits.map(() => undefined);
  let { threads } = engine;
  try {
    await runOnWorkers(splits, processes, options, async (process, split, i, stop) => {
      if (stop.aborted) return;
      const place = places[i];
      onSplit?.(place, split);
      const end = await runFold(process, split, place, context, { ...options, signal: stop });
      if (end) {
        results[i] = restored(end, context);
        ({ threads } = end);
      }
      onSplitEnd?.(end?.result.outcome ?? 'interrupted', place);
    });
  } finally {
    for (const process of processes) process.close();
  }
  return { results, threads };
}

/** @returns undefined if it was interrupted */
async function runFold(
  process: WorkerProcess<FoldTask>,
  split: Split,
  place: SplitPlace,
  { set, input, labels, classes, config, fingerprint }: SplitsContext,
  { signal, checkpoints, onResume, onStep, onEpoch }: TrainSplitsOptions,
): Promise<FoldTask['end'] | undefined> {
  if (signal?.aborted) return undefined;
  const { data, ...layout } = input;
  const order: FoldTask['order'] = {
    config,
    fingerprint,
    set: { clips: set.clips, versions: set.versions },
    input: { ...layout, length: data.length },
    labels,
    classes,
    split,
    ...(checkpoints !== undefined && { checkpoints: resolve(checkpoints) }),
  };
  const came = await process.run(order, {
    signal,
    onReport: (report) => {
      if ('step' in report) onStep?.(report.step, place);
      else if ('record' in report) onEpoch?.(report.record, report.history, place);
      else onResume?.(report.history, place);
    },
  });
  if ('end' in came && came.end.result.outcome !== 'interrupted') return came.end;
  if (signal?.aborted) return undefined;
  throw new WorkbenchError(
    `the split ${JSON.stringify(split.name)}: ${'problem' in came ? came.problem : 'its training was interrupted'}`,
  );
}

/** What came of a split in another process, with the network built anew here and given its weights. */
function restored(
  { result, weights, normaliser }: FoldTask['end'],
  { engine, config, input, classes }: SplitsContext,
): SplitResult {
  const { seed } = config;
  const model = buildModel(engine.tf, config.model, input.inputShape, { classes, seed });
  writeWeights(engine.tf, model, weights);
  return {
    ...result,
    normaliser: preparationFromJson(normaliser, ['standard', 'per speaker']),
    trained: { network: createNetwork(engine, model, { seed }) },
  };
}
