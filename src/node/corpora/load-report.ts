import { relative, sep } from 'node:path';
import {
  classesAndSpeakers,
  type Clip,
  corpusNames,
  countOf,
  formatCount,
  groupBy,
  type LeftOut,
  type LeftOutItem,
  leftOutByLabel,
  leftOutOf,
  messageOf,
  printable,
} from '../../core/base';
import { projectRoot } from '../files';
import { compareWithManifest, readManifest } from './committed-files';

/** Clips with the same bytes. */
export interface DuplicateClips {
  /** copies of one clip, as in Kaggle's mirrored folders; the first is kept */
  copies: { kept: Clip; dropped: Clip[] }[];
  /** different clips with the same audio and the same emotion; all are kept */
  identical: Clip[][];
  /** different clips with the same audio and different emotions; all are kept */
  conflicting: Clip[][];
}

/** Number of clips and speakers of a corpus. */
export interface CorpusSummary {
  corpus: string;
  clips: number;
  speakers: number;
  /** comparison with the committed manifest; undefined for the demo and the user's own corpora */
  manifest?: { clips: number; missing: number; altered: string[]; unknown: string[] };
}

/** A file, line, table or folder that was skipped. */
export interface SkippedFile {
  path: string;
  /** table and line, if a table is the reason: `lab/clips.csv, line 5` */
  where?: string;
  reason: string;
  /** undefined if unknown */
  corpus?: string;
  kind: keyof typeof skippedKinds;
  /** if known from the name or the table */
  emotion?: string;
  speaker?: string;
}

/** Kinds of skipped items: heading in the report, and name in `leftOut`. */
const skippedKinds = {
  folder: ['folders that cannot be read', 'unreadable folders'],
  table: ['tables', 'rejected tables'],
  line: ['lines of tables', 'rejected lines of tables'],
  label: ['other labels', leftOutByLabel.other],
  name: ['labels in file names that are not known', 'files with unknown labels in their names'],
  mapped: ['left out by the label map', leftOutByLabel.map],
  file: ['unreadable', 'unreadable files'],
  unlisted: ['not in their table', 'files not in their table'],
} as const;

/** Something that the user should check; nothing was left out. */
export interface Remark {
  text: string;
  corpus?: string;
}

/** The report of `loadCorpora`. */
export interface LoadReport extends DuplicateClips {
  root: string;
  /** why this folder was chosen */
  reason: string;
  synthetic: boolean;
  clips: number;
  corpora: CorpusSummary[];
  /** paths of clips in which every sample is zero */
  silent: string[];
  /** audio files with unknown names, skipped */
  unrecognised: string[];
  /** files, lines of tables, tables and folders that cannot be used, skipped */
  unreadable: SkippedFile[];
  /** everything that was not loaded: the three lists above, counted by class, speaker and reason */
  leftOut: LeftOut[];
  /** names that look alike, values that were ignored, text read in another encoding */
  remarks: Remark[];
}

type Skipped = Pick<LoadReport, 'unreadable' | 'unrecognised' | 'copies'>;

/** Counts everything that was not loaded. The kinds that probably mean lost recordings come first. */
export function leftOutOfCorpora({ unreadable, unrecognised, copies }: Skipped): LeftOut[] {
  const kinds = Object.entries(skippedKinds) as [SkippedFile['kind'], readonly [string, string]][];
  return [
    ...kinds.flatMap(([kind, [, what]]) =>
      leftOutOf(
        what,
        unreadable
          .filter((item) => item.kind === kind)
          .map(({ path, where, reason, emotion, speaker }) => ({
            name: where === undefined ? path : `${path} (${where})`,
            reason,
            emotion,
            speaker,
          })),
      ),
    ),
    ...leftOutOf('files with unknown names', unrecognised.map(unknownItem)),
    ...leftOutOf(
      'byte-identical copies',
      copies.flatMap(({ kept, dropped }) =>
        dropped.map(({ path, emotion, speaker }) => ({
          name: path,
          reason: `it is a copy of "${kept.path}"`,
          emotion,
          speaker,
        })),
      ),
    ),
  ];
}

const unknownItem = (path: string): LeftOutItem => ({
  name: path,
  reason: 'its name is not one of a known corpus, and no clips.csv lists it',
});

/** Formats what was left out for an error message: several lines per kind, with the reasons. */
export function explainLeftOut(leftOut: readonly LeftOut[]): string[] {
  return leftOut.flatMap(({ what, count, reasons, examples }) => [
    `${formatCount(count)} ${what}, for example ${printable(examples[0])}`,
    ...reasons.slice(0, 5).map(({ name, count: times }) => {
      const text = printable(name);
      return `  ${text.length > 400 ? `${text.slice(0, 400)}…` : text}${reasons.length > 1 ? ` (${formatCount(times)})` : ''}`;
    }),
    ...(reasons.length > 5 ? [`  … ${formatCount(reasons.length - 5)} other reasons`] : []),
  ]);
}

/**
 * Groups of names that differ only in letter case, accents, spaces, invisible characters, zeros before numbers, or `.0` after
 * them, as pandas writes whole numbers. They may be one speaker, and are not merged.
 */
export function similarNames(names: Iterable<string>): string[][] {
  const groups = new Map<string, Set<string>>();
  for (const name of names) {
    const key = name
      .normalize('NFKD')
      .replace(/[\p{M}\p{Cf}]/gu, '')
      .replace(/(?<=\d)\.0+(?!\d)/g, '')
      .toLowerCase()
      .replace(/[\s_.-]+/g, ' ')
      .replace(/(?<!\d)0+(?=\d)/g, '')
      .trim();
    groups.set(key, (groups.get(key) ?? new Set()).add(name));
  }
  return [...groups.values()].filter(({ size }) => size > 1).map((group) => [...group].sort());
}

/** Remarks on names of speakers, folds and corpora that look alike. */
export function remarksOnNames(clips: readonly Clip[]): Remark[] {
  const describe = (what: string, names: Iterable<string>, corpus?: string): Remark[] =>
    similarNames(names).map((group) => {
      const shown = group.slice(0, 4).map((name) => `"${name}"`);
      const text = `${what} that look alike count as different: ${shown.join(', ')}; use one spelling if they are the same`;
      return { text, corpus };
    });
  const corpora = groupBy(clips, ({ corpus }) => corpus);
  return [
    ...describe('corpora', corpora.keys()),
    ...[...corpora].flatMap(([corpus, own]) => {
      return [
        ...describe('speakers', new Set(own.flatMap(({ speaker }) => speaker ?? [])), corpus),
        ...describe('folds', new Set(own.flatMap(({ fold }) => fold ?? [])), corpus),
      ];
    }),
  ];
}

/** Counts clips and speakers and compares each corpus with its manifest. */
export function createLoadReport(
  found: Omit<LoadReport, 'clips' | 'corpora' | 'leftOut' | keyof DuplicateClips> & {
    clips: readonly Clip[];
    duplicates: DuplicateClips;
  },
): LoadReport {
  const { clips, duplicates, ...rest } = found;
  const remarks = [...found.remarks, ...remarksOnNames(clips)];
  const corpora = [...groupBy(clips, ({ corpus }) => corpus)].map(([corpus, own]): CorpusSummary => {
    const speakers = new Set(own.flatMap(({ speaker }) => speaker ?? [])).size;
    const original = corpusNames.find((name) => name === corpus);
    if (!original) return { corpus, clips: own.length, speakers };
    let entries;
    try {
      entries = readManifest(original);
    } catch (error) {
      remarks.push({ text: `${corpus} was not compared with its manifest: ${messageOf(error)}`, corpus });
      return { corpus, clips: own.length, speakers };
    }
    const { missing, altered, unknown } = compareWithManifest(own, entries);
    return {
      corpus,
      clips: own.length,
      speakers,
      manifest: {
        clips: entries.length,
        missing: missing.length,
        altered: altered.map(({ path }) => path),
        unknown,
      },
    };
  });
  const leftOut = leftOutOfCorpora({ ...found, ...duplicates });
  return { ...rest, ...duplicates, clips: clips.length, corpora, leftOut, remarks };
}

/** The data of a figure or table: `synthetic demo, 820 clips`, or the names of the corpora and the number of clips. */
export function describeSource({ synthetic, clips, corpora }: LoadReport): string {
  const count = countOf(clips, 'clip');
  if (synthetic) return `synthetic demo, ${count}`;
  const isSample = corpora.some(({ manifest }) => manifest && manifest.missing > 0);
  return `${corpora.map(({ corpus }) => corpus).join(', ')}${isSample ? ' (sample)' : ''}, ${count}`;
}

/**
 * Formats the report as text: the corpora, the skipped files with reasons, and remarks on the loaded clips.
 *
 * @example
 * ```ts
 * console.log(formatLoadReport((await loadCorpora()).report));
 * ```
 */
export function formatLoadReport(report: LoadReport): string {
  const { copies, identical, conflicting, silent, unrecognised, unreadable } = report;
  const lines = [
    report.synthetic
      ? `synthetic demo: ${report.clips} clips spoken by a synthesiser, not by people (${shownFolder(report.root)}; ${report.reason})`
      : `${countOf(report.clips, 'clip')} in ${shownFolder(report.root)} (${report.reason})`,
    ...report.corpora.map((found) => `  ${describeCorpus(found)}`),
  ];
  const add = (what: string, examples: readonly string[]): void => {
    if (examples.length === 0) return;
    const more = examples.length > 3 ? `, … ${formatCount(examples.length - 3)} more` : '';
    lines.push(`  ${what} (${formatCount(examples.length)}): ${examples.slice(0, 3).join(', ')}${more}`);
  };
  const names = (clips: readonly Clip[]): string => clips.map((clip) => fileName(clip.path)).join(' = ');
  const dropped = copies.flatMap((group) => group.dropped.map(({ path }) => path));
  add('skipped, byte-identical copies', dropped);
  add('skipped, unknown file name', unrecognised);
  for (const [kind, [title, what]] of Object.entries(skippedKinds)) {
    const items = unreadable.filter((item) => item.kind === kind);
    add(
      `skipped, ${title}`,
      differentFirst(items).map(({ path, where, reason }) =>
        [path, where, reason].filter(Boolean).join(': '),
      ),
    );
    const counted = report.leftOut.find((one) => one.what === what);
    if (counted && counted.classes.length > 0)
      lines.push(`    of these ${classesAndSpeakers(counted).join('; ')}`);
  }
  add('silent', silent);
  add('same audio under two names', identical.map(names));
  add(
    'same audio under two emotions',
    conflicting.map((clips) => `${names(clips)} (${clips.map(({ emotion }) => emotion).join(' and ')})`),
  );
  const { remarks } = report;
  lines.push(...remarks.slice(0, maxRemarks).map(({ text }) => `  remark: ${text}`));
  if (remarks.length > maxRemarks) {
    lines.push(`  … ${formatCount(remarks.length - maxRemarks)} more remarks`);
  }
  return lines.map(printable).join('\n');
}

const maxRemarks = 10;

/** The first item of each reason, then the others, so that the first examples show different reasons. */
function differentFirst(items: readonly SkippedFile[]): SkippedFile[] {
  const seen = new Set<string>();
  const others: SkippedFile[] = [];
  const firsts = items.filter((item) => {
    const key = item.reason.replace(/"[^"]*"|\d+/g, '#');
    if (!seen.has(key)) return seen.add(key);
    others.push(item);
    return false;
  });
  return [...firsts, ...others];
}

function describeCorpus({ corpus, clips, speakers, manifest }: CorpusSummary): string {
  const text = `${corpus}: ${countOf(clips, 'clip')}, ${countOf(speakers, 'speaker')}`;
  if (!manifest) return text;
  const intact = clips - manifest.altered.length - manifest.unknown.length;
  const state =
    manifest.missing === 0 && intact === manifest.clips
      ? 'complete, every file as published'
      : `a sample, ${formatCount(intact)} of ${formatCount(manifest.clips)} as published`;
  const altered =
    manifest.altered.length > 0 ? `, ${manifest.altered.length} altered (${manifest.altered[0]} …)` : '';
  const unknown = manifest.unknown.length > 0 ? `, ${manifest.unknown.length} not in its manifest` : '';
  return `${text}; ${state}${altered}${unknown}`;
}

const fileName = (path: string): string => path.replace(/^.*\//, '');

/** The folder relative to the project: reports are published in notebooks and must not contain paths of the machine. */
function shownFolder(root: string): string {
  const path = relative(projectRoot, root).split(sep).join('/');
  return path.startsWith('../') ? `…/${fileName(path)}` : path || '.';
}
