import assert from 'node:assert/strict';

import { emotions } from '../../../src/core/base';
import {
  abstention,
  calibration,
  classificationReport,
  confusionMatrix,
  formatSlices,
  isWorstClear,
  occlude,
  scoreReport,
  type Slice,
  sliceScores,
} from '../../../src/core/evaluation';
import {
  abstentionFigure,
  classScoresFigure,
  confusionMatrixFigure,
  deletionCurvesFigure,
  emotionColors,
  type Figure,
  figureJson,
  occlusionMapFigure,
  parallelCoordinatesFigure,
  protocolComparisonFigure,
  protocolWaterfallFigure,
  reliabilityFigure,
  runComparisonFigure,
  slicesFigure,
  type Trace,
  trainingCurvesFigure,
} from '../../../src/core/figures';
import { inks } from '../../../src/core/figures/theme';
import { renderSvg } from '../../../src/node/drawing';
import { plotlyWindow } from '../../../src/node/drawing/plotly-window';
import { assertClose } from '../../assert-close';
import { leaky } from '../evaluation/made-up-predictions';
import { better, evaluationFigures, history, predictions, source, trials } from './evaluation-figures';

const resamples = 100;
const report = scoreReport(predictions, { resamples });
const leakyReport = scoreReport(leaky(better), { resamples });

function numbers(values: unknown): number[] {
  return Array.from(values as Iterable<unknown>, Number);
}

function named(figure: Figure, pattern: RegExp): Trace {
  const found = figure.data.find(({ name }) => name !== undefined && pattern.test(name));
  assert.ok(found, `no trace ${pattern}`);
  return found;
}

describe('every figure of the evaluation', () => {
  for (const [name, build] of Object.entries(evaluationFigures)) {
    it(`${name} has a source, a protocol and axis titles`, async () => {
      const { title, xaxis, yaxis } = (await build()).layout;
      assert.ok(title?.text);
      assert.match(title.subtitle!.text, /synthetic/);
      assert.match(title.subtitle!.text, /speakers \(new speakers |protocols below the bars/);
      assert.ok(xaxis?.title?.text);
      assert.ok(yaxis?.title?.text);
    });

    it(`${name} is a valid Plotly specification`, async () => {
      const { Plotly } = await plotlyWindow();
      const { data, layout } = JSON.parse(figureJson(await build())) as Figure;
      const complaints = Plotly.validate(data, { ...layout, showlegend: true }) ?? [];
      const serious = complaints.filter(({ code }) => code !== 'unused');
      assert.equal(serious.map(({ msg }) => msg).join('; '), '');
    });

    it(`${name} can be drawn, and is deterministic`, async () => {
      const figure = await build();
      assert.equal(figureJson(await build()), figureJson(figure));
      assert.match(await renderSvg(figure), /^<svg/);
    });
  }
});

describe('figures of a leaky protocol', () => {
  const of = leaky(predictions);
  const subtitle = (figure: Figure): string => figure.layout.title!.subtitle!.text;

  it('are labelled LEAKY', () => {
    for (const figure of [
      confusionMatrixFigure(confusionMatrix(of), { source }),
      classScoresFigure(classificationReport(of), { source }),
      reliabilityFigure([{ name: 'run', calibration: calibration(of) }], { source }),
      abstentionFigure([{ name: 'run', abstention: abstention(of) }], { source }),
      slicesFigure(sliceScores(of, { by: 'sex', resamples }), { source }),
      runComparisonFigure([{ name: 'run', report: leakyReport }], { source }),
      trainingCurvesFigure([{ name: 'run', history: history(3, 0.6) }], { source, protocol: of }),
      parallelCoordinatesFigure(trials(5), { source, protocol: of }),
    ]) {
      assert.match(subtitle(figure).replaceAll('<br>', ' '), /paper-rows, LEAKY \(how well a model recalls /);
    }
  });

  it('cannot be combined with those of a leak-free protocol', () => {
    const message = /protocol must be the same for all, got "speakers and paper-rows, LEAKY"/;
    const both = [predictions, of];
    assert.throws(
      () =>
        reliabilityFigure(
          both.map((one) => ({ name: '', calibration: calibration(one) })),
          { source },
        ),
      message,
    );
    assert.throws(
      () =>
        abstentionFigure(
          both.map((one) => ({ name: '', abstention: abstention(one) })),
          { source },
        ),
      message,
    );
  });
});

describe('abstentionFigure', () => {
  it('marks the point of a threshold on the curve, unless no row is confident enough', () => {
    const curve = abstention(predictions);
    const marksAt = (threshold: number) =>
      abstentionFigure([{ name: 'run', abstention: curve, threshold }], { source }).data.filter(
        ({ mode }) => mode === 'markers+text',
      );
    const at = curve.threshold.findLastIndex((value) => value >= 0.6);
    const [{ x, y, text }] = marksAt(0.6);
    assert.deepEqual([x, y, text], [[100 * curve.coverage[at]], [100 * curve.accuracy[at]], ['from 60 %']]);
    assert.deepEqual(marksAt(0)[0].x, [100]);
    assert.equal(marksAt(1.01).length, 0);
  });
});

describe('confusionMatrixFigure', () => {
  const matrix = confusionMatrix(predictions);
  const { data, layout } = confusionMatrixFigure(matrix, { source });

  it('has counts and row shares, with actual emotions from top to bottom', () => {
    const [{ z, x, y, customdata }] = data;
    assert.deepEqual([x, y], [[...emotions], [...emotions]]);
    assert.equal(layout.yaxis?.autorange, 'reversed');
    assert.deepEqual((customdata as number[][]).flat(), [...matrix.counts]);
    for (const row of z!) assertClose([numbers(row).reduce((sum, share) => sum + share)], [100], 0.4);
  });

  it('writes count and share into each cell', () => {
    const [, { x, y, text }] = data;
    const recall = classificationReport(predictions).classes[0].recall;
    const cells = Array.from(text as string[], (content, i) => [x![i], y![i], content]);
    assert.equal(cells.length, 49);
    assert.deepEqual(
      cells.find(([column, row]) => column === 'angry' && row === 'angry'),
      ['angry', 'angry', `<b>${(100 * recall).toFixed(1)} %</b><br>${matrix.counts[0]}`],
    );
  });

  it('leaves the row of an emotion without test rows empty', () => {
    const few = { ...predictions, classes: ['angry', 'sad'] as const };
    const figure = confusionMatrixFigure({ ...few, counts: Int32Array.of(3, 1, 0, 0) }, { source });
    assert.deepEqual(figure.data[0].z, [
      [75, 25],
      [null, null],
    ]);
    assert.deepEqual(figure.data[1].text, ['<b>75.0 %</b><br>3', '<b>25.0 %</b><br>1', '–', '–']);
  });
});

describe('classScoresFigure', () => {
  it('has an F1 bar per emotion in its colour, and markers for precision and recall', () => {
    const { classes, macro } = classificationReport(predictions);
    const figure = classScoresFigure(classificationReport(predictions), { source });
    const [bars] = figure.data;
    assertClose(
      numbers(bars.y),
      classes.map(({ f1 }) => 100 * f1),
      1e-9,
    );
    assert.deepEqual(
      bars.marker?.color,
      emotions.map((emotion) => emotionColors[emotion]),
    );
    assert.equal(numbers(named(figure, /precision/).y)[3], 100 * classes[3].precision);
    assert.equal(numbers(named(figure, /recall/).y)[3], 100 * classes[3].recall);
    assert.equal(figure.layout.shapes?.[0]?.y0, 100 * macro.f1);
  });
});

describe('reliabilityFigure', () => {
  const curve = calibration(predictions, { bins: 8 });
  const figure = reliabilityFigure([{ name: 'run', calibration: curve }], { source });

  it('has a point and a bar for each bin, and the diagonal', () => {
    const [diagonal, points, bars] = figure.data;
    assert.deepEqual(
      [diagonal.x, diagonal.y],
      [
        [0, 100],
        [0, 100],
      ],
    );
    assert.deepEqual(
      numbers(points.x),
      curve.bins.map(({ confidence }) => 100 * confidence),
    );
    assertClose([numbers(bars.y).reduce((sum, share) => sum + share)], [100], 1e-9);
    assert.match(points.name!, /ECE \d+\.\d %/);
  });

  it('rejects an empty list', () => {
    assert.throws(() => reliabilityFigure([], { source }), /curves must be a list with at least one curve/);
  });
});

describe('abstentionFigure', () => {
  it('ends at full coverage, with a limited number of points', () => {
    const curve = abstention(predictions);
    const [line] = abstentionFigure([{ name: 'run', abstention: curve }], { source }).data;
    assert.ok(line.x!.length <= 401);
    assert.equal(numbers(line.x).at(-1), 100);
    assertClose([numbers(line.y).at(-1)!], [100 * (1 - curve.errorRate)], 0.005);
  });

  it('rejects an empty list', () => {
    assert.throws(() => abstentionFigure([], { source }), /curves must be a list with at least one curve/);
  });
});

describe('slicesFigure', () => {
  it('has every group once with its interval, and highlights the lowest and the too small ones', () => {
    const overlapping = sliceScores(predictions, { by: 'corpus', resamples, minimumClips: 200 });
    const { worst } = overlapping;
    const below = (group: Slice): Slice => {
      const interval = { ...group.uar.interval, low: 0.01, high: 0.02 };
      return group.name === worst ? { ...group, uar: { value: 0.015, interval } } : group;
    };
    const slices = { ...overlapping, groups: overlapping.groups.map(below) };
    const figure = slicesFigure(slices, { source });
    const lowest = named(figure, /lowest: CREMA-D/);
    assert.deepEqual(numbers(lowest.x), [100 * slices.groups[1].uar.value]);
    assert.equal(lowest.marker?.color, inks.line);
    assert.deepEqual(numbers(named(figure, /fewer than 200 clips/).y), [2]);
    assert.equal(figure.data.flatMap(({ x }) => numbers(x)).length, 3);
    const { array, arrayminus } = lowest.error_x as Record<string, number[]>;
    const { value, interval } = slices.groups[1].uar;
    assertClose(
      [array[0], arrayminus[0]],
      [100 * (interval.high - value), 100 * (value - interval.low)],
      1e-9,
    );
  });

  it('highlights no group if the interval of the lowest overlaps another one', () => {
    const slices = sliceScores(predictions, { by: 'corpus', resamples, minimumClips: 200 });
    assert.equal(isWorstClear(slices), false);
    const { data } = slicesFigure(slices, { source });
    assert.deepEqual(
      data.map(({ name }) => name),
      ['group (intervals overlap)', 'fewer than 200 clips'],
    );
    assert.ok(data.every(({ marker }) => marker?.color !== inks.line));
    assert.match(formatSlices(slices), /points below the best; intervals overlap \(/);
  });

  it('sorts many groups by score without labels', () => {
    const many = {
      ...predictions,
      clips: predictions.clips.map((clip, i) => ({ ...clip, speaker: `S-${i % 45}` })),
    };
    const { data, layout } = slicesFigure(
      sliceScores(many, { by: 'speaker', resamples: 5, minimumClips: 1 }),
      {
        source,
      },
    );
    const points = data
      .flatMap(({ x, y }) => numbers(x).map((score, i) => ({ score, at: numbers(y)[i] })))
      .sort((a, b) => a.at - b.at);
    assert.equal(points.length, 45);
    points.slice(1).forEach(({ score }, i) => assert.ok(score <= points[i].score));
    assert.deepEqual(layout.yaxis?.ticktext, []);
  });
});

describe('protocolWaterfallFigure', () => {
  const figure = protocolWaterfallFigure(
    [
      { report: leakyReport, siblingShare: 0.9934 },
      { report, siblingShare: 0 },
    ],
    { source },
  );

  it('has accuracy and UAR of each protocol with intervals, and a dot for each corpus', () => {
    const uar = named(figure, /^UAR, pooled/);
    assert.deepEqual(
      numbers(uar.y),
      [leakyReport, report].map(({ pooled }) => 100 * pooled.scores.uar!.value),
    );
    const { high, low } = report.pooled.scores.uar!.interval;
    const { array, arrayminus } = uar.error_y as Record<string, number[]>;
    assertClose([array[1] + arrayminus[1]], [100 * (high - low)], 1e-9);
    assert.deepEqual(
      numbers(named(figure, /^TESS: UAR/).y),
      [leakyReport, report].map(({ perCorpus }) => 100 * perCorpus[2].scores.uar!.value),
    );
  });

  it('hatches and labels leaky protocols, and shows the share of siblings', () => {
    const { pattern } = named(figure, /^accuracy/).marker as { pattern: { shape: string[] } };
    assert.deepEqual(pattern.shape, ['/', '']);
    const [first, second] = figure.layout.xaxis!.ticktext!;
    assert.match(
      first,
      /paper-rows, LEAKY<\/b><br>99\.3 % of test rows have<br>a sibling in training<br>or validation$/,
    );
    assert.match(second, /^<b>speakers<\/b><br>0 % of test rows/);
  });

  it('shows the difference between protocols', () => {
    const fall = 100 * (report.pooled.scores.uar!.value - leakyReport.pooled.scores.uar!.value);
    assert.ok(fall < 0);
    assert.equal(figure.layout.annotations?.[0]?.text, `<b>UAR −${(-fall).toFixed(1)}</b>`);
  });

  it('rejects an empty list, and reports without the metric', () => {
    assert.throws(
      () => protocolWaterfallFigure([], { source }),
      /reports must be a list with at least one report/,
    );
    assert.throws(
      () => protocolWaterfallFigure([{ report }], { source, metrics: ['macroPrecision'] }),
      /reports must be reports that have macroPrecision/,
    );
  });
});

describe('protocolComparisonFigure', () => {
  const steps = [
    { report: leakyReport, siblingShare: 0.9934 },
    { report, siblingShare: 0 },
  ];

  it('has one bar for each model and protocol, and the range of their shares of siblings', () => {
    const { data, layout } = protocolComparisonFigure(
      [
        { name: 'wide', steps },
        { name: 'narrow', steps: [{ ...steps[0], siblingShare: 0.96 }] },
      ],
      { source },
    );
    assert.deepEqual(
      data.map(({ name }) => name),
      ['wide', 'narrow'],
    );
    const accuracies = [leakyReport, report].map(({ pooled }) => 100 * pooled.scores.accuracy!.value);
    assert.deepEqual(
      data.map(({ y }) => numbers(y)),
      [accuracies, accuracies.slice(0, 1)],
    );
    assert.ok(numbers(data[0].x)[0] < numbers(data[1].x)[0] && numbers(data[1].x)[0] < 0.5);
    const [first, second] = layout.xaxis!.ticktext!;
    assert.match(first, /paper-rows, LEAKY<\/b><br>96\.0 to 99\.3 % of test rows have/);
    assert.match(second, /^<b>speakers<\/b><br>0 % of test rows/);
  });

  it('rejects models without steps, and reports without the metric', () => {
    assert.throws(() => protocolComparisonFigure([], { source }), /a list with at least one report/);
    assert.throws(
      () => protocolComparisonFigure([{ name: 'a', steps }], { source, metric: 'macroPrecision' }),
      /reports must be reports that have macroPrecision/,
    );
  });
});

describe('runComparisonFigure', () => {
  it('shows the protocol once if all runs share it, otherwise per run', () => {
    const shared = runComparisonFigure(
      [
        { name: 'a', report },
        { name: 'b', report },
      ],
      { source },
    ).layout;
    assert.match(shared.title!.subtitle!.text, /· speakers \(new speakers/);
    assert.deepEqual(shared.xaxis?.ticktext, ['a', 'b']);
    const mixed = runComparisonFigure(
      [
        { name: 'a', report },
        { name: 'b', report: leakyReport },
      ],
      { source },
    ).layout;
    assert.deepEqual(mixed.xaxis?.ticktext, ['a<br><b>speakers</b>', 'b<br><b>paper-rows, LEAKY</b>']);
  });
});

describe('trainingCurvesFigure', () => {
  const epochs = history(20, 0.6);

  it('has loss and accuracy of training and validation, and stars at the kept epoch, by default the best', () => {
    const { data } = trainingCurvesFigure([{ name: 'run', history: epochs }], {
      source,
      protocol: predictions,
    });
    assert.equal(data.length, 6);
    const stars = data.filter(({ mode }) => mode === 'markers');
    const best = epochs.reduce((a, b) => (b.valAccuracy! > a.valAccuracy! ? b : a));
    assert.deepEqual(
      stars.map(({ x, y, yaxis }) => [numbers(x)[0], numbers(y)[0], yaxis]),
      [
        [best.epoch, best.valLoss, 'y'],
        [best.epoch, 100 * best.valAccuracy!, 'y2'],
      ],
    );
  });

  it('has a legend of one line above the curves if the names are short, and as many as needed otherwise', () => {
    const layoutOf = (names: string[]) =>
      trainingCurvesFigure(
        names.map((name) => ({ name, history: epochs })),
        { source, protocol: predictions },
      ).layout;
    const folds = layoutOf(['fold 1', 'fold 2', 'fold 3', 'fold 4', 'fold 5']);
    const long = layoutOf(['a', 'b', 'c'].map((name) => name.repeat(80)));
    assert.equal(folds.height, layoutOf(['run']).height);
    assert.equal(long.height, folds.height! + 60);
    for (const { legend } of [folds, long]) {
      assert.equal(legend!.orientation, 'h');
      assert.equal(legend!.yanchor, 'bottom');
    }
  });

  it('can mark the epoch with the lowest validation loss', () => {
    const { data } = trainingCurvesFigure([{ name: 'run', history: epochs }], {
      source,
      protocol: predictions,
      bestBy: 'valLoss',
    });
    const lowest = Math.min(...epochs.map(({ valLoss }) => valLoss!));
    assert.deepEqual(numbers(data.find(({ mode }) => mode === 'markers')!.y), [lowest]);
  });

  it('can mark the epoch with the best recall, or the last', () => {
    const figureBy = (bestBy: 'valUar' | 'last') =>
      trainingCurvesFigure(
        [{ name: 'run', history: epochs.map((scores, i) => ({ ...scores, valUar: i === 4 ? 0.9 : 0.1 })) }],
        { source, protocol: predictions, bestBy },
      );
    for (const [bestBy, epoch] of [
      ['valUar', 5],
      ['last', 20],
    ] as const) {
      const { data, layout } = figureBy(bestBy);
      const star = data.find(({ mode }) => mode === 'markers')!;
      assert.deepEqual([numbers(star.x), star.name], [[epoch], 'run, kept epoch']);
      assert.match(layout.annotations![0].text, /star: kept epoch$/);
      assert.doesNotMatch(JSON.stringify({ data, layout }), /best/);
    }
  });

  it('draws a run without validation, and one of a single epoch', () => {
    const plain = epochs.map(({ epoch, loss, accuracy }) => ({ epoch, loss, accuracy }));
    const figure = trainingCurvesFigure([{ name: 'run', history: plain }], { source, protocol: predictions });
    assert.deepEqual(
      figure.data.map(({ name }) => name),
      ['training', 'training'],
    );
    const single = trainingCurvesFigure([{ name: 'run', history: epochs.slice(0, 1) }], {
      source,
      protocol: predictions,
    });
    assert.ok(single.data.every(({ mode }) => mode === 'markers'));
  });

  it('has one legend entry per run', () => {
    const runs = ['a', 'b', 'c'].map((name) => ({ name, history: epochs }));
    const { data } = trainingCurvesFigure(runs, { source, protocol: predictions });
    assert.deepEqual(
      data.filter(({ showlegend }) => showlegend).map(({ name }) => name),
      ['a', 'b', 'c'],
    );
  });

  it('rejects an empty list, and runs without epochs', () => {
    const options = { source, protocol: predictions };
    assert.throws(() => trainingCurvesFigure([], options), /runs must be runs of at least one epoch each/);
    assert.throws(() => trainingCurvesFigure([{ name: 'x', history: [] }], options), /got "x"/);
  });
});

describe('occlusionMapFigure', () => {
  it('has the input above, and the drops in points below with windows in seconds', async () => {
    const row = Float32Array.of(1, 0, 1, 0, 1, 0);
    const model = (batch: Float32Array, rows: number): Float32Array =>
      Float32Array.from({ length: rows }, (_, i) => batch[6 * i] / 2);
    const occlusion = await occlude(model, row, { shape: [3, 2], classIndex: 0, windowFrames: 2 });
    const options = { source, protocol: predictions, emotion: 'sad', sampleRate: 1024 };
    const [above, below] = occlusionMapFigure(row, occlusion, options).data;
    assert.deepEqual(above.z, [
      [1, 1, 1],
      [0, 0, 0],
    ]);
    assert.deepEqual(below.x, [0, 1, 1.5]);
    assert.deepEqual(below.z, [
      [50, 0],
      [0, 0],
    ]);
    assert.deepEqual([below.zmin, below.zmax], [-50, 50]);
    assert.throws(
      () => occlusionMapFigure(row.subarray(1), occlusion, options),
      /row must be 3 × 2 values, got 5/,
    );
  });
});

describe('deletionCurvesFigure', () => {
  it('shows the area and its p-value', () => {
    const figure = deletionCurvesFigure(
      {
        removed: Float64Array.of(0, 0.5, 1),
        important: Float64Array.of(0.9, 0.1, 0.1),
        random: Float64Array.of(0.9, 0.5, 0.1),
        areas: Float64Array.of(0.2, 0.2),
        meanArea: 0.2,
        pValue: 0.0004,
        occlusions: [],
      },
      { source, protocol: predictions },
    );
    assert.deepEqual(numbers(named(figure, /most important/).y), [90, 10, 10]);
    assert.match(figure.layout.annotations![0].text, /20\.0 points, mean of 2 rows<br>p < 0\.001/);
  });
});

describe('parallelCoordinatesFigure', () => {
  const options = { source, protocol: predictions };

  it('has one line per trial, the best last and in its own colour', () => {
    const list = trials(12);
    const lines = parallelCoordinatesFigure(list, options).data.slice(0, -1);
    assert.equal(lines.length, 12);
    assert.ok(lines.every(({ y }) => numbers(y).every((at) => at >= 0 && at <= 1)));
    assert.equal(lines.at(-1)?.line?.color, inks.line);
    const best = Math.max(...list.map(({ score }) => score));
    assert.match(lines.at(-1)!.hovertemplate!, new RegExp(`${(100 * best).toFixed(1)} %`));
    assert.equal(numbers(lines.at(-1)!.y).at(-1), 1);
  });

  it('uses a logarithmic axis for values that span decades, and keeps the order of strings', () => {
    const list = [1e-4, 1e-3, 1e-2].map((rate, i) => ({
      parameters: { rate, head: ['flat', 'mean', 'flat'][i] },
      score: i / 10,
    }));
    const { data, layout } = parallelCoordinatesFigure(list, options);
    assertClose(
      data.slice(0, 3).map(({ y }) => numbers(y)[0]),
      [0, 0.5, 1],
      1e-9,
    );
    assert.deepEqual(
      data.slice(0, 3).map(({ y }) => numbers(y)[1]),
      [0, 1, 0],
    );
    assert.ok(layout.annotations?.some(({ text }) => text === '<br><b>rate</b> (log)'));
  });

  it('leaves out tick labels that would overlap, but not those of the ends and of the best trial', () => {
    const list = [0.0003534, 0.002621, 0.003005, 0.003012, 0.01669].map((rate, i) => ({
      parameters: { 'training.learningRate': rate },
      score: i === 3 ? 0.9 : i / 10,
    }));
    const { data, layout } = parallelCoordinatesFigure(list, options);
    const ticks = layout.annotations!.filter(({ x, xanchor }) => x === 0 && xanchor === 'right');
    const at = ticks.map(({ y }) => Number(y)).sort((a, b) => a - b);
    assert.ok(at.slice(1).every((y, i) => y - at[i] >= 0.05));
    assert.ok(at.includes(0) && at.includes(1) && at.includes(numbers(data.at(-2)!.y)[0]));
    assert.ok(layout.annotations!.some(({ text }) => text === 'training.<br><b>learningRate</b> (log)'));
  });

  it('draws a single trial', () => {
    assert.deepEqual(
      numbers(parallelCoordinatesFigure(trials(1), options).data[0].y),
      [0.5, 0.5, 0.5, 0.5, 0.5],
    );
  });

  it('rejects an empty list, and trials with different parameters', () => {
    assert.throws(
      () => parallelCoordinatesFigure([], options),
      /trials must be a list with at least one trial/,
    );
    const odd = [...trials(2), { parameters: { width: 1 }, score: 0 }];
    assert.throws(
      () => parallelCoordinatesFigure(odd, options),
      /trials must be trials that all have learningRate/,
    );
  });
});

describe('humanLineFigure', () => {
  it('has the recall of model and listeners per emotion, and both means', async () => {
    const figure = await evaluationFigures.humanLineFigure();
    assert.equal(named(figure, /^model/).x?.length, 6);
    assert.ok(numbers(named(figure, /^listeners’ votes/).y).every((recall) => recall > 0 && recall <= 100));
    assert.deepEqual(
      figure.layout.shapes?.map(({ name }) => String(name).replace(/\d.*/, '')),
      ['model, UAR ', 'listeners, mean recall '],
    );
  });
});
