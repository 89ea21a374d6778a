import assert from 'node:assert/strict';
import { WaveFile } from 'wavefile';
import { encodeWav } from '../../../src/core/audio';

const samples = Float32Array.of(-1.5, -1, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 2, 0.125);
const clamped = [-1, -1, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1, 0.125];

describe('encodeWav', () => {
  it('writes 16-bit mono with a header of 44 bytes by default', () => {
    const bytes = Buffer.from(encodeWav({ samples, sampleRate: 24414 }));
    assert.equal(bytes.toString('latin1', 0, 4), 'RIFF');
    assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
    assert.equal(bytes.toString('latin1', 8, 16), 'WAVEfmt ');
    assert.deepEqual([bytes.readUInt16LE(20), bytes.readUInt16LE(22)], [1, 1], 'PCM, one channel');
    assert.equal(bytes.readUInt32LE(24), 24414);
    assert.equal(bytes.readUInt16LE(34), 16);
    assert.equal(bytes.readUInt32LE(40), 2 * samples.length);
    assert.equal(bytes.length, 44 + 2 * samples.length);
  });

  it('rounds to the nearest step and clamps to [-1, 1)', () => {
    const step = 1 / 32768;
    const bytes = Buffer.from(
      encodeWav({
        samples: Float32Array.of(0.4 * step, 0.6 * step, -0.6 * step, 5, -5, 1),
        sampleRate: 8000,
      }),
    );
    const values = [0, 1, 2, 3, 4, 5].map((i) => bytes.readInt16LE(44 + 2 * i));
    assert.deepEqual(values, [0, 1, -1, 32767, -32768, 32767]);
  });

  for (const [bitDepth, full] of [
    ['8', 128],
    ['16', 32768],
    ['24', 8388608],
    ['32', 2147483648],
  ] as const) {
    it(`writes ${bitDepth} bits that decode to the input`, () => {
      const wav = new WaveFile(encodeWav({ samples, sampleRate: 44100 }, { bitDepth }));
      assert.equal(wav.bitDepth, bitDepth);
      const offset = bitDepth === '8' ? full : 0;
      const expected = clamped.map((value) => Math.min(full - 1, value * full) + offset);
      // The package's reader interprets the padding byte after an odd chunk as a sample.
      assert.deepEqual([...wav.getSamples()].slice(0, samples.length), expected);
    });
  }

  it('stores 32-bit floats unchanged', () => {
    const wav = new WaveFile(encodeWav({ samples, sampleRate: 44100 }, { bitDepth: '32f' }));
    assert.deepEqual(Float32Array.from(wav.getSamples()), samples);
  });

  it('pads chunks of odd size to even size', () => {
    const bytes = Buffer.from(encodeWav({ samples, sampleRate: 8000 }, { bitDepth: '8' }));
    assert.equal(bytes.length, 44 + 12);
    assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
    assert.equal(bytes.readUInt32LE(40), 11);
  });

  it('writes a file without samples', () => {
    assert.equal(encodeWav({ samples: new Float32Array(0), sampleRate: 8000 }).length, 44);
  });

  it('rejects samples that are not finite and invalid rates', () => {
    assert.throws(
      () => encodeWav({ samples: Float32Array.of(0, NaN), sampleRate: 8000 }),
      /samples\[1\] must be finite, got NaN/,
    );
    for (const sampleRate of [0.5, 999, 2 ** 32 + 8000]) {
      assert.throws(
        () => encodeWav({ samples, sampleRate }),
        /sampleRate must be an integer from 1000 to 768000 \(Hz\)/,
      );
    }
  });
});
