import assert from 'node:assert/strict';
import type { Clip } from '../../../src/core/base';
import { formatVoteScores, type Predictions, underProtocol, voteScores } from '../../../src/core/evaluation';
import { assertClose } from '../../assert-close';

const classes = ['angry', 'happy', 'sad'];

function predictionsOf(
  rows: { emotion: string; votes?: Clip['votes']; probabilities: number[] }[],
): Predictions {
  return {
    ...underProtocol('speakers'),
    classes,
    clips: rows.map(({ emotion, votes }, i) => ({
      path: `${i}.wav`,
      corpus: 'CREMA-D',
      label: emotion,
      emotion,
      speaker: `CREMA-D-${i % 3}`,
      sampleRate: 16_000,
      channels: 1,
      durationSec: 1,
      sha256: String(i),
      votes,
    })),
    actual: Int32Array.from(rows, ({ emotion }) => classes.indexOf(emotion)),
    probabilities: Float32Array.from(rows.flatMap(({ probabilities }) => probabilities)),
    splitOf: new Int32Array(rows.length),
    splits: ['fold 1'],
  };
}

describe('scores against votes', () => {
  const rows = [
    {
      emotion: 'angry',
      votes: { emotions: ['happy'], counts: { angry: 1, happy: 3 } },
      probabilities: [0.2, 0.7, 0.1],
    },
    { emotion: 'sad', votes: { emotions: ['sad'], counts: { sad: 4 } }, probabilities: [0.1, 0.1, 0.8] },
    {
      emotion: 'sad',
      votes: { emotions: ['angry', 'sad'], counts: { angry: 2, sad: 2 } },
      probabilities: [0.5, 0, 0.5],
    },
    { emotion: 'angry', probabilities: [1, 0, 0] },
  ];

  it('use the rows with votes, and for the majority those where it is unique', () => {
    const scores = voteScores(predictionsOf(rows), { resamples: 50 })!;
    assert.deepEqual([scores.rows, scores.votedRows], [3, 2]);
    // The first of two equal probabilities is the predicted class.
    assert.equal(scores.intended.value, 1 / 3);
    assert.equal(scores.voted.value, 1);
    const expected = [0.25 * Math.log(0.2) + 0.75 * Math.log(0.7), Math.log(0.8), Math.log(0.5)].map(
      (x) => -x,
    );
    assertClose([scores.crossEntropy.value], [expected.reduce((a, b) => a + b) / 3], 1e-6);
    const entropies = [-(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)), 0, Math.log(2)];
    assertClose([scores.entropy], [entropies.reduce((a, b) => a + b) / 3], 1e-9);
    assert.equal(scores.crossEntropy.interval.by, 'speakers');
  });

  it('state the protocol in each line of the table', () => {
    const text = formatVoteScores(voteScores(predictionsOf(rows), { resamples: 50 })!);
    assert.match(text, /^Against listeners' votes: 3 rows; protocol speakers/);
    assert.equal(text.match(/ speakers$/gm)?.length, 3);
  });

  it('are undefined without votes', () => {
    assert.equal(voteScores(predictionsOf(rows.slice(3))), undefined);
  });
});
