import assert from 'node:assert/strict';

import type { Emotion, VoiceVotes } from '../../../src/core/base';
import { humanLine } from '../../../src/core/evaluation';
import { loadCorpora } from '../../../src/node/corpora';
import { assertClose } from '../../assert-close';
import { realClips } from '../../real-clips';

interface Voted {
  emotion: Emotion;
  votes?: VoiceVotes;
}

describe('humanLine', () => {
  const counted: Voted[] = [
    { emotion: 'angry', votes: { emotions: ['angry'], counts: { angry: 8, sad: 2 } } },
    { emotion: 'angry', votes: { emotions: ['sad'], counts: { angry: 1, sad: 4 } } },
    { emotion: 'sad', votes: { emotions: ['sad'], counts: { sad: 5, angry: 0, neutral: 5 } } },
    { emotion: 'sad' },
  ];

  it('counts every vote if votes are available', () => {
    const line = humanLine(counted);
    assert.deepEqual([line.unit, line.clips, line.total], ['votes', 3, 25]);
    assert.deepEqual(line.classes, ['angry', 'neutral', 'sad']);
    assert.deepEqual([...line.counts], [9, 0, 6, 0, 0, 0, 0, 5, 5]);
    assertClose([line.accuracy, line.meanRecall], [14 / 25, (9 / 15 + 5 / 10) / 2], 1e-12);
    assertClose([line.perEmotion[0].recall, line.perEmotion[0].agreement!], [9 / 15, (0.8 + 0.8) / 2], 1e-12);
    assert.deepEqual([line.perEmotion[1].clips, line.perEmotion[1].total], [0, 0]);
  });

  it('uses the majority of each clip otherwise, shared equally if tied', () => {
    const line = humanLine([
      { emotion: 'fear', votes: { emotions: ['fear'] } },
      { emotion: 'fear', votes: { emotions: ['fear', 'neutral'] } },
      { emotion: 'neutral', votes: { emotions: ['neutral'] } },
    ]);
    assert.deepEqual([line.unit, line.total], ['clips', 3]);
    assert.deepEqual([...line.counts], [1.5, 0.5, 0, 1]);
    assertClose([line.accuracy, line.meanRecall], [2.5 / 3, (0.75 + 1) / 2], 1e-12);
    assert.equal(line.perEmotion[0].agreement, undefined);
  });

  it('rejects clips without votes, and a mixture of both kinds', () => {
    assert.throws(() => humanLine([{ emotion: 'sad' }]), /clips must be clips with listeners' votes/);
    const mixed = [...counted, { emotion: 'sad', votes: { emotions: ['sad'] } } as Voted];
    assert.throws(() => humanLine(mixed), /clips must be clips that either all or none have counts of votes/);
  });

  it('is close to the published accuracy on the majority votes of the sample', async function () {
    const { clips } = await loadCorpora({ root: realClips(this) });
    const line = humanLine(clips);
    assert.equal(line.unit, 'clips');
    // all 7,442 clips: .446 and .459; recall of neutral .966
    assert.ok(line.clips > 100);
    assert.ok(Math.abs(line.accuracy - 0.446) < 0.1, String(line.accuracy));
    const neutral = line.perEmotion.find(({ emotion }) => emotion === 'neutral')!;
    assert.ok(neutral.recall > 0.85, String(neutral.recall));
  });
});
