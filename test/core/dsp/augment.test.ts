import fc from 'fast-check';
import assert from 'node:assert/strict';
import { createRandom } from '../../../src/core/base';
import { addNoise, addPaperNoise, augment, type Augmentation, paperVersions } from '../../../src/core/dsp';
import { assertClose } from '../../assert-close';

const sampleRate = 22_050;
/** one second of a harmonic tone */
const voice = Float32Array.from({ length: sampleRate }, (_, i) =>
  [1, 2, 3].reduce((sum, k) => sum + (0.2 / k) * Math.sin((2 * Math.PI * 150 * k * i) / sampleRate), 0),
);
const power = (samples: Float32Array): number => samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
const difference = (a: Float32Array, b: Float32Array): Float32Array => a.map((x, i) => x - b[i]);

describe('addNoise', () => {
  for (const snrDb of [-5, 0, 20, 40]) {
    it(`reaches a signal-to-noise ratio of ${snrDb} dB`, () => {
      const noise = difference(addNoise(voice, { snrDb, random: createRandom(1) }), voice);
      assertClose([10 * Math.log10(power(voice) / power(noise))], [snrDb], 0.2);
    });
  }

  it('returns silence unchanged and rejects NaN', () => {
    const random = createRandom(1);
    assert.deepEqual(addNoise(new Float32Array(5), { snrDb: 10, random }), new Float32Array(5));
    assert.throws(
      () => addNoise(voice, { snrDb: NaN, random }),
      /snrDb must be a finite number of decibels, got NaN/,
    );
  });
});

describe('addPaperNoise', () => {
  it('has a standard deviation uniform between 0 and 3.5 % of the maximum', () => {
    const largest = Math.max(...voice);
    const strengths = Array.from({ length: 60 }, (_, seed) => {
      const noise = difference(addPaperNoise(voice, createRandom(seed)), voice);
      return Math.sqrt(power(noise)) / (0.035 * largest);
    });
    assert.ok(strengths.every((strength) => strength < 1.02));
    assertClose([strengths.reduce((a, b) => a + b) / 60], [0.5], 0.12, 'mean strength');
  });

  it('returns silence unchanged', () => {
    assert.deepEqual(addPaperNoise(new Float32Array(9), createRandom(3)), new Float32Array(9));
  });
});

describe('shift', () => {
  const shift = (samples: Float32Array, maxSec: number, seed: number): Float32Array =>
    augment(samples, [{ kind: 'shift', maxSec }], { sampleRate: 1, random: createRandom(seed) });

  it('rolls by at most maxSec in either direction and keeps all samples', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), (seed, maxSec) => {
        const samples = Float32Array.from({ length: 200 }, (_, i) => i);
        const shifted = shift(samples, maxSec, seed);
        const by = ((shifted.indexOf(0) + 100) % 200) - 100;
        assert.ok(Math.abs(by) <= maxSec);
        assert.deepEqual(shifted.slice().sort(), samples);
      }),
    );
    assert.throws(() => shift(voice, -2, 1), /maxSamples must be an integer of at least 0, got -2/);
  });
});

describe('augment', () => {
  const apply = (augmentations: readonly Augmentation[], seed = 1): Float32Array =>
    augment(voice, augmentations, { sampleRate, random: createRandom(seed) });

  it('depends only on the seed and does not change its input', () => {
    const before = voice.slice();
    for (const augmentations of Object.values(paperVersions)) {
      assert.deepEqual(apply(augmentations), apply(augmentations));
    }
    assert.notDeepEqual(apply(paperVersions.noise, 1), apply(paperVersions.noise, 2));
    assert.deepEqual(voice, before);
  });

  it('keeps the length except for a stretch', () => {
    for (const augmentations of Object.values(paperVersions))
      assert.equal(apply(augmentations).length, voice.length);
    assert.equal(apply([{ kind: 'stretch', rate: 0.75 }]).length, voice.length / 0.75);
  });

  it('uses the given functions of a front end', () => {
    const used: string[] = [];
    const tool =
      (name: string) =>
      (samples: Float32Array, options: object): Float32Array => {
        used.push(`${name} ${JSON.stringify(options)}`);
        return samples;
      };
    const tools = { pitchShift: tool('pitch'), timeStretch: tool('stretch') };
    const steps: Augmentation[] = [
      { kind: 'stretch', rate: 0.8 },
      { kind: 'pitch', nSteps: 2 },
    ];
    augment(voice, steps, { sampleRate, random: createRandom(1), ...tools });
    assert.deepEqual(used, ['stretch {"rate":0.8}', 'pitch {"sampleRate":22050,"nSteps":2}']);
  });

  it('applies augmentations in the given order', () => {
    const noiseLast = apply([
      { kind: 'pitch', nSteps: 4 },
      { kind: 'noise', snrDb: 20 },
    ]);
    const pitched = apply([{ kind: 'pitch', nSteps: 4 }]);
    const noise = difference(noiseLast, pitched);
    assertClose([10 * Math.log10(power(pitched) / power(noise))], [20], 0.3);
  });

  it('returns a copy if there are no augmentations', () => {
    const result = apply([]);
    assert.deepEqual(result, voice);
    assert.notEqual(result, voice);
  });

  it('rejects an unknown kind', () => {
    const unknown = [{ kind: 'echo' }] as unknown as Augmentation[];
    assert.throws(() => apply(unknown), /kind must be one of paperNoise, noise, .*vocalTract, got "echo"/);
  });
});
