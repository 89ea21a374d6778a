import { atLeast } from '../../src/cli/at-least';
import { fromHere } from '../../src/cli/from-here';
import { runAsProgram } from '../../src/cli/run-as-program';
import { terminalProgress } from '../../src/cli/terminal-progress';
import { parseOptions, sayFailure, UsageError } from '../../src/cli/usage-error';
import { InvalidArgumentError } from '../../src/core/base';
import { loadCorpora } from '../../src/node/corpora';
import { benchFeatures, type FeatureBench } from './features';
import { benchPredict, describePredictBench } from './predict';
import { benchTrain, describeTrainBench } from './train';

const help = `npm run bench -- features [DIR] | train | predict [FILE]

features [DIR]

  how fast features are made of the recordings in DIR (default: the corpora that are there): clips a second with one
  worker and with two, processor time a clip, and where it goes; the median of several rounds. Nothing is taken from the
  store or put there.

  --clips N        of so many recordings, spread evenly; default 400, after 400 a worker to warm up
  --rounds N       default 3
  --python PATH    in each round also with librosa in one thread, by the Python at PATH
  --json           one JSON object

train
  how long a training step and a prediction of a network take, and how much memory; each round in a process of its own.

  --model NAME     paper or compact; default compact
  --batch N        rows in a batch; default 64, of the paper CNN 32
  --steps N        steps a round; default 40, of the paper CNN 4
  --wasm           also on the WebAssembly engine, two steps
  --rounds N       default 3
  --python PATH    in each round also in Keras and PyTorch, whichever the Python at PATH has
  --json           one JSON object

predict [FILE]
  how long one prediction takes of FILE (default: 3 s of noise at 48 kHz): in a process at work, and in a new one.

  --model DIR      a bundle; default the newest
  --rounds N       so many new processes; default 3
  --json           one JSON object`;

/** What can be measured, and how many files or folders may be named. */
const mostPlaces = new Map([
  ['features', 1],
  ['train', 0],
  ['predict', 1],
]);

/** Runs one command. @returns the exit code: 0, 1 when it failed, 2 for a wrong call */
export async function runBench(args: readonly string[]): Promise<number> {
  const progress = terminalProgress();
  try {
    const { positionals, values } = parse(args);
    const rounds = atLeast(1, '--rounds', values.rounds);
    const python = values.python?.includes('/') ? fromHere(values.python) : values.python;
    const onProgress = (label: string, done: number, total: number): void => {
      progress.update(label, done, total, 'files');
    };
    const say = <T>(bench: T, describe: (bench: T) => string): void => {
      progress.stop();
      console.log(values.json ? JSON.stringify(bench, null, 2) : describe(bench));
    };
    if (positionals[0] === 'train') {
      const { model = 'compact' } = values;
      if (model !== 'paper' && model !== 'compact')
        throw new InvalidArgumentError('--model', 'paper or compact', model);
      const batch = atLeast(2, '--batch', values.batch ?? (model === 'paper' ? '32' : '64'));
      const steps = atLeast(1, '--steps', values.steps ?? (model === 'paper' ? '4' : '40'));
      const options = { model, batch, steps, rounds, python, wasm: values.wasm, onProgress } as const;
      say(await benchTrain(options), describeTrainBench);
    } else if (positionals[0] === 'predict') {
      const [file, model] = [positionals.at(1), values.model].map((path) => path && fromHere(path));
      say(await benchPredict({ file, model, rounds }), describePredictBench);
    } else {
      const clips = atLeast(2, '--clips', values.clips);
      const folder = positionals.at(1);
      const root = folder === undefined ? undefined : fromHere(folder);
      const corpora = await loadCorpora({ root });
      say(await benchFeatures(corpora, { clips, rounds, python, onProgress }), describeFeatureBench);
    }
    return 0;
  } catch (error) {
    progress.stop();
    return sayFailure(error, help);
  }
}

function parse(args: readonly string[]) {
  const parsed = parseOptions(args, {
    allowPositionals: true,
    options: {
      clips: { type: 'string', default: '400' },
      rounds: { type: 'string', default: '3' },
      python: { type: 'string' },
      json: { type: 'boolean' },
      model: { type: 'string' },
      batch: { type: 'string' },
      steps: { type: 'string' },
      wasm: { type: 'boolean', default: false },
    },
  });
  const [what, ...rest] = parsed.positionals;
  const places = mostPlaces.get(what);
  if (places === undefined || rest.length > places) throw new UsageError('what is to be measured?');
  return parsed;
}

function describeFeatureBench({
  clips,
  clipsPerSecond,
  cpuMsPerClip,
  stages,
  workers,
  frontEnd,
  peer,
  ratio,
}: FeatureBench): string {
  const rates = workers
    .map(({ workers: n, clipsPerSecond: rate }) => `${rate.toFixed(1)} with ${n}`)
    .join(', ');
  return [
    `${clips} clips, four versions each, ${frontEnd} signal functions`,
    `clips a second: ${rates} (${(workers[1].clipsPerSecond / clipsPerSecond).toFixed(2)} times)`,
    `processor time: ${cpuMsPerClip.toFixed(1)} ms a clip`,
    ...Object.entries(stages).map(([stage, ms]) => `  ${stage.padEnd(9)} ${ms.toFixed(2).padStart(7)} ms`),
    ...(peer
      ? [
          `librosa ${peer.version}: ${peer.cpuMsPerClip.toFixed(1)} ms a clip, ${ratio!.toFixed(1)} times as long`,
        ]
      : []),
  ].join('\n');
}

if (require.main === module) {
  runAsProgram(help, runBench);
}
