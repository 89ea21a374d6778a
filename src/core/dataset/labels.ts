import { type Clip, demoName, type Emotion, emotions, InvalidArgumentError } from '../base';

/** The emotions that occur, in the order of {@link emotions}: a model's classes. */
export function classesOf(clips: readonly Pick<Clip, 'emotion'>[]): Emotion[] {
  const found = new Set(clips.map(({ emotion }) => emotion));
  return emotions.filter((emotion) => found.has(emotion));
}

/** How a corpus spreads over the emotions, and what a classifier scores that has learnt nothing. */
export interface ClassBalance {
  corpus: string;
  clips: number;
  /** emotions that occur */
  classes: number;
  /** the largest class */
  largest: Emotion;
  /** accuracy of always answering the largest class */
  majorityAccuracy: number;
  /** unweighted average recall (UAR) of the same, and of guessing evenly: one over the classes */
  majorityUar: number;
  /** share of the smallest class, 0 to 1 */
  smallestShare: number;
}

/**
 * The class balance of each corpus and of all pooled: the lines that a score has to be read against.
 *
 * @returns one record a corpus, then `pooled`
 * @throws {@link InvalidArgumentError} if there are no clips
 */
export function classBalance(clips: readonly Pick<Clip, 'corpus' | 'emotion'>[]): ClassBalance[] {
  if (clips.length === 0) throw new InvalidArgumentError('clips', 'a list with at least one clip', []);
  const corpora = [...new Set(clips.map(({ corpus }) => corpus))];
  const of = (corpus: string, own: readonly Pick<Clip, 'emotion'>[]): ClassBalance => {
    const counts = emotions
      .map((emotion) => ({ emotion, count: own.filter((clip) => clip.emotion === emotion).length }))
      .filter(({ count }) => count > 0)
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
    of(
      corpus,
      clips.filter((clip) => clip.corpus === corpus),
    ),
  );
  return [...each, of('pooled', clips)];
}

const savee: readonly string[] = ['SAVEE', demoName('SAVEE')];

/** What SAVEE's neutral sentences from the 19th on say: the two sentences of each other emotion that are its own. */
const saveeNeutral = 'a04 a05 d04 d05 f04 f05 su04 su05 sa04 sa05 h04 h05'.split(' ');

/**
 * What is said in a clip, as far as it can be told, unique across corpora: RAVDESS's two statements, CREMA-D's twelve
 * sentences, TESS's 200 words; a user's own column.
 *
 * SAVEE's names only number the sentences of each emotion. Which numbers say the same was found by aligning the recordings
 * of all four speakers with each other (data/README.md): 01 to 03 are the same in every emotion, and neutral repeats
 * them as 16 to 18 and the other emotions' 04 and 05 as 19 to 30.
 *
 * @returns undefined if it is not known
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

/** Which clips {@link onePerEmotion} may take. */
export interface OnePerEmotionOptions {
  /** by default the first speaker with the most emotions */
  speaker?: string;
  /** by default the sentence that this speaker says with the most emotions */
  sentence?: string;
}

/**
 * Picks one clip for each emotion, by one speaker and, as far as there is such a clip, of one sentence, so that they
 * differ in little but the emotion. Strong clips come before weak ones.
 *
 * @returns at most seven clips, in the order of the emotions
 * @throws {@link InvalidArgumentError} if there are no clips, or none by the speaker
 */
export function onePerEmotion(clips: readonly Clip[], options: OnePerEmotionOptions = {}): Clip[] {
  const speaker = options.speaker ?? mostEmotions(clips, (clip) => clip.speaker);
  const own = clips.filter((clip) => clip.speaker === speaker);
  if (own.length === 0) {
    const known = [...new Set(clips.flatMap((clip) => clip.speaker ?? []))].slice(0, 5).join(', ');
    throw new InvalidArgumentError(
      'speaker',
      `a speaker of these clips (${known || 'there are none'} …)`,
      speaker,
    );
  }
  const sentence = options.sentence ?? mostEmotions(own, (clip) => clip.sentence);
  const strength = (clip: Clip): number => (clip.intensity === 'strong' || clip.intensity === 'high' ? 0 : 1);
  const preferred = [...own].sort(
    (a, b) => Number(a.sentence !== sentence) - Number(b.sentence !== sentence) || strength(a) - strength(b),
  );
  return emotions.flatMap((emotion) => {
    const ofEmotion = preferred.filter((clip) => clip.emotion === emotion);
    // RAVDESS's calm counts as neutral; the plain one shows it better
    return ofEmotion.find((clip) => clip.label !== 'calm') ?? ofEmotion.slice(0, 1);
  });
}

/** The first value of a column that occurs with the most emotions. */
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
