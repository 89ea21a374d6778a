import type { Clip, Emotion } from '../base';

/** What a network learns from: the acted class, or the votes of listeners where a clip has them. */
export const targetNames = ['intended', 'voted', 'soft'] as const;
export type TargetName = (typeof targetNames)[number];

/**
 * The share of each class in the votes on a clip.
 *
 * @param classes - votes for other classes do not count
 * @param kind - `voted`: the class with the most votes, shared equally if tied; `soft`: the distribution of all votes (of the majority,
 *   where only that is known)
 * @returns shape [classes], sum 1; undefined without votes for one of the classes
 */
export function voteShares(
  { votes }: Pick<Clip, 'votes'>,
  classes: readonly Emotion[],
  kind: 'voted' | 'soft',
): number[] | undefined {
  if (!votes) return undefined;
  const { counts, emotions: winners } = votes;
  const shares = classes.map((name) =>
    kind === 'soft' && counts ? (counts[name] ?? 0) : Number(winners.includes(name)),
  );
  const total = shares.reduce((sum, share) => sum + share, 0);
  return total > 0 ? shares.map((share) => share / total) : undefined;
}

/**
 * Targets of training from the votes of listeners; clips without votes get their acted class.
 *
 * @returns shape [clips, classes], each row with sum 1
 */
export function voteTargets(
  clips: readonly Pick<Clip, 'emotion' | 'votes'>[],
  classes: readonly Emotion[],
  kind: 'voted' | 'soft',
): Float32Array {
  const targets = new Float32Array(clips.length * classes.length);
  for (const [i, clip] of clips.entries()) {
    const shares = voteShares(clip, classes, kind) ?? classes.map((name) => Number(name === clip.emotion));
    targets.set(shares, i * classes.length);
  }
  return targets;
}
