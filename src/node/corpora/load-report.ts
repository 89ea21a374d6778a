import { relative, sep } from 'node:path';
import { type Clip, corpusNames } from '../../core/base';
import { projectRoot } from '../files';
import type { Doubles } from './find-doubles';
import { compareWithManifest, readManifest } from './manifest';

/** One corpus as it was found. */
export interface CorpusFound {
  corpus: string;
  clips: number;
  speakers: number;
  /** against the committed manifest of the original; undefined for a demo or a user's own corpus */
  manifest?: { clips: number; missing: number; altered: string[]; unknown: string[] };
}

/** A file or line that cannot be used. */
export interface LeftOut {
  path: string;
  reason: string;
  corpus: string;
}

/** What loading the corpora found. */
export interface LoadReport extends Doubles {
  root: string;
  /** what chose the folder */
  why: string;
  synthetic: boolean;
  clips: number;
  corpora: CorpusFound[];
  /** paths of clips without a sound */
  silent: string[];
  /** audio files whose names say nothing that is understood; they are left out */
  notUnderstood: string[];
  /** files that are left out because they cannot be read */
  unreadable: LeftOut[];
}

/** Puts a report together. @see {@link formatLoadReport} */
export function reportOf(
  found: Omit<LoadReport, 'clips' | 'corpora' | keyof Doubles> & { clips: readonly Clip[]; doubles: Doubles },
): LoadReport {
  const { clips, doubles, ...rest } = found;
  const names = [...new Set(clips.map((clip) => clip.corpus))];
  const corpora = names.map((corpus): CorpusFound => {
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
  return { ...rest, ...doubles, clips: clips.length, corpora };
}

/** Which data a figure or table shows: "synthetic demo, 820 clips", or the corpora and how many clips of them. */
export function describeSource({ synthetic, clips, corpora }: LoadReport): string {
  const count = `${clips.toLocaleString('en')} clips`;
  if (synthetic) return `synthetic demo, ${count}`;
  const sample = corpora.some(({ manifest }) => manifest && manifest.missing > 0);
  return `${corpora.map(({ corpus }) => corpus).join(', ')}${sample ? ' (sample)' : ''}, ${count}`;
}

/** The report as a few lines of text: what there is, what was left out and why, what to know about what is kept. */
export function formatLoadReport(report: LoadReport): string {
  const { copies, identical, conflicting, silent, notUnderstood, unreadable } = report;
  const lines = [
    report.synthetic
      ? `synthetic demo: ${report.clips} clips spoken by a synthesiser, not by people (${shown(report.root)}; ${report.why})`
      : `${report.clips.toLocaleString('en')} clips in ${shown(report.root)} (${report.why})`,
    ...report.corpora.map((found) => `  ${describeCorpus(found)}`),
  ];
  const add = (what: string, examples: readonly string[]): void => {
    if (examples.length === 0) return;
    const more = examples.length > 3 ? `, … ${(examples.length - 3).toLocaleString('en')} more` : '';
    lines.push(
      `  ${what} (${examples.length.toLocaleString('en')}): ${examples.slice(0, 3).join(', ')}${more}`,
    );
  };
  const names = (clips: readonly Clip[]): string => clips.map((clip) => fileName(clip.path)).join(' = ');
  const dropped = copies.flatMap((group) => group.dropped.map(({ path }) => path));
  add('left out, byte-identical copies', dropped);
  add('left out, name not understood', notUnderstood);
  add(
    'left out, not readable',
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

function describeCorpus({ corpus, clips, speakers, manifest }: CorpusFound): string {
  const text = `${corpus}: ${clips.toLocaleString('en')} clips, ${speakers} speakers`;
  if (!manifest) return text;
  const good = clips - manifest.altered.length - manifest.unknown.length;
  const known =
    manifest.missing === 0 && good === manifest.clips
      ? 'complete, every file as published'
      : `a sample, ${good.toLocaleString('en')} of ${manifest.clips.toLocaleString('en')} as published`;
  const altered =
    manifest.altered.length > 0 ? `, ${manifest.altered.length} altered (${manifest.altered[0]} …)` : '';
  const unknown = manifest.unknown.length > 0 ? `, ${manifest.unknown.length} not in its manifest` : '';
  return `${text}; ${known}${altered}${unknown}`;
}

const fileName = (path: string): string => path.replace(/^.*\//, '');

/** A folder without the machine's own paths, since reports end up in published notebooks. */
function shown(root: string): string {
  const path = relative(projectRoot, root).split(sep).join('/');
  return path.startsWith('../') ? `…/${fileName(path)}` : path || '.';
}
