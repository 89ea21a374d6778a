import { type CommandTools, defineCommands, subcommand } from '../../src/cli/command';
import { flag, integer, oneOf, option, text, userPath } from '../../src/cli/options';
import { loadCorpora } from '../../src/node/corpora';
import { benchClips, describeClipsBench } from './million-clips';
import { benchDuplicates, describeDuplicateBench } from './duplicates';
import { benchFeatures, benchPresets, describeFeatureBench } from './features';
import { benchInteractive, describeInteractiveBench } from './interactive';
import { benchLong, benchPredict, describeLongBench, describePredictBench } from './predict';
import { benchTrain, describeTrainBench, measuredModels } from './train';
import { benchScale, describeScaleBench } from './scale';
import { runAsProgram } from '../../src/cli/program';

const rounds = option('N', 'number of rounds; the result is their median', integer(1), 3);
const json = flag('print one JSON object');
/** A command on the PATH, or a path. */
const program = (value: string): string => (value.includes('/') ? userPath(value) : text(value));

export const benchCommand = defineCommands('npm run bench', {
  summary:
    'Measure the speed of feature extraction, training, prediction, loading and interactive cells, and how well copied clips are found.',
  commands: {
    features: subcommand({
      summary:
        'Measure feature extraction: clips per second with one and two workers, processor time per clip and per step.',
      details: 'The feature store is not used.',
      arguments: {
        '[DIR]': { help: 'folder with recordings; default: the installed corpora', parse: userPath },
      },
      options: {
        clips: option(
          'N',
          'number of clips, spread evenly over the corpora, after 1,000 clips per worker to warm up',
          integer(2),
          400,
        ),
        preset: option('NAME', 'preset with the features to compute', oneOf(benchPresets), 'paper'),
        rounds,
        python: option('PATH', 'also measure librosa in one thread, with this Python', program),
        json,
      },
      run: async (options, { args, progress, print }: CommandTools) => {
        const corpora = await loadCorpora({ root: args.at(0) });
        const bench = await benchFeatures(corpora, { ...options, onProgress: showOn(progress) });
        print(options.json ? toJson(bench) : describeFeatureBench(bench));
        return 0;
      },
    }),
    train: subcommand({
      summary:
        'Measure a training step, a prediction, and the memory they need. Each round runs in a new process.',
      options: {
        model: option('NAME', 'network to measure', oneOf(measuredModels), 'compact'),
        batch: option('N', 'rows per batch; default: 64, for the paper CNN 32', integer(2)),
        steps: option('N', 'steps per round; default: 40, for the paper CNN 4', integer(1)),
        wasm: flag('also measure the WebAssembly engine, with two steps'),
        rounds,
        python: option('PATH', 'also measure Keras and PyTorch, if this Python has them', program),
        json,
      },
      run: async (options, { progress, print }: CommandTools) => {
        const { model, batch = model === 'paper' ? 32 : 64, steps = model === 'paper' ? 4 : 40 } = options;
        const bench = await benchTrain({ ...options, batch, steps, onProgress: showOn(progress) });
        print(options.json ? toJson(bench) : describeTrainBench(bench));
        return 0;
      },
    }),
    predict: subcommand({
      summary: 'Measure one prediction, in a warm process and in a new one.',
      arguments: { '[FILE]': { help: 'a recording; default: 3 s of noise at 48 kHz', parse: userPath } },
      options: {
        model: option('DIR', 'model folder; default: the newest', userPath),
        rounds: { ...rounds, help: 'number of new processes' },
        json,
      },
      run: async (options, { args, print }: CommandTools) => {
        const bench = await benchPredict({ ...options, file: args.at(0) });
        print(options.json ? toJson(bench) : describePredictBench(bench));
        return 0;
      },
    }),
    long: subcommand({
      summary: 'Measure the prediction of a long recording in a warm process, and its memory.',
      arguments: {
        '[FILE]': { help: 'a recording; default: noise with pauses at 48 kHz', parse: userPath },
      },
      options: {
        minutes: option('N', 'length of the recording, if no file is given', integer(1, 120), 10),
        model: option('DIR', 'model folder; default: the newest', userPath),
        rounds,
        json,
      },
      run: async (options, { args, print }: CommandTools) => {
        const bench = await benchLong({ ...options, file: args.at(0) });
        print(options.json ? toJson(bench) : describeLongBench(bench));
        return 0;
      },
    }),
    interactive: subcommand({
      summary:
        'Measure in JupyterLab and Chromium how fast the first interactive cell of a notebook follows its slider.',
      arguments: { '[NOTEBOOK]': { help: 'its name; default: 03-spectrograms' } },
      options: {
        clicks: option('N', 'number of clicks on the slider', integer(1), 20),
        seconds: option('N', 'length of the drag in seconds', integer(1, 600), 10),
        json,
      },
      run: async (options, { args, print }: CommandTools) => {
        const bench = await benchInteractive({ ...options, notebook: args.at(0) ?? '03-spectrograms' });
        print(options.json ? toJson(bench) : describeInteractiveBench(bench));
        return 0;
      },
    }),
    clips: subcommand({
      summary: 'Generate many tiny recordings, and measure how long it takes to load them, and the memory.',
      details: 'A million recordings take 4 GB of disk space.',
      arguments: {
        '[DIR]': {
          help: 'folder for the recordings, which stay there; default: a temporary one',
          parse: userPath,
        },
      },
      options: { clips: option('N', 'number of recordings', integer(2), 1_000_000), json },
      run: async ({ clips, json: isJson }, { args, progress, print }: CommandTools) => {
        const bench = await benchClips({ clips, directory: args.at(0), onProgress: showOn(progress) });
        print(isJson ? toJson(bench) : describeClipsBench(bench));
        return 0;
      },
    }),
    scale: subcommand({
      summary:
        'Run an experiment with rows on disk on generated recordings, at two sizes: time and memory of each step.',
      details: '200,000 recordings take 2 GB, and their features 3 GB more and 12 GB for a while.',
      arguments: {
        '[DIR]': {
          help: 'folder for recordings and features, which stay there; default: a temporary one',
          parse: userPath,
        },
      },
      options: {
        clips: option(
          'N',
          'number of recordings of the larger run; the other has half',
          integer(2000),
          200_000,
        ),
        json,
      },
      run: async ({ clips, json: isJson }, { args, progress, print }: CommandTools) => {
        const bench = await benchScale({ clips, directory: args.at(0), onProgress: showOn(progress) });
        print(isJson ? toJson(bench) : describeScaleBench(bench));
        return 0;
      },
    }),
    duplicates: subcommand({
      summary:
        'Plant copies of clips among the corpora and count how many the search for near duplicates finds.',
      details: 'The fingerprints are stored in data/cache/fingerprints.',
      arguments: {
        '[DIR]': { help: 'folder with recordings; default: the installed corpora', parse: userPath },
      },
      options: {
        copies: option('N', 'number of copies of each kind', integer(1), 80),
        json,
      },
      run: async (options, { args, progress, print }: CommandTools) => {
        const corpora = await loadCorpora({ root: args.at(0) });
        const bench = await benchDuplicates(corpora, { ...options, onProgress: showOn(progress) });
        print(options.json ? toJson(bench) : describeDuplicateBench(bench));
        return 0;
      },
    }),
  },
});
export const runBench = benchCommand.run;

const showOn =
  (progress: CommandTools['progress']) =>
  (label: string, done: number, total: number): void => {
    progress.update(label, done, total, 'files');
  };

const toJson = (bench: object): string => JSON.stringify(bench, null, 2);

if (require.main === module) {
  runAsProgram(runBench);
}
