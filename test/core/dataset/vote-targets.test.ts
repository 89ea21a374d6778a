import assert from 'node:assert/strict';
import type { Clip } from '../../../src/core/base';
import { voteShares, voteTargets } from '../../../src/core/dataset';

const classes = ['angry', 'happy', 'sad'];
const clips: Pick<Clip, 'emotion' | 'votes'>[] = [
  { emotion: 'angry', votes: { emotions: ['happy'], counts: { angry: 1, happy: 3, neutral: 4 } } },
  { emotion: 'sad', votes: { emotions: ['angry', 'sad'], counts: { angry: 2, sad: 2 } } },
  { emotion: 'happy', votes: { emotions: ['sad'] } },
  { emotion: 'sad', votes: { emotions: ['neutral'], counts: { neutral: 5 } } },
  { emotion: 'happy' },
];

describe('targets from votes', () => {
  it('are the shares of the votes for the classes of the model, or the acted class without such votes', () => {
    assert.deepEqual(
      [...voteTargets(clips, classes, 'soft')],
      [0.25, 0.75, 0, 0.5, 0, 0.5, 0, 0, 1, 0, 0, 1, 0, 1, 0],
    );
  });

  it('are the majority, shared equally if tied', () => {
    assert.deepEqual(
      [...voteTargets(clips, classes, 'voted')],
      [0, 1, 0, 0.5, 0, 0.5, 0, 0, 1, 0, 0, 1, 0, 1, 0],
    );
  });

  it('are undefined for clips without votes for a class', () => {
    assert.equal(voteShares(clips[3], classes, 'soft'), undefined);
    assert.equal(voteShares(clips[4], classes, 'voted'), undefined);
  });
});
