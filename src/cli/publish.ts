import { homedir, hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { WorkbenchError } from '../core/base';
import { experimentConfig, settingsFromEnvironment } from '../core/config';
import { corporaFor, type Corpora, loadCorpora, locateData } from '../node/corpora';
import { paths, projectRoot } from '../node/files';
import { commitOf, dataFingerprint } from '../node/runs';
import {
  clearNotebook,
  maxPublishedBytes,
  type Notebook,
  outputBytes,
  type PublicationFacts,
  publicationOf,
  publicationProblems,
  publishNotebook,
  readNotebook,
  writeNotebook,
} from '../notebook';
import { type CommandTools, defineCommand } from './command';
import { flag } from './options';
import { ensureSetup } from './setup';
import { chooseNotebooks, executeNotebook, notebookFiles } from './start';
import { runAsProgram } from './program';

/** Replaced in tests. */
export interface PublishContext {
  notebooks?: string;
  /** sets up engine and library */
  prepareNotebooks?: () => Promise<unknown>;
}

export const publishCommand = defineCommand('npm run publish-notebooks', {
  summary: 'Run the notebooks on the original corpora and save reduced outputs in notebooks/.',
  details:
    'Outputs contain pictures instead of interactive figures, no audio, and nothing that identifies this machine. Notebooks that fail, or have outputs that identify this machine, are left unchanged. The corpora are read from SER_DATA or data/corpora; SER_SET changes the options of the notebooks that read it.',
  arguments: {
    '[NOTEBOOK...]': { help: 'start or part of a file name, for example 02; default: all notebooks' },
  },
  options: {
    check: flag('list which notebooks are published and which have changed since, without running them'),
    clear: flag('remove the outputs without running the notebooks'),
  },
  conflicts: { check: ['clear'] },
  run: async ({ check, clear }, tools: CommandTools & PublishContext) => {
    const { notebooks = paths.notebooks, prepareNotebooks = ensureSetup, args } = tools;
    const files = chooseNotebooks(args, notebooks);
    if (check) return checkAll(files, notebooks);
    if (clear) {
      for (const file of files) {
        writeNotebook(join(notebooks, file), clearNotebook(readNotebook(join(notebooks, file))));
      }
      console.log(`cleared: ${files.join(', ')}`);
      return 0;
    }
    const corpora = await loadOriginals();
    await prepareNotebooks();
    return publishAll(files, notebooks, corpora);
  },
});
export const runPublish = publishCommand.run;

/**
 * Settings that shorten training in published notebooks: all clips, but fewer epochs. An epoch of all clips has more steps than the
 * whole training on the demo corpus. The notebooks show these settings.
 */
const publishedSettings: Readonly<Partial<Record<string, string>>> = {
  '05-training.ipynb': 'training.epochs=6',
  '06-evaluation.ipynb': 'training.epochs=5',
};

/** Files that determine the behaviour of the library. */
const libraryParts = ['src', 'package-lock.json'];

/** @throws {@link WorkbenchError} if only the synthetic demo is installed */
async function loadOriginals(): Promise<Corpora> {
  const { root, reason } = locateData();
  const rule = 'notebooks are published on the original corpora, in data/corpora or in SER_DATA';
  if (root === paths.demo)
    throw new WorkbenchError(`${rule}; only the synthetic demo is installed (${reason})`);
  const corpora = await loadCorpora();
  if (corpora.synthetic) throw new WorkbenchError(`${rule}; those in ${root} are synthetic`);
  return corpora;
}

async function publishAll(files: readonly string[], notebooks: string, corpora: Corpora): Promise<number> {
  const started = performance.now();
  const library = await commitOf(projectRoot, libraryParts);
  if (library.changed)
    console.error('note: src/ has changes that are not in the commit recorded in the notebooks');
  const failed: string[] = [];
  for (const file of files) {
    const settings = process.env.SER_SET ?? publishedSettings[file] ?? '';
    console.log(settings === '' ? file : `${file}, with SER_SET="${settings}"`);
    const run = await executeNotebook(join(notebooks, file), { env: { SER_SET: settings } });
    if (run === undefined || run.failure !== undefined) {
      failed.push(file);
      continue;
    }
    // The kernel may add language details that Jupyter does not keep: restore the metadata.
    const { metadata } = readNotebook(join(notebooks, file));
    const facts = factsOf(corpora, settings, library);
    const published = await publishNotebook({ ...run.notebook, metadata }, facts, renamesFor(corpora.root));
    const problems = publicationProblems(published, namesOfThisMachine());
    for (const problem of problems) console.error(`  ${file}: ${problem}`);
    if (problems.length > 0) failed.push(file);
    else {
      writeNotebook(join(notebooks, file), published);
      console.log(`  published in ${run.durationSec.toFixed(1)} s, ${kilobytes(outputBytes(published))}`);
    }
  }
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  console.log(`\n${files.length - failed.length} of ${files.length} notebooks published in ${minutes} min.`);
  if (failed.length > 0) console.error(`Not published, unchanged: ${failed.join(', ')}`);
  return failed.length > 0 || !checkSize(notebooks) ? 1 : 0;
}

function factsOf(
  corpora: Corpora,
  settings: string,
  library: Pick<PublicationFacts, 'commit' | 'changed'>,
): PublicationFacts {
  const set = settingsFromEnvironment({ SER_SET: settings });
  const { source, clips } = corporaFor(corpora, experimentConfig('lesson', set));
  return {
    corpora: source,
    dataFingerprint: dataFingerprint(clips),
    ...(library.commit !== undefined && { commit: library.commit }),
    ...(library.changed && { changed: true }),
    ...(settings !== '' && { settings }),
  };
}

function checkAll(files: readonly string[], notebooks: string): number {
  let isValid = true;
  for (const file of files) {
    const notebook = readNotebook(join(notebooks, file));
    const problems = publicationProblems(notebook, namesOfThisMachine());
    console.log(`${file}: ${problems.length > 0 ? problems.join('; ') : describe(notebook)}`);
    isValid &&= problems.length === 0;
  }
  return checkSize(notebooks) && isValid ? 0 : 1;
}

function describe(notebook: Notebook): string {
  const record = publicationOf(notebook);
  if (record === undefined) return 'not published';
  const { corpora, settings, commit } = record;
  const how = settings === undefined ? '' : `, with SER_SET="${settings}"`;
  const by = commit === undefined ? '' : `, by ${commit.slice(0, 7)}${record.changed ? ' with changes' : ''}`;
  return `published on ${corpora}${how}${by}, ${kilobytes(outputBytes(notebook))}`;
}

/** Prints the size of all outputs. Returns whether it is below the limit. */
function checkSize(notebooks: string): boolean {
  const sizes = notebookFiles(notebooks).map((file) => outputBytes(readNotebook(join(notebooks, file))));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`all outputs: ${kilobytes(total)} of at most ${kilobytes(maxPublishedBytes)}`);
  return total < maxPublishedBytes;
}

/** Replacements for paths in outputs; longest first, because folders can be nested. */
function renamesFor(dataRoot: string): [folder: string, name: string][] {
  const renames: [string, string][] = [
    [join(projectRoot, '/'), ''],
    [projectRoot, '.'],
    [dataRoot, 'SER_DATA'],
  ];
  return renames.sort(([a], [b]) => b.length - a.length);
}

/** Names that a published notebook must not contain, except those that are common. */
function namesOfThisMachine(): string[] {
  const common = ['', '/', 'root', 'localhost', 'user', 'node', 'runner'];
  const names = [projectRoot, homedir(), tmpdir(), hostname(), userInfo().username];
  return names.filter((name) => !common.includes(name));
}

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000).toLocaleString('en')} kB`;

if (require.main === module) {
  runAsProgram(runPublish);
}
