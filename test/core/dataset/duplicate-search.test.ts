import assert from 'node:assert/strict';
import { resample, type Waveform } from '../../../src/core/audio';
import { createRandom } from '../../../src/core/base';
import {
  type AudioFingerprint,
  decodeFingerprint,
  encodeFingerprint,
  fingerprintOf,
  type NearDuplicate,
  searchDuplicates,
} from '../../../src/core/dataset';
import { addNoise, pitchShift, timeStretch } from '../../../src/core/dsp';
import { voice } from '../../babble';

const voices = Array.from({ length: 6 }, (_, i) => ({ name: `${i}.wav`, waveform: voice(`voice ${i}`) }));

/** Changes applied to copies. */
const copies: Record<string, (waveform: Waveform) => Waveform> = {
  'quieter, inverted and with an offset': ({ samples, sampleRate }) => ({
    samples: samples.map((x) => 0.05 - 0.3 * x),
    sampleRate,
  }),
  'cut at both ends': ({ samples, sampleRate }) => ({
    samples: samples.slice(0.31 * sampleRate, 1.8 * sampleRate),
    sampleRate,
  }),
  'at 8 kHz in 8 bits': ({ samples, sampleRate }) => ({
    samples: resample(samples, sampleRate, 8000).map((x) => Math.round(127 * x) / 127),
    sampleRate: 8000,
  }),
  'with noise 20 dB below': ({ samples, sampleRate }) => ({
    samples: addNoise(samples, { snrDb: 20, random: createRandom('noise') }),
    sampleRate,
  }),
  'an excerpt of 1 s': ({ samples, sampleRate }) => ({
    samples: samples.slice(0.5 * sampleRate, 1.5 * sampleRate),
    sampleRate,
  }),
  'shifted in pitch': ({ samples, sampleRate }) => ({
    samples: pitchShift(samples, { sampleRate, nSteps: 0.7 }),
    sampleRate,
  }),
  'stretched in time': ({ samples, sampleRate }) => ({
    samples: timeStretch(samples, { rate: 0.8 }),
    sampleRate,
  }),
};

const fingerprints = new Map<Waveform, AudioFingerprint>();
/** Computes each recording's fingerprint once. */
function fingerprintOnce(waveform: Waveform): AudioFingerprint {
  const fingerprint = fingerprints.get(waveform) ?? fingerprintOf(waveform);
  fingerprints.set(waveform, fingerprint);
  return fingerprint;
}

function search(
  recordings: readonly { name: string; waveform: Waveform; sha256?: string }[],
): NearDuplicate[] {
  const steps = searchDuplicates(
    recordings.map(({ name, waveform, sha256 = name }) => ({
      path: name,
      sha256,
      fingerprint: fingerprintOnce(waveform),
    })),
  );
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

const silence = (seconds: number, sampleRate = 8000): Waveform => ({
  samples: new Float32Array(seconds * sampleRate),
  sampleRate,
});

describe('searchDuplicates', () => {
  for (const [how, change] of Object.entries(copies)) {
    it(`finds a copy that is ${how}, whichever clip comes first`, () => {
      const { name, waveform } = voices[0];
      const copy = { name: 'copy.wav', waveform: change(waveform) };
      const others = voices.slice(1);
      for (const pair of [
        [voices[0], copy],
        [copy, voices[0]],
      ]) {
        const found = search([...pair, ...others]);
        assert.deepEqual(
          found.map(({ paths }) => paths),
          [[name, 'copy.wav']],
        );
      }
    });
  }

  it('reports how the copy was changed, the offset and the duration of the overlap', () => {
    const [{ waveform }] = voices;
    const late = {
      samples: waveform.samples.slice(0.4 * waveform.sampleRate),
      sampleRate: waveform.sampleRate,
    };
    const [found] = search([
      { name: 'a.wav', waveform },
      { name: 'b.wav', waveform: late },
    ]);
    assert.equal(found.kind, 'same');
    assert.ok(Math.abs(found.offsetSec + 0.4) < 0.021, `${found.offsetSec}`);
    assert.ok(Math.abs(found.overlapSec - 1.6) < 0.05, `${found.overlapSec}`);
    const pitched = copies['shifted in pitch'](waveform);
    assert.equal(
      search([
        { name: 'a.wav', waveform },
        { name: 'b.wav', waveform: pitched },
      ])[0].kind,
      'pitch',
    );
  });

  it('finds copies of short clips', () => {
    const short = voice('short', 0.5);
    const noisy = copies['with noise 20 dB below'](short);
    const found = search([{ name: 'a.wav', waveform: short }, { name: 'b.wav', waveform: noisy }, ...voices]);
    assert.deepEqual(
      found.map(({ paths }) => paths),
      [['a.wav', 'b.wav']],
    );
  });

  it('omits clips with identical bytes', () => {
    const [{ waveform }] = voices;
    assert.deepEqual(
      search([
        { name: 'a.wav', waveform, sha256: 'same' },
        { name: 'b.wav', waveform, sha256: 'same' },
      ]),
      [],
    );
  });
});

describe('fingerprintOf', () => {
  const hum: Waveform = {
    samples: Float32Array.from({ length: 16_000 }, (_, i) => Math.sin((2 * Math.PI * 440 * i) / 8000)),
    sampleRate: 8000,
  };
  for (const [what, waveform, reason] of [
    ['too short a recording', silence(0.2), /shorter than 0.3 s/],
    ['no samples', silence(0), /shorter than 0.3 s/],
    ['too long a recording', silence(601), /longer than 10 minutes/],
    ['digital silence', silence(2), /silent/],
    ['a constant', { ...silence(2), samples: new Float32Array(16_000).fill(0.5) }, /silent/],
    ['a steady tone', hum, /does not change/],
  ] as const) {
    it(`rejects ${what} with the reason`, () => {
      assert.throws(() => fingerprintOf(waveform), reason);
    });
  }

  it('survives encoding, and damaged numbers are recognised', () => {
    const fingerprint = fingerprintOnce(voices[0].waveform);
    const numbers = encodeFingerprint(fingerprint);
    assert.deepEqual(decodeFingerprint(numbers), fingerprint);
    for (const damaged of [
      numbers.slice(0, -1),
      numbers.slice(1),
      new Uint32Array(0),
      numbers.map((x) => x + 1),
    ])
      assert.equal(decodeFingerprint(damaged), undefined);
  });
});
