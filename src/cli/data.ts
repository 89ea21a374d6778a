import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  type CorpusName,
  corpusNames,
  countOf,
  formatCount,
  InvalidArgumentError,
  messageOf,
  printable,
  textTable,
} from '../core/base';
import { committedFoldOptions } from '../core/dataset';
import {
  addArchives,
  corpusCards,
  corpusDescriptions,
  describeAdded,
  describeDownload,
  describeVerification,
  downloadCorpus,
  formatLoadReport,
  isDemoCorpusCurrent,
  type LoadReport,
  locateData,
  makeDemoCorpus,
  verifyCorpora,
  writeCommittedFolds,
} from '../node/corpora';
import { openStore } from '../node/extraction';
import { paths, projectRoot } from '../node/files';
import { type CommandTools, defineCommands, subcommand } from './command';
import { flag, oneOf, option, text, userPath } from './options';
import { readCorpora } from './output';
import { runAsProgram, stopSignal } from './program';

const corpus = oneOf(corpusNames, (name) => name.toLowerCase().replaceAll('-', ''));

export const dataCommand = defineCommands('npm run data', {
  summary: 'List, check and download corpora, create the synthetic demo corpus, manage caches.',
  commands: {
    list: subcommand({
      summary:
        'List the corpora that were found, with their folders and numbers of clips, what was left out, and all corpora that are known.',
      options: { json: flag('print the report as JSON') },
      run: ({ json }, tools) => listCorpora(json, tools),
    }),
    verify: subcommand({
      summary: 'Compare every file with the committed manifests, byte for byte.',
      arguments: {
        '[DIR]': { help: 'folder with corpora; default: the folder that all commands use', parse: userPath },
      },
      run: (_, tools) => verify(tools),
    }),
    download: subcommand({
      summary: 'Download corpora from their publishers or Kaggle.',
      details:
        'An interrupted download resumes when the command is run again. Every clip is checked by its SHA-256.',
      arguments: { '[CORPUS...]': { help: 'default: all four corpora', parse: corpus } },
      options: {
        to: option('DIR', 'target folder; default: SER_DATA if it is set, otherwise data/corpora', userPath),
      },
      interrupted: 'interrupted; run the same command again to resume',
      run: ({ to }, tools) => download(to, tools),
    }),
    add: subcommand({
      summary:
        'Add a published corpus from a folder or ZIP archive, or recordings of your own from ZIP archives.',
      details:
        'Published corpora are recognised by their file names. An archive of your own, such as those of the live page, contains recordings and a clips.csv that lists them (data/README.md). Archives of the same corpus are merged with each other and with recordings that were added earlier; no recording is added twice.',
      arguments: {
        '<SOURCE...>': { help: 'ZIP archives, or folders of published corpora', parse: userPath },
      },
      options: {
        name: option('NAME', 'name of the corpus; default: the folder of clips.csv in the archive', text),
        keepSpeakersApart: flag(
          'speakers with the same name in different recording sessions are different people: give them different names',
        ),
        to: option('DIR', 'parent folder; default: SER_DATA if it is set, otherwise data/corpora', userPath),
      },
      interrupted: 'interrupted; nothing was changed',
      run: (options, tools) => add(options, tools),
    }),
    demo: subcommand({
      summary: 'Create the synthetic demo corpus in data/demo.',
      options: { force: flag('create it even if it is up to date') },
      run: ({ force }, tools) => createDemo(force, tools),
    }),
    folds: subcommand({
      summary: 'Write data/folds from the manifests; the result is the same every time.',
      run: (_, tools) => writeFolds(tools),
    }),
    cache: subcommand({
      summary: 'Show the size of data/cache, which is safe to delete.',
      options: { clear: flag('delete its contents') },
      run: ({ clear }, tools) => showCache(clear, tools),
    }),
  },
});
export const runData = dataCommand.run;

async function listCorpora(json: boolean, { progress, signal, print }: CommandTools): Promise<number> {
  const { clips, report } = await readCorpora(progress, signal);
  if (json) {
    print(JSON.stringify({ ...report, known: corpusDescriptions }, undefined, 2));
    return 0;
  }
  print(formatLoadReport(report));
  const folders = new Map<string, number>();
  for (const { corpus, path } of clips) {
    const place = printable(`${corpus} in ${path.includes('/') ? path.slice(0, path.indexOf('/')) : '.'}`);
    folders.set(place, (folders.get(place) ?? 0) + 1);
  }
  for (const [place, count] of folders) print(`  ${place}/: ${countOf(count, 'clip')}`);
  print(`\nknown corpora, recognised by their file names (data/README.md)\n${knownCorporaTable(report)}`);
  return 0;
}

function knownCorporaTable({ corpora }: LoadReport): string {
  const lines = corpusDescriptions.map(({ name, language, clips, speakers, licence, checked }) => {
    const present = corpora.find(({ corpus }) => corpus === name)?.clips;
    const here = present === undefined ? '' : formatCount(present);
    return [name, language, formatCount(clips), formatCount(speakers), here, checked, licence.name];
  });
  const heading = ['corpus', 'language', 'clips', 'speakers', 'here', 'reader checked with', 'licence'];
  return textTable([heading, ...lines], [0, 1, 5, 6]);
}

async function verify({ args: [folder], progress, signal, print }: CommandTools): Promise<number> {
  const root = (folder as string | undefined) ?? locateData().root;
  if (!existsSync(root)) throw new InvalidArgumentError('DIR', 'an existing folder', root);
  const verification = await verifyCorpora(root, {
    signal,
    onProgress: (done, total) => {
      progress.update('verifying', done, total, 'files');
    },
  });
  const { lines, isComplete } = describeVerification(verification);
  print(lines.join('\n'));
  return isComplete ? 0 : 1;
}

async function download(
  directory = dataDirectory(),
  { args, progress, signal, print }: CommandTools,
): Promise<number> {
  const chosen = args.length > 0 ? (args as CorpusName[]) : corpusNames;
  for (const name of chosen) {
    const { name: title, licence, citation } = corpusCards[name];
    print(`${title}\n  licence: ${licence.name}, ${licence.url}\n  cite: ${citation}\n`);
  }
  const failed: CorpusName[] = [];
  for (const name of chosen) {
    try {
      const report = await downloadCorpus(name, {
        directory,
        signal,
        onProgress: ({ source, step, done, total, unit, note }) => {
          const label = [name, step, source && `from ${source}`].join(' ').trimEnd();
          if (note !== undefined) progress.note(`${name}, ${source}: ${note}`);
          else progress.update(label, done, total, unit);
        },
      });
      print(describeDownload(report).join('\n'));
    } catch (error) {
      progress.stop();
      signal?.throwIfAborted();
      failed.push(name);
      console.error(messageOf(error));
    }
  }
  if (failed.length > 0)
    console.error(
      `not downloaded: ${failed.join(', ')}. data/README.md explains how to place a corpus by hand.`,
    );
  return failed.length > 0 ? 1 : 0;
}

async function add(
  {
    name,
    keepSpeakersApart,
    to: directory = dataDirectory(),
  }: { name?: string; keepSpeakersApart: boolean; to?: string },
  { args, progress, signal, print }: CommandTools,
): Promise<number> {
  const report = await addArchives(args, {
    directory,
    ...(name !== undefined && { name }),
    keepSpeakersApart,
    signal,
    onProgress: (corpus, done, total) => {
      progress.update(`adding to ${corpus}`, done, total, 'files');
    },
  });
  if (report.corpora.length > 0) print(describeAdded({ ...report, failures: [] }).join('\n'));
  for (const { report: loaded } of report.corpora) {
    const [, ...lines] = formatLoadReport(loaded).split('\n');
    print(lines.join('\n'));
  }
  progress.stop();
  for (const line of describeAdded({ corpora: [], failures: report.failures })) console.error(line);
  return report.failures.length > 0 ? 1 : 0;
}

/** The folder that new corpora are put into. */
const dataDirectory = (): string => (process.env.SER_DATA ? locateData().root : paths.corpora);

async function createDemo(force: boolean, { progress, signal, print }: CommandTools): Promise<number> {
  if (!force && isDemoCorpusCurrent(paths.demo)) {
    print('the synthetic demo corpus is up to date; --force creates it again');
    return 0;
  }
  const { clips, speakers, durationSec } = await makeDemoCorpus({
    signal,
    onProgress: (done, total) => {
      progress.update('synthesising', done, total, 'files');
    },
  });
  const minutes = (durationSec / 60).toFixed(0);
  print(`synthetic demo: ${clips} clips of ${speakers} voices, ${minutes} minutes, in data/demo`);
  return 0;
}

function writeFolds({ print }: CommandTools): number {
  for (const name of corpusNames) {
    const { file, folds } = writeCommittedFolds(name);
    const counts = folds.map(
      ({ fold, speakers, clips }) =>
        `  fold ${fold}: clips ${formatCount(clips)}, speakers ${speakers.length}`,
    );
    print(`${relative(projectRoot, file)}: seed ${committedFoldOptions.seed}\n${counts.join('\n')}`);
  }
  return 0;
}

async function showCache(clear: boolean, { print }: CommandTools): Promise<number> {
  const sizes = cacheSizes(paths.cache);
  for (const { name, bytes } of sizes) {
    const note = name === 'features' ? await describeFeatures(join(paths.cache, name)) : '';
    print(`${name}: ${megabytes(bytes)}${note}`);
  }
  if (sizes.length === 0) print('data/cache is empty');
  if (clear && sizes.length > 0) {
    clearCache(paths.cache);
    print('deleted');
  }
  return 0;
}

async function describeFeatures(directory: string): Promise<string> {
  const { entries, shards } = await (await openStore(directory)).size();
  return `, ${formatCount(entries)} entries in ${formatCount(shards)} files`;
}

/** A size as text; 1 MB is 10^6 bytes. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** The entries of a cache folder with their sizes in bytes; empty if there is no such folder. */
export function cacheSizes(directory: string): { name: string; bytes: number }[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort()
    .map((name) => {
      const path = join(directory, name);
      if (!statSync(path).isDirectory()) return { name, bytes: statSync(path).size };
      const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
      return { name, bytes: files.reduce((sum, file) => sum + statSync(join(path, file)).size, 0) };
    });
}

/** Deletes the contents of a cache folder, but not the folder. */
export function clearCache(directory: string): void {
  for (const { name } of cacheSizes(directory)) rmSync(join(directory, name), { recursive: true });
}

if (require.main === module) {
  runAsProgram(runData, { signal: stopSignal() });
}
