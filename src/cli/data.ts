import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ParseArgsConfig } from 'node:util';
import { type CorpusName, corpusNames, InvalidArgumentError, messageOf } from '../core/base';
import { committedFoldOptions } from '../core/dataset';
import {
  corpusCards,
  describeDownload,
  describeVerification,
  downloadCorpus,
  formatLoadReport,
  isDemoCorpusCurrent,
  locateData,
  makeDemoCorpus,
  verifyCorpora,
  writeCommittedFolds,
} from '../node/corpora';
import { openStore } from '../node/extraction';
import { paths, projectRoot } from '../node/files';
import { cacheSizes, clearCache } from './cache-folder';
import { fromHere } from './from-here';
import { readCorpora } from './read-corpora';
import { runAsProgram } from './run-as-program';
import { stopSignal } from './stop-signal';
import { amountText, terminalProgress } from './terminal-progress';
import { parseOptions, sayFailure, UsageError } from './usage-error';

const help = `npm run data -- <command>

  list                     which corpora are found where, and how many clips
  verify [DIR]             compare every file with the manifests, byte for byte
  download [corpus …]      from their publishers or Kaggle: ${corpusNames.join(', ')}; default all
           [--to DIR]      default data/corpora, or SER_DATA if it is set
  demo [--force]           make the synthetic demo corpus in data/demo
  folds                    make data/folds anew from the manifests: the same bytes each time
  cache [--clear]          what data/cache holds; it is safe to delete`;

/** Runs one command. @returns the exit code: 0, 1 when something is not as it should be, 2 for a wrong call */
export async function runData(args: readonly string[], signal?: AbortSignal): Promise<number> {
  try {
    const { command, names, values } = parse(args);
    switch (command) {
      case 'list':
        return await list(signal);
      case 'verify':
        return await verify(names.at(0), signal);
      case 'download':
        return await download(names, values.to, signal);
      case 'demo':
        return await demo(values.force ?? false, signal);
      case 'folds':
        return folds();
      case 'cache':
        return await cache(values.clear ?? false);
    }
  } catch (error) {
    if (signal?.aborted) {
      console.error(args[0] === 'download' ? 'stopped; the same command goes on from here' : 'stopped');
      return 130;
    }
    return sayFailure(error, help);
  }
}

const options = {
  to: { type: 'string' },
  force: { type: 'boolean' },
  clear: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

/** What follows a command: how many names at most, and which option. */
const commands = {
  list: { names: 0 },
  verify: { names: 1 },
  download: { names: Infinity, option: 'to' },
  demo: { names: 0, option: 'force' },
  folds: { names: 0 },
  cache: { names: 0, option: 'clear' },
} as const satisfies Record<string, { names: number; option?: keyof typeof options }>;

function parse(args: readonly string[]) {
  const { values, positionals } = parseOptions(args, { allowPositionals: true, options });
  const [command, ...names] = positionals as [string | undefined, ...string[]];
  if (command === undefined) throw new UsageError('which command?');
  if (!isCommand(command)) throw new UsageError(`unknown command ${JSON.stringify(command)}`);
  const takes: { names: number; option?: string } = commands[command];
  const extra = names.at(takes.names);
  if (extra !== undefined) throw new UsageError(`${command} takes no ${JSON.stringify(extra)}`);
  const foreign = Object.keys(values).find((name) => name !== takes.option);
  if (foreign !== undefined) throw new UsageError(`${command} takes no --${foreign}`);
  return { command, names, values };
}

const isCommand = (name: string): name is keyof typeof commands => Object.hasOwn(commands, name);

async function list(signal?: AbortSignal): Promise<number> {
  const progress = terminalProgress();
  const { clips, report } = await readCorpora(progress, signal).finally(progress.stop);
  console.log(formatLoadReport(report));
  const folders = new Map<string, number>();
  for (const { corpus, path } of clips) {
    const place = `${corpus} in ${path.includes('/') ? path.slice(0, path.indexOf('/')) : '.'}`;
    folders.set(place, (folders.get(place) ?? 0) + 1);
  }
  for (const [place, count] of folders)
    console.log(`  ${place}/: ${amountText(count, undefined, 'files')} clips`);
  return 0;
}

async function verify(folder: string | undefined, signal?: AbortSignal): Promise<number> {
  const root = folder === undefined ? locateData().root : fromHere(folder);
  if (!existsSync(root)) throw new InvalidArgumentError('DIR', 'an existing folder', folder ?? root);
  const progress = terminalProgress();
  const verification = await verifyCorpora(root, {
    signal,
    onProgress: (done, total) => {
      progress.update('verifying', done, total, 'files');
    },
  }).finally(progress.stop);
  const { lines, sound } = describeVerification(verification);
  console.log(lines.join('\n'));
  return sound ? 0 : 1;
}

async function download(
  names: readonly string[],
  to: string | undefined,
  signal?: AbortSignal,
): Promise<number> {
  const chosen = names.length > 0 ? names.map(corpusNamed) : corpusNames;
  const directory =
    to === undefined ? (process.env.SER_DATA ? locateData().root : paths.corpora) : fromHere(to);
  for (const { name, licence, citation } of chosen.map((corpus) => corpusCards[corpus])) {
    console.log(`${name}\n  licence: ${licence.name}, ${licence.url}\n  cite: ${citation}\n`);
  }
  const failed: CorpusName[] = [];
  for (const corpus of chosen) {
    const progress = terminalProgress();
    try {
      const report = await downloadCorpus(corpus, {
        directory,
        signal,
        onProgress: ({ source, step, done, total, unit, note }) => {
          if (note !== undefined) progress.note(`${corpus}, ${source}: ${note}`);
          else
            progress.update(
              [corpus, step, source && `from ${source}`].join(' ').trimEnd(),
              done,
              total,
              unit,
            );
        },
      }).finally(progress.stop);
      console.log(describeDownload(report).join('\n'));
    } catch (error) {
      signal?.throwIfAborted();
      failed.push(corpus);
      console.error(messageOf(error));
    }
  }
  if (failed.length > 0)
    console.error(`not downloaded: ${failed.join(', ')}. data/README.md says how to place a corpus by hand.`);
  return failed.length > 0 ? 1 : 0;
}

async function demo(force: boolean, signal?: AbortSignal): Promise<number> {
  if (!force && isDemoCorpusCurrent(paths.demo)) {
    console.log('the synthetic demo corpus is there and current; --force makes it again');
    return 0;
  }
  const progress = terminalProgress();
  const { clips, speakers, durationSec } = await makeDemoCorpus({
    signal,
    onProgress: (done, total) => {
      progress.update('speaking', done, total, 'files');
    },
  }).finally(progress.stop);
  console.log(
    `synthetic demo: ${clips} clips of ${speakers} voices, ${(durationSec / 60).toFixed(0)} minutes, in data/demo`,
  );
  return 0;
}

/** The committed folds: which clips of the four corpora are tested together, whoever runs them. */
function folds(): number {
  for (const corpus of corpusNames) {
    const made = writeCommittedFolds(corpus);
    const counts = made.folds.map(
      ({ fold, speakers, clips }) =>
        `  fold ${fold}: clips ${amountText(clips, undefined, 'files')}, speakers ${speakers.length}`,
    );
    console.log(
      `${relative(projectRoot, made.file)}: seed ${committedFoldOptions.seed}\n${counts.join('\n')}`,
    );
  }
  return 0;
}

async function cache(clear: boolean): Promise<number> {
  const sizes = cacheSizes(paths.cache);
  for (const { name, bytes } of sizes) {
    const note = name === 'features' ? await describeFeatures(join(paths.cache, name)) : '';
    console.log(`${name}: ${amountText(bytes, undefined, 'bytes')}${note}`);
  }
  if (sizes.length === 0) console.log('data/cache is empty');
  if (clear && sizes.length > 0) {
    clearCache(paths.cache);
    console.log('deleted');
  }
  return 0;
}

async function describeFeatures(directory: string): Promise<string> {
  const { entries, shards } = await (await openStore(directory)).size();
  return `, ${amountText(entries, undefined, 'files')} entries in ${amountText(shards, undefined, 'files')} files`;
}

/** `RAVDESS`, `ravdess`, `CREMA-D`, `cremad`… */
function corpusNamed(text: string): CorpusName {
  const plain = (name: string) => name.toLowerCase().replaceAll('-', '');
  const found = corpusNames.find((name) => plain(name) === plain(text));
  if (!found)
    throw new UsageError(`unknown corpus ${JSON.stringify(text)}: there are ${corpusNames.join(', ')}`);
  return found;
}

if (require.main === module) {
  runAsProgram(help, (args) => runData(args, stopSignal()));
}
