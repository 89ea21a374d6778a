import fc from 'fast-check';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resample } from '../../../src/core/audio';
import { createRandom } from '../../../src/core/base';
import {
  augment,
  type Augmentation,
  normaliseLevel,
  powerSpectrogram,
  speechLevel,
} from '../../../src/core/dsp';
import {
  bandLimit,
  changeSpeed,
  clipPeaks,
  convolve,
  reverberate,
  telephone,
} from '../../../src/core/dsp/recording-conditions';
import { changeVocalTract } from '../../../src/core/dsp/augmentation';
import { assertClose } from '../../assert-close';
import { pythonWith } from '../../python';

const sampleRate = 22_050;
const seconds = 1.5;
/** a voice-like signal: harmonics of 150 Hz with two formants, in two syllables */
const voice = Float32Array.from({ length: seconds * sampleRate }, (_, i) => {
  const t = i / sampleRate;
  const envelope = Math.max(0, Math.sin(2 * Math.PI * 1.3 * t)) ** 2;
  let sum = 0;
  for (let k = 1; k <= 40; k++) {
    const hz = 150 * k;
    const gain = Math.exp(-(((hz - 700) / 300) ** 2)) + 0.5 * Math.exp(-(((hz - 2300) / 500) ** 2)) + 0.02;
    sum += gain * Math.sin(2 * Math.PI * hz * t + k);
  }
  return 0.12 * envelope * sum;
});
const energy = (samples: Float32Array): number => samples.reduce((sum, x) => sum + x * x, 0);
const correlation = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, x, i) => sum + x * b[i], 0) / Math.sqrt(energy(a) * energy(b));
const random = () => createRandom(7);

describe('telephone', () => {
  it('keeps the length, removes frequencies above 4 kHz and keeps the voice', () => {
    const call = telephone(voice, { sampleRate });
    assert.equal(call.length, voice.length);
    const { data, shape } = powerSpectrogram(call);
    let [below, above] = [0, 0];
    for (let i = 0; i < data.length; i++)
      if (((i % shape[1]) * sampleRate) / 2048 > 4200) above += data[i];
      else below += data[i];
    assert.ok(above < 1e-6 * below, `${above / below}`);
    const narrow = resample(resample(voice, sampleRate, 8000), 8000, sampleRate).subarray(0, voice.length);
    assert.ok(correlation(call, narrow) > 0.999);
  });

  // At 8 kHz nothing is resampled.
  const narrow = resample(voice, sampleRate, 8000).map((x) => Math.round(x * 32_768) / 32_768);

  // Of the absolute values: audioop rounds negative samples down before it encodes them.
  it("equals G.711 of Python's audioop", function () {
    const python = pythonWith('audioop');
    if (python === undefined) return void this.skip();
    const program = `import audioop, sys
sys.stdout.buffer.write(audioop.ulaw2lin(audioop.lin2ulaw(sys.stdin.buffer.read(), 2), 2))`;
    const positive = narrow.map(Math.abs);
    const input = new Uint8Array(Int16Array.from(positive, (x) => x * 32_768).buffer);
    const { stdout } = spawnSync(python, ['-W', 'ignore', '-c', program], { input });
    const theirs = Float32Array.from(new Int16Array(new Uint8Array(stdout).buffer), (x) => x / 32_768);
    assert.deepEqual(telephone(positive, { sampleRate: 8000 }), theirs);
  });

  // ffmpeg rounds differently between the segments of the µ-law.
  it('correlates with the µ-law of ffmpeg', function () {
    if (spawnSync('ffmpeg', ['-version']).error) {
      console.log('      skipped: ffmpeg is not installed');
      return void this.skip();
    }
    const ffmpeg = (options: string[], input: Uint8Array): Buffer =>
      spawnSync('ffmpeg', ['-loglevel', 'error', ...options], { input }).stdout;
    const raw = ['-f', 'f32le', '-ar', '8000', '-ac', '1'];
    const encoded = ffmpeg([...raw, '-i', 'pipe:0', '-f', 'mulaw', 'pipe:1'], new Uint8Array(narrow.buffer));
    const theirs = ffmpeg(['-f', 'mulaw', '-ar', '8000', '-i', 'pipe:0', ...raw, 'pipe:1'], encoded);
    const samples = new Float32Array(new Uint8Array(theirs).buffer);
    assert.equal(samples.length, narrow.length);
    assert.ok(correlation(telephone(narrow, { sampleRate: 8000 }), samples) > 0.999);
  });
});

describe('reverberate', () => {
  it('decays by 60 dB in the reverberation time, at the given direct-to-reverberant ratio', () => {
    const impulse = new Float32Array(sampleRate);
    impulse[0] = 1;
    const response = reverberate(impulse, { sampleRate, rt60Sec: 0.4, directDb: -3, random: random() });
    assertClose([response[0]], [1], 1e-6);
    const tail = response.slice(1);
    assertClose([10 * Math.log10(1 / energy(tail))], [-3], 0.01);
    // Schroeder (1965): the energy that remains, from 5 to 25 dB below the start, extrapolated to 60 dB
    const left = tail.slice();
    let sum = 0;
    for (let i = left.length - 1; i >= 0; i--) left[i] = sum += tail[i] ** 2;
    const at = (db: number): number => left.findIndex((x) => x <= sum * 10 ** (-db / 10));
    assertClose([(3 * (at(25) - at(5))) / sampleRate], [0.4], 0.03);
  });

  it('rejects times and ratios out of range', () => {
    const options = { sampleRate, rt60Sec: 0.4, directDb: 0, random: random() };
    assert.throws(
      () => reverberate(voice, { ...options, rt60Sec: 0 }),
      /rt60Sec must be a number from 0.01 to 10/,
    );
    assert.throws(
      () => reverberate(voice, { ...options, directDb: NaN }),
      /directDb must be a number from -60/,
    );
  });
});

describe('bandLimit', () => {
  const tone = (hz: number): Float32Array =>
    Float32Array.from({ length: sampleRate }, (_, i) => Math.sin((2 * Math.PI * hz * i) / sampleRate));
  const gainDb = (hz: number, lowHz: number, highHz: number): number => {
    const inner = (x: Float32Array): Float32Array => x.subarray(4000, -4000);
    const limited = bandLimit(tone(hz), { sampleRate, lowHz, highHz });
    return 10 * Math.log10(energy(inner(limited)) / energy(inner(tone(hz))));
  };

  it('passes the band, halves the amplitude at its edges and stops the rest', () => {
    assertClose(
      [1000, 400, 3300].map((hz) => gainDb(hz, 300, 3400)),
      [0, 0, 0],
      0.1,
    );
    assertClose(
      [300, 3400].map((hz) => gainDb(hz, 300, 3400)),
      [-6, -6],
      0.1,
    );
    for (const hz of [100, 150, 3600, 8000]) assert.ok(gainDb(hz, 300, 3400) < -45);
  });

  it('keeps low or high frequencies if their side is open, and delays nothing', () => {
    assertClose([gainDb(60, 0, 3000), gainDb(9000, 2000, 11_025)], [0, 0], 0.1);
    assert.ok(correlation(bandLimit(voice, { sampleRate, lowHz: 0, highHz: 9000 }), voice) > 0.9999);
  });

  it('rejects an empty band', () => {
    assert.throws(
      () => bandLimit(voice, { sampleRate, lowHz: 500, highHz: 500 }),
      /highHz must be above lowHz \(500 Hz\), got 500/,
    );
  });
});

describe('convolve', () => {
  it('equals the direct sum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 3000 }),
        fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (signal, taps) => {
          const direct = signal.map((_, n) =>
            taps.reduce((sum, tap, k) => sum + (n >= k ? tap * signal[n - k] : 0), 0),
          );
          assertClose(convolve(Float32Array.from(signal), Float32Array.from(taps)), direct, 1e-5);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('changeSpeed', () => {
  it('equals resampling in librosa', function () {
    const python = pythonWith('librosa');
    if (python === undefined) return void this.skip();
    const program = `import json, sys, numpy, librosa
x = numpy.array(json.load(sys.stdin), dtype=numpy.float32)
print(json.dumps(librosa.resample(x, orig_sr=24255, target_sr=22050).tolist()))`;
    const { stdout } = spawnSync(python, ['-c', program], {
      input: JSON.stringify([...voice]),
      maxBuffer: 1e8,
    });
    const theirs = JSON.parse(stdout.toString()) as number[];
    const ours = changeSpeed(voice, { rate: 1.1 });
    assert.equal(ours.length, theirs.length);
    assertClose(ours.subarray(200, -200), theirs.slice(200, -200), 1e-3);
  });
});

describe('changeVocalTract', () => {
  /** centre of gravity of the spectrum between 1.5 and 3.5 kHz: the second formant */
  const formantHz = (samples: Float32Array): number => {
    const { data, shape } = powerSpectrogram(samples);
    let [sum, weighted] = [0, 0];
    for (let i = 0; i < data.length; i++) {
      const hz = ((i % shape[1]) * sampleRate) / 2048;
      if (hz < 1500 || hz > 3500) continue;
      sum += data[i];
      weighted += data[i] * hz;
    }
    return weighted / sum;
  };

  it('moves the formants and keeps length and pitch', () => {
    const ratio = formantHz(changeVocalTract(voice, { sampleRate, factor: 1.12 })) / formantHz(voice);
    assertClose([ratio], [1.12], 0.04);
    const smaller = changeVocalTract(voice, { sampleRate, factor: 0.9 });
    assert.equal(smaller.length, voice.length);
    assertClose([formantHz(smaller) / formantHz(voice)], [0.9], 0.04);
    // The harmonics stay multiples of 150 Hz.
    const { data, shape } = powerSpectrogram(smaller, { nFft: 8192 });
    const strongest = data.indexOf(data.reduce((most, x) => Math.max(most, x), 0)) % shape[1];
    const hz = (strongest * sampleRate) / 8192;
    assert.ok(Math.abs(hz / 150 - Math.round(hz / 150)) < 0.03, String(hz));
  });

  it('returns the signal for a factor of 1', () => {
    assertClose(changeVocalTract(voice, { sampleRate, factor: 1 }), voice, 1e-5);
  });
});

describe('level', () => {
  it('is the same after any gain, and ignores pauses', () => {
    const padded = new Float32Array(3 * voice.length);
    padded.set(voice);
    assertClose([speechLevel(padded)], [speechLevel(voice)], 3);
    for (const gain of [0.01, 0.5, 3]) {
      const quiet = voice.map((x) => gain * x);
      assertClose([speechLevel(quiet)], [speechLevel(voice) + 20 * Math.log10(gain)], 1e-3);
      assertClose(normaliseLevel(quiet, -26), normaliseLevel(voice, -26), 1e-5);
    }
    assertClose([speechLevel(normaliseLevel(voice, -26))], [-26], 1e-3);
  });

  it('leaves digital silence silent', () => {
    assert.equal(speechLevel(new Float32Array(5000)), -Infinity);
    assert.deepEqual(normaliseLevel(new Float32Array(5000), -26), new Float32Array(5000));
  });
});

describe('clipPeaks', () => {
  it('limits to a share of the peak', () => {
    assertClose(clipPeaks(Float32Array.of(0.1, -0.5, 1, 0), { peakShare: 0.3 }), [0.1, -0.3, 0.3, 0], 1e-6);
  });
});

describe('augmentations with a range', () => {
  const options = (seed: number) => ({ sampleRate, random: createRandom(seed) });
  const level = (list: Augmentation[], seed: number): number =>
    speechLevel(augment(voice, list, options(seed))) - speechLevel(voice);

  it('draw a value per seed within the range', () => {
    const gains = Array.from({ length: 30 }, (_, seed) => level([{ kind: 'gain', gainDb: [-12, 6] }], seed));
    assert.ok(gains.every((gain) => gain >= -12.01 && gain <= 6.01));
    assert.ok(Math.max(...gains) - Math.min(...gains) > 10);
  });

  it('give the same result for the same seed', () => {
    const list: Augmentation[] = [
      { kind: 'crop', durationSec: [0.4, 1] },
      { kind: 'speed', rate: [0.9, 1.1] },
      { kind: 'vocalTract', factor: [0.9, 1.1] },
      { kind: 'room', rt60Sec: [0.1, 0.5], directDb: [0, 10] },
      { kind: 'band', lowHz: [0, 300], highHz: [3000, 9000] },
      { kind: 'noise', snrDb: [5, 30] },
      { kind: 'clip', peakShare: [0.3, 0.9] },
      { kind: 'telephone' },
    ];
    assert.deepEqual(augment(voice, list, options(3)), augment(voice, list, options(3)));
    assert.notDeepEqual(augment(voice, list, options(3)), augment(voice, list, options(4)));
  });

  it('crop takes a part of the recording, or all of a shorter one', () => {
    const part = augment(voice, [{ kind: 'crop', durationSec: 0.5 }], options(1));
    assert.equal(part.length, sampleRate / 2);
    const start = voice.findIndex((_, i) => part.every((x, k) => x === voice[i + k]));
    assert.ok(start >= 0);
    assert.deepEqual(augment(voice, [{ kind: 'crop', durationSec: 9 }], options(1)), voice);
  });
});
