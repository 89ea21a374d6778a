import { statSync } from 'node:fs';
import { formatCount, formatLeftOut } from '../core/base';
import { exportFeatures, featureFormats } from '../node/extraction';
import { formatFor } from '../node/files';
import { type CommandTools, defineCommand, UsageError } from './command';
import {
  configFrom,
  experimentNotes,
  experimentOptions,
  flag,
  oneOf,
  option,
  text,
  userPath,
} from './options';
import { displayPath, experimentProgress, readCorpora, requireNewFile } from './output';
import { runAsProgram, stopSignal } from './program';
import { prepareWorkbench } from './setup';

export const featuresCommand = defineCommand('npm run features', {
  summary: 'Write the features of an experiment for other programs.',
  details: `Each row is one version of one clip: path, SHA-256, corpus, speaker, sentence, sex, emotion, version, the fold that tests it under the protocol, number of frames, and one column per coefficient and frame, such as mfcc3@12. Frames that a clip does not have are 0. Load a file in Python with pandas.read_parquet, polars.read_parquet, pandas.read_csv or numpy.load.

${experimentNotes}`,
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
  },
  interrupted: 'interrupted; the features computed so far are stored, and the same command continues',
  run: async (options, { print, info, progress, signal }: CommandTools) => {
    const { format, output, long, overwrite, protocol } = options;
    const file = output ?? userPath(`features.${format ?? 'parquet'}`);
    const chosen = formatFor(file, featureFormats, format);
    if (long && chosen === 'npz') throw new UsageError('--long needs --format csv or parquet');
    requireNewFile(file, overwrite);
    const config = configFrom(options, { 'dataset.protocol': protocol });
    const corpora = await readCorpora(progress, signal, config);
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
