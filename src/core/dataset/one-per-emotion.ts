import { type Clip, emotions, InvalidArgumentError } from '../base';

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
