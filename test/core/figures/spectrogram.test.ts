import assert from 'node:assert/strict';
import {
  contoursFigure,
  meanSpectraFigure,
  spectrogramFigure,
  spectrogramGridFigure,
} from '../../../src/core/figures';
import { renderSvg } from '../../../src/node/drawing';

const source = 'synthetic demo, 1 clip';
/** Matrix of frames × columns in which every value is different. */
const matrix = (frames: number, columns: number) => ({
  data: Float32Array.from({ length: frames * columns }, (_, i) => i),
  shape: [frames, columns] as [number, number],
});

describe('spectrogramFigure', () => {
  it('draws time along x and frequency along y', () => {
    const { data, layout } = spectrogramFigure(matrix(3, 2), {
      title: 'A clip',
      source,
      sampleRate: 1000,
      hopLength: 100,
      frequenciesHz: [0, 500],
    });
    assert.deepEqual(data[0].z, [
      [0, 2, 4],
      [1, 3, 5],
    ]);
    assert.deepEqual([data[0].x0, data[0].dx, data[0].y0, data[0].dy], [0, 0.1, 0, 1]);
    assert.equal(layout.xaxis?.title?.text, 'Time (s)');
    assert.equal(layout.yaxis?.title?.text, 'Frequency (Hz)');
    assert.match(JSON.stringify(layout.title), /synthetic demo, 1 clip/);
  });

  it('reduces large matrices to the maxima of blocks', () => {
    const { data } = spectrogramFigure(matrix(800, 402), {
      title: '',
      source,
      sampleRate: 800,
      hopLength: 1,
    });
    const rows = data[0].z as number[][];
    assert.equal(rows.length, 134);
    assert.equal(rows[0].length, 267);
    assert.equal(rows.at(-1)?.at(-1), 800 * 402 - 1);
    assert.equal(data[0].dx, 3 / 800);
    assert.deepEqual([data[0].y0, data[0].dy], [1, 3]);
  });

  it('numbers the coefficients if there are no frequencies', () => {
    const { layout } = spectrogramFigure(matrix(4, 20), { title: 'MFCC', source, sampleRate: 22_050 });
    assert.equal(layout.yaxis?.title?.text, 'Coefficient');
  });

  it('has ticks at round frequencies on a linear and a mel scale, none too close to another', () => {
    const linear = Array.from({ length: 1025 }, (_, i) => (i * 22_050) / 2048);
    const ticks = spectrogramFigure(matrix(2, 1025), {
      title: '',
      source,
      sampleRate: 22_050,
      frequenciesHz: linear,
    });
    const { tickvals, ticktext } = ticks.layout.yaxis ?? {};
    assert.deepEqual(ticktext, ['0', '8,000', '4,000', '2,000', '10,000', '6,000']);
    assert.equal(tickvals?.[1], (8000 * 2048) / 22_050);
    const mel = Array.from({ length: 128 }, (_, i) => 700 * (10 ** ((i * 22.19) / 2595) - 1));
    const onMel = spectrogramFigure(matrix(2, 128), {
      title: '',
      source,
      sampleRate: 22_050,
      frequenciesHz: mel,
    });
    const columns = (onMel.layout.yaxis?.tickvals ?? []) as number[];
    assert.ok(columns.length >= 5);
    assert.ok(columns.every((a, i) => columns.every((b, k) => i === k || Math.abs(a - b) > 128 / 12)));
  });

  it('rejects an empty matrix and a wrong number of frequencies', () => {
    const options = { title: '', source, sampleRate: 22_050 };
    assert.throws(
      () => spectrogramFigure(matrix(0, 5), options),
      /matrix must be a matrix with at least one frame/,
    );
    assert.throws(
      () => spectrogramFigure(matrix(2, 5), { ...options, frequenciesHz: [1, 2] }),
      /frequenciesHz must be 5 frequencies, one per column, got 2/,
    );
  });
});

describe('spectrogramGridFigure', () => {
  const panels = [
    { title: 'angry', matrix: matrix(10, 4) },
    { title: 'sad', matrix: matrix(20, 4) },
    { title: 'fear', matrix: matrix(5, 4) },
  ];

  it('draws all panels with one colour scale and the longest duration', async () => {
    const figure = spectrogramGridFigure(panels, { title: 'Three', source, sampleRate: 100, hopLength: 10 });
    assert.ok(figure.data.every((trace) => trace.coloraxis === 'coloraxis'));
    assert.deepEqual(figure.layout.xaxis?.range, [0, 2]);
    assert.deepEqual((figure.layout.xaxis3 as { range: number[] }).range, [0, 2]);
    assert.deepEqual(
      figure.layout.annotations?.map(({ text }) => text),
      ['angry', 'sad', 'fear'],
    );
    assert.match(await renderSvg(figure), /<image /);
  });

  it('rejects panels that cannot be compared', () => {
    const mixed = [...panels, { title: 'other', matrix: matrix(5, 3) }];
    const options = { title: '', source, sampleRate: 100 };
    assert.throws(
      () => spectrogramGridFigure(mixed, options),
      /panels must be matrices with the same columns/,
    );
    assert.throws(() => spectrogramGridFigure([], options), /panels must be a list with at least one/);
    assert.throws(
      () => spectrogramGridFigure(panels, { ...options, columns: 0 }),
      /columns must be a positive integer/,
    );
  });
});

describe('contoursFigure', () => {
  it('leaves gaps at missing values, and converts frames to seconds', () => {
    const { data } = contoursFigure([{ name: 'angry', emotion: 'angry', values: [100, NaN, 120.04] }], {
      title: 'Pitch',
      source,
      valueTitle: 'F0 (Hz)',
      sampleRate: 22_050,
      hopLength: 441,
    });
    assert.deepEqual(data[0].y, [100, null, 120]);
    assert.deepEqual(data[0].x, [0, 0.02, 0.04]);
  });

  it('a few extreme values do not determine the range: they are marked at its edge and counted', () => {
    const values = Array.from({ length: 200 }, (_, i) => 150 + 50 * Math.sin(i));
    const options = { title: 'Pitch', source, valueTitle: 'F0 (Hz)', sampleRate: 22_050 };
    const calm = contoursFigure([{ name: 'sad', values }], options);
    assert.equal(calm.data.length, 1);
    assert.equal(calm.layout.yaxis?.range, undefined);

    const { data, layout } = contoursFigure([{ name: 'sad', values: [...values, 590, 40] }], options);
    const [low, high] = layout.yaxis!.range as [number, number];
    assert.ok(low > 40 && low < 100 && high > 200 && high < 250);
    assert.deepEqual(Array.from(data[0].y!).slice(-2), [590, 40]);
    assert.deepEqual(data[1].y, [high, low]);
    assert.deepEqual(data[1].customdata, [
      ['sad', 590],
      ['sad', 40],
    ]);
    assert.match(layout.title!.subtitle!.text, /2 values outside the axis \(triangles\)/);
  });

  it('rejects an empty list', () => {
    assert.throws(
      () => contoursFigure([], { title: '', source, valueTitle: '', sampleRate: 1 }),
      /contours must be a list with at least one contour/,
    );
  });
});

describe('meanSpectraFigure', () => {
  const options = { title: 'Averages', source, frequenciesHz: [100.4, 200] };

  it('draws one line per spectrum', () => {
    const { data, layout } = meanSpectraFigure(
      [{ name: 'sad', emotion: 'sad', values: [-20.04, -30] }],
      options,
    );
    assert.deepEqual(
      [data[0].x, data[0].y],
      [
        [100, 200],
        [-20, -30],
      ],
    );
    assert.equal(layout.xaxis?.type, 'log');
  });

  it('rejects a spectrum of another length', () => {
    assert.throws(
      () => meanSpectraFigure([{ name: 'sad', values: [1] }], options),
      /spectra \(sad\) must be 2 values, one per band, got 1/,
    );
  });
});
