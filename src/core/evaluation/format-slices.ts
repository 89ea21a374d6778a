import { textTable } from '../base';
import { percent, scoreText } from './format-score';
import type { Slices } from './slices';
import { protocolMark, protocolText } from './under-protocol';

/** Slices as text: the protocol in the first line, and again at the end of every line with a score. */
export function formatSlices(slices: Slices): string {
  const { by, overall, groups, worst, gap, rankedBy, minimumClips } = slices;
  const mark = protocolMark(slices);
  const lines = [overall, ...groups].map(({ name, rows, clips, speakers, accuracy, uar, isTooSmall }) => [
    isTooSmall ? `${name} (too few)` : name,
    ...[rows, clips, speakers].map((count) => count.toLocaleString('en-US')),
    scoreText('accuracy', accuracy),
    scoreText('uar', uar),
    mark,
  ]);
  const verdict =
    worst === undefined
      ? `No two groups have ${minimumClips} clips: none is ranked.`
      : `Worst by ${rankedBy === 'uar' ? 'UAR' : 'accuracy'}: ${worst}, ${percent(gap!)} points below the best (${mark})`;
  return [
    `Protocol: ${protocolText(slices)}`,
    `By ${by === 'ageBand' ? 'age' : by}; groups of fewer than ${minimumClips} clips are not ranked`,
    '',
    textTable([['', 'rows', 'clips', 'speakers', 'accuracy', 'UAR', 'protocol'], ...lines], [0, -1]),
    '',
    verdict,
    '',
  ].join('\n');
}
