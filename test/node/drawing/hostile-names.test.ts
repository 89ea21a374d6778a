import assert from 'node:assert/strict';

import { createRandom } from '../../../src/core/base';
import type { Matrix } from '../../../src/core/dsp';
import { abstention, calibration, scoreReport, sliceScores } from '../../../src/core/evaluation';
import {
  abstentionFigure,
  blockDiagramFigure,
  contoursFigure,
  durationsFigure,
  emotionsByGroupFigure,
  type Figure,
  meanSpectraFigure,
  occlusionMapFigure,
  parallelCoordinatesFigure,
  plainText,
  predictionFigure,
  reliabilityFigure,
  runComparisonFigure,
  sampleRatesFigure,
  slicesFigure,
  speakerEmotionHeatmap,
  spectrogramFigure,
  spectrogramGridFigure,
  trainingCurvesFigure,
  waveformGridFigure,
} from '../../../src/core/figures';
import { labelsOf, literal } from '../../../src/core/figures/figure';
import { renderPng, renderSvg } from '../../../src/node/drawing';
import { madeUpPredictions } from '../../core/evaluation/made-up-predictions';
import { history } from '../../core/figures/evaluation-figures';
import { sampleClips } from '../../core/figures/sample-clips';

/** Markup, entities, formulas, template variables, characters that XML does not allow, escape sequences, and very long names. */
const names = [
  '<a href="javascript:x()">Q</a><b>B</b><br>&amp;&lt;$x^2$%{x}',
  'Q\u0000\u0001\u000b\u001b]8;;http://x\u0007\ufffe\ud800\u202e\n"\'',
  `Q${'x'.repeat(40)}1`,
  `Q${'x'.repeat(40)}2`,
  `Q${'long '.repeat(1000)}`,
  '__proto__',
  '',
  '🙂'.repeat(30),
];
const [name] = names;
const source = names.join(' ');
const sampleRate = 16_000;
const tone = { samples: Float32Array.from({ length: 800 }, (_, i) => Math.sin(i / 5) / 2), sampleRate };
const clips = sampleClips.map((clip, i) => {
  const hostile = names[i % names.length];
  return { ...clip, corpus: hostile, speaker: `${hostile}${i % 3}`, sentence: hostile, label: hostile };
});
const predictions = {
  ...madeUpPredictions(),
  clips: madeUpPredictions().clips.map((clip, i) => ({ ...clip, corpus: names[i % names.length] })),
};
const report = { ...scoreReport(predictions, { resamples: 100 }), protocolLabel: name };
const matrix: Matrix = { data: new Float32Array(20).fill(1), shape: [4, 5] };
const spectrum = { name, values: new Float32Array([1, 2]) };
const random = createRandom(1);

const figures: Record<string, () => Figure> = {
  emotionsByGroup: () => emotionsByGroupFigure(clips, { by: 'sentence', source, title: name }),
  speakerEmotionHeatmap: () => speakerEmotionHeatmap(clips, { source }),
  durations: () => durationsFigure(clips, { source }),
  sampleRates: () => sampleRatesFigure(clips, { source }),
  slices: () => slicesFigure(sliceScores(predictions, { by: 'corpus', resamples: 100 }), { source }),
  reliability: () => reliabilityFigure([{ name, calibration: calibration(predictions) }], { source }),
  abstention: () => abstentionFigure([{ name, abstention: abstention(predictions) }], { source }),
  runComparison: () =>
    runComparisonFigure(
      names.map((run) => ({ name: run, report })),
      { source },
    ),
  trainingCurves: () =>
    trainingCurvesFigure(
      names.map((run) => ({ name: run, history: history(3, 0.6) })),
      { source, protocol: report },
    ),
  parallelCoordinates: () =>
    parallelCoordinatesFigure(
      names.map((value) => ({ parameters: { [name]: value }, score: random.uniform() })),
      { source, protocol: report },
    ),
  blockDiagram: () => blockDiagramFigure([{ title: name, lines: names }], { title: name, source }),
  spectrogram: () => spectrogramFigure(matrix, { title: name, source, sampleRate, valueTitle: name }),
  spectrogramGrid: () =>
    spectrogramGridFigure(
      names.map((title) => ({ title, matrix })),
      { title: name, source, sampleRate },
    ),
  waveformGrid: () =>
    waveformGridFigure(
      names.map((title) => ({ title, waveform: tone })),
      { source, title: name },
    ),
  contours: () =>
    contoursFigure(
      names.map((contour) => ({ name: contour, values: [1, 2] })),
      { title: name, source, valueTitle: name, sampleRate },
    ),
  meanSpectra: () =>
    meanSpectraFigure([spectrum, spectrum], { title: name, source, frequenciesHz: [100, 200] }),
  occlusionMap: () =>
    occlusionMapFigure(
      new Float32Array(20),
      {
        drop: new Float64Array(2),
        probability: 0.5,
        windows: [{ from: 0, to: 4 }],
        groups: names.slice(0, 2).map((group) => ({ name: group, from: 0, to: 2 })),
        shape: [4, 5],
      } as unknown as Parameters<typeof occlusionMapFigure>[1],
      { source, protocol: report, emotion: name, sampleRate },
    ),
  prediction: () =>
    predictionFigure(
      {
        ...{ protocol: report.protocol, protocolLabel: name, isLeaky: false, model: name, abstained: false },
        ...{
          threshold: 0.3,
          durationSec: 1,
          timeline: [],
          segments: [],
          probabilities: [{ emotion: 'sad', probability: 1 }],
        },
      },
      { source },
    ),
};

describe('names with markup and control characters', () => {
  for (const [kind, draw] of Object.entries(figures)) {
    it(`are drawn literally: ${kind}`, async () => {
      const { Resvg } = await import('@resvg/resvg-js');
      const figure = draw();
      const svg = await renderSvg(figure);
      new Resvg(svg); // parses the XML strictly
      assert.ok(!/<a[\s>]|xlink:href="(?!data:|#)/.test(svg), 'it has a link');
      assert.ok(/&(lt|#60);a\s/.test(svg), 'the name is missing');
      assert.ok(!/%\{x\}Q|<a href|<b>B|(?<!\\)\\u0000/.test(JSON.stringify(figure)), 'the figure has markup');
    });
  }

  it('cannot break a picture of a specification made elsewhere', async () => {
    const figure = { data: [{ type: 'bar', x: ['a\u0000', '\ud800'], y: [1, 2] }], layout: {} };
    assert.ok((await renderPng(figure)).length > 0);
  });
});

describe('literal and labelsOf', () => {
  it('keep ordinary names, and plainText gives escaped text back', () => {
    for (const ordinary of ['RAVDESS', "It's eleven o'clock", 'Jörg', 'fold 1, sentences A', '50 %']) {
      assert.equal(literal(ordinary), ordinary);
    }
    assert.equal(plainText(literal('<b>&amp;$1$ %{x}')), '<b>&amp;$1$ %{x}');
  });

  it('give distinct labels of limited length to distinct names', () => {
    const labels = labelsOf(names, 20);
    assert.equal(new Set(labels).size, names.length);
    assert.ok(labels.every((label) => Array.from(plainText(label)).length <= 24));
    assert.deepEqual(labelsOf(['a\u0000', 'a\\u0000', 'a\u0000']), ['a\\u0000', 'a\\u0000 (2)', 'a\\u0000']);
  });
});
