import { type Clip, type Emotion, emotions } from '../base';

/** The emotions that occur, in the order of {@link emotions}: a model's classes. */
export function classesOf(clips: readonly Pick<Clip, 'emotion'>[]): Emotion[] {
  const found = new Set(clips.map(({ emotion }) => emotion));
  return emotions.filter((emotion) => found.has(emotion));
}
