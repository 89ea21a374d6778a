import {
  type Clip,
  countOf,
  firstOf,
  formatCount,
  formatPercent,
  groupBy,
  isRecord,
  printable,
  textTable,
  WorkbenchError,
} from '../base';
import { type AuditFinding, findingOf } from './audit-finding';
import { sentenceOf } from './labels';
import type { ScoreProtocol } from './protocols';

/** What a saved model was fitted to (training and validation clips), by corpus. It contains no file names. */
export interface TrainingRecord {
  corpora: {
    name: string;
    /** the first 16 hex digits of the SHA-256 of each clip, concatenated */
    clips: string;
    speakers: string[];
    /** with the corpus, see `sentenceOf` */
    sentences: string[];
  }[];
}

/** Digits of a SHA-256 that identify a clip: two of 10 million clips agree with a probability of 3e-6. */
const digits = 16;

/** Describes the training and validation clips of a model. */
export function trainingRecordOf(
  clips: readonly Pick<Clip, 'corpus' | 'sha256' | 'speaker' | 'sentence'>[],
): TrainingRecord {
  const distinct = (values: Iterable<string | undefined>): string[] =>
    [...new Set(values)].flatMap((value) => value ?? []).sort();
  return {
    corpora: [...groupBy(clips, ({ corpus }) => corpus)].map(([name, own]) => ({
      name,
      clips: distinct(own.map(({ sha256 }) => sha256.slice(0, digits))).join(''),
      speakers: distinct(own.map(({ speaker }) => speaker)),
      sentences: distinct(own.map(sentenceOf)),
    })),
  };
}

/** @throws {@link WorkbenchError} if it is not a {@link TrainingRecord} */
export function checkedTrainingRecord(json: unknown): TrainingRecord {
  const isTexts = (value: unknown): boolean =>
    Array.isArray(value) && value.every((item) => typeof item === 'string' && item.length <= 1000);
  const isValid =
    isRecord(json) &&
    Array.isArray(json.corpora) &&
    json.corpora.every(
      (one: unknown) =>
        isRecord(one) &&
        typeof one.name === 'string' &&
        typeof one.clips === 'string' &&
        one.clips.length % digits === 0 &&
        /^[0-9a-f]*$/.test(one.clips) &&
        isTexts(one.speakers) &&
        isTexts(one.sentences),
    );
  if (!isValid)
    throw new WorkbenchError(
      `corpora must be a list of objects with name, clips (${digits} hex digits each), speakers and sentences`,
    );
  return json as unknown as TrainingRecord;
}

/** Training data to compare test clips with. What is not known is undefined. */
export interface TrainingData {
  /** how it is known, for the report */
  source: string;
  /** number of training clips */
  count?: number;
  /** whether a clip is one of them, by path or bytes; undefined if it cannot be compared */
  hasClip?: (clip: Clip) => boolean | undefined;
  speakers?: ReadonlySet<string>;
  /** as {@link TrainingDataOptions.sentenceOf} returns them */
  sentences?: ReadonlySet<string>;
  notes?: readonly string[];
}

/** The training data of a record. */
export function trainingDataOf({ corpora }: TrainingRecord, source: string): TrainingData {
  const hashes = new Set(corpora.flatMap(({ clips }) => clips.match(/.{16}/g) ?? []));
  return {
    source,
    count: hashes.size,
    hasClip: ({ sha256 }) => (sha256 === '' ? undefined : hashes.has(sha256.slice(0, digits))),
    speakers: new Set(corpora.flatMap(({ speakers }) => speakers)),
    sentences: new Set(corpora.flatMap(({ sentences }) => sentences)),
  };
}

/** What the training data and the test clips have in common. */
export interface TrainingAudit {
  protocol: ScoreProtocol;
  /** how the training data is known */
  source: string;
  /** number of test clips */
  clips: number;
  /**
   * - `clips`: test clips with the path or the bytes of a training clip
   * - `nearDuplicates`: other test clips with nearly the same audio as a training clip
   * - `speakers`: test speakers that also occur in training, or that have one of these clips
   * - `sentences`: test sentences that also occur in training
   */
  findings: Record<'clips' | 'nearDuplicates' | 'speakers' | 'sentences', AuditFinding>;
  /** paths of the test clips that were trained on, near duplicates included */
  trainedClips: string[];
  /** speakers in training and test */
  sharedSpeakers: string[];
  notes: string[];
  /** whether test clips were trained on */
  isLeaky: boolean;
}

/** An audit, and the rows that it concerns. */
export interface TrainingOverlap {
  audit: TrainingAudit;
  /** rows of clips that were not trained on */
  withoutClips: number[];
  /** of these, rows of speakers that were not trained on, without rows of unknown speakers; undefined if training speakers are unknown */
  withoutSpeakers?: number[];
}

/** Options of {@link auditTraining}. */
export interface TrainingDataOptions {
  protocol: ScoreProtocol;
  /** the training data of each row; the same for all rows if it is one object. Rows of undefined cannot be compared */
  training: TrainingData | ((row: number) => TrainingData | undefined);
  /** path of a training clip of the row with nearly the same audio, if there is one; without this function: not searched for */
  nearDuplicateOf?: (row: number) => string | undefined;
  /** remark on the search for near duplicates */
  remark?: string;
  speakerOf?: (clip: Clip) => string | undefined;
  sentenceOf?: (clip: Clip) => string | undefined;
}

/**
 * Compares test clips with the data that a model was trained on.
 *
 * @param clips - one per row
 */
export function auditTraining(
  clips: readonly Clip[],
  {
    protocol,
    training,
    nearDuplicateOf,
    remark,
    speakerOf = ({ speaker }) => speaker,
    sentenceOf: nameSentence = sentenceOf,
  }: TrainingDataOptions,
): TrainingOverlap {
  const dataOf = typeof training === 'function' ? training : () => training;
  const trained = new Set<string>();
  const near = new Map<string, string>();
  const [compared, known] = [new Set<string>(), new Set<string>()];
  const testSpeakers = new Set<string>();
  // The training data of each fold has its own speakers.
  const sharedSpeakers = new Map<TrainingData, Set<string>>();
  const [testSentences, sharedSentences] = [new Set<string>(), new Set<string>()];
  const withoutClips: number[] = [];
  let hasSpeakers = false;
  let hasSentences = false;
  const sources = new Set<string>();
  const notes = new Set<string>();
  for (const [row, clip] of clips.entries()) {
    const data = dataOf(row);
    const { path } = clip;
    known.add(path);
    if (data) sources.add(data.source);
    for (const note of data?.notes ?? []) notes.add(note);
    const isTrained = data?.hasClip?.(clip);
    if (isTrained !== undefined) compared.add(path);
    if (isTrained) trained.add(path);
    const original = nearDuplicateOf?.(row);
    if (original !== undefined && !isTrained) near.set(path, original);
    const speaker = speakerOf(clip);
    if (data && speaker !== undefined) {
      if (data.speakers) hasSpeakers = true;
      testSpeakers.add(speaker);
      const own = sharedSpeakers.get(data) ?? new Set();
      sharedSpeakers.set(data, own);
      // Whoever speaks in a training clip is a training speaker, under any name.
      if (isTrained || original !== undefined || data.speakers?.has(speaker)) own.add(speaker);
    }
    const sentence = nameSentence(clip);
    if (data?.sentences && sentence !== undefined) {
      hasSentences = true;
      testSentences.add(sentence);
      if (data.sentences.has(sentence)) sharedSentences.add(sentence);
    }
    if (!isTrained && original === undefined) withoutClips.push(row);
  }
  const withoutSpeakers = withoutClips.filter((row) => {
    const [data, speaker] = [dataOf(row), speakerOf(clips[row])];
    return data !== undefined && speaker !== undefined && !sharedSpeakers.get(data)?.has(speaker);
  });
  const speakersFound = new Set([...sharedSpeakers.values()].flatMap((names) => [...names]));
  const nearFound = [...near].map(([path, original]) => `${path} ≈ ${original}`);
  const missed = known.size - compared.size;
  const shared = (found: ReadonlySet<string>, of: ReadonlySet<string>, unit: string, isKnown: boolean) => {
    const finding = findingOf([...found].sort(), of.size, unit);
    if (!isKnown && found.size === 0) return { ...finding, verdict: 'not checked' as const };
    return found.size > 0 ? { ...finding, verdict: 'warning' as const } : finding;
  };
  const clipFinding = findingOf([...trained], compared.size, 'test clips');
  const audit: TrainingAudit = {
    protocol,
    source: [...sources].join('; '),
    clips: known.size,
    findings: {
      clips: {
        ...clipFinding,
        ...(compared.size === 0 && { verdict: 'not checked' }),
        ...(missed > 0 &&
          compared.size > 0 && { remark: `${countOf(missed, 'clip')} could not be compared` }),
      },
      nearDuplicates: {
        ...findingOf(nearFound, known.size, 'test clips'),
        ...(!nearDuplicateOf && { verdict: 'not checked' }),
        ...(remark !== undefined && { remark }),
      },
      speakers: {
        ...shared(speakersFound, testSpeakers, 'test speakers', hasSpeakers),
        ...(!hasSpeakers &&
          speakersFound.size > 0 && { remark: 'the speakers of other training clips are not known' }),
      },
      sentences: shared(sharedSentences, testSentences, 'test sentences', hasSentences),
    },
    trainedClips: [...trained, ...near.keys()],
    sharedSpeakers: [...speakersFound].sort(),
    notes: [...notes],
    isLeaky: trained.size + near.size > 0,
  };
  return { audit, withoutClips, ...(hasSpeakers && { withoutSpeakers }) };
}

const titles: Record<keyof TrainingAudit['findings'], string> = {
  clips: 'clips trained on',
  nearDuplicates: 'near duplicates of training clips',
  speakers: 'speakers trained on',
  sentences: 'sentences trained on',
};

/** An audit of training data as aligned text. */
export function formatTrainingAudit(audit: TrainingAudit): string {
  const { protocol, source, clips, findings, notes, isLeaky } = audit;
  const lines = Object.entries(findings).map(([name, { count, of, unit, verdict, remark, examples }]) => {
    const part = of === 0 ? `no ${unit}` : `${formatCount(count)} of ${formatCount(of)} ${unit}`;
    const share = of > 0 && count > 0 ? ` (${formatPercent(count / of)})` : '';
    const all =
      name === 'speakers'
        ? audit.sharedSpeakers
        : name === 'nearDuplicates'
          ? examples.slice(0, 1)
          : examples;
    const names = count > 0 ? [firstOf([...all.map(printable)], 7) + (count > all.length ? ', …' : '')] : [];
    const value =
      verdict === 'not checked'
        ? name === 'nearDuplicates'
          ? 'not searched for'
          : 'not known'
        : [part + share, ...names].join(': ');
    return [
      `  ${titles[name as keyof typeof titles]}`,
      [value, ...(remark === undefined ? [] : [remark])].join('; '),
      verdict,
    ];
  });
  return [
    `protocol ${protocol}, ${countOf(clips, 'test clip')}${isLeaky ? ': LEAKY' : ''}`,
    `training data: ${source}`,
    textTable(lines, [0, 1, 2]),
    ...notes.map((note) => `  note: ${note}`),
  ].join('\n');
}
