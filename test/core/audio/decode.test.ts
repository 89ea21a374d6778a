import fc from 'fast-check';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WaveFile } from 'wavefile';
import { decodeAudio, encodeWav, readAudioFormat } from '../../../src/core/audio';
import { readAudio } from '../../../src/node/corpora';
import { assertClose } from '../../assert-close';
import { realClips } from '../../real-clips';

const rate = 16_000;
const signal = Float32Array.from([0, 0.5, -0.5, 0.25, -1, 0.99]);

const chunk = (id: string, content: Uint8Array, bigEndian = false): Buffer => {
  const header = Buffer.alloc(8);
  header.write(id, 0, 'latin1');
  if (bigEndian) header.writeUInt32BE(content.length, 4);
  else header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content, Buffer.alloc(content.length % 2)]);
};

const container = (id: string, form: string, chunks: Buffer[]): Buffer =>
  chunk(id, Buffer.concat([Buffer.from(form, 'latin1'), ...chunks]), id === 'FORM');

function fmt(
  tag: number,
  channels: number,
  sampleRate: number,
  bits: number,
  extension = Buffer.alloc(0),
): Buffer {
  const content = Buffer.alloc(16);
  content.writeUInt16LE(tag, 0);
  content.writeUInt16LE(channels, 2);
  content.writeUInt32LE(sampleRate, 4);
  content.writeUInt32LE((sampleRate * channels * bits) / 8, 8);
  content.writeUInt16LE((channels * bits) / 8, 12);
  content.writeUInt16LE(bits, 14);
  return chunk('fmt ', Buffer.concat([content, extension]));
}

const sixteen = (values: number[]): Buffer => Buffer.from(Int16Array.from(values).buffer);

function aiff(
  form: 'AIFF' | 'AIFC',
  bits: number,
  samples: Buffer,
  frames: number,
  compression = '',
  extendedRate = '400dbf58000000000000', // 24,492 as an 80-bit extended number
): Buffer {
  const comm = Buffer.alloc(18);
  comm.writeInt16BE(1, 0);
  comm.writeUInt32BE(frames, 2);
  comm.writeInt16BE(bits, 6);
  Buffer.from(extendedRate, 'hex').copy(comm, 8);
  const type = compression ? Buffer.from(`${compression}\0\0`, 'latin1') : Buffer.alloc(0);
  return container('FORM', form, [
    chunk('SSND', Buffer.concat([Buffer.alloc(8), samples]), true), // allowed before COMM
    chunk('COMM', Buffer.concat([comm, type]), true),
  ]);
}

describe('decodeAudio', () => {
  for (const [bitDepth, step] of [
    ['8', 1 / 128],
    ['16', 1 / 32_768],
    ['24', 2 ** -23],
    ['32', 2 ** -31],
    ['32f', 0],
  ] as const) {
    it(`reads WAV with samples of ${bitDepth} bits`, () => {
      const { channels, sampleRate } = decodeAudio(
        encodeWav({ samples: signal, sampleRate: rate }, { bitDepth }),
      );
      assert.equal(sampleRate, rate);
      assertClose(channels[0], signal, step + 1e-7);
    });
  }

  it('divides 16-bit samples by 32,768, as librosa does', () => {
    const wav = container('RIFF', 'WAVE', [
      fmt(1, 1, rate, 16),
      chunk('data', sixteen([-32_768, 32_767, 1])),
    ]);
    assertClose(decodeAudio(wav).channels[0], [-1, 32_767 / 32_768, 1 / 32_768], 0);
  });

  it('reads chunks in any order, with other chunks and padding of odd sizes', () => {
    const wav = container('RIFF', 'WAVE', [
      chunk('FLLR', Buffer.alloc(4045)),
      chunk('data', sixteen([1000, -1000])),
      chunk('LIST', Buffer.from('INFO!')),
      fmt(1, 1, 24_414, 16),
    ]);
    const { channels, sampleRate } = decodeAudio(wav);
    assert.equal(sampleRate, 24_414);
    assertClose(channels[0], [1000 / 32_768, -1000 / 32_768], 0);
  });

  it('separates channels', () => {
    const wav = container('RIFF', 'WAVE', [fmt(1, 2, rate, 16), chunk('data', sixteen([1, 2, 3, 4]))]);
    assertClose(decodeAudio(wav).channels[0], [1 / 32_768, 3 / 32_768], 0);
    assertClose(decodeAudio(wav).channels[1], [2 / 32_768, 4 / 32_768], 0);
  });

  it('decodes a part like a slice of the whole', () => {
    const muLaw = new WaveFile();
    muLaw.fromScratch(
      1,
      8000,
      '16',
      Int16Array.from({ length: 64 }, (_, i) => 300 * i),
    );
    muLaw.toMuLaw();
    const stereo = container('RIFF', 'WAVE', [
      fmt(1, 2, rate, 16),
      chunk('data', sixteen([1, 2, 3, 4, 5, 6])),
    ]);
    const files = [
      ...(['8', '16', '24', '32f'] as const).map((bitDepth) =>
        encodeWav({ samples: signal, sampleRate: rate }, { bitDepth }),
      ),
      stereo,
      Buffer.concat([Buffer.alloc(1), stereo]).subarray(1), // samples at an odd address
      muLaw.toBuffer(),
    ];
    for (const file of files) {
      const { channels } = decodeAudio(file);
      for (const [firstFrame, endFrame] of [
        [1, 3],
        [2, 99],
        [0, 0],
        [99, 100],
      ]) {
        const part = decodeAudio(file, { firstFrame, endFrame });
        assert.deepEqual(
          part.channels,
          channels.map((samples) => samples.slice(firstFrame, endFrame)),
        );
      }
    }
  });

  it('reads the sub-format of the extensible format', () => {
    const extension = Buffer.alloc(24);
    extension.writeUInt16LE(22, 0);
    extension.writeUInt16LE(3, 8); // IEEE float
    Buffer.from('000000001000800000aa00389b71', 'hex').copy(extension, 10);
    const samples = Buffer.from(Float32Array.from([0.125, -0.75]).buffer);
    const wav = container('RIFF', 'WAVE', [fmt(0xfffe, 1, rate, 32, extension), chunk('data', samples)]);
    assertClose(decodeAudio(wav).channels[0], [0.125, -0.75], 0);
  });

  it('reads µ-law and big-endian WAV that the wavefile package writes', () => {
    const integers = Int16Array.from({ length: 64 }, (_, i) => Math.round(20_000 * Math.sin(i / 5)));
    const expected = Array.from(integers, (value) => value / 32_768);
    const muLaw = new WaveFile();
    muLaw.fromScratch(1, 8000, '16', integers);
    muLaw.toMuLaw();
    assertClose(decodeAudio(muLaw.toBuffer()).channels[0], expected, 0.02);
    const bigEndian = new WaveFile();
    bigEndian.fromScratch(1, 8000, '16', integers);
    bigEndian.toRIFX();
    assertClose(decodeAudio(bigEndian.toBuffer()).channels[0], expected, 0);
    assert.equal(readAudioFormat(muLaw.toBuffer()).frames, 64);
  });

  it('decodes big-endian WAV of each depth like little-endian WAV', () => {
    for (const bitDepth of ['8', '16', '24', '32', '32f'] as const) {
      const wav = encodeWav({ samples: signal, sampleRate: rate }, { bitDepth });
      const bigEndian = new WaveFile(wav);
      bigEndian.toRIFX();
      assertClose(decodeAudio(bigEndian.toBuffer()).channels[0], decodeAudio(wav).channels[0], 0);
    }
  });

  it('reads AIFF, and AIFF-C in both byte orders', () => {
    const big = Buffer.from([0x40, 0x00, 0xc0, 0x00]);
    assertClose(decodeAudio(aiff('AIFF', 16, big, 2)).channels[0], [0.5, -0.5], 0);
    assertClose(decodeAudio(aiff('AIFC', 16, big.swap16(), 2, 'sowt')).channels[0], [0.5, -0.5], 0);
    assert.equal(readAudioFormat(aiff('AIFF', 16, big, 2)).sampleRate, 24_492);
    const eight = Buffer.from([0x40, 0xc0]);
    assertClose(decodeAudio(aiff('AIFF', 8, eight, 2)).channels[0], [0.5, -0.5], 0);
  });

  for (const [what, bytes, message] of [
    ['an empty file', Buffer.alloc(0), /it is empty \(0 bytes\)/],
    ['a text file', Buffer.from('<html>404</html>'), /not a WAV or AIFF file but an HTML page/],
    ['a WAV without data', container('RIFF', 'WAVE', [fmt(1, 1, rate, 16)]), /without a 'data' chunk/],
    [
      'a WAV without a format',
      container('RIFF', 'WAVE', [chunk('data', sixteen([1]))]),
      /without a 'fmt ' chunk/,
    ],
    [
      'a WAV without samples',
      container('RIFF', 'WAVE', [fmt(1, 1, rate, 16), chunk('data', Buffer.alloc(0))]),
      /it has no samples/,
    ],
    [
      'a truncated WAV',
      container('RIFF', 'WAVE', [fmt(1, 1, rate, 16), chunk('data', sixteen([1, 2, 3, 4]))]).subarray(0, -3),
      /truncated: its header states 8 bytes of samples, but only 5 are available/,
    ],
    [
      'a WAV without channels',
      container('RIFF', 'WAVE', [fmt(1, 0, rate, 16), chunk('data', sixteen([1]))]),
      /0 channels at 16000 Hz/,
    ],
    [
      'Microsoft ADPCM with impossible blocks',
      container('RIFF', 'WAVE', [fmt(2, 1, rate, 4), chunk('data', Buffer.alloc(256))]),
      /Microsoft ADPCM with blocks of 0 bytes is not supported; convert it with: ffmpeg/,
    ],
    ['a truncated AIFF', aiff('AIFF', 16, Buffer.alloc(4), 9), /truncated: its header states 18 bytes/],
    [
      'an AIFF with a fractional rate',
      aiff('AIFF', 16, Buffer.alloc(4), 2, '', '400dbf58800000000000'),
      /its sample rate must be an integer, got 24492\.25 Hz/,
    ],
    [
      'compressed AIFF-C',
      aiff('AIFC', 16, Buffer.alloc(4), 2, 'ima4'),
      /compression 'ima4' is not supported/,
    ],
  ] as const) {
    it(`rejects ${what} with the reason`, () => assert.throws(() => decodeAudio(bytes), message));
  }

  it('throws only AudioFormatError for any bytes', () => {
    const wav = encodeWav({ samples: signal, sampleRate: rate });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(wav.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(60),
        (edits, cut) => {
          const damaged = wav.slice(0, Math.max(0, wav.length - (cut > 50 ? cut - 50 : 0)));
          for (const [at, value] of edits) if (at < damaged.length) damaged[at] = value;
          try {
            for (const samples of decodeAudio(damaged).channels) assert.ok(samples instanceof Float32Array);
          } catch (error) {
            assert.equal((error as Error).name, 'AudioFormatError', String((error as Error).stack));
          }
        },
      ),
      { numRuns: 500, seed: 7 },
    );
  });
});

describe('readAudio', () => {
  it('reports the file and the reason', async () => {
    await assert.rejects(readAudio('no/such.wav'), /^InvalidFileError: no\/such\.wav: ENOENT/);
  });

  it('averages the channels of a real stereo clip', async function () {
    const path = join(realClips(this), 'ravdess', 'Actor_20', '03-01-03-01-02-01-20.wav');
    const { channels } = decodeAudio(await readFile(path));
    const { samples, sampleRate } = await readAudio(path);
    assert.equal(sampleRate, 48_000);
    assertClose(
      samples,
      channels[0].map((_, i) => channels.reduce((sum, c) => sum + c[i], 0) / channels.length),
      1e-7,
    );
  });

  it('reads a real AIFF file named .wav', async function () {
    const path = join(realClips(this), 'tess', 'YAF_angry', 'YAF_germ_angry.wav');
    assert.equal(readAudioFormat(await readFile(path)).container, 'AIFF');
    const { samples, sampleRate } = await readAudio(path);
    assert.equal(sampleRate, 24_414);
    assert.ok(samples.length > sampleRate && samples.some((sample) => Math.abs(sample) > 0.05));
  });

  it('reads a real clip at 96 kHz', async function () {
    const path = join(realClips(this), 'tess', 'OAF_Fear', 'OAF_food_fear.wav');
    assert.equal((await readAudio(path)).sampleRate, 96_000);
  });
});
