import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Emotion, InvalidFileError, messageOf } from '../../core/base';
import { filesInInventory, inventoryFile } from '../../core/prediction';
import { buildPage } from '../build';
import { labelByName, listFiles } from '../corpora';
import { newFolder, paths, removeTemporary, replaceFolder } from '../files';

/** A file of the live page: its content or its path. */
export type SiteFile = { content: Uint8Array } | { path: string };

/** The files of the live page by their address relative to it, for example `models/speakers/card.json`. */
export type Site = ReadonlyMap<string, SiteFile>;

const descriptionFile = 'site.json';

/** {@link descriptionFile}: what the page offers. */
export interface SiteDescription {
  /** the first one is shown at the start */
  models: { name: string; folder: string }[];
  /** synthetic clips; empty if the demo corpus has not been made */
  examples: { file: string; emotion: Emotion; label: string }[];
}

/** Options of {@link liveSite}. */
export interface LiveSiteOptions {
  /** folders of saved models; the page shows the first one at the start */
  models: readonly string[];
  /** folder of the demo corpus */
  demo?: string;
}

/**
 * Bundles the live page with models and example clips.
 *
 * @throws {@link InvalidFileError} if a model cannot be read or needs Node
 * @example
 * ```ts
 * const site = await liveSite({ models: ['data/models/speakers'] });
 * ```
 */
export async function liveSite({ models, demo = paths.demo }: LiveSiteOptions): Promise<Site> {
  const files = new Map<string, SiteFile>();
  for (const [name, content] of await buildPage()) files.set(name, { content });
  const description: SiteDescription = { models: [], examples: [] };
  for (const path of models) {
    const name = uniqueName(basename(path), description.models);
    const folder = `models/${encodeURIComponent(name)}`;
    for (const file of filesOfModel(path)) files.set(`models/${name}/${file}`, { path: join(path, file) });
    description.models.push({ name, folder });
  }
  for (const { path, emotion, label } of await chooseExamples(demo)) {
    const file = `examples/${emotion}.wav`;
    files.set(file, { path });
    description.examples.push({ file, emotion, label });
  }
  return files.set(descriptionFile, { content: Buffer.from(JSON.stringify(description)) });
}

/** Size of all files, bytes. */
export function siteBytes(site: Site): number {
  const sizes = [...site.values()].map((file) =>
    'path' in file ? statSync(file.path).size : file.content.length,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Models of several runs may have the same folder name. */
function uniqueName(name: string, others: readonly { name: string }[]): string {
  const isTaken = (candidate: string): boolean => others.some((other) => other.name === candidate);
  if (!isTaken(name)) return name;
  for (let number = 2; ; number++) if (!isTaken(`${name} ${number}`)) return `${name} ${number}`;
}

/** The files of a model that the page fetches. */
function filesOfModel(folder: string): string[] {
  try {
    const names = filesInInventory(readFileSync(join(folder, inventoryFile)));
    const classifier = names.filter((name) => name.endsWith('classifier.json'));
    for (const name of classifier) requireNoSvm(join(folder, name.replace('classifier', 'config')));
    return [inventoryFile, ...names.filter((name) => !name.endsWith('.md'))];
  } catch (error) {
    if (error instanceof InvalidFileError) throw error;
    throw new InvalidFileError(join(folder, inventoryFile), messageOf(error));
  }
}

function requireNoSvm(config: string): void {
  const { model } = JSON.parse(readFileSync(config, 'utf8')) as { model?: { kind?: unknown } };
  if (model?.kind !== 'svm') return;
  throw new InvalidFileError(config, 'an SVM runs only in Node; choose a network or KNN for the live page');
}

/** Preferred size of an example clip. */
const exampleBytes = 80_000;

/**
 * One clip of the demo corpus for each emotion, of different speakers: about 2.5 s at 16 kHz, so that they load fast.
 *
 * @returns empty if there is no demo corpus
 */
async function chooseExamples(demo: string): Promise<{ path: string; emotion: Emotion; label: string }[]> {
  const exists = statSync(demo, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!exists || readdirSync(demo).length === 0) return [];
  const clips = (await listFiles(demo, /\.wav$/i)).flatMap((file) => {
    const found = labelByName(file);
    const path = join(demo, file);
    return found ? [{ ...found, path, bytes: statSync(path).size }] : [];
  });
  const excess = ({ bytes }: { bytes: number }): number => Math.abs(bytes - exampleBytes);
  clips.sort((a, b) => excess(a) - excess(b) || (a.path < b.path ? -1 : 1));
  const speakers: (string | undefined)[] = [];
  const emotions = [...new Set(clips.map(({ labels }) => labels.emotion))].sort();
  return emotions.map((emotion) => {
    const own = clips.filter(({ labels }) => labels.emotion === emotion);
    const { labels, path } = own.find((clip) => !speakers.includes(clip.labels.speaker)) ?? own[0];
    if (!speakers.includes(labels.speaker)) speakers.push(labels.speaker);
    return { path, emotion, label: `${emotion}, synthetic voice ${speakers.indexOf(labels.speaker) + 1}` };
  });
}

/** Maximum size of an exported page, bytes. */
export const maxExportBytes = 12e6;

/**
 * Writes the live page as static files for any web host. All addresses in it are relative, so it also works in a subfolder.
 *
 * @param folder - created in one step; an earlier export is replaced
 * @returns size of all files, bytes
 * @throws {@link InvalidFileError} if it is a file, the folder contains other files than an export, or the page would have more than
 *   12 MB
 * @example
 * ```ts
 * exportSite(await liveSite({ models }), 'public/live');
 * ```
 */
export function exportSite(site: Site, folder: string): number {
  const bytes = siteBytes(site);
  if (bytes > maxExportBytes) {
    const [limit, size] = [maxExportBytes, bytes].map((count) => (count / 1e6).toFixed(1));
    throw new InvalidFileError(
      folder,
      `the page must have at most ${limit} MB, got ${size} MB; choose fewer or smaller models with --model`,
    );
  }
  requireReplaceable(folder, site);
  const unfinished = newFolder(folder);
  try {
    for (const [name, file] of site) {
      const target = join(unfinished, name);
      mkdirSync(dirname(target), { recursive: true });
      if ('path' in file) copyFileSync(file.path, target);
      else writeFileSync(target, file.content);
    }
    replaceFolder(folder, unfinished);
  } finally {
    removeTemporary(unfinished);
  }
  return bytes;
}

/** @throws {@link InvalidFileError} if the folder contains files other than those of an earlier export */
function requireReplaceable(folder: string, site: Site): void {
  const existing = statSync(folder, { throwIfNoEntry: false });
  if (!existing) return;
  if (!existing.isDirectory())
    throw new InvalidFileError(folder, 'it is a file; choose an empty or new folder for --export');
  const exported = exportedFiles(folder, site);
  const other = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .find((path) => !exported.has(path) && !lstatSync(join(folder, path)).isDirectory());
  if (other === undefined) return;
  throw new InvalidFileError(
    folder,
    `it contains ${other}, which is not part of an earlier export; choose an empty or new folder for --export`,
  );
}

/** The files of an earlier export, from its description and the inventories of its models; empty if there is none. */
function exportedFiles(folder: string, site: Site): Set<string> {
  try {
    const description = JSON.parse(readFileSync(join(folder, descriptionFile), 'utf8')) as SiteDescription;
    const ofModels = description.models.flatMap(({ name }) =>
      [inventoryFile, ...filesInInventory(readFileSync(join(folder, 'models', name, inventoryFile)))].map(
        (file) => `models/${name}/${file}`,
      ),
    );
    const ofPage = [...site.keys()].filter((name) => !name.includes('/'));
    return new Set([...ofPage, ...ofModels, ...description.examples.map(({ file }) => file)]);
  } catch {
    return new Set();
  }
}
