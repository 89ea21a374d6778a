import fc from 'fast-check';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WaveFile } from 'wavefile';
import { AudioFormatError, decodeAudio, encodeWav, readAudioFormat } from '../../../src/core/audio';
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

/** A mono WAV file with a plain header that states any block align. */
function plainWav(bits: number, blockAlign: number, data: Uint8Array, byteRate = rate * blockAlign): Buffer {
  const header = fmt(1, 1, rate, bits);
  header.writeUInt32LE(byteRate, 8 + 8);
  header.writeUInt16LE(blockAlign, 8 + 12);
  return container('RIFF', 'WAVE', [header, chunk('data', data)]);
}

/** Overwrites 32-bit sizes in a file: little-endian in RIFF, big-endian in FORM. */
function withSizes(file: Uint8Array, sizes: readonly [at: number, value: number][]): Buffer {
  const changed = Buffer.from(file);
  for (const [at, value] of sizes) {
    if (file[0] === 0x46) changed.writeUInt32BE(value, at);
    else changed.writeUInt32LE(value, at);
  }
  return changed;
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
    const wide = Buffer.from([0, 0, 0x40, 0, 0, 0xc0]);
    for (const type of ['42ni', '42n1'])
      assertClose(decodeAudio(aiff('AIFC', 24, wide, 2, type)).channels[0], [0.5, -0.5], 0);
    assert.equal(readAudioFormat(aiff('AIFF', 16, big, 2)).sampleRate, 24_492);
    const eight = Buffer.from([0x40, 0xc0]);
    assertClose(decodeAudio(aiff('AIFF', 8, eight, 2)).channels[0], [0.5, -0.5], 0);
  });

  describe('with samples in wider containers', () => {
    const values = [0, 1000, -1000, 32_767, -32_768];
    const expected = values.map((value) => value / 32_768);

    it('reads left-aligned samples: 12 in 16, 20 in 24, 24 in 32 and 16 in 64 bits', () => {
      for (const [bits, bytes] of [
        [12, 2],
        [20, 3],
        [24, 4],
        [16, 8],
      ]) {
        const data = Buffer.alloc(values.length * bytes);
        const kept = values.map((value) => (bits < 16 ? value & ~15 : value));
        kept.forEach((value, i) => data.writeInt16LE(value, i * bytes + bytes - 2));
        assertClose(
          decodeAudio(plainWav(bits, bytes, data)).channels[0],
          kept.map((value) => value / 32_768),
          0,
          `${bits} in ${8 * bytes} bits`,
        );
      }
    });

    it('reads right-aligned samples, as arecord writes them', () => {
      const data = Buffer.alloc(values.length * 4);
      values.forEach((value, i) => data.writeInt32LE(value * 256 + (value && 5), 4 * i));
      const { channels } = decodeAudio(plainWav(24, 4, data));
      assertClose(channels[0], expected, 6 / 2 ** 23);
      assert.deepEqual(
        decodeAudio(plainWav(24, 4, data), { firstFrame: 2 }).channels[0],
        channels[0].slice(2),
      );
    });

    it('ignores a block align that is 0, or too small for the byte rate', () => {
      const data = sixteen(values);
      assertClose(decodeAudio(plainWav(16, 0, data)).channels[0], expected, 0);
      assertClose(decodeAudio(plainWav(16, 1, data, 2 * rate)).channels[0], expected, 0);
    });

    it('rejects a header whose fields contradict each other', () => {
      const data = sixteen([1000, 2000, -3000, 4000, 5000, -6000]);
      for (const blockAlign of [1, 4, 16, 65_535]) {
        assert.throws(
          () => decodeAudio(plainWav(16, blockAlign, data)),
          new RegExp(
            `contradicts itself: 16 bits per sample, but ${blockAlign} bytes per frame of 1 channels`,
          ),
        );
      }
    });
  });

  describe('with sizes in the header', () => {
    const wav = container('RIFF', 'WAVE', [fmt(1, 1, rate, 16), chunk('data', sixteen([1, 2, 3, 4]))]);
    const file = aiff('AIFF', 16, sixteen([1, 2, 3, 4]).swap16(), 4);
    const expected = [1, 2, 3, 4].map((value) => value / 32_768);

    it('reads all samples if the size is a placeholder', () => {
      for (const size of [0, 0x7fffffff, 0x7ffff000, 0x7fffefff, 0x80000000, 0xffffffff, 0xffffffdb]) {
        assertClose(decodeAudio(withSizes(wav, [[40, size]])).channels[0], expected, 0, `WAV ${size}`);
      }
      // In this order, the samples are at the end.
      const comm = file.subarray(file.indexOf('COMM'));
      const streamed = Buffer.concat([file.subarray(0, 12), comm, file.subarray(12, file.indexOf('COMM'))]);
      const frames = streamed.indexOf('COMM') + 10;
      const size = streamed.indexOf('SSND') + 4;
      for (const [ssnd, count] of [
        [0, 0],
        [0x7f000008, 0x3f800000],
        [0xffffffff, 0xffffffff],
        [0, 4],
        [16, 0],
      ]) {
        const bytes = withSizes(streamed, [
          [size, ssnd],
          [frames, count],
        ]);
        assertClose(decodeAudio(bytes).channels[0], expected, 0, `AIFF ${ssnd} ${count}`);
      }
    });

    it('rejects a truncated file of any other size', () => {
      for (const size of [9, 10, 2 ** 20, 0x40000000, 0x7ff00000, 0x90000000, 0xfff00000]) {
        assert.throws(() => decodeAudio(withSizes(wav, [[40, size]])), /it is truncated/, `WAV ${size}`);
      }
      const frames = file.indexOf('COMM') + 10;
      assert.throws(
        () => decodeAudio(withSizes(file, [[frames, 5]])),
        /truncated: its header states 10 bytes/,
      );
    });

    it('does not read other chunks as samples', () => {
      const empty = container('RIFF', 'WAVE', [
        fmt(1, 1, rate, 16),
        chunk('data', Buffer.alloc(0)),
        chunk('LIST', Buffer.from('INFO')),
      ]);
      assert.throws(() => decodeAudio(empty), /it has no samples/);
    });

    it('uses the 64-bit size of RF64 and BW64', () => {
      const ds64 = Buffer.alloc(28);
      ds64.writeBigUInt64LE(8n, 8);
      const large = (
        form: string,
        size: number,
        rest: Buffer[] = [chunk('LIST', Buffer.from('INFO'))],
      ): Buffer => {
        const parts = [
          chunk('ds64', ds64),
          fmt(1, 1, rate, 16),
          chunk('data', sixteen([1, 2, 3, 4])),
          ...rest,
        ];
        const bytes = container(form, 'WAVE', parts);
        return withSizes(bytes, [[bytes.indexOf('data') + 4, size]]);
      };
      assertClose(decodeAudio(large('RF64', 0xffffffff)).channels[0], expected, 0);
      assertClose(decodeAudio(large('BW64', 0xffffffff)).channels[0], expected, 0);
      assert.throws(() => decodeAudio(large('RF64', 0xffffffff, []).subarray(0, -2)), /it is truncated/);
    });

    it('finds chunks after an odd size without a padding byte', () => {
      const odd = chunk('note', Buffer.from('abc')).subarray(0, -1);
      const unpadded = container('RIFF', 'WAVE', [
        odd,
        fmt(1, 1, rate, 16),
        chunk('data', sixteen([1, 2, 3, 4])),
      ]);
      assertClose(decodeAudio(unpadded).channels[0], expected, 0);
    });
  });

  describe('with floats', () => {
    const floatWav = (values: number[]): Buffer =>
      container('RIFF', 'WAVE', [
        fmt(3, 1, rate, 32),
        chunk('data', Buffer.from(Float32Array.from(values).buffer)),
      ]);

    it('accepts samples above full scale', () => {
      assertClose(decodeAudio(floatWav([0, 1.5, -8, 31])).channels[0], [0, 1.5, -8, 31], 0);
    });

    it('rejects samples that are not finite or too large, and blames the file', () => {
      for (const [value, reason] of [
        [NaN, /must be finite and at most 32 \(1 is full scale\), got NaN at frame 1; it is damaged/],
        [-Infinity, /got -Infinity at frame 1; it is damaged/],
        [1e30, /at frame 1; it is damaged/],
        [21_034, /got 21034 at frame 1; it contains integers stored as floats: .*volume=1\/32768/],
      ] as const) {
        assert.throws(() => decodeAudio(floatWav([0, value])), reason);
      }
    });
  });

  it('rejects sample rates and numbers of channels that no recording has', () => {
    const wav = (channels: number, sampleRate: number): Buffer =>
      container('RIFF', 'WAVE', [fmt(1, channels, 0, 16), chunk('data', Buffer.alloc(80_000))]).fill(
        Buffer.from(Uint32Array.of(sampleRate).buffer),
        24,
        28,
      );
    for (const sampleRate of [0, 1, 999, 768_001, 200_000_000, 2 ** 32 - 1]) {
      assert.throws(
        () => readAudioFormat(wav(1, sampleRate)),
        new RegExp(`its sample rate must be 1000 to 768000 Hz, got ${sampleRate} Hz`),
      );
    }
    assert.throws(() => readAudioFormat(wav(2000, rate)), /it must have 1 to 1024 channels, but .* 2000/);
  });

  it('rejects invalid frames', () => {
    const wav = encodeWav({ samples: signal, sampleRate: rate });
    assert.throws(
      () => decodeAudio(wav, { firstFrame: -1 }),
      /firstFrame must be an integer of at least 0, got -1/,
    );
    assert.throws(
      () => decodeAudio(wav, { endFrame: 1.5 }),
      /endFrame must be an integer of at least 0, got 1.5/,
    );
  });

  for (const [start, what] of [
    ['version https://git-lfs.github.com/spec/v1\noid', /a Git LFS pointer .*: run git lfs pull/],
    ['\n<!DOCTYPE html><html>', /an HTML page: download the file again/],
    ['<?xml version="1.0"?><Error>', /an XML or HTML document: download the file again/],
    ['404: Not Found', /text: download the file again \(it starts with "404:"\)/],
    [
      'ID3\x04\0\0\0\0',
      /it is compressed \(MP3\): decode it with ser.audio.decodeFile, or with decodeAudioFile in a browser/,
    ],
    ['\xff\xfb\x90\x64', /compressed \(MP3\)/],
    [
      '\xff\xf1\x50\x80',
      /AAC \(ADTS\), which is not supported: convert it with: ffmpeg -i INPUT -c:a pcm_s16le OUTPUT\.wav/,
    ],
    ['fLaC\0\0\0\x22', /compressed \(FLAC\)/],
    [`OggS${'\0'.repeat(24)}OpusHead`, /compressed \(Ogg\)/],
    ['\0\0\0 ftypM4A ', /M4A \(MPEG-4 audio\), which is not supported: convert/],
    ['\x1aE\xdf\xa3', /compressed \(WebM or Matroska\)/],
    ['NIST_1A\n   1024', /NIST SPHERE, which is not supported: convert/],
    ['PK\x03\x04', /a ZIP archive: unpack it first/],
    ['\0'.repeat(600), /zero bytes: the copy or download was interrupted/],
    ['\x01\x02\x1b[', /an unknown format \(it starts with "\\\\u0001\\\\u0002\\\\u001b\["\)/],
  ] as const) {
    it(`names the kind of a file that starts with ${JSON.stringify(start.slice(0, 24))}`, () => {
      assert.throws(() => decodeAudio(Buffer.from(start, 'latin1')), {
        name: what.source.includes('not supported') ? 'UnsupportedAudioError' : 'AudioFormatError',
        message: what,
      });
    });
  }

  for (const [what, bytes, message] of [
    ['an empty file', Buffer.alloc(0), /it is empty \(0 bytes\)/],
    ['a text file', Buffer.from('<html>404</html>'), /not an audio file but an HTML page/],
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
            assert.ok(error instanceof AudioFormatError, String((error as Error).stack));
          }
        },
      ),
      { numRuns: 500, seed: 7 },
    );
  });
});

describe('readAudio', () => {
  it('reports the file and the reason', async () => {
    await assert.rejects(
      readAudio('no/such.wav'),
      /^InvalidFileError: no\/such\.wav: it does not exist.*ENOENT/,
    );
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
