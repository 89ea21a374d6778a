import { parseArgs } from 'node:util';
import { loadCorpora } from '../corpora';
import { InvalidArgumentError, messageOf } from '../errors';
import { benchFeatures, type FeatureBench } from './bench-features';
import { fromHere } from './from-here';
import { terminalProgress } from './terminal-progress';

const help = `npm run bench -- features [DIR]

  how fast features are made of the recordings in DIR (default: the corpora that are there): clips a second with one
  worker and with two, processor time a clip, and where it goes; the median of several rounds. Nothing is taken from the
  store or put there.

  --clips N        of so many recordings, spread evenly; default 400, after 300 to warm up
  --rounds N       default 3
  --python PATH    in each round also with librosa in one thread, by the Python at PATH
  --json           one JSON object`;

/** Runs one command. @returns the exit code: 0, 1 when it failed, 2 for a wrong call */
export async function runBench(args: readonly string[]): Promise<number> {
  let parsed;
  try {
    const options = {
      clips: { type: 'string', default: '400' },
      rounds: { type: 'string', default: '3' },
      python: { type: 'string' },
      json: { type: 'boolean' },
    } as const;
    parsed = parseArgs({ args: [...args], allowPositionals: true, options });
    if (parsed.positionals[0] !== 'features' || parsed.positionals.length > 2)
      throw new Error('what is to be measured?');
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${help}`);
    return 2;
  }
  const { positionals, values } = parsed;
  const progress = terminalProgress();
  try {
    const [clips, rounds] = [atLeast(2, '--clips', values.clips), atLeast(1, '--rounds', values.rounds)];
    const folder = positionals.at(1);
    const root = folder === undefined ? undefined : fromHere(folder);
    const python = values.python?.includes('/') ? fromHere(values.python) : values.python;
    const bench = await benchFeatures(await loadCorpora({ root }), {
      clips,
      rounds,
      python,
      onProgress: (label, done, total) => {
        progress.update(label, done, total, 'files');
      },
    }).finally(progress.stop);
    console.log(values.json ? JSON.stringify(bench, null, 2) : describe(bench));
    return 0;
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  }
}

function describe({
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
