import fc from 'fast-check';
import assert from 'node:assert/strict';
import { createRandom } from '../../../src/core/base';
import {
  dct,
  delta,
  f0Contour,
  hzToMel,
  istft,
  melFilterBank,
  melToHz,
  mfcc,
  pitchShift,
  powerSpectrogram,
  realFft,
  rms,
  roll,
  stft,
  timeStretch,
  zeroCrossingRate,
} from '../../../src/core/dsp';
import { assertClose } from '../../assert-close';
import { signal } from './golden';

const sampleRate = 22050;

describe('realFft', () => {
  for (const size of [2, 4, 8, 64, 128, 2048]) {
    it(`equals the Fourier sum, preserves energy (Parseval) and is inverted by its inverse, at size ${size}`, () => {
      const input = Float64Array.from(noise(size, 'fft'));
      const [real, imag, back] = [
        new Float64Array(size / 2 + 1),
        new Float64Array(size / 2 + 1),
        new Float64Array(size),
      ];
      realFft(size).forward(input, real, imag);
      for (const k of new Set([0, 1, Math.floor(size / 3), size / 2])) {
        const sum = (part: (angle: number) => number) =>
          input.reduce((total, x, n) => total + x * part((-2 * Math.PI * k * n) / size), 0);
        assertClose([real[k], imag[k]], [sum(Math.cos), sum(Math.sin)], 1e-9, `bin ${k}`);
      }
      const energy = input.reduce((sum, x) => sum + x * x, 0);
      const spectral = real.reduce((sum, re, k) => {
        const times = k === 0 || k === size / 2 ? 1 : 2;
        return sum + (times * (re * re + imag[k] * imag[k])) / size;
      }, 0);
      assertClose([spectral], [energy], 1e-9 * energy, 'energy');
      realFft(size).inverse(real, imag, back);
      assertClose(back, input, 1e-13, 'inverse');
    });
  }
});

describe('stft and istft', () => {
  it('has the peak of a sine at its bin, with half its amplitude times the sum of the window as height', () => {
    const nFft = 1024;
    const k = 37;
    const { data, shape } = powerSpectrogram(sine((k * sampleRate) / nFft, 8000), {
      nFft,
      power: 1,
      center: false,
    });
    for (let i = 0; i < shape[0]; i++) {
      const frame = data.subarray(i * shape[1], (i + 1) * shape[1]);
      assert.equal(frame.indexOf(Math.max(...frame)), k);
      assertClose([frame[k]], [nFft / 4], 1e-2, 'height');
    }
  });

  for (const options of [
    {},
    { nFft: 512, hopLength: 100 },
    { nFft: 512, winLength: 400, window: 'hamming' as const },
  ]) {
    it(`reconstruct the signal: ${JSON.stringify(options)}`, () => {
      for (const name of ['speech', 'short', 'one sample', 'silent start', 'noise']) {
        const samples = signal(name);
        const back = istft(stft(samples, options), { ...options, length: samples.length });
        assertClose(back, samples, 1e-6, name);
      }
    });
  }

  it('reconstruct the signal without centring, except at the ends, where the window is zero', () => {
    const samples = signal('noise').subarray(0, 4096);
    const back = istft(stft(samples, { center: false }), { center: false });
    assertClose(back.subarray(100, -100), samples.subarray(100, -100), 1e-5);
  });

  it('are linear', () => {
    fc.assert(
      fc.property(weight(), weight(), fc.integer(), (a, b, seed) => {
        const [x, y] = [noise(900, `x${seed}`), noise(900, `y${seed}`)];
        const [fx, fy] = [x, y].map((z) => stft(z, { nFft: 256 }));
        const both = stft(
          x.map((value, i) => a * value + b * y[i]),
          { nFft: 256 },
        );
        const expected = fx.real.map((value, i) => a * value + b * fy.real[i]);
        assertClose(both.real, expected, 1e-4, 'real');
      }),
      { numRuns: 30, seed: 1 },
    );
  });
});

describe('mel filters', () => {
  it("have area 1 with Slaney's norm (for filters of many bins) and height 1 without", () => {
    const nFft = 16384;
    const { data, shape } = melFilterBank({ nFft, nMels: 40 });
    for (let mel = 0; mel < shape[0]; mel++) {
      const row = data.subarray(mel * shape[1], (mel + 1) * shape[1]);
      assertClose([(row.reduce((sum, w) => sum + w, 0) * sampleRate) / nFft], [1], 1e-2, `filter ${mel}`);
    }
    assertClose(
      [melFilterBank({ nFft, nMels: 40, norm: null }).data.reduce((a, b) => Math.max(a, b))],
      [1],
      1e-2,
      'height',
    );
  });

  it('use an invertible scale', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 24000, noNaN: true }), fc.boolean(), (hz, htk) => {
        assertClose([melToHz(hzToMel(hz, { htk }), { htk })], [hz], 1e-8 * (1 + hz));
      }),
      { seed: 1 },
    );
    assert.equal(hzToMel(1000), 15);
    assertClose([hzToMel(1000, { htk: true })], [1000], 0.02);
  });
});

describe('dct, mfcc and delta', () => {
  it('the basis of the DCT is orthonormal', () => {
    const size = 40;
    const identity = new Float32Array(size * size);
    for (let i = 0; i < size; i++) identity[i * size + i] = 1;
    const basis = dct({ data: identity, shape: [size, size] }).data;
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        let product = 0;
        for (let k = 0; k < size; k++) product += basis[a * size + k] * basis[b * size + k];
        assertClose([product], [a === b ? 1 : 0], 1e-6, `rows ${a} and ${b}`);
      }
    }
  });

  it('gain changes only the first coefficient, by √nMels times the gain in dB', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.25, max: 4, noNaN: true }), (gain) => {
        const samples = noise(4000, 'gain');
        const [quiet, loud] = [samples, samples.map((value) => gain * value)].map((x) =>
          mfcc(x, { nMels: 64 }),
        );
        const moved = quiet.data.map((c, i) => c + (i % 20 === 0 ? 8 * 20 * Math.log10(gain) : 0));
        assertClose(loud.data, moved, 1e-3);
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it('the delta of a parabola is its slope and the second delta its curvature, also at the edges', () => {
    const frames = 20;
    const data = Float32Array.from({ length: frames }, (_, i) => 0.5 * i * i + 3 * i);
    const first = delta({ data, shape: [frames, 1] }).data;
    assertClose(
      first.subarray(4, -4),
      Float32Array.from({ length: 12 }, (_, i) => i + 7),
      1e-4,
    );
    assertClose(first.subarray(0, 4), new Float32Array(4).fill(first[4]), 0);
    assertClose(
      delta({ data, shape: [frames, 1] }, { order: 2 }).data,
      new Float32Array(frames).fill(1),
      1e-4,
    );
  });
});

describe('zeroCrossingRate and rms', () => {
  it('a sine crosses zero twice per period and has an RMS of amplitude / √2', () => {
    const samples = sine(441, 22050);
    assertClose(zeroCrossingRate(samples, { center: false }), new Float32Array(40).fill(0.04), 1e-3);
    assertClose(
      rms(samples, { frameLength: 1000, hopLength: 5000, center: false }),
      Array(5).fill(Math.SQRT1_2),
      1e-6,
    );
  });

  it('the rate is in [0, 1) for any signal, and RMS scales with the signal', () => {
    const anySignal = fc.float32Array({ minLength: 1, maxLength: 600, min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(anySignal, fc.constantFrom(0.5, 2, -4), (samples, gain) => {
        const options = { frameLength: 64, hopLength: 20 };
        for (const rate of zeroCrossingRate(samples, options)) assert.ok(rate >= 0 && rate < 1, `${rate}`);
        const scaled = rms(
          samples.map((x) => gain * x),
          options,
        );
        assertClose(
          scaled,
          rms(samples, options).map((value) => Math.abs(gain) * value),
          1e-6,
        );
      }),
      { seed: 1 },
    );
  });

  it('samples within 1e-10 of zero count as positive', () => {
    const frame = { frameLength: 4, hopLength: 4, center: false };
    assert.deepEqual([...zeroCrossingRate(Float32Array.of(1, -1e-11, -0, 1), frame)], [0]);
    assert.deepEqual([...zeroCrossingRate(Float32Array.of(1, -1e-3, 0, -1), frame)], [0.75]);
  });
});

describe('f0Contour', () => {
  for (const f0 of [90, 150, 233, 410]) {
    it(`finds ${f0} Hz in a tone with ten harmonics`, () => {
      const tone = noise(9000, 'f0').map((x) => 0.01 * x);
      for (let k = 1; k <= 10; k++) sine(f0 * k, 9000).forEach((x, i) => (tone[i] += (0.3 * x) / k));
      const voiced = f0Contour(tone).f0Hz.subarray(3, -3);
      assertClose(voiced, new Float32Array(voiced.length).fill(f0), 0.005 * f0);
    });
  }

  it('reports noise and digital silence as unvoiced', () => {
    for (const samples of [noise(9000, 'unvoiced'), new Float32Array(9000)]) {
      const { f0Hz, candidateHz, aperiodicity } = f0Contour(samples);
      assert.ok(f0Hz.every(Number.isNaN));
      assert.ok(candidateHz.every((hz) => hz > 60 && hz < 620));
      assert.ok(aperiodicity.every((value) => value > 0.5));
    }
  });

  it('gives the same result frame by frame and hop by hop', () => {
    const samples = signal('speech');
    const shared = f0Contour(samples, { hopLength: 512 }).candidateHz;
    const alone = f0Contour(samples, { hopLength: 256 }).candidateHz;
    assertClose(
      shared,
      alone.filter((_, i) => i % 2 === 0),
      1e-3,
    );
  });
});

describe('timeStretch, pitchShift and roll', () => {
  it('timeStretch divides the length by the rate and keeps the pitch; pitchShift does the opposite', () => {
    const tone = sine(200, 20000).map(
      (x, i) => 0.4 * x + 0.2 * Math.sin((2 * Math.PI * 400 * i) / sampleRate),
    );
    const middle = (x: Float32Array) => f0Contour(x).f0Hz.subarray(8, 20);
    const slow = timeStretch(tone, { rate: 0.8 });
    assert.equal(slow.length, 25000);
    assertClose(middle(slow), new Float32Array(12).fill(200), 1);
    const high = pitchShift(tone, { nSteps: 4 });
    assert.equal(high.length, tone.length);
    assertClose(middle(high), new Float32Array(12).fill(200 * 2 ** (4 / 12)), 1.5);
  });

  it('timeStretch rounds the length half to even, as Python', () => {
    assert.equal(timeStretch(noise(5, 'a'), { rate: 2, nFft: 64 }).length, 2);
    assert.equal(timeStretch(noise(7, 'a'), { rate: 2, nFft: 64 }).length, 4);
  });

  it('rate 1 and 0 steps return the signal', () => {
    assertClose(timeStretch(signal('speech')), signal('speech'), 1e-6);
    assertClose(pitchShift(signal('short')), signal('short'), 1e-6);
  });

  it('a roll is inverted by the opposite roll and keeps all samples', () => {
    fc.assert(
      fc.property(fc.float32Array({ maxLength: 50, noNaN: true }), fc.integer(), (samples, shift) => {
        const rolled = roll(samples, shift);
        assert.deepEqual(roll(rolled, -shift), samples);
        assert.deepEqual([...rolled].sort(), [...samples].sort());
      }),
      { seed: 1 },
    );
    assert.deepEqual([...roll(Float32Array.of(1, 2, 3, 4), 1)], [4, 1, 2, 3]);
  });

  it('do not change their input', () => {
    const samples = signal('short').slice();
    for (const run of [stft, mfcc, rms, zeroCrossingRate, f0Contour]) run(samples);
    timeStretch(samples, { rate: 1.3 });
    pitchShift(samples, { nSteps: 1 });
    roll(samples, 5);
    assert.deepEqual(samples, signal('short'));
  });
});

function noise(length: number, seed: string): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => random.uniform(-0.5, 0.5));
}

function sine(hz: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * hz * i) / sampleRate));
}

function weight() {
  return fc.double({ min: -2, max: 2, noNaN: true });
}
