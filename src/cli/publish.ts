import { homedir, hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { WorkbenchError } from '../core/base';
import { experimentConfig, settingsFromEnvironment } from '../core/config';
import { chooseCorpora, type Corpora, loadCorpora, locateData } from '../node/corpora';
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
import { chooseNotebooks, notebookFiles } from './choose-notebooks';
import { executeNotebook } from './execute-notebook';
import { runAsProgram } from './run-as-program';
import { ensureSetup } from './setup';
import { parseOptions, sayFailure, UsageError } from './usage-error';

const help = `npm run publish-notebooks [-- option … NOTEBOOK…]

  runs the notebooks on the original corpora (SER_DATA or data/corpora) and writes what they show into notebooks/, reduced:
  pictures instead of interactive figures, no sound, nothing of this machine. NOTEBOOK is the start or any part of a name, 02
  for example; without one all are run. SER_SET changes the options of those that read it.

  --check   runs nothing, and says which notebooks are published, and which are not what was published
  --clear   runs nothing, and takes the outputs out`;

/**
 * Options under which notebooks are published whose cells train for longer than a reader of the outputs gains from. All clips,
 * fewer epochs: of so many clips each has more steps than the preset has on the demo. The notebooks show what was set.
 */
const publishedSettings: Readonly<Partial<Record<string, string>>> = {
  '05-training.ipynb': 'training.epochs=6',
  '06-evaluation.ipynb': 'training.epochs=5',
};

/** What the library's behaviour depends on. */
const libraryParts = ['src', 'package-lock.json'];

/** What a test replaces. */
export interface PublishOptions {
  notebooks?: string;
  /** makes engine and library ready */
  prepare?: () => Promise<unknown>;
}

/**
 * Publishes notebooks, checks those that are, or clears them. A notebook that fails, or whose outputs would tell of this
 * machine, is left as it was.
 *
 * @returns the exit status: 0, 1 when something is not as it should be, 2 when the arguments are wrong
 */
export async function runPublish(
  args: readonly string[],
  { notebooks = paths.notebooks, prepare = ensureSetup }: PublishOptions = {},
): Promise<number> {
  try {
    const { files, check, clear } = choose(args, notebooks);
    if (check) return checkAll(files, notebooks);
    if (clear) {
      for (const file of files) {
        writeNotebook(join(notebooks, file), clearNotebook(readNotebook(join(notebooks, file))));
      }
      console.log(`cleared: ${files.join(', ')}`);
      return 0;
    }
    const corpora = await originals();
    await prepare();
    return await publishAll(files, notebooks, corpora);
  } catch (error) {
    return sayFailure(error, help);
  }
}

function choose(
  args: readonly string[],
  notebooks: string,
): { files: string[]; check: boolean; clear: boolean } {
  const { values, positionals } = parseOptions(args, {
    allowPositionals: true,
    options: { check: { type: 'boolean', default: false }, clear: { type: 'boolean', default: false } },
  });
  if (values.check && values.clear) throw new UsageError('--check and --clear exclude each other');
  return { files: chooseNotebooks(positionals, notebooks), ...values };
}

/** @throws {@link WorkbenchError} if there are none but the synthetic demo */
async function originals(): Promise<Corpora> {
  const { root, why } = locateData();
  const refusal = 'notebooks are published with the original corpora, in data/corpora or where SER_DATA says';
  if (root === paths.demo) throw new WorkbenchError(`${refusal}; there are only synthetic ones (${why})`);
  const corpora = await loadCorpora();
  if (corpora.synthetic) throw new WorkbenchError(`${refusal}; those in ${root} are synthetic`);
  return corpora;
}

async function publishAll(files: readonly string[], notebooks: string, corpora: Corpora): Promise<number> {
  const started = performance.now();
  const library = await commitOf(projectRoot, libraryParts);
  if (library.changed) console.error('note: src/ differs from the commit that the notebooks will name');
  const failed: string[] = [];
  for (const file of files) {
    const settings = process.env.SER_SET ?? publishedSettings[file] ?? '';
    console.log(settings === '' ? file : `${file}, with SER_SET="${settings}"`);
    const run = await executeNotebook(join(notebooks, file), { env: { SER_SET: settings } });
    if (run === undefined || run.failure !== undefined) {
      failed.push(file);
      continue;
    }
    // The kernel may say more of its language than Jupyter keeps: the notebook's metadata stay as they are.
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
  if (failed.length > 0) console.error(`Not published, and left as they were: ${failed.join(', ')}`);
  return failed.length > 0 || !areLight(notebooks) ? 1 : 0;
}

function factsOf(
  corpora: Corpora,
  settings: string,
  library: Pick<PublicationFacts, 'commit' | 'changed'>,
): PublicationFacts {
  const set = settingsFromEnvironment({ SER_SET: settings });
  const { source, clips } = chooseCorpora(corpora, experimentConfig('quick', set).corpora);
  return {
    corpora: source,
    dataFingerprint: dataFingerprint(clips),
    ...(library.commit !== undefined && { commit: library.commit }),
    ...(library.changed && { changed: true }),
    ...(settings !== '' && { settings }),
  };
}

function checkAll(files: readonly string[], notebooks: string): number {
  let isWell = true;
  for (const file of files) {
    const notebook = readNotebook(join(notebooks, file));
    const problems = publicationProblems(notebook, namesOfThisMachine());
    console.log(`${file}: ${problems.length > 0 ? problems.join('; ') : describe(notebook)}`);
    isWell &&= problems.length === 0;
  }
  return areLight(notebooks) && isWell ? 0 : 1;
}

function describe(notebook: Notebook): string {
  const record = publicationOf(notebook);
  if (record === undefined) return 'not published';
  const { corpora, settings, commit } = record;
  const how = settings === undefined ? '' : `, with SER_SET="${settings}"`;
  const by = commit === undefined ? '' : `, by ${commit.slice(0, 7)}${record.changed ? ' with changes' : ''}`;
  return `published on ${corpora}${how}${by}, ${kilobytes(outputBytes(notebook))}`;
}

/** Says what all published outputs of the folder take, and whether that is little enough. */
function areLight(notebooks: string): boolean {
  const sizes = notebookFiles(notebooks).map((file) => outputBytes(readNotebook(join(notebooks, file))));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`all outputs: ${kilobytes(total)} of at most ${kilobytes(maxPublishedBytes)}`);
  return total < maxPublishedBytes;
}

/** Longer folders first: they may lie in one another. */
function renamesFor(dataRoot: string): [folder: string, name: string][] {
  const renames: [string, string][] = [
    [join(projectRoot, '/'), ''],
    [projectRoot, '.'],
    [dataRoot, 'SER_DATA'],
  ];
  return renames.sort(([a], [b]) => b.length - a.length);
}

/** Words that a published notebook must not hold; some names are everybody's. */
function namesOfThisMachine(): string[] {
  const common = ['', '/', 'root', 'localhost', 'user', 'node', 'runner'];
  const names = [projectRoot, homedir(), tmpdir(), hostname(), userInfo().username];
  return names.filter((name) => !common.includes(name));
}

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000).toLocaleString('en')} kB`;

if (require.main === module) {
  runAsProgram(help, runPublish);
}
