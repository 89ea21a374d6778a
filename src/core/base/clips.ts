import { sha256Hex } from './text';

/** The seven emotions of the pooled corpora, the default classes. */
export const emotions = ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'] as const;
/** One of the seven {@link emotions}. */
export type StandardEmotion = (typeof emotions)[number];
/** A class: one of the seven {@link emotions}, or another one that a label map creates, such as `calm` or `negative`. */
export type Emotion = StandardEmotion | (string & Record<never, never>);

export const isStandardEmotion = (name: string): name is StandardEmotion =>
  (emotions as readonly string[]).includes(name);

/**
 * Distinct classes in the order of every table and one-hot vector: the seven emotions first, then others by name.
 *
 * @example
 * ```ts
 * orderClasses(['sad', 'calm', 'angry', 'sad']); // ['angry', 'sad', 'calm']
 * ```
 */
export function orderClasses(names: Iterable<Emotion>): Emotion[] {
  const found = new Set(names);
  const others = [...found].filter((name) => !isStandardEmotion(name)).sort();
  return [...emotions.filter((emotion) => found.has(emotion)), ...others];
}

/** The classes of a table or figure: all seven emotions if no others occur, otherwise those that occur. */
export function shownClasses(names: Iterable<Emotion>): Emotion[] {
  const found = orderClasses(names);
  return found.every(isStandardEmotion) ? [...emotions] : found;
}

/** Words that mean one of the seven emotions, in tables and on the page. */
const synonyms = new Map<string, StandardEmotion>([
  ['anger', 'angry'],
  ['disgusted', 'disgust'],
  ['fearful', 'fear'],
  ['afraid', 'fear'],
  ['happiness', 'happy'],
  ['joy', 'happy'],
  ['calm', 'neutral'],
  ['sadness', 'sad'],
  ['surprised', 'surprise'],
  ['pleasant surprise', 'surprise'],
]);

/** Every word that {@link emotionOf} accepts. */
export const emotionWords: readonly string[] = [...emotions, ...synonyms.keys()];

/**
 * The emotion that a label means: one of the seven, or a common synonym, in any letter case.
 *
 * @returns undefined for other words
 * @example
 * ```ts
 * emotionOf('Calm'); // 'neutral'
 * ```
 */
export function emotionOf(label: string): StandardEmotion | undefined {
  const word = label.toLowerCase();
  return emotions.find((candidate) => candidate === word) ?? synonyms.get(word);
}

/** The four corpora of the paper, in the order of its tables. */
export const corpusNames = ['RAVDESS', 'CREMA-D', 'TESS', 'SAVEE'] as const;
export type CorpusName = (typeof corpusNames)[number];

/** Name of the synthetic demo version of a corpus or speaker, distinct from the original in every table and figure. */
export const demoName = (original: string): string => `demo ${original}`;
/** Whether a name is that of a synthetic demo corpus or speaker. */
export const isDemoName = (name: string): boolean => name.startsWith(demoName(''));
/** Whether a corpus has this name, or is the demo version of the corpus with this name. */
export const isCorpus = (corpus: string, name: string): boolean =>
  corpus === name || corpus === demoName(name);

/** Order of the corpora in tables and figures; user corpora follow. */
export const corpusOrder: readonly string[] = [...corpusNames, ...corpusNames.map((name) => demoName(name))];

export type Sex = 'female' | 'male';
/** Strength of the acted emotion, from weak to strong. RAVDESS uses normal and strong; CREMA-D uses low, medium and high. */
export const intensities = ['low', 'medium', 'normal', 'high', 'strong'] as const;
export type Intensity = (typeof intensities)[number];

/** Shown in tables and figures where a label is missing. */
export const notStated = 'not stated';

/** Labels of a clip, from its file name or the user's CSV. Labels that are not given are undefined. */
export interface ClipLabels {
  /** the corpus's own label, before mapping: `calm`, `ps`, `HAP`… */
  label: string;
  /** the class: by default one of the seven; calm counts as neutral, pleasant surprise as surprise */
  emotion: Emotion;
  /** unique across corpora: `RAVDESS-01`, `CREMA-D-1001`, `TESS-OAF`, `SAVEE-DC` */
  speaker?: string;
  sex?: Sex;
  /** age in years at the recording */
  age?: number;
  race?: string;
  ethnicity?: string;
  /** code or text of the sentence, unique within its corpus */
  sentence?: string;
  intensity?: Intensity;
  /** repetition of the same sentence and emotion by the same speaker, from 1 */
  take?: number;
  /** the user's own division, for the protocol `own-folds` */
  fold?: string;
  /** the channel that is used, if it is not the mean of all: `left`, `right`, or its number from 1 */
  channel?: 'left' | 'right' | number;
}

/** Votes of CREMA-D's listeners for one clip, audio only (no video). */
export interface VoiceVotes {
  /** emotion with the most votes, mapped to the seven; several if tied */
  emotions: Emotion[];
  /** mean rating of the emotion's intensity, 0 to 100 */
  level?: number;
  /** votes for each emotion, if the counts are known */
  counts?: Partial<Record<Emotion, number>>;
}

/**
 * Identifies the audio of a clip, so that two channels of one file have different features.
 *
 * @param fileSha256 - SHA-256 of the file, hex
 * @returns the same hash if all channels are used, otherwise a hash of it and the channel
 */
export function audioIdentity(fileSha256: string, channel?: Clip['channel']): string {
  return channel === undefined ? fileSha256 : sha256Hex(`${fileSha256} ${channel}`);
}

/** One recording: a row of the clip table. */
export interface Clip extends ClipLabels {
  /** path relative to the data folder, separated by `/` */
  path: string;
  /** one of {@link corpusNames}, another corpus recognised by its file names, or the folder name of a user corpus */
  corpus: string;
  /** Hz */
  sampleRate: number;
  channels: number;
  durationSec: number;
  /** identifies the audio, hex: SHA-256 of the file, or `audioIdentity` if only one channel is used */
  sha256: string;
  votes?: VoiceVotes;
  /** finding of the checks: silence, or the same audio as another clip */
  remark?: string;
}
