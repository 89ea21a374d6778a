import type { ClipLabels, Emotion, Intensity } from '../../core/base';

/** CREMA-D's letters, in its file names (three) and its listeners' votes (the first). */
export const cremadEmotions: Partial<Record<string, Emotion>> = {
  ANG: 'angry',
  DIS: 'disgust',
  FEA: 'fear',
  HAP: 'happy',
  NEU: 'neutral',
  SAD: 'sad',
};

const sentences: Partial<Record<string, string>> = {
  IEO: "It's eleven o'clock",
  TIE: 'That is exactly what happened',
  IOM: "I'm on my way to the meeting",
  IWW: 'I wonder what this is about',
  TAI: 'The airplane is almost full',
  MTI: 'Maybe tomorrow it will be cold',
  IWL: 'I would like a new alarm clock',
  ITH: "I think I have a doctor's appointment",
  DFA: "Don't forget a jacket",
  ITS: "I think I've seen this before",
  TSI: 'The surface is slick',
  WSI: "We'll stop in a couple of minutes",
};

const levels: Partial<Record<string, Intensity>> = { LO: 'low', MD: 'medium', HI: 'high' };

// One original file, 1040_ITH_SAD_X.wav, has a single X.
const pattern = /(?:^|\/)(1\d{3})_([A-Z]{3})_([A-Z]{3})_(LO|MD|HI|XX?)\.wav$/i;

/**
 * Reads the labels off a CREMA-D file's name: `1001_DFA_ANG_XX.wav` gives actor, sentence, emotion and level (XX:
 * unspecified). Who the actor is stands in `VideoDemographics.csv`.
 *
 * @param path - with `/`; folders do not matter
 * @returns undefined if the name is not of that form
 * @see Cao et al. (2014), IEEE Transactions on Affective Computing 5(4), 377–390
 */
export function parseCremad(path: string): ClipLabels | undefined {
  const [, actor, sentenceCode, emotionCode, level] =
    pattern.exec(path)?.map((part) => part.toUpperCase()) ?? [];
  const emotion = cremadEmotions[emotionCode];
  const sentence = sentences[sentenceCode];
  if (!emotion || !sentence) return undefined;
  return { label: emotionCode, emotion, speaker: `CREMA-D-${actor}`, sentence, intensity: levels[level] };
}
