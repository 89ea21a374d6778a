import {
  type Clip,
  firstOf,
  formatCount,
  type LeftOut,
  type LeftOutItem,
  leftOutByLabel,
  leftOutOf,
  lostClasses,
  printable,
} from '../base';
import type { FeatureSet } from '../features';
import { type AuditFinding, withNames } from './audit-finding';
import type { Split } from './splits';

type LabelledClip = Pick<Clip, 'corpus' | 'emotion' | 'speaker'>;

/**
 * Clips that no split uses for training, validation or testing.
 *
 * @param splits - those that are trained, for example a single fold
 * @param why - reason, for the report
 */
export function unassignedClips(
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  splits: readonly Split[],
  why: string,
): { kept: Clip[]; leftOut: LeftOut[] } {
  const used = new Set<number>();
  for (const { train, validation, test } of splits) {
    for (const rows of [train, validation, test])
      for (const row of rows) used.add(Math.floor(row / versions.length));
  }
  const items = clips.flatMap(({ path, emotion, speaker }, i): LeftOutItem[] =>
    used.has(i) ? [] : [{ name: path, reason: why, emotion, speaker }],
  );
  return {
    kept: clips.filter((_, i) => used.has(i)),
    leftOut: leftOutOf('clips in no part of the splits', items),
  };
}

/**
 * Warnings about classes, speakers and corpora without any remaining clip.
 *
 * @param leftOut - of all steps
 * @param kept - the remaining clips
 * @param loaded - clips before features were extracted; without them, a class that a single corpus has lost is not found
 */
export function lossWarnings(
  leftOut: readonly LeftOut[],
  kept: readonly LabelledClip[],
  loaded: readonly LabelledClip[] = [],
): string[] {
  const intended: readonly string[] = Object.values(leftOutByLabel);
  const unintended = leftOut.filter(({ what }) => !intended.includes(what));
  const [speakers, corpora] = [new Set<string>(), new Set<string>()];
  const classes = new Set<string>();
  const classesOfCorpus = new Map<string, Set<string>>();
  for (const { speaker, corpus, emotion } of kept) {
    if (speaker !== undefined) speakers.add(speaker);
    corpora.add(corpus);
    classes.add(emotion);
    classesOfCorpus.set(corpus, (classesOfCorpus.get(corpus) ?? new Set()).add(emotion));
  }
  const lost = new Set([
    ...lostClasses(unintended, kept),
    ...loaded.flatMap(({ emotion }) => (classes.has(emotion) ? [] : [emotion])),
  ]);
  const lostSpeakers = new Set([
    ...unintended.flatMap((entry) => entry.speakers.map(({ name }) => name)),
    ...loaded.flatMap(({ speaker }) => speaker ?? []),
  ]);
  for (const name of speakers) lostSpeakers.delete(name);
  const lostCorpora = new Set(loaded.flatMap(({ corpus }) => (corpora.has(corpus) ? [] : [corpus])));
  const lostInCorpus = new Set(
    loaded.flatMap(({ corpus, emotion }) =>
      corpora.has(corpus) && classes.has(emotion) && !classesOfCorpus.get(corpus)!.has(emotion)
        ? [`${emotion} of ${corpus}`]
        : [],
    ),
  );
  return [
    ...lossLine('class', 'classes', lost),
    ...lossLine('class of a corpus', 'classes of a corpus', lostInCorpus),
    ...lossLine('corpus', 'corpora', lostCorpora),
    ...lossLine('speaker', 'speakers', lostSpeakers),
    ...(classes.size === 1
      ? [`all remaining clips are ${[...classes][0]}: with one class, every prediction is correct`]
      : []),
  ];
}

function lossLine(one: string, many: string, names: ReadonlySet<string>): string[] {
  if (names.size === 0) return [];
  const what = names.size === 1 ? `1 ${one} has` : `${formatCount(names.size)} ${many} have`;
  return [`${what} no clips left: ${listOf([...names])}`];
}

/** Classes of a split that are not in all of its parts, in order of occurrence. */
interface ClassCoverage {
  trained: string[];
  tested: string[];
  /** tested but not trained on */
  untrained: string[];
  /** trained on but not tested */
  untested: string[];
  /** trained on but not in validation; empty if there is no validation */
  unvalidated: string[];
}

/** Compares the classes of the training, validation and test clips. */
function classCoverage(
  clips: readonly Pick<Clip, 'emotion'>[],
  parts: Record<'train' | 'validation' | 'test', ReadonlySet<number>>,
): ClassCoverage {
  const classesOf = (indices: ReadonlySet<number>): string[] => [
    ...new Set(Array.from(indices, (i): string => clips[i].emotion)),
  ];
  const [trained, tested, validated] = [parts.train, parts.test, parts.validation].map(classesOf);
  return {
    trained,
    tested,
    untrained: tested.filter((name) => !trained.includes(name)),
    untested: trained.filter((name) => !tested.includes(name)),
    unvalidated: validated.length === 0 ? [] : trained.filter((name) => !validated.includes(name)),
  };
}

/** Names of the checks of {@link coverageFindings}. */
type CoverageCheck = 'untrained' | 'untested' | 'unvalidated';

/** The classes that are not in all parts of a split, as findings of an audit. */
export function coverageFindings(
  clips: readonly Pick<Clip, 'emotion'>[],
  parts: Record<'train' | 'validation' | 'test', ReadonlySet<number>>,
): Record<CoverageCheck, AuditFinding> {
  const { trained, tested, untrained, untested, unvalidated } = classCoverage(clips, parts);
  const finding = (found: readonly string[], checked: readonly string[], unit: string): AuditFinding => {
    const verdict = found.length > 0 ? 'warning' : 'ok';
    const counts = { count: found.length, of: checked.length };
    return withNames({ ...counts, unit, verdict, examples: [...found] }, found, checked);
  };
  return {
    untrained: finding(untrained, tested, 'test classes'),
    untested: finding(untested, trained, 'training classes'),
    unvalidated:
      parts.validation.size > 0
        ? finding(unvalidated, trained, 'training classes')
        : finding([], [], 'validation clips'),
  };
}

/** The part of an audit that {@link coverageWarnings} reads. */
interface CoveredSplit {
  split: string;
  findings: Record<CoverageCheck, { examples: readonly string[] }>;
}

/**
 * Warnings about classes that are not in all parts of a split, and their effect on the scores.
 *
 * @param audits - of all splits
 */
export function coverageWarnings(audits: readonly CoveredSplit[]): string[] {
  const listed = (check: CoverageCheck): string => {
    const splitsOf = new Map<string, string[]>();
    for (const { split, findings } of audits) {
      for (const name of findings[check].examples) splitsOf.set(name, [...(splitsOf.get(name) ?? []), split]);
    }
    return [...splitsOf]
      .map(([name, splits]) => `${printable(name)}${placeOf(splits, audits.length)}`)
      .join(', ');
  };
  const effects: Record<CoverageCheck, [check: string, effect: string]> = {
    untrained: [
      'tested but not trained on',
      'such clips cannot be recognised, and UAR counts the class with a recall near 0',
    ],
    untested: ['trained on but not tested', 'UAR is the mean over the tested classes only'],
    unvalidated: ['trained on but not in validation', 'validation scores are computed without it'],
  };
  return (Object.keys(effects) as CoverageCheck[]).flatMap((check) => {
    const [classes, [what, effect]] = [listed(check), effects[check]];
    return classes === '' ? [] : [`${what}: ${classes}; ${effect}`];
  });
}

function placeOf(splits: readonly string[], of: number): string {
  if (of === 1) return '';
  if (splits.length === of) return ' (in all splits)';
  return splits.length <= 2
    ? ` (in ${splits.map(printable).join(' and ')})`
    : ` (in ${formatCount(splits.length)} of ${formatCount(of)} splits)`;
}

/** The first seven names of a list. */
export const listOf = (names: readonly string[]): string => firstOf(names.map(printable), 7);
