import { parseArgs } from 'node:util';
import { loadCorpora } from '../corpora';
import { InvalidArgumentError, messageOf } from '../errors';
import { benchFeatures, type FeatureBench } from './bench-features';
import { benchPredict } from './bench-predict';
import { fromHere } from './from-here';
import { terminalProgress } from './terminal-progress';

const help = `npm run bench -- features [DIR]

  how fast features are made of the recordings in DIR (default: the corpora that are there): clips a second with one
  worker and with two, processor time a clip, and where it goes; the median of several rounds. Nothing is taken from the
  store or put there.

  --clips N        of so many recordings, spread evenly; default 400, after 300 to warm up
  --rounds N       default 3
  --python PATH    in each round also with librosa in one thread, by the Python at PATH
  --json           one JSON object

npm run bench -- predict [FILE]

  how long one prediction takes of FILE (default: 3 s of noise at 48 kHz): in a process at work, and in a new one

  --model DIR      a bundle; default the newest
  --rounds N       so many new processes; default 3
  --json           one JSON object`;

/** Runs one command. @returns the exit code: 0, 1 when it failed, 2 for a wrong call */
export async function runBench(args: readonly string[]): Promise<number> {
  let call;
  try {
    call = parse(args);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${help}`);
    return 2;
  }
  try {
    const { bench, text } = await (call.command === 'features' ? features(call) : predict(call));
    console.log(call.values.json ? JSON.stringify(bench, null, 2) : text);
    return 0;
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  }
}

function parse(args: readonly string[]) {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      clips: { type: 'string', default: '400' },
      rounds: { type: 'string', default: '3' },
      python: { type: 'string' },
      model: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const [command, place, ...others] = positionals as [string | undefined, string | undefined, ...string[]];
  if ((command !== 'features' && command !== 'predict') || others.length > 0)
    throw new Error('what is to be measured?');
  return { command, place: place === undefined ? undefined : fromHere(place), values };
}

async function features({ place: root, values }: ReturnType<typeof parse>) {
  const progress = terminalProgress();
  const [clips, rounds] = [atLeast(2, '--clips', values.clips), atLeast(1, '--rounds', values.rounds)];
  const python = values.python?.includes('/') ? fromHere(values.python) : values.python;
  const bench = await benchFeatures(await loadCorpora({ root }), {
    clips,
    rounds,
    python,
    onProgress: (label, done, total) => {
      progress.update(label, done, total, 'files');
    },
  }).finally(progress.stop);
  return { bench, text: describeFeatures(bench) };
}

async function predict({ place: file, values }: ReturnType<typeof parse>) {
  const model = values.model === undefined ? undefined : fromHere(values.model);
  const bench = await benchPredict({ file, model, rounds: atLeast(1, '--rounds', values.rounds) });
  const { warmMs, slowestMs, coldMs, cold, durationSec, engine } = bench;
  const text = [
    `${bench.model}, on ${engine}`,
    `a prediction of ${durationSec.toFixed(1)} s of sound: ${warmMs.toFixed(1)} ms, at most ${slowestMs.toFixed(1)} ms`,
    `in a new process (${cold}): ${(coldMs / 1000).toFixed(2)} s`,
  ].join('\n');
  return { bench, text };
}

function describeFeatures({
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

function atLeast(least: number, option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InvalidArgumentError(option, `an integer of at least ${least}`, text);
}

if (require.main === module) {
  void runBench(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
