import assert from 'node:assert/strict';

import fc from 'fast-check';

import { emotionColors, waveformFigure, waveformGridFigure } from '../../../src/core/figures';
import { waveformEnvelope } from '../../../src/core/figures/envelope';

const source = 'a synthetic clip';

describe('waveformEnvelope', () => {
  it('keeps the minimum and maximum of any signal, within the number of points, in time order', () => {
    const signals = fc.float32Array({ minLength: 1, maxLength: 3000, min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(signals, fc.integer({ min: 2, max: 200 }), (samples, maxPoints) => {
        const { timeSec, amplitude } = waveformEnvelope({ samples, sampleRate: 100 }, maxPoints);
        assert.ok(amplitude.length <= maxPoints);
        assert.equal(timeSec.length, amplitude.length);
        assert.equal(Math.max(...amplitude), Math.max(...samples));
        assert.equal(Math.min(...amplitude), Math.min(...samples));
        timeSec.forEach((time, i) => assert.ok(i === 0 || time >= timeSec[i - 1]));
        timeSec.forEach((time, i) => assert.equal(amplitude[i], samples[Math.round(time * 100)]));
      }),
    );
  });

  it('keeps one sample of a click among 100,000', () => {
    const samples = new Float32Array(100_000);
    samples[54_321] = -0.75;
    const { timeSec, amplitude } = waveformEnvelope({ samples, sampleRate: 20_000 });
    assert.equal(amplitude.length, 2000);
    assert.ok(Math.abs(timeSec[amplitude.indexOf(-0.75)] - 54_321 / 20_000) < 1e-6);
  });

  it('copies a short signal', () => {
    const samples = Float32Array.of(0.5, -0.5);
    const { amplitude } = waveformEnvelope({ samples, sampleRate: 2 });
    assert.deepEqual(amplitude, samples);
    assert.notEqual(amplitude.buffer, samples.buffer);
  });

  it('rejects an empty signal, an invalid rate and too few points', () => {
    const samples = new Float32Array(4);
    assert.throws(
      () => waveformEnvelope({ samples: new Float32Array(0), sampleRate: 8000 }),
      /samples must be/,
    );
    assert.throws(() => waveformEnvelope({ samples, sampleRate: 0 }), /sampleRate must be/);
    assert.throws(() => waveformEnvelope({ samples, sampleRate: 8000 }, 1), /maxPoints must be/);
  });
});

describe('waveformFigure', () => {
  it('has time and amplitude axes and spans the whole clip', () => {
    const waveform = { samples: Float32Array.of(0, 0.5, -0.25, 0), sampleRate: 2 };
    const { data, layout } = waveformFigure(waveform, { title: 'Four samples', source, emotion: 'fear' });
    assert.equal(layout.xaxis?.title?.text, 'Time (s)');
    assert.match(layout.yaxis!.title!.text, /Amplitude/);
    assert.deepEqual(layout.xaxis.range, [0, 2]);
    assert.deepEqual(data[0]?.x, Float32Array.of(0, 0.5, 1, 1.5));
    assert.equal(data[0]?.line?.color, emotionColors.fear);
  });

  it('gives silence an amplitude axis', () => {
    const { layout } = waveformFigure(
      { samples: new Float32Array(9), sampleRate: 9 },
      { title: 'Silence', source },
    );
    assert.deepEqual(layout.yaxis?.range, [-0.1, 0.1]);
  });
});

describe('waveformGridFigure', () => {
  const panel = (
    title: string,
    length: number,
    level: number,
  ): Parameters<typeof waveformGridFigure>[0][number] => ({
    title,
    waveform: { samples: new Float32Array(length).fill(level), sampleRate: 10 },
  });
  const { data, layout } = waveformGridFigure(
    [panel('one', 10, 0.1), panel('two', 30, 0.5), panel('three', 20, -0.2)],
    {
      source,
      columns: 2,
    },
  );
  const axis = (name: string): Record<string, unknown> => layout[name] as Record<string, unknown>;

  it('has one titled panel per waveform, in order', () => {
    assert.deepEqual(
      data.map(({ name }) => name),
      ['one', 'two', 'three'],
    );
    assert.deepEqual(
      data.map(({ xaxis, yaxis }) => [xaxis, yaxis].join()),
      ['x,y', 'x2,y2', 'x3,y3'],
    );
    assert.deepEqual(
      layout.annotations?.slice(0, 3).map(({ text }) => text),
      ['one', 'two', 'three'],
    );
  });

  it('gives all panels the ranges of the longest and the loudest waveform', () => {
    for (const id of ['', '2', '3']) {
      assert.deepEqual(axis(`xaxis${id}`).range, [0, 3]);
      assert.deepEqual(axis(`yaxis${id}`).range, [-0.54, 0.54]);
    }
  });

  it('titles the time axis of the lowest panel of each column', () => {
    const titles = ['xaxis', 'xaxis2', 'xaxis3'].map((name) => (axis(name).title as { text: string }).text);
    assert.deepEqual(titles, ['', 'Time (s)', 'Time (s)']);
  });

  it('rejects a number of columns that is not a positive integer', () => {
    assert.throws(
      () => waveformGridFigure([panel('one', 10, 0.1)], { source, columns: 0 }),
      /columns must be/,
    );
  });
});
