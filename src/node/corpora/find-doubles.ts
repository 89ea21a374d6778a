import type { Clip } from '../../core/base';

/** Clips with the same bytes. */
export interface Doubles {
  /** copies of one clip, as in Kaggle's mirrored folders; the first is kept */
  copies: { kept: Clip; dropped: Clip[] }[];
  /** different clips with the same audio and the same emotion; all are kept */
  identical: Clip[][];
  /** different clips with the same audio and different emotions; all are kept */
  conflicting: Clip[][];
}

/** What makes a clip this clip and no other, whatever its folder: two files that agree in it are copies. */
const identity = (clip: Clip): string =>
  [
    clip.corpus,
    clip.speaker,
    clip.label,
    clip.sentence,
    clip.intensity,
    clip.take,
    clip.path.replace(/^.*\//, ''),
  ]
    .slice(0, clip.speaker && clip.sentence ? 6 : 7) // without them, the file's name has to tell
    .join('|');

/** Finds byte-identical clips and tells copies of one clip from different clips that hold the same audio. */
export function findDoubles(clips: readonly Clip[]): Doubles {
  const doubles: Doubles = { copies: [], identical: [], conflicting: [] };
  for (const same of groupBy(clips, (clip) => clip.sha256).values()) {
    if (same.length === 1) continue;
    const different = [...groupBy(same, identity).values()];
    for (const [kept, ...dropped] of different)
      if (dropped.length > 0) doubles.copies.push({ kept, dropped });
    const firsts = different.map(([first]) => first);
    if (firsts.length === 1) continue;
    const oneEmotion = firsts.every((clip) => clip.emotion === firsts[0].emotion);
    (oneEmotion ? doubles.identical : doubles.conflicting).push(firsts);
  }
  return doubles;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
