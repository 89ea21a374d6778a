import { type Emotion, emotions } from '../../../src/core/base';

/** The properties of a clip that figures use. */
export interface SampleClip {
  corpus: string;
  emotion: Emotion;
  sampleRate: number;
  durationSec: number;
  speaker?: string;
  sex?: 'female' | 'male';
  age?: number;
}

/** Two standard corpora and a custom one, with unequal counts, no surprise in CREMA-D, and missing labels. */
export const sampleClips: readonly SampleClip[] = Object.freeze([
  ...emotions.flatMap((emotion, i) =>
    Array.from({ length: 2 + i }, (_, k): SampleClip => ({
      corpus: 'RAVDESS',
      emotion,
      sampleRate: 48000,
      durationSec: 3 + k / 10,
      speaker: `RAVDESS-${String((k % 3) + 1).padStart(2, '0')}`,
      sex: k % 2 === 0 ? 'male' : 'female',
    })),
  ),
  ...emotions.slice(0, 6).map((emotion, i): SampleClip => ({
    corpus: 'CREMA-D',
    emotion,
    sampleRate: 16000,
    durationSec: 2 + i / 10,
    speaker: i < 3 ? 'CREMA-D-1001' : 'CREMA-D-1002',
    sex: i < 3 ? 'male' : 'female',
    age: i < 3 ? 51 : 21,
  })),
  { corpus: 'Mine', emotion: 'happy', sampleRate: 16000, durationSec: 1 },
]);

/** Number of sample clips of an emotion. */
export function sampleCount(emotion: Emotion, corpus?: string): number {
  return sampleClips.filter((clip) => clip.emotion === emotion && (!corpus || clip.corpus === corpus)).length;
}
