import assert from 'node:assert/strict';
import { InvalidArgumentError } from '../../../src/core/base';
import { underProtocol } from '../../../src/core/evaluation';
import {
  createEnvelope,
  emotionColors,
  emotionTimelineFigure,
  figureJson,
  type Figure,
  type PredictedProbabilities,
  predictionFigure,
} from '../../../src/core/figures';
import { renderSvg } from '../../../src/node/drawing';
import { plotlyWindow } from '../../../src/node/drawing/plotly-window';
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
  segments: [
    { startSec: 0, endSec: 2, label: 'angry', probabilities: angrier },
    { startSec: 2, endSec: 3, label: 'silence', probabilities: [] },
    { startSec: 3, endSec: 5, label: 'sad', probabilities },
    { startSec: 5, endSec: 6, label: 'unsure', probabilities },
  ],
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

describe('emotionTimelineFigure', () => {
  const waveform = {
    samples: Float32Array.from({ length: 6000 }, (_, i) => Math.sin(i) / 2),
    sampleRate: 1000,
  };
  const draw = () => emotionTimelineFigure(prediction, { source: 'mine.wav', waveform });
  const lane = (figure: Figure, name: string) =>
    figure.data.find((trace) => trace.name === name && trace.mode === 'lines' && trace.fill === undefined)!;

  it('has a bar for each segment where it lies, and names each label in the legend', () => {
    const bars = draw().data.filter(({ type, showlegend }) => type === 'bar' && showlegend !== false);
    assert.deepEqual(
      bars.map(({ name, x, width }) => [name, x, width]),
      [
        ['angry', [1], [2]],
        ['sad', [4], [2]],
        ['unsure', [5.5], [1]],
        ['silence', [2.5], [1]],
      ],
    );
  });

  it('draws each probability in a lane through the middles of the windows, with gaps in silence', () => {
    const { x, y } = lane(draw(), 'sad');
    assertClose(x as number[], [0, 1.85, 2, 2, 3, 3, 4.65, 6], 1e-9);
    const values = (y as (number | null)[]).map((value) => value ?? -1);
    assertClose(values, [40, 40, 43, -1, -1, 60, 60, 60], 1e-9);
  });

  it('marks the segments in the lane of their emotion, so that colour is not the only cue', () => {
    const marks = draw().data.filter(({ type, showlegend }) => type === 'bar' && showlegend === false);
    assert.deepEqual(
      marks.map(({ name, x }) => [name, x]),
      [
        ['angry', [1]],
        ['sad', [4]],
      ],
    );
    const texts = draw().layout.annotations?.map(({ text }) => text) ?? [];
    for (const label of ['angry', 'sad', 'unsure']) assert.ok(texts.includes(label), label);
  });

  it('shows the envelope of the waveform, also of one that was read part by part', () => {
    const envelope = createEnvelope(6000, 1000);
    for (let at = 0; at < 6000; at += 700) envelope.add(waveform.samples.subarray(at, at + 700));
    const parts = emotionTimelineFigure(prediction, { source: 'mine.wav', waveform: envelope.result() });
    assert.equal(figureJson(parts), figureJson(draw()));
    const without = emotionTimelineFigure(prediction, { source: 'mine.wav' });
    assert.equal(without.data.length, draw().data.length - 1);
  });

  it('labels a long recording in minutes', () => {
    const segments = [{ startSec: 0, endSec: 600, label: 'sad' as const, probabilities }];
    const { layout } = emotionTimelineFigure({ ...prediction, durationSec: 600, segments }, { source: '' });
    assert.deepEqual(layout.xaxis?.ticktext?.slice(0, 2), ['0:00', '1:00']);
    assert.equal(layout.xaxis.title?.text, 'Time (min:s)');
  });

  it('is a valid specification, and is drawn without a browser', async () => {
    const { Plotly } = await plotlyWindow();
    const { data, layout } = JSON.parse(figureJson(draw())) as Figure;
    const complaints = Plotly.validate(data, { ...layout, showlegend: true }) ?? [];
    const serious = complaints.filter(({ code }) => code !== 'unused');
    assert.equal(serious.map(({ msg }) => msg).join('; '), '');
    for (const figure of [predictionFigure(prediction, { source: 'mine.wav' }), draw()])
      assert.match(await renderSvg(figure), /^<svg[^]*mine\.wav/);
  });

  it('rejects an empty prediction', () => {
    assert.throws(
      () => emotionTimelineFigure({ ...prediction, segments: [] }, { source: '' }),
      InvalidArgumentError,
    );
    assert.throws(
      () => predictionFigure({ ...prediction, probabilities: [] }, { source: '' }),
      InvalidArgumentError,
    );
  });
});
