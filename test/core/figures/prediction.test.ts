import assert from 'node:assert/strict';
import { InvalidArgumentError } from '../../../src/core/base';
import { underProtocol } from '../../../src/core/evaluation';
import {
  emotionColors,
  type PredictedProbabilities,
  predictionFigure,
  predictionTimelineFigure,
} from '../../../src/core/figures';
import { renderSvg } from '../../../src/node/drawing';
import { assertClose } from '../../assert-close';

const probabilities = [
  { emotion: 'sad', probability: 0.6 },
  { emotion: 'angry', probability: 0.4 },
] as const;
const angrier = [
  { emotion: 'angry', probability: 0.6 },
  { emotion: 'sad', probability: 0.4 },
] as const;
const prediction: PredictedProbabilities = {
  ...underProtocol('paper-rows'),
  model: 'paper, trained on demo SAVEE',
  abstained: false,
  threshold: 0.5,
  durationSec: 6,
  probabilities,
  timeline: [0.6, 1.6, 3.4].map((startSec, i) => ({
    startSec,
    endSec: startSec + 2.5,
    probabilities: i === 0 ? angrier : probabilities,
  })),
};

describe('predictionFigure', () => {
  it('has one bar per emotion in its colour, the threshold, and the protocol in the caption', () => {
    const { data, layout } = predictionFigure(prediction, { source: 'mine.wav' });
    assert.deepEqual(data[0].y, ['sad', 'angry']);
    assertClose(data[0].x as number[], [60, 40], 1e-9);
    assert.deepEqual(data[0].marker?.color, [emotionColors.sad, emotionColors.angry]);
    assert.equal(layout.shapes?.[0].x0, 50);
    assert.equal(layout.title?.text, 'sad, 60.0 %');
    const caption = layout.title.subtitle?.text ?? '';
    assert.match(
      caption.replaceAll('<br>', ' '),
      /^mine.wav · model paper, trained on demo SAVEE · scored under paper-rows, LEAKY \(/,
    );
  });

  it('shows when the model abstains', () => {
    const { layout } = predictionFigure({ ...prediction, abstained: true }, { source: 'mine.wav' });
    assert.equal(layout.title?.text, 'Abstained: sad has only 60.0 %');
  });
});

describe('predictionTimelineFigure', () => {
  it('stacks the emotions at the middle of each window, as wide as the smallest hop', () => {
    const { data, layout } = predictionTimelineFigure(prediction, { source: 'mine.wav' });
    assert.deepEqual(
      data.map(({ name }) => name),
      ['sad', 'angry'],
    );
    assertClose(data[0].x as number[], [1.85, 2.85, 4.65], 1e-9);
    assertClose(data[0].y as number[], [40, 60, 60], 1e-9);
    assertClose(data[1].y as number[], [60, 40, 40], 1e-9);
    assertClose(data[0].width as number[], [1, 1, 1], 1e-9);
    assert.deepEqual([layout.barmode, layout.xaxis?.range], ['stack', [0, 6]]);
  });

  it('rejects an empty prediction', () => {
    assert.throws(
      () => predictionTimelineFigure({ ...prediction, timeline: [] }, { source: '' }),
      InvalidArgumentError,
    );
    assert.throws(
      () => predictionFigure({ ...prediction, probabilities: [] }, { source: '' }),
      InvalidArgumentError,
    );
  });

  it('is drawn without a browser', async () => {
    for (const figure of [predictionFigure, predictionTimelineFigure])
      assert.match(await renderSvg(figure(prediction, { source: 'mine.wav' })), /^<svg[^]*mine\.wav/);
  });
});
