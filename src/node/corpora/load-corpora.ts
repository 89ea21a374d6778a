import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { channelIndex } from '../../core/audio';
import type { LabelMap } from '../../core/dataset';
import {
  audioIdentity,
  type Clip,
  corpusOrder,
  countOf,
  isCorpus,
  groupBy,
  InvalidArgumentError,
  messageOf,
  WorkbenchError,
} from '../../core/base';
import { foldersIn, limitGarbage, paths, recoverFolder } from '../files';
import { filesOfDemos, type IndexOptions, listFiles } from './audio-files';
import { type FileFacts, type FileProblem, indexFiles } from './clip-index';
import { type CremadTables, readCremadTables, withCremadTables } from './cremad-tables';
import { readDemoMarker } from './demo/demo-corpus';
import { audioFileName, knownCorpora, sideFileName } from './readers/read-names';
import { type Corpora, withLabels } from './choose-corpora';
import { labelFiles } from './labels';
import {
  createLoadReport,
  type DuplicateClips,
  explainLeftOut,
  leftOutOfCorpora,
  type Remark,
  type SkippedFile,
} from './load-report';

/** Options of {@link loadCorpora}. */
export interface LoadCorporaOptions extends IndexOptions {
  /** classes other than the seven emotions, see `withLabels`; null: none */
  labels?: LabelMap | null;
  /** folder of the corpora; default: see `locateData` */
  root?: string;
}

/** Audio files, including formats that cannot be read, tables with labels, and the marker of the demo. */
const loadable = new RegExp(
  [String.raw`^clips\.csv$|^SYNTHETIC-DEMO\.json$`, sideFileName.source, audioFileName.source].join('|'),
  'i',
);

/**
 * Loads every clip below a folder: RAVDESS, CREMA-D, TESS, SAVEE and other published corpora (see data/README.md) in Kaggle's or their
 * publishers' layouts, recognised by file name, and the user's own corpora with a `clips.csv`. Files with unknown names, unreadable files, invalid tables and lines are skipped
 * and reported in `report.leftOut`; copies count once.
 *
 * Each file is read once (about ten seconds for all 12,162) and then cached in `data/cache/`.
 *
 * @throws {@link InvalidArgumentError} if the folder does not exist
 * @throws {@link WorkbenchError} if it contains no clip, with the reasons
 * @example
 * ```ts
 * const { clips, report } = await loadCorpora();
 * console.log(formatLoadReport(report));
 * ```
 */
export async function loadCorpora({
  root: chosen,
  labels: map,
  ...options
}: LoadCorporaOptions = {}): Promise<Corpora> {
  const { root, reason } = chosen === undefined ? locateData() : { root: chosen, reason: 'root' };
  if (!existsSync(recoverFolder(root))) {
    if (chosen !== undefined) throw new InvalidArgumentError('root', 'an existing folder', chosen);
    throw new WorkbenchError('no corpora and no demo corpus found; run `npm run data -- demo`');
  }
  // A command that replaced a corpus may have been killed before the new one was in its place.
  for (const name of foldersIn(root)) recoverFolder(join(root, name));
  const synthetic = readDemoMarker(root) !== undefined;
  const unreadable: SkippedFile[] = [];
  const listed = await listFiles(root, loadable, {
    onProblem: (path, problem) => unreadable.push({ path, reason: problem, kind: 'folder' }),
  });
  const demo = synthetic ? new Set<string>() : filesOfDemos(listed);
  limitGarbage(listed.length);
  const files = listed.filter((path) => !path.endsWith('.json'));
  for (const path of files.filter((one) => demo.has(one))) {
    unreadable.push({
      path,
      reason: 'it belongs to a synthetic demo, which is loaded by itself',
      kind: 'unlisted',
    });
  }
  const labels = labelFiles(
    root,
    files.filter((path) => !demo.has(path)),
    synthetic,
  );
  const { labelled, unrecognised, remarks, tables: byTable } = labels;
  for (const item of labels.skipped) unreadable.push(item);

  const facts = await indexFiles(root, [...labelled.keys()], {
    ...options,
    onRemark: (text) => remarks.push({ text }),
  });
  const found: Clip[] = [];
  const damaged: Finding[] = [];
  const mixed: Finding[] = [];
  for (const [path, { corpus, labels: label }] of labelled) {
    const fact = facts.get(path)!;
    const { channel, emotion, speaker } = label;
    if ('problem' in fact) {
      unreadable.push({ path, reason: fact.problem, corpus, kind: 'file', emotion, speaker });
      continue;
    }
    const { sampleRate, channels, frames } = fact;
    try {
      channelIndex(channel ?? 'mix', channels);
    } catch (error) {
      const where = 'column channel of its table';
      unreadable.push({ path, where, reason: messageOf(error), corpus, kind: 'line', emotion, speaker });
      continue;
    }
    const isMixed = channel === undefined && fact.difference !== undefined;
    const remark =
      fact.silent || fact.damage || isMixed
        ? [
            ...(fact.silent ? ['digital silence'] : []),
            ...(fact.damage ?? []),
            ...(isMixed ? [fact.difference] : []),
          ].join('; ')
        : undefined;
    const sha256 = audioIdentity(fact.sha256, channel);
    // V8 creates a hidden class (270 bytes) for each object literal that starts with a spread.
    found.push(
      Object.assign({}, label, {
        corpus,
        path,
        sampleRate,
        channels,
        durationSec: frames / sampleRate,
        sha256,
        remark,
      }),
    );
    if (fact.damage) damaged.push({ path, corpus, text: fact.damage.join('; ') });
    if (channel === undefined && fact.difference) mixed.push({ path, corpus, text: fact.difference });
  }
  remarks.push(
    ...remarksOn('partly damaged', damaged),
    ...remarksOn('with channels that differ, mixed (see the column channel of clips.csv)', mixed),
  );
  for (const corpus of new Set(found.map((clip) => clip.corpus))) {
    if (knownCorpora.get(corpus)?.checked !== 'rule only' || byTable.has(corpus)) continue;
    const text = `${corpus} is read by its publisher's naming rule, which was never checked with its files: compare labels and counts with the publisher's`;
    remarks.push({ text, corpus });
  }
  if (found.length === 0) {
    const leftOut = explainLeftOut(leftOutOfCorpora({ unreadable, unrecognised, copies: [] }));
    throw new WorkbenchError(
      [
        `${root} (${reason}): no clip of a known corpus found; see data/README.md for the supported layouts`,
        ...leftOut.map((line) => `  ${line}`),
      ].join('\n'),
    );
  }

  const duplicates = findDuplicates(found);
  const dropped = new Set(duplicates.copies.flatMap((group) => group.dropped));
  const kept = found.filter((clip) => !dropped.has(clip));
  const tables = cremadTables(root, kept);
  for (const { rejected, remarks: own } of tables.values()) {
    for (const item of rejected) unreadable.push(item);
    for (const remark of own) remarks.push(remark);
  }
  const withTables = kept.map((clip) => {
    const table = tables.get(tableFolder(root, clip));
    return isCremad(clip) && table ? withCremadTables(clip, table) : clip;
  });
  const clips = sortClips(addRemarks(withTables, duplicates));
  const silent = clips.map(({ path }) => path).filter((path) => isSilent(facts.get(path)));
  const report = createLoadReport({
    root,
    reason,
    synthetic,
    clips,
    duplicates,
    silent,
    unrecognised,
    unreadable,
    remarks,
  });
  const fileOf: Corpora['fileOf'] = ({ path }) => join(root, path);
  const { ownLabels } = labels;
  return withLabels(
    { root, clips, labelled: clips, ownLabels, report, source: '', synthetic, fileOf },
    map ?? {},
  );
}

/** Something that was found in the content of a file. */
interface Finding {
  path: string;
  corpus: string;
  text: string;
}

/** One remark per corpus. */
function remarksOn(what: string, findings: readonly Finding[]): Remark[] {
  return [...groupBy(findings, ({ corpus }) => corpus)].map(([corpus, own]) => {
    const [{ path, text }] = own;
    return { text: `${countOf(own.length, 'clip')} ${what}, for example ${path}: ${text}`, corpus };
  });
}

/** A data folder, and the reason for choosing it. */
export interface DataLocation {
  root: string;
  reason: string;
}

/**
 * Chooses the data folder: `SER_DATA` if set, else `data/corpora/` unless it is empty, else the demo corpus.
 *
 * @throws {@link InvalidArgumentError} if `SER_DATA` is not an existing folder
 */
export function locateData(): DataLocation {
  const chosen = process.env.SER_DATA;
  if (chosen) {
    // npm runs scripts in the project's folder, but the path is relative to the user's.
    const root = resolve(process.env.INIT_CWD ?? process.cwd(), chosen);
    if (!existsSync(root)) throw new InvalidArgumentError('SER_DATA', 'an existing folder', chosen);
    return { root, reason: 'SER_DATA' };
  }
  const hasCorpora =
    existsSync(paths.corpora) && readdirSync(paths.corpora).some((name) => !name.startsWith('.'));
  return hasCorpora
    ? { root: paths.corpora, reason: 'data/corpora' }
    : { root: paths.demo, reason: 'no corpora in data/corpora, and SER_DATA is not set' };
}

/** Finds byte-identical clips. Distinguishes copies of one clip from different clips with the same audio. */
function findDuplicates(clips: readonly Clip[]): DuplicateClips {
  const duplicates: DuplicateClips = { copies: [], identical: [], conflicting: [] };
  const firstOf = new Map<string, Clip>();
  const groups = new Map<Clip, Clip[]>();
  for (const clip of clips) {
    const first = firstOf.get(clip.sha256);
    const group = first && groups.get(first);
    if (group) group.push(clip);
    else if (first) groups.set(first, [first, clip]);
    else firstOf.set(clip.sha256, clip);
  }
  for (const same of groups.values()) {
    const different = [...groupBy(same, identityOf).values()];
    for (const [kept, ...dropped] of different)
      if (dropped.length > 0) duplicates.copies.push({ kept, dropped });
    const firsts = different.map(([first]) => first);
    if (firsts.length === 1) continue;
    const oneEmotion = firsts.every((clip) => clip.emotion === firsts[0].emotion);
    (oneEmotion ? duplicates.identical : duplicates.conflicting).push(firsts);
  }
  return duplicates;
}

/** Identifies a clip independently of its folder; byte-identical files with the same identity are copies. */
function identityOf({ corpus, speaker, label, sentence, intensity, take, path }: Clip): string {
  const labels = [corpus, speaker, label, sentence, intensity, take];
  // If speaker or sentence is unknown, the file name has to distinguish the clips.
  return JSON.stringify(speaker && sentence ? labels : [...labels, posix.basename(path)]);
}

const isSilent = (fact: FileFacts | FileProblem | undefined): boolean =>
  fact !== undefined && 'silent' in fact && fact.silent;

const isCremad = ({ corpus }: Clip): boolean => isCorpus(corpus, 'CREMA-D');

/** CREMA-D's tables are in the parent of its audio folder. */
const tableFolder = (root: string, { path }: Clip): string => dirname(dirname(join(root, path)));

/** The tables of each folder with CREMA-D's clips. */
function cremadTables(root: string, clips: readonly Clip[]): Map<string, CremadTables> {
  const tables = new Map<string, CremadTables>();
  for (const clip of clips) {
    if (!isCremad(clip)) continue;
    const folder = tableFolder(root, clip);
    if (!tables.has(folder)) tables.set(folder, readCremadTables(folder, { root, corpus: clip.corpus }));
  }
  return tables;
}

/** Names in the remark of a clip that has the same audio as others. */
const namedTwins = 3;

/** Adds a remark to each clip that has the same audio as other clips. */
function addRemarks(clips: readonly Clip[], { identical, conflicting }: DuplicateClips): Clip[] {
  const remarks = new Map<string, string>();
  for (const group of [...identical, ...conflicting]) {
    for (const { path } of group) {
      const others = group.slice(0, namedTwins + 1).filter((other) => other.path !== path);
      const names = others
        .slice(0, namedTwins)
        .map((other) => `${posix.basename(other.path)} (${other.emotion})`);
      const more = group.length - 1 - names.length;
      remarks.set(
        path,
        `same audio as ${names.join(', ')}${more > 0 ? ` and ${countOf(more, 'other')}` : ''}`,
      );
    }
  }
  return clips.map((clip) => {
    const twins = remarks.get(clip.path);
    if (twins === undefined) return clip;
    return { ...clip, remark: clip.remark === undefined ? twins : `${clip.remark}; ${twins}` };
  });
}

/** Sorts the paper's corpora in its order, then the others by name; within a corpus by path. */
function sortClips(clips: readonly Clip[]): Clip[] {
  const place = (corpus: string): number => {
    const index = corpusOrder.indexOf(corpus);
    return index < 0 ? corpusOrder.length : index;
  };
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...groupBy(clips, ({ corpus }) => corpus)]
    .sort(([a], [b]) => place(a) - place(b) || compare(a, b))
    .flatMap(([, own]) => own.sort((a, b) => compare(a.path, b.path)));
}
