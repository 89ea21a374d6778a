import type { ClipLabels, Emotion } from '../../core/base';

const emotionCodes: Partial<Record<string, Emotion>> = {
  angry: 'angry',
  disgust: 'disgust',
  fear: 'fear',
  happy: 'happy',
  neutral: 'neutral',
  ps: 'surprise',
  sad: 'sad',
};

/** The two actresses. */
const ages: Partial<Record<string, number>> = { OAF: 64, YAF: 26 };

// One original file, OA_bite_neutral.wav, lacks the F.
const pattern = /(?:^|\/)(OAF?|YAF)_([a-z]+)_([a-z]+)\.wav$/i;

/**
 * Reads the labels off a TESS file's name: `OAF_back_angry.wav` gives speaker (the older or the younger actress), target
 * word and emotion. `ps`, pleasant surprise, counts as surprise, as in the paper.
 *
 * @param path - with `/`; folders do not matter: their spelling differs from copy to copy
 * @returns undefined if the name is not of that form
 * @see Pichora-Fuller and Dupuis (2020), doi 10.5683/SP2/E8H2MF
 */
export function parseTess(path: string): ClipLabels | undefined {
  const match = pattern.exec(path);
  if (!match) return undefined;
  const [, who, word, code] = match;
  const label = code.toLowerCase();
  const emotion = emotionCodes[label];
  if (!emotion) return undefined;
  const speaker = who.toUpperCase() === 'OA' ? 'OAF' : who.toUpperCase();
  return {
    label,
    emotion,
    speaker: `TESS-${speaker}`,
    sex: 'female',
    age: ages[speaker],
    sentence: `Say the word ${word.toLowerCase()}`,
  };
}
