import { isDeepStrictEqual } from 'node:util';
import {
  type Clip,
  corpusNames,
  demoName,
  isCorpus,
  emotions,
  emotionWords,
  groupBy,
  InvalidArgumentError,
  isStandardEmotion,
  nearestName,
  WorkbenchError,
} from '../../core/base';
import { type ClassOf, type LabelMap, labelMapper } from '../../core/dataset';
import {
  type CorpusSummary,
  describeSource,
  explainLeftOut,
  leftOutOfCorpora,
  type LoadReport,
  type SkippedFile,
} from './load-report';

/** The clips of a data folder, with a report on how they were loaded. */
export interface Corpora {
  root: string;
  /** with a class; sorted by corpus and path */
  clips: Clip[];
  /** all clips with a label, before a label map: `emotion` is one of the seven, or another label in lower case */
  labelled: readonly Clip[];
  /** the label maps in the folders of the user's own corpora, by corpus */
  ownLabels: LabelMap;
  /** the label map that was applied, see `withLabels`; by default those in the folders */
  labels?: LabelMap;
  report: LoadReport;
  /** the data's name in titles: the corpora and the number of clips, or "synthetic demo" */
  source: string;
  /** the clips are synthetic speech */
  synthetic: boolean;
  /** path of a clip's file */
  fileOf(clip: Pick<Clip, 'path'>): string;
}

/** The options of an experiment that select and label clips. */
export interface ChosenData {
  /** corpora by name */
  corpora: readonly string[] | 'all';
  /** null: as loaded */
  labels?: LabelMap | null;
}

/**
 * The corpora of an experiment with its classes: {@link withLabels} and {@link chooseCorpora}.
 *
 * @throws {@link InvalidArgumentError} as these do
 */
export function corporaFor(corpora: Corpora, { corpora: names, labels = null }: ChosenData): Corpora {
  // The map may also have rules for corpora that are not chosen.
  return chooseCorpora(labels === null ? corpora : withLabels(corpora, labels), names);
}

/**
 * Selects some of the loaded corpora; report and source are restricted to them. Files with unknown names and unreadable folders stay
 * in the report, because their corpus is not known.
 *
 * @param names - names of corpora, or `all`; the name of an original also selects its synthetic demo, so that one config runs on
 *   both
 * @returns the selected corpora; the argument is not changed
 * @throws {@link InvalidArgumentError} if a corpus was not loaded
 * @example
 * ```ts
 * const actors = chooseCorpora(await loadCorpora(), ['RAVDESS', 'SAVEE']);
 * ```
 */
export function chooseCorpora(corpora: Corpora, names: readonly string[] | 'all'): Corpora {
  if (names === 'all') return corpora;
  const present = [...new Set(corpora.clips.map(({ corpus }) => corpus))];
  for (const name of names) {
    if (!present.some((corpus) => isCorpus(corpus, name))) {
      const lost = corpora.report.unreadable.filter(({ corpus }) => corpus === name);
      const leftOut = explainLeftOut(leftOutOfCorpora({ unreadable: lost, unrecognised: [], copies: [] }));
      // The name of an original corpus also selects its demo version.
      const originals = corpusNames.filter((original) => present.includes(demoName(original)));
      const nearest = nearestName(name, ['all', ...present, ...originals]);
      const remedy =
        leftOut.length > 0
          ? `all clips of ${name} were left out:\n  ${leftOut.join('\n  ')}`
          : nearest && `did you mean ${nearest}?`;
      throw new InvalidArgumentError('corpora', `all, or some of ${present.join(', ')}`, name, remedy);
    }
  }
  const isChosen = ({ corpus }: { corpus: string }): boolean => names.some((name) => isCorpus(corpus, name));
  const clips = corpora.clips.filter(isChosen);
  const labelled = corpora.labelled.filter(isChosen);
  const chosenPaths = new Set(clips.map(({ path }) => path));
  const { report: all } = corpora;
  const mayBeChosen = ({ corpus }: { corpus?: string }): boolean =>
    corpus === undefined || isChosen({ corpus });
  const skipped = {
    copies: all.copies.filter(({ kept }) => isChosen(kept)),
    unreadable: all.unreadable.filter(mayBeChosen),
    unrecognised: all.unrecognised,
  };
  const report = {
    ...all,
    ...skipped,
    clips: clips.length,
    corpora: all.corpora.filter(isChosen),
    identical: all.identical.filter((group) => group.some(isChosen)),
    conflicting: all.conflicting.filter((group) => group.some(isChosen)),
    silent: all.silent.filter((path) => chosenPaths.has(path)),
    leftOut: leftOutOfCorpora(skipped),
    remarks: all.remarks.filter(mayBeChosen),
  };
  return { ...corpora, clips, labelled, report, source: describeSource(report) };
}

/**
 * Gives clips other classes than the seven emotions: maps, merges, keeps or leaves out labels, also those that are left out by default.
 * Votes of listeners are mapped, too.
 *
 * @param labels - classes by corpus and label; labels that it does not mention keep their default, or the class that the `labels.json` of
 *   their folder gives them
 * @returns the clips with their new classes; the argument is not changed. The report counts the clips that are left out
 * @throws {@link InvalidArgumentError} if a rule is invalid or names a corpus that was not loaded
 * @throws {@link WorkbenchError} if no clip remains, with the reasons
 * @example
 * ```ts
 * const eight = withLabels(corpora, { RAVDESS: { calm: 'calm' } }); // the eight classes of RAVDESS
 * const valence = withLabels(corpora, { '*': { happy: 'positive', angry: 'negative', sad: 'negative', '*': null } });
 * ```
 */
export function withLabels(corpora: Corpora, labels: LabelMap): Corpora {
  if (corpora.labels !== undefined && isDeepStrictEqual(corpora.labels, labels)) return corpora;
  requireLoaded(corpora, labels);
  const own = labelMapper(corpora.ownLabels);
  const configured = labelMapper(labels);
  const classOf: ClassOf = (clip) => {
    const byRule = [configured(clip), own(clip)].find((name) => name !== undefined);
    return byRule === undefined && isStandardEmotion(clip.emotion) ? clip.emotion : byRule;
  };
  // Listeners voted for emotions; the map may name them by the corpus's own labels.
  const labelOf = new Map<string, string>();
  const voted = new Set(corpora.labelled.flatMap(({ corpus, votes }) => (votes ? [corpus] : [])));
  for (const { corpus, emotion, label } of corpora.labelled)
    if (voted.has(corpus)) labelOf.set(`${corpus}\n${emotion}`, label);
  const classOfVote = (corpus: string, emotion: string) =>
    classOf({ corpus, emotion, label: labelOf.get(`${corpus}\n${emotion}`) ?? emotion });
  const left: SkippedFile[] = [];
  const reasons = new Map<string, string>();
  const reasonOf = (corpus: string, label: string): string => {
    const key = `${corpus}\n${label}`;
    const reason = reasons.get(key) ?? otherLabel(corpus, label);
    reasons.set(key, reason);
    return reason;
  };
  const clips = corpora.labelled.flatMap((clip) => {
    const emotion = classOf(clip);
    if (emotion === clip.emotion && !clip.votes) return clip;
    if (typeof emotion === 'string') return { ...clip, emotion, ...mappedVotes(clip, classOfVote) };
    const { path, corpus, label, speaker } = clip;
    left.push(
      emotion === null
        ? {
            path,
            reason: `a rule for "${clip.emotion}" is null`,
            corpus,
            kind: 'mapped',
            emotion: clip.emotion,
            speaker,
          }
        : { path, reason: reasonOf(corpus, label), corpus, kind: 'label', emotion: clip.emotion, speaker },
    );
    return [];
  });
  const unreadable = [
    ...corpora.report.unreadable.filter(({ kind }) => kind !== 'label' && kind !== 'mapped'),
    ...left,
  ];
  const byCorpus = groupBy(clips, ({ corpus }) => corpus);
  const report: LoadReport = {
    ...corpora.report,
    clips: clips.length,
    corpora: corpora.report.corpora.map((summary) => counted(summary, byCorpus.get(summary.corpus) ?? [])),
    unreadable,
    leftOut: leftOutOfCorpora({ ...corpora.report, unreadable }),
  };
  if (clips.length === 0)
    throw new WorkbenchError(
      [
        `${corpora.root}: no clip has a class; see data/README.md for label maps`,
        ...explainLeftOut(report.leftOut).map((line) => `  ${line}`),
      ].join('\n'),
    );
  const source = describeSource(report);
  return { ...corpora, clips, report, source, ...(Object.keys(labels).length > 0 && { labels }) };
}

/** @throws {@link InvalidArgumentError} if a map names a corpus that was not loaded */
function requireLoaded({ labelled }: Corpora, labels: LabelMap): void {
  const present = [...new Set(labelled.map(({ corpus }) => corpus))];
  for (const name of Object.keys(labels)) {
    const isKnown = [name, demoName(name)].some((one) =>
      present.some((corpus) => corpus.toLowerCase() === one.toLowerCase()),
    );
    if (isKnown || name === '*' || (corpusNames as readonly string[]).includes(name)) continue;
    const nearest = nearestName(name, [...present, ...corpusNames]);
    throw new InvalidArgumentError(
      'labels',
      `a map whose keys are * or corpora (${present.join(', ')})`,
      name,
      nearest && `did you mean ${nearest}?`,
    );
  }
}

/** Votes by class. Votes for emotions without a class are not counted. */
function mappedVotes(
  { corpus, votes }: Clip,
  classOfVote: (corpus: string, emotion: string) => string | null | undefined,
): Pick<Clip, 'votes'> {
  if (!votes) return {};
  const winners = new Set(votes.emotions.flatMap((emotion) => classOfVote(corpus, emotion) ?? []));
  const counts: Record<string, number> = {};
  for (const [emotion, count = 0] of Object.entries(votes.counts ?? {})) {
    const name = classOfVote(corpus, emotion);
    if (typeof name === 'string') counts[name] = (counts[name] ?? 0) + count;
  }
  return { votes: { ...votes, emotions: [...winners], ...(votes.counts && { counts }) } };
}

function otherLabel(corpus: string, label: string): string {
  const nearest = nearestName(label, emotionWords);
  const word = label.toLowerCase();
  const remedy = JSON.stringify({ [corpus]: { [word]: word } });
  return (
    `its label "${label}" is none of ${emotions.join(', ')}; ` +
    (nearest ? `did you mean "${nearest}"? To` : 'to') +
    ` keep it: --set 'labels=${remedy}'`
  );
}

function counted(summary: CorpusSummary, own: readonly Clip[]): CorpusSummary {
  const speakers = new Set(own.flatMap(({ speaker }) => speaker ?? [])).size;
  return { ...summary, clips: own.length, speakers };
}
