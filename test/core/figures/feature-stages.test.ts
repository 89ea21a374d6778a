import assert from 'node:assert/strict';
import { mfcc, powerSpectrogram, powerToDb } from '../../../src/core/dsp';
import { featureStagesFigure, figureJson } from '../../../src/core/figures';
import { renderSvg } from '../../../src/node/drawing';
import { loadFrontEnd } from '../../../src/node/extraction';

const sampleRate = 8000;
/** Two seconds of a tone with harmonics. */
const tone = (hz: number) => ({
  sampleRate,
  samples: Float32Array.from({ length: 2 * sampleRate }, (_, i) =>
    [1, 2, 3].reduce((sum, k) => sum + (0.3 / k) * Math.sin((2 * Math.PI * k * hz * i) / sampleRate), 0),
  ),
});
const settings = { source: 'a tone', nFft: 512, hopLength: 128, nMels: 32, fMax: 4000, nMfcc: 13 };

describe('featureStagesFigure', function () {
  this.timeout(20_000);

  it('computes each step from the window and places it at its time', () => {
    const { samples } = tone(200);
    const { data, layout } = featureStagesFigure(
      { samples, sampleRate },
      { ...settings, windowSec: [0.5, 1] },
    );
    const [, spectrogram, mel, cepstrum, f0] = data;
    const part = samples.subarray(0.5 * sampleRate, sampleRate);
    const power = powerSpectrogram(part, { nFft: 512, hopLength: 128 });
    const frames = power.shape[0];
    for (const [trace, height] of [
      [mel, 32],
      [cepstrum, 13],
    ] as const) {
      assert.equal(trace.z!.length, height);
      assert.equal(trace.z![0].length, frames);
      assert.deepEqual([trace.x0, trace.dx], [0.5, 128 / sampleRate]);
    }
    const coefficients = mfcc(part, {
      sampleRate,
      nFft: 512,
      hopLength: 128,
      nMels: 32,
      fMax: 4000,
      nMfcc: 13,
    });
    assert.equal(cepstrum.z![3][5], Math.round(coefficients.data[5 * 13 + 3]));
    // 257 frequencies are drawn as blocks of two, and decibels as those of the maximum.
    const db = powerToDb(power, { ref: 'max' });
    assert.equal(spectrogram.z!.length, 129);
    assert.equal(spectrogram.z![6][5], Math.round(Math.max(db.data[5 * 257 + 12], db.data[5 * 257 + 13])));
    assert.deepEqual([spectrogram.x0, spectrogram.dy, spectrogram.y0], [0.5, 2, 0.5]);
    const middle = (f0.y as number[])[Math.floor(frames / 2)];
    assert.ok(Math.abs(middle - 200) < 2, String(middle));
    assert.equal((f0.x as number[])[0], 0.5);
    assert.deepEqual(layout.xaxis?.range, [0, 2]);
  });

  it('states the number of frames and values of each step, and the lowest F0 that the frames allow', () => {
    const { layout } = featureStagesFigure(tone(300), { ...settings, nFft: 64, hopLength: 400 });
    const headings = layout.annotations!.map(({ text }) => text);
    assert.deepEqual(headings.slice(1), [
      'Spectrogram: 41 frames × 33 values',
      'Mel bands: 41 frames × 32 values',
      'MFCC: 41 frames × 13 values',
      'F0: 41 frames × 1 value, from 250 Hz',
    ]);
  });

  it('is the same with the SIMD kernel', async () => {
    const frontEnd = await loadFrontEnd();
    const [plain, fast] = [{}, { frontEnd }].map((one) =>
      featureStagesFigure(tone(150), { ...settings, ...one }),
    );
    for (const [i, { z }] of plain.data.entries()) {
      const other = fast.data[i].z as number[][] | undefined;
      for (const [r, row] of (z ?? []).entries())
        for (const [c, value] of Array.from(row as number[]).entries())
          assert.ok(
            Math.abs(value - other![r][c]) <= 1,
            `trace ${i}, ${r}, ${c}: ${value} and ${other![r][c]}`,
          );
    }
  });

  it('keeps colours and axes for all settings, and can be drawn', async () => {
    const one = featureStagesFigure(tone(150), settings);
    const other = featureStagesFigure(tone(250), { ...settings, nFft: 1024, windowSec: [0.2, 9] });
    for (const name of ['coloraxis', 'coloraxis2', 'xaxis', 'yaxis5'] as const)
      assert.equal(JSON.stringify(one.layout[name]), JSON.stringify(other.layout[name]), name);
    assert.match(await renderSvg(one), /From the waveform to features/);
    assert.ok(figureJson(one).length < 400_000);
  });

  it('rejects a window outside the clip and frames that are too short for any F0', () => {
    for (const windowSec of [
      [2, 3],
      [1, 1],
      [-1, 1],
      [NaN, 1],
    ] as const)
      assert.throws(() => featureStagesFigure(tone(150), { ...settings, windowSec }), /windowSec .*2\.00 s/);
    assert.throws(
      () => featureStagesFigure(tone(150), { ...settings, nFft: 16 }),
      /nFft .*more than 27 samples/,
    );
    assert.throws(() => featureStagesFigure(tone(150), { ...settings, fMax: 5000 }), /fMax/);
  });
});
