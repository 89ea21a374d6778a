import assert from 'node:assert/strict';
import { fftFrequencies, meanOverFrames, melBandCentres, melFilterBank } from '../../../src/core/dsp';
import { assertClose } from '../../assert-close';

describe('fftFrequencies', () => {
  it('runs from 0 to half the sample rate', () => {
    assertClose(fftFrequencies({ sampleRate: 8000, nFft: 8 }), [0, 1000, 2000, 3000, 4000], 1e-9);
    assert.throws(() => fftFrequencies({ nFft: 1000 }), /nFft must be a power of two/);
  });
});

describe('melBandCentres', () => {
  for (const htk of [false, true]) {
    it(`is the frequency of each filter's maximum (htk ${htk})`, () => {
      const options = { sampleRate: 22_050, nFft: 8192, nMels: 40, fMin: 50, fMax: 8000, htk };
      const { data, shape } = melFilterBank({ ...options, norm: null });
      const centres = melBandCentres(options.nMels, options);
      assert.equal(centres.length, shape[0]);
      for (const [band, centre] of centres.entries()) {
        const row = data.subarray(band * shape[1], (band + 1) * shape[1]);
        const peak = (row.indexOf(Math.max(...row)) * options.sampleRate) / options.nFft;
        assertClose([peak], [centre], options.sampleRate / options.nFft, `band ${band}`);
      }
    });
  }
});

describe('meanOverFrames', () => {
  it('gives every frame the same weight, in whichever matrix it is', () => {
    const long = { data: Float32Array.of(1, 10, 3, 30), shape: [2, 2] as [number, number] };
    const short = { data: Float32Array.of(8, 80), shape: [1, 2] as [number, number] };
    assertClose(meanOverFrames([long, short]), [4, 40], 1e-6);
  });

  it('rejects an empty list and matrices with different columns', () => {
    const one = { data: Float32Array.of(1), shape: [1, 1] as [number, number] };
    const two = { data: Float32Array.of(1, 2), shape: [1, 2] as [number, number] };
    assert.throws(() => meanOverFrames([]), /matrices must be a list with at least one frame/);
    assert.throws(() => meanOverFrames([one, two]), /matrices must be matrices with 1 columns each/);
  });
});
