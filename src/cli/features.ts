import { statSync } from 'node:fs';
import { formatCount, formatLeftOut } from '../core/base';
import { exportFeatures, featureFormats } from '../node/extraction';
import { distributeFeatures } from '../node/cluster';
import { formatFor, maxWorkers, paths } from '../node/files';
import { clusterNotes, clusterOptions, divide, lookAtPlan, looksAtPlan, planInputs } from './cluster';
import { type CommandTools, defineCommand, UsageError } from './command';
import {
  configFrom,
  experimentNotes,
  experimentOptions,
  flag,
  integer,
  oneOf,
  option,
  text,
  userPath,
} from './options';
import { displayPath, experimentProgress, readCorpora, requireNewFile } from './output';
import { runAsProgram, stopSignal } from './program';
import { prepareWorkbench } from './setup';

/** Replaced in tests. */
export interface FeaturesContext {
  runs?: string;
}

export const featuresCommand = defineCommand('npm run features', {
  summary: 'Write the features of an experiment for other programs.',
  details: `Each row is one version of one clip: path, SHA-256, corpus, speaker, sentence, sex, emotion, version, the fold that tests it under the protocol, number of frames, and one column per coefficient and frame, such as mfcc3@12. Frames that a clip does not have are 0. Load a file in Python with pandas.read_parquet, polars.read_parquet, pandas.read_csv or numpy.load.

${experimentNotes}

${clusterNotes}`,
  options: {
    ...experimentOptions,
    protocol: option('NAME', 'protocol of the folds; default: that of the preset', text),
    format: option(
      'FORMAT',
      'format of the file; default: by its extension, or parquet',
      oneOf(featureFormats),
    ),
    output: option('FILE', 'default: features.parquet (.csv, .npz) in the current folder', userPath),
    long: flag('csv and parquet: one row per frame, with one column per coefficient'),
    overwrite: flag('replace an existing file'),
    ...clusterOptions,
    workers: option('N', 'for --on local: processes', integer(1, maxWorkers), 1),
  },
  skipsPreparation: looksAtPlan,
  interrupted: 'interrupted; the features computed so far are stored, and the same command continues',
  run: async (options, tools: CommandTools & FeaturesContext) => {
    const { print, info, progress, signal, runs = paths.runs } = tools;
    const looked = await lookAtPlan(options, tools, runs);
    if (looked !== undefined) return looked;
    const { format, output, long, overwrite, protocol } = options;
    const file = output ?? userPath(`features.${format ?? 'parquet'}`);
    const chosen = formatFor(file, featureFormats, format);
    if (long && chosen === 'npz') throw new UsageError('--long needs --format csv or parquet');
    requireNewFile(file, overwrite);
    const config = configFrom(options, { 'dataset.protocol': protocol });
    const corpora = await readCorpora(progress, signal, config);
    if (options.on !== undefined) {
      const inputs = await planInputs(options, { corpora, runs, workers: options.workers }, tools);
      const work = await distributeFeatures(config, inputs);
      // The tasks fill the store, from which the file is written.
      const isDone = await divide(work, options, tools, () => true);
      if (!isDone) return 0;
    }
    const started = performance.now();
    const { onFeatures } = experimentProgress(progress);
    const { rows, columns, leftOut } = await exportFeatures(corpora, config, file, {
      format: chosen,
      isLong: long,
      signal,
      onFeatures,
    });
    progress.stop();
    for (const line of formatLeftOut(leftOut)) info(line);
    const seconds = (performance.now() - started) / 1000;
    const size = `${(statSync(file).size / 1e6).toFixed(1)} MB`;
    print(`${displayPath(file)}: ${formatCount(rows)} rows × ${formatCount(columns)} features, ${size}, ${seconds.toFixed(1)} s`); // prettier-ignore
    return 0;
  },
});
export const runFeatures = featuresCommand.run;

if (require.main === module) {
  runAsProgram(runFeatures, { signal: stopSignal(), prepare: prepareWorkbench });
}
