import { type Clip, demoName, type Emotion, InvalidArgumentError, orderClasses } from '../base';

/** The classes that occur, in the order of {@link orderClasses}: the classes of a model. */
export function classesOf(clips: readonly Pick<Clip, 'emotion'>[]): Emotion[] {
  return orderClasses(clips.map(({ emotion }) => emotion));
}

/** Distribution of a corpus over the emotions, and the scores of trivial classifiers. */
export interface ClassBalance {
  corpus: string;
  clips: number;
  /** number of emotions that occur */
  classes: number;
  /** the most frequent emotion */
  largest: Emotion;
  /** accuracy of always predicting the most frequent emotion */
  majorityAccuracy: number;
  /** unweighted average recall (UAR) of the same, and of uniform guessing: 1 / number of emotions */
  majorityUar: number;
  /** share of the rarest emotion, 0 to 1 */
  smallestShare: number;
}

/**
 * Class balance of each corpus and of all corpora together: the baselines for any score.
 *
 * @returns one record per corpus, then `pooled`
 * @throws {@link InvalidArgumentError} if there are no clips
 */
export function classBalance(clips: readonly Pick<Clip, 'corpus' | 'emotion'>[]): ClassBalance[] {
  if (clips.length === 0) throw new InvalidArgumentError('clips', 'a list with at least one clip', []);
  const corpora = [...new Set(clips.map(({ corpus }) => corpus))];
  const balanceOf = (corpus: string, own: readonly Pick<Clip, 'emotion'>[]): ClassBalance => {
    const counts = classesOf(own)
      .map((emotion) => ({ emotion, count: own.filter((clip) => clip.emotion === emotion).length }))
      .sort((a, b) => b.count - a.count);
    const share = (count: number): number => count / own.length;
    return {
      corpus,
      clips: own.length,
      classes: counts.length,
      largest: counts[0].emotion,
      majorityAccuracy: share(counts[0].count),
      majorityUar: 1 / counts.length,
      smallestShare: share(counts[counts.length - 1].count),
    };
  };
  const each = corpora.map((corpus) =>
    balanceOf(
      corpus,
      clips.filter((clip) => clip.corpus === corpus),
    ),
  );
  return [...each, balanceOf('pooled', clips)];
}

const savee: readonly string[] = ['SAVEE', demoName('SAVEE')];

/** Spoken text of SAVEE's neutral sentences from the 19th on: two sentences of each other emotion. */
const saveeNeutral = 'a04 a05 d04 d05 f04 f05 su04 su05 sa04 sa05 h04 h05'.split(' ');

/**
 * Identifies the sentence spoken in a clip, unique across corpora: RAVDESS's two statements, CREMA-D's twelve sentences, TESS's
 * 200 words, or a user-defined column.
 *
 * SAVEE's file names number the sentences of each emotion separately. Which numbers have the same text was determined by aligning
 * the recordings of all four speakers (data/README.md): 01 to 03 are the same in every emotion; neutral repeats them as 16 to 18
 * and the other emotions' 04 and 05 as 19 to 30.
 *
 * @returns undefined if unknown
 * @example
 * ```ts
 * sentenceOf({ corpus: 'SAVEE', sentence: 'n16' }); // 'SAVEE: common 1'
 * ```
 */
export function sentenceOf({ corpus, sentence }: Pick<Clip, 'corpus' | 'sentence'>): string | undefined {
  if (!sentence) return undefined;
  return `${corpus}: ${savee.includes(corpus) ? saveeSentence(sentence) : sentence}`;
}

function saveeSentence(code: string): string {
  const [, emotion, digits] = /^([a-z]+)(\d\d)$/.exec(code) ?? [];
  const number = Number(digits);
  if (number >= 1 && number <= 3) return `common ${number}`;
  if (emotion !== 'n' || number < 16) return code;
  return number <= 18 ? `common ${number - 15}` : (saveeNeutral[number - 19] ?? code);
}

/** Options of {@link onePerEmotion}. */
export interface OnePerEmotionOptions {
  /** default the first speaker with the most emotions */
  speaker?: string;
  /** default the sentence that this speaker recorded with the most emotions */
  sentence?: string;
}

/**
 * Picks one clip per emotion from one speaker and, where available, one sentence, so that the clips differ mainly in emotion.
 * Strong clips are preferred to weak ones.
 *
 * @returns one clip per emotion that occurs, in the order of the classes
 * @throws {@link InvalidArgumentError} if there are no clips, or the speaker has none
 * @example
 * ```ts
 * const clips = onePerEmotion(corpora.clips, { speaker: 'RAVDESS-01' });
 * ```
 */
export function onePerEmotion(clips: readonly Clip[], options: OnePerEmotionOptions = {}): Clip[] {
  const speaker = options.speaker ?? mostEmotions(clips, (clip) => clip.speaker);
  const own = clips.filter((clip) => clip.speaker === speaker);
  if (own.length === 0) {
    const known = [...new Set(clips.flatMap((clip) => clip.speaker ?? []))].slice(0, 5).join(', ');
    throw new InvalidArgumentError(
      'speaker',
      `a speaker of these clips (${known || 'none known'} …)`,
      speaker,
    );
  }
  const sentence = options.sentence ?? mostEmotions(own, (clip) => clip.sentence);
  const strength = (clip: Clip): number => (clip.intensity === 'strong' || clip.intensity === 'high' ? 0 : 1);
  const preferred = [...own].sort(
    (a, b) => Number(a.sentence !== sentence) - Number(b.sentence !== sentence) || strength(a) - strength(b),
  );
  return classesOf(clips).flatMap((emotion) => {
    const ofEmotion = preferred.filter((clip) => clip.emotion === emotion);
    // RAVDESS's calm counts as neutral; a clip labelled neutral is preferred
    return ofEmotion.find((clip) => clip.label !== 'calm') ?? ofEmotion.slice(0, 1);
  });
}

/** The first value of a column with the most emotions. */
function mostEmotions(
  clips: readonly Clip[],
  column: (clip: Clip) => string | undefined,
): string | undefined {
  const found = new Map<string, Set<string>>();
  for (const clip of clips) {
    const value = column(clip);
    if (value !== undefined) found.set(value, (found.get(value) ?? new Set()).add(clip.emotion));
  }
  const most = Math.max(0, ...[...found.values()].map(({ size }) => size));
  return [...found].find(([, { size }]) => size === most)?.[0];
}
