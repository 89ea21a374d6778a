import type { ClipLabels, Emotion } from '../../core/base';

const emotionCodes: Partial<Record<string, Emotion>> = {
  a: 'angry',
  d: 'disgust',
  f: 'fear',
  h: 'happy',
  n: 'neutral',
  sa: 'sad',
  su: 'surprise',
};

const pattern = /(?:^|\/)(DC|JE|JK|KL)[_/](sa|su|[adfhn])(\d\d)\.wav$/i;

/**
 * Reads the labels off a SAVEE file's name: `DC_a01.wav` (Kaggle's layout) or `DC/a01.wav` (the publisher's) gives
 * speaker, emotion and the number of the sentence among those of its emotion. All four speakers are men.
 *
 * @param path - with `/`; in the publisher's layout the folder names the speaker
 * @returns undefined if the name is not of that form
 * @see Haq and Jackson (2010), Machine Audition: Principles, Algorithms and Systems, 398–423
 */
export function parseSavee(path: string): ClipLabels | undefined {
  const match = pattern.exec(path);
  if (!match) return undefined;
  const [, speaker, code, number] = match;
  const label = code.toLowerCase();
  const emotion = emotionCodes[label];
  if (!emotion) return undefined;
  return { label, emotion, speaker: `SAVEE-${speaker.toUpperCase()}`, sex: 'male', sentence: label + number };
}
