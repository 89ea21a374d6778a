import { relative, sep } from 'node:path';
import { type Clip, corpusNames, formatCount, type LeftOut } from '../../core/base';
import { projectRoot } from '../files';
import { compareWithManifest, readManifest } from './manifest';

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

/** A file or line that was skipped. */
export interface SkippedFile {
  path: string;
  reason: string;
  corpus: string;
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
  /** files that cannot be read, skipped */
  unreadable: SkippedFile[];
  /** files and lines that were not loaded, counted by class, speaker and reason */
  leftOut: LeftOut[];
}

/** Counts clips and speakers and compares each corpus with its manifest. */
export function createLoadReport(
  found: Omit<LoadReport, 'clips' | 'corpora' | 'leftOut' | keyof DuplicateClips> & {
    clips: readonly Clip[];
    duplicates: DuplicateClips;
  },
): LoadReport {
  const { clips, duplicates, ...rest } = found;
  const names = [...new Set(clips.map((clip) => clip.corpus))];
  const corpora = names.map((corpus): CorpusSummary => {
    const own = clips.filter((clip) => clip.corpus === corpus);
    const speakers = new Set(own.flatMap(({ speaker }) => speaker ?? [])).size;
    const original = corpusNames.find((name) => name === corpus);
    if (!original) return { corpus, clips: own.length, speakers };
    const entries = readManifest(original);
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
  return { ...rest, ...duplicates, clips: clips.length, corpora, leftOut: [] };
}

/** The data of a figure or table: `synthetic demo, 820 clips`, or the names of the corpora and the number of clips. */
export function describeSource({ synthetic, clips, corpora }: LoadReport): string {
  const count = `${formatCount(clips)} clips`;
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
      : `${formatCount(report.clips)} clips in ${shownFolder(report.root)} (${report.reason})`,
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
  add(
    'skipped, unreadable',
    unreadable.map(({ path, reason }) => `${path}: ${reason}`),
  );
  add('silent', silent);
  add('same audio under two names', identical.map(names));
  add(
    'same audio under two emotions',
    conflicting.map((clips) => `${names(clips)} (${clips.map(({ emotion }) => emotion).join(' and ')})`),
  );
  return lines.join('\n');
}

function describeCorpus({ corpus, clips, speakers, manifest }: CorpusSummary): string {
  const text = `${corpus}: ${formatCount(clips)} clips, ${speakers} speakers`;
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
