import type { ClipLabels, Emotion } from '../../core/base';

const emotionCodes: Partial<Record<string, [label: string, emotion: Emotion]>> = {
  '01': ['neutral', 'neutral'],
  '02': ['calm', 'neutral'],
  '03': ['happy', 'happy'],
  '04': ['sad', 'sad'],
  '05': ['angry', 'angry'],
  '06': ['fearful', 'fear'],
  '07': ['disgust', 'disgust'],
  '08': ['surprised', 'surprise'],
};

const statements: Partial<Record<string, string>> = {
  '01': 'Kids are talking by the door',
  '02': 'Dogs are sitting by the door',
};

const pattern = /(?:^|\/)03-01-(\d\d)-(0[12])-(0[12])-(0[12])-(\d\d)\.wav$/i;

/**
 * Reads the labels off a RAVDESS speech file's name: `03-01-EE-II-SS-RR-AA.wav` gives modality (03, audio only), channel
 * (01, speech), emotion, intensity, statement, repetition and actor; odd actors are men. Calm counts as neutral, as in
 * the paper.
 *
 * @param path - with `/`; folders do not matter
 * @returns undefined if the name is not of that form (songs and videos are not)
 * @see Livingstone and Russo (2018), PLoS ONE 13(5): e0196391
 */
export function parseRavdess(path: string): ClipLabels | undefined {
  const [, emotionCode, intensity, statement, repetition, actor] = pattern.exec(path) ?? [];
  const [label, emotion] = emotionCodes[emotionCode] ?? [];
  const number = Number(actor);
  if (!label || !emotion || number < 1 || number > 24) return undefined;
  return {
    label,
    emotion,
    speaker: `RAVDESS-${actor}`,
    sex: number % 2 === 1 ? 'male' : 'female',
    sentence: statements[statement],
    intensity: intensity === '01' ? 'normal' : 'strong',
    take: Number(repetition),
  };
}
