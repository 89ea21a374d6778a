/** The seven emotions of the pooled corpora, in the order of every table and one-hot vector. */
export const emotions = ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'] as const;
export type Emotion = (typeof emotions)[number];

/** The four corpora of the paper, in the order of its tables. */
export const corpusNames = ['RAVDESS', 'CREMA-D', 'TESS', 'SAVEE'] as const;
export type CorpusName = (typeof corpusNames)[number];

/** What the synthetic demo of a corpus or speaker is called, so that no table or figure takes it for the original. */
export const demoName = (original: string): string => `demo ${original}`;
/** Whether a corpus or speaker is called so. */
export const isDemoName = (name: string): boolean => name.startsWith(demoName(''));

/** Corpora in the order of every table and figure; a user's own come after them. */
export const corpusOrder: readonly string[] = [...corpusNames, ...corpusNames.map((name) => demoName(name))];

export type Sex = 'female' | 'male';
/** Strength of the acted emotion, from weak to strong: RAVDESS gives normal and strong, CREMA-D low, medium and high. */
export const intensities = ['low', 'medium', 'normal', 'high', 'strong'] as const;
export type Intensity = (typeof intensities)[number];

/** How a missing label is shown in every table and figure: never dropped, never guessed. */
export const notStated = 'not stated';

/** What a file's name (or a user's CSV) says about a clip. Nothing is guessed: what is not said is undefined. */
export interface ClipLabels {
  /** the corpus's own label, before mapping: `calm`, `ps`, `HAP`… */
  label: string;
  /** one of the seven; calm counts as neutral, pleasant surprise as surprise */
  emotion: Emotion;
  /** unique across corpora: `RAVDESS-01`, `CREMA-D-1001`, `TESS-OAF`, `SAVEE-DC` */
  speaker?: string;
  sex?: Sex;
  /** age in years at the recording */
  age?: number;
  race?: string;
  ethnicity?: string;
  /** code or text of what is said, unique inside a corpus */
  sentence?: string;
  intensity?: Intensity;
  /** repetition of the same sentence and emotion by the same speaker, from 1 */
  take?: number;
  /** the user's own division, for the protocol `own-folds` */
  fold?: string;
}

/** Votes of CREMA-D's listeners for one clip, voice alone (no picture). */
export interface VoiceVotes {
  /** emotion most listeners heard, mapped to the seven; several when they tied */
  emotions: Emotion[];
  /** mean rating of the emotion's level, 0 to 100 */
  level?: number;
  /** votes for each emotion, where the counts are known */
  counts?: Partial<Record<Emotion, number>>;
}

/** One recording: a row of the clip table. */
export interface Clip extends ClipLabels {
  /** path below the data folder, with `/` */
  path: string;
  /** one of {@link corpusNames}, of another corpus that is told by its file names, or a user corpus's folder name */
  corpus: string;
  sampleRate: number;
  channels: number;
  durationSec: number;
  /** SHA-256 of the file, hex */
  sha256: string;
  votes?: VoiceVotes;
  /** what the checks found: silence, or the same audio as another clip */
  remark?: string;
}
