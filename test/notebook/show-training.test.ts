import assert from 'node:assert/strict';
import { type DisplayOptions, type MimeBundle, showTraining } from '../../src/notebook';
import { installCellHost } from '../../src/notebook/display';
import { fakeHost } from './fake-host';

describe('showTraining', () => {
  const shown: { text: string; options: DisplayOptions }[] = [];
  before(() => {
    const display = (bundle: MimeBundle, options: DisplayOptions = {}): void => {
      shown.push({ text: bundle['text/plain'] as string, options });
    };
    installCellHost(fakeHost(display));
  });
  after(() => {
    installCellHost(undefined);
  });
  beforeEach(() => (shown.length = 0));
  const place = (number: number) => ({ name: `fold ${number}`, number, count: 3 });

  it('counts the steps of all epochs in one output that later trainings reuse', () => {
    const { onFeatures, onProtocol, onSeed, onStep } = showTraining();
    onFeatures({ done: 8, total: 8 });
    onProtocol({ protocol: 'clips' });
    onSeed({ seed: 7, count: 2 });
    onStep({ epoch: 1, epochs: 2, step: 5, steps: 10 }, place(1));
    onStep({ epoch: 2, epochs: 2, step: 10, steps: 10 }, place(1));
    onStep({ epoch: 1, epochs: 2, step: 1, steps: 10 }, place(2));
    assert.deepEqual(
      shown.map(({ text }) => text.replace(/ in .*/, '')),
      [
        'features, clips: 8 of 8',
        'clips, seed 7, fold 1 of 3, training steps: 5 of 20',
        'clips, seed 7, fold 1 of 3, training steps: 20 of 20',
        'clips, seed 7, fold 2 of 3, training steps: 1 of 20',
      ],
    );
    const [first, ...later] = shown.map(({ options }) => options);
    assert.equal(first.update, false);
    assert.ok(later.every(({ displayId, update }) => update === true && displayId === first.displayId));
  });

  it('omits a single seed and does not redraw at every step', () => {
    const { onSeed, onStep } = showTraining();
    onSeed({ seed: 7, count: 1 });
    for (let step = 1; step <= 50; step++) onStep({ epoch: 1, epochs: 2, step, steps: 50 }, place(1));
    assert.equal(shown[0].text.split(':')[0], 'fold 1 of 3, training steps');
    assert.ok(shown.length < 50, `${shown.length} outputs`);
  });

  it('shows the steps of parallel trainings in one bar', () => {
    const { onSeed, onStep, onSplitEnd } = showTraining();
    const side = (number: number) => ({ ...place(number), atOnce: 2 });
    onSeed({ seed: 7, count: 1 });
    onStep({ epoch: 1, epochs: 2, step: 5, steps: 10 }, side(2));
    onSplitEnd('stopped early', side(2));
    onStep({ epoch: 2, epochs: 2, step: 10, steps: 10 }, side(1));
    onSplitEnd('finished', side(1));
    onStep({ epoch: 2, epochs: 2, step: 10, steps: 10 }, side(3));
    assert.equal(shown[0].text.replace(/ in .*/, ''), '3 splits, 2 at once, training steps: 5 of 60');
    assert.equal(shown.at(-1)!.text.replace(/ in .*/, ''), '3 splits, 2 at once, training steps: 60 of 60');
  });
});
