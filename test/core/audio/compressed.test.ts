import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlockStream, decodeAudioFile, encodeWav, openAudio, toMono } from '../../../src/core/audio';
import { readOgg } from '../../../src/core/audio/ogg';
import { projectRoot } from '../../../src/node/files';
import { compressedFixtures, fixtureSec } from '../../fixtures/audio/compressed/make';
import { realClips } from '../../real-clips';
import {
  allDecodedByFfmpeg,
  bytesOf,
  correlation,
  decodedByFfmpeg,
  ffmpeg,
  maxDifference,
  requireFfmpeg,
} from './ffmpeg';
import { voiceSignal } from './voice';
import { readdirSync } from 'node:fs';

const fixtures = join(projectRoot, 'test', 'fixtures', 'audio', 'compressed');
const fixture = (name: string): Uint8Array => bytesOf(join(fixtures, name));

/** Opus always has this rate. */
const opusRate = 48_000;

describe('decodeAudioFile of compressed files', () => {
  for (const [file, rate, channels] of compressedFixtures.filter(([name]) => !name.endsWith('.m4a'))) {
    it(`decodes ${file}`, async () => {
      const audio = await decodeAudioFile(fixture(file));
      const sampleRate = /opus$|48\.webm$/.test(file) ? opusRate : rate;
      assert.equal(audio.sampleRate, sampleRate);
      assert.equal(audio.channels.length, channels);
      const frames = Math.round(fixtureSec * sampleRate);
      // Vorbis in WebM has no length, and ends with a block.
      const padding = file.includes('vorbis') ? 1024 : 0;
      for (const [voice, samples] of audio.channels.entries()) {
        const extra = samples.length - frames;
        assert.ok(extra >= 0 && extra <= padding, `${samples.length} samples, expected ${frames}`);
        const original = voiceSignal(frames, { sampleRate, voice });
        const isLossless = /flac|caf/.test(file);
        if (isLossless) assert.ok(maxDifference(samples, original) < 2 ** -15);
        // Opus at low bit rates keeps the sound rather than the waveform; below, it is compared with libopus itself.
        else {
          const similarity = correlation(samples, original, sampleRate / 50);
          assert.ok(similarity > 0.9, `channel ${voice}: correlation ${similarity}`);
        }
      }
    });
  }

  it('reads the same samples part by part as at once, in any order', async () => {
    for (const file of ['stereo-48.opus', 'stereo-48.mp3', 'mono-22.ogg', 'stereo-44.flac', 'mono-48.webm']) {
      const bytes = fixture(file);
      const { channels } = await decodeAudioFile(bytes);
      const source = await openAudio(bytes);
      assert.equal(source.frames, channels[0].length);
      for (const [first, end] of [
        [0, 1000],
        [700, 9000],
        [12_000, 12_001],
        [300, 500],
        [13_000, Infinity],
        [0, Infinity],
      ]) {
        const part = await source.read(first, end);
        assert.deepEqual(
          part,
          channels.map((samples) => samples.slice(first, end)),
          `${file} ${first} ${end}`,
        );
      }
      const parts = await Promise.all([source.read(0, 100), source.read(50, 150)]);
      assert.deepEqual(parts[1][0], channels[0].slice(50, 150));
    }
  });

  it('names formats that need another decoder, and passes them to it', async () => {
    const m4a = fixture('mono-16.m4a');
    await assert.rejects(openAudio(m4a), {
      name: 'UnsupportedAudioError',
      message: /^it is M4A \(MPEG-4 audio\), which is not supported: convert it with: ffmpeg/,
    });
    const audio = { channels: [Float32Array.of(0.5, 0.25)], sampleRate: 16_000 };
    const names: string[] = [];
    const source = await openAudio(m4a, {
      decodeOther: (_, format) => {
        names.push(format);
        return Promise.resolve(audio);
      },
    });
    assert.deepEqual(names, ['M4A (MPEG-4 audio)']);
    assert.deepEqual(await source.read(1), [Float32Array.of(0.25)]);
  });

  for (const [what, bytes, message] of [
    ['text', Buffer.from('hello world'), /it is not an audio file but text/],
    ['an empty file', Buffer.alloc(0), /it is empty \(0 bytes\)/],
    [
      'ID3 tags without audio',
      Buffer.from('ID3\x04\0\0\0\0\0\x05hello', 'latin1'),
      /ID3 tags .* but no audio/,
    ],
    [
      'the start of a FLAC file',
      fixture('stereo-44.flac').slice(0, 30),
      /FLAC file without stream information/,
    ],
    ['a FLAC header without samples', fixture('stereo-44.flac').slice(0, 42), /truncated/],
    [
      'the first page of an Ogg file',
      fixture('mono-16.opus').slice(0, 60),
      /it has no samples|Opus header|without an audio stream/,
    ],
    [
      'a Vorbis file without its setup',
      fixture('mono-22.ogg').slice(0, 600),
      /Vorbis headers|without an audio stream/,
    ],
    ['a WebM header without a track', fixture('mono-48.webm').slice(0, 60), /without an audio track/],
  ] as const) {
    it(`rejects ${what} with the reason`, async () => {
      await assert.rejects(decodeAudioFile(bytes), { name: 'AudioFormatError', message });
    });
  }

  it('rejects a damaged or truncated FLAC file, because it is lossless', async () => {
    const flac = fixture('stereo-44.flac');
    const damaged = Uint8Array.from(flac);
    damaged[flac.length - 5000] ^= 4;
    await assert.rejects(
      decodeAudioFile(damaged),
      /^AudioFormatError: it is damaged: .* of FLAC frame \d+ is invalid/,
    );
    await assert.rejects(
      decodeAudioFile(flac.slice(0, -9000)),
      /AudioFormatError: it is truncated: its (header states 35280 samples|last FLAC frame is incomplete)/,
    );
    // What comes before is intact.
    const source = await openAudio(flac.slice(0, -9000));
    assert.deepEqual(await source.read(0, 9000), (await decodeAudioFile(flac, { endFrame: 9000 })).channels);
  });

  it('decodes the intact part of other truncated files, with a remark', async () => {
    for (const file of ['stereo-48.mp3', 'mono-48.webm']) {
      const bytes = fixture(file);
      const whole = toMono(await decodeAudioFile(bytes)).samples;
      const source = await openAudio(bytes.slice(0, Math.floor(0.7 * bytes.length)));
      const part = toMono({ channels: await source.read(), sampleRate: 1 }).samples;
      assert.ok(
        part.length > 0.4 * whole.length && part.length < 0.9 * whole.length,
        `${file}: ${part.length}`,
      );
      assert.ok(correlation(part, whole) > 0.999, file);
      assert.match(source.remarks.join(), /its end is missing|a part of it is damaged or missing/, file);
    }
  });

  it('replaces damaged parts by silence, with a remark', async () => {
    const bytes = fixture('stereo-48.mp3');
    const damaged = Uint8Array.from(bytes);
    damaged.fill(0, 9000, 9600);
    const source = await openAudio(damaged);
    const samples = await source.read();
    assert.ok(samples[0].length > 30_000);
    assert.match(source.remarks.join(), /1 part of it is damaged; times after that may be too early/);
  });
});

/** An Ogg page with one packet and the right checksum. */
function oggPage(
  packet: Uint8Array,
  { sequence, granule, isLast }: { sequence: number; granule: number; isLast: boolean },
): Buffer {
  const lacing = Buffer.alloc(Math.floor(packet.length / 255) + 1, 255);
  lacing[lacing.length - 1] = packet.length % 255;
  const header = Buffer.alloc(27);
  header.write('OggS');
  header[5] = sequence === 0 ? 2 : isLast ? 4 : 0;
  header.writeBigInt64LE(BigInt(granule), 6);
  header.writeUInt32LE(sequence, 18);
  header[26] = lacing.length;
  const page = Buffer.concat([header, lacing, packet]);
  let crc = 0;
  for (const byte of page) {
    crc ^= byte << 24;
    for (let k = 0; k < 8; k++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  page.writeUInt32LE(crc >>> 0, 22);
  return page;
}

/** Changes the packets of an Ogg file, and their granule positions. */
function changeOgg(
  name: string,
  change: (packets: Uint8Array[], granules: Float64Array) => void,
): Uint8Array {
  const { packets, granules } = readOgg(fixture(name));
  change(packets, granules);
  const pages = packets.map((packet, i) =>
    oggPage(packet, { sequence: i, granule: granules[i], isLast: i === packets.length - 1 }),
  );
  return new Uint8Array(Buffer.concat(pages));
}

/** An EBML element with a size of 4 bytes. */
function element(id: number[], ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const size = [16, 8, 0].map((shift) => (body.length >> shift) & 255);
  return Buffer.concat([Buffer.of(...id, 0x10, ...size), body]);
}

/** A WebM file with an Opus track. @param clusters - the content of its clusters, and what else follows the track */
function webm(...clusters: Uint8Array[]): Uint8Array {
  const head = readOgg(fixture('mono-16.opus')).packets[0];
  const number = element([0xd7], Buffer.of(1));
  const codec = [element([0x86], Buffer.from('A_OPUS')), element([0x63, 0xa2], head)];
  const tracks = element(
    [0x16, 0x54, 0xae, 0x6b],
    element([0xae], number, element([0x83], Buffer.of(2)), ...codec),
  );
  const segment = element([0x18, 0x53, 0x80, 0x67], tracks, ...clusters);
  return new Uint8Array(Buffer.concat([element([0x1a, 0x45, 0xdf, 0xa3]), segment]));
}

const cluster = [0x1f, 0x43, 0xb6, 0x75];
const simpleBlock = [0xa3];

describe('decodeAudioFile of damaged and hostile files', () => {
  for (const name of ['mono-22.ogg', 'mono-16.opus']) {
    it(`decodes ${name} with positions that fall`, async () => {
      const whole = (await decodeAudioFile(fixture(name))).channels[0];
      for (const last of [5, 99_999_900]) {
        const bytes = changeOgg(name, (packets, granules) => {
          granules.fill(100_000_000, 3);
          granules[packets.length - 1] = last;
        });
        const source = await openAudio(bytes);
        const [samples] = await source.read();
        assert.equal(samples.length, source.frames);
        // The padding at the end is not known.
        const padding = samples.length - whole.length;
        assert.ok(padding >= 0 && padding < 2048, `${samples.length}`);
        assert.deepEqual(samples.slice(0, whole.length), whole);
      }
    });

    for (const [what, damaged] of [
      ['an invalid', Uint8Array.of(255)],
      ['an empty', new Uint8Array(0)],
      ['a very long', new Uint8Array(60_000).fill(0xfc)],
    ] as const) {
      // Vorbis has no invalid long packets: the decoder uses their start.
      if (name === 'mono-22.ogg' && damaged.length > 1) continue;
      it(`replaces ${what} packet of ${name} by silence, with a remark`, async () => {
        const whole = (await decodeAudioFile(fixture(name))).channels[0];
        const bytes = changeOgg(name, (packets) => {
          packets[30] = damaged;
        });
        const source = await openAudio(bytes);
        const [samples] = await source.read();
        assert.equal(samples.length, whole.length);
        assert.match(source.remarks.join(), /^1 of its \d+ packets is damaged and replaced by silence$/);
        assert.ok(
          samples.some((sample, i) => sample === 0 && samples.subarray(i, i + 300).every((x) => x === 0)),
        );
        // What follows is at the same time.
        const rest = Math.floor(0.7 * whole.length);
        assert.ok(correlation(samples.subarray(rest), whole.subarray(rest)) > 0.99);
      });
    }
  }

  it('rejects a header with an impossible volume', async () => {
    const bytes = changeOgg('mono-16.opus', ([head]) => {
      new DataView(head.buffer, head.byteOffset).setInt16(16, 32_767, true);
    });
    await assert.rejects(decodeAudioFile(bytes), {
      name: 'AudioFormatError',
      message:
        /^its samples must be finite and at most 32 \(1 is full scale\), got .* at frame \d+; it is damaged$/,
    });
  });

  it('rejects a small file that would last for days', async () => {
    const bytes = Uint8Array.from(fixture('stereo-44.flac'));
    bytes[21] |= 15; // the highest bits of the number of samples
    await assert.rejects(openAudio(bytes), {
      name: 'AudioFormatError',
      message:
        /^it must have at most 8589934592 samples \(24 hours of stereo at 48 kHz\), got 128849089440: split it first$/,
    });
  });

  it('rejects an Ogg file with too many invalid pages', async () => {
    // Each false page has a wrong checksum of 65 kB, but the next one starts after 27 bytes.
    const page = Buffer.alloc(27, 255);
    page.write('OggS\0');
    await assert.rejects(openAudio(new Uint8Array(Buffer.alloc(27 * 11_000, page))), {
      name: 'AudioFormatError',
      message: 'it is damaged: too many of its Ogg pages are invalid',
    });
  });

  it('rejects a file with too many packets', async () => {
    // 256 packets without content in each block
    const lacing = Buffer.alloc(5 + 255);
    lacing.set([0x81, 0, 0, 2, 255]);
    const blocks = Buffer.alloc(8000 * (lacing.length + 5), element(simpleBlock, lacing));
    await assert.rejects(openAudio(webm(element(cluster, blocks))), {
      name: 'AudioFormatError',
      message: /^it has more than 2000000 packets/,
    });
  });

  it('rejects a WebM file that ends with a block without content', async () => {
    for (const lacing of [0, 2, 4, 6]) {
      await assert.rejects(
        openAudio(webm(element(cluster, element(simpleBlock, Buffer.of(0x81, 0, 0, lacing))))),
        {
          name: 'AudioFormatError',
          message: 'it has no samples',
        },
      );
    }
  });

  it('reads a WebM file with very many tracks', async () => {
    const count = 250_000;
    const tracks = Buffer.alloc(2 * count, Buffer.of(0xae, 0x80));
    const blocks = Buffer.alloc(6 * count, Buffer.of(0xa3, 0x84, 0x82, 0, 0, 0));
    const before = Buffer.concat([element([0x1a, 0x45, 0xdf, 0xa3]), tracks, blocks]);
    await assert.rejects(openAudio(new Uint8Array(before)), /without an audio track/);
  });

  describe('with another decoder', () => {
    const rate = 16_000;
    const aac = Buffer.from('\xff\xf1AAC', 'latin1');
    /** A stream that counts how often it was started and freed. */
    function countedStream(frames: number, available = frames) {
      const counts = { started: 0, freed: 0 };
      const stream: BlockStream = {
        codec: 'AAC',
        sampleRate: rate,
        channels: 1,
        frames,
        blocks: function* (onRemark) {
          counts.started++;
          try {
            for (let at = 0; at < available; at += rate)
              yield [new Float32Array(Math.min(rate, available - at)).fill(0.5)];
            onRemark('the end was reached');
          } finally {
            counts.freed++;
          }
        },
      };
      return { counts, decodeOther: () => Promise.resolve(stream) };
    }

    it('frees it at the end, before another start, and on close', async () => {
      const { counts, decodeOther } = countedStream(10 * rate);
      const source = await openAudio(aac, { decodeOther });
      await source.read();
      assert.deepEqual(counts, { started: 1, freed: 1 });
      assert.deepEqual(source.remarks, ['the end was reached']);
      const other = await openAudio(aac, { decodeOther });
      await other.read(2 * rate, 3 * rate);
      assert.deepEqual(counts, { started: 2, freed: 1 });
      await other.close();
      assert.deepEqual(counts, { started: 2, freed: 2 });
      assert.equal((await other.read(0, 3 * rate))[0].length, 3 * rate);
      assert.deepEqual(counts, { started: 3, freed: 2 });
      await Promise.all([other.close(), other.close()]);
      assert.deepEqual(counts, { started: 3, freed: 3 });
    });

    it('frees it after a part was decoded', async () => {
      const { counts, decodeOther } = countedStream(10 * rate);
      const { channels } = await decodeAudioFile(aac, { decodeOther, endFrame: 1000 });
      assert.equal(channels[0].length, 1000);
      assert.deepEqual(counts, { started: 1, freed: 1 });
    });

    it('adds the silence that is missing at the end, with a remark', async () => {
      const { decodeOther } = countedStream(60 * rate, 50 * rate);
      const source = await openAudio(aac, { decodeOther });
      const [samples] = await source.read();
      assert.equal(samples.length, 60 * rate);
      assert.ok(samples.every((sample, i) => sample === (i < 50 * rate ? 0.5 : 0)));
      assert.deepEqual(source.remarks, [
        'the end was reached',
        'its last 10.00 s could not be decoded and are silent',
      ]);
    });

    it('rejects samples that are far above full scale', async () => {
      const decodeOther = () => Promise.resolve({ channels: [Float32Array.of(0, 100)], sampleRate: rate });
      await assert.rejects(openAudio(aac, { decodeOther }), /at most 32 .* got 100 at frame 1/);
    });
  });
});

describe('decodeAudioFile compared with ffmpeg', () => {
  let folder: string;
  before(function () {
    requireFfmpeg(this);
    folder = mkdtempSync(join(tmpdir(), 'compressed-'));
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  interface Encoding {
    decoder?: readonly string[];
    tolerance?: number;
  }

  /** Encodes with ffmpeg, and compares what both decode. @param encodings - file names, options of ffmpeg, and how to compare */
  async function compare(
    input: string,
    ...encodings: readonly (readonly [name: string, options: string, how?: Encoding])[]
  ): Promise<void> {
    const files = encodings.map(([name, , { decoder } = {}]) => ({ path: join(folder, name), decoder }));
    const outputs = encodings.flatMap(([, options], i) => [
      ...options.split(' ').filter(Boolean),
      files[i].path,
    ]);
    ffmpeg('-i', input, ...outputs);
    const decoded = allDecodedByFfmpeg(files);
    for (const [i, [name, , { tolerance = 1e-4 } = {}]] of encodings.entries()) {
      const expected = decoded[i];
      const audio = await decodeAudioFile(bytesOf(files[i].path));
      assert.equal(audio.sampleRate, expected.sampleRate, name);
      assert.equal(audio.channels.length, expected.channels.length, name);
      for (const [c, samples] of audio.channels.entries()) {
        assert.equal(samples.length, expected.channels[c].length, `${name}: number of samples`);
        assert.ok(correlation(samples, expected.channels[c]) > 0.9999, `${name}: correlation`);
        const difference = maxDifference(samples, expected.channels[c]);
        assert.ok(difference <= tolerance, `${name}: a sample differs by ${difference}`);
      }
    }
  }

  /** Writes a recording of one or two voices. */
  function writeVoices(sampleRate: number, channels: number): string {
    const path = join(folder, `voices-${sampleRate}-${channels}.wav`);
    const mono = Array.from({ length: channels }, (_, voice) => {
      const one = join(folder, `voice-${voice}.wav`);
      writeFileSync(
        one,
        encodeWav({ samples: voiceSignal(Math.round(1.3 * sampleRate), { sampleRate, voice }), sampleRate }),
      );
      return one;
    });
    if (channels === 1) ffmpeg('-i', mono[0], path);
    else ffmpeg('-i', mono[0], '-i', mono[1], '-filter_complex', 'join=inputs=2:channel_layout=stereo', path);
    return path;
  }

  const libopus = { decoder: ['-c:a', 'libopus'] };
  for (const sampleRate of [8000, 16_000, 22_050, 44_100, 48_000]) {
    for (const channels of [1, 2]) {
      it(`reads the same from all formats at ${sampleRate} Hz with ${channels} channels`, async function () {
        this.timeout(120_000);
        const input = writeVoices(sampleRate, channels);
        await compare(
          input,
          ['cbr.mp3', '-b:a 48k'],
          ['vbr.mp3', '-q:a 4'],
          ['plain.mp3', '-b:a 64k -write_xing 0 -id3v2_version 0'],
          ['16.flac', '', { tolerance: 0 }],
          ['24.flac', '-sample_fmt s32 -compression_level 12', { tolerance: 0 }],
          ['vorbis.ogg', '-c:a libvorbis'],
          ['flac.ogg', '-c:a flac', { tolerance: 0 }],
          ['silk.opus', '-c:a libopus -b:a 16k -application voip', libopus],
          ['celt.opus', '-c:a libopus -b:a 96k', libopus],
          ['opus.webm', '-c:a libopus', libopus],
          ['vorbis.webm', '-c:a libvorbis'],
          ['flac.mka', '-c:a flac', { tolerance: 0 }],
        );
      });
    }
  }

  it('reads a real clip like ffmpeg', async function () {
    this.timeout(120_000);
    const actor = join(realClips(this), 'ravdess', 'Actor_20');
    const input = join(
      actor,
      readdirSync(actor)
        .filter((name) => name.endsWith('.wav'))
        .sort()[0],
    );
    await compare(
      input,
      ['real.mp3', '-b:a 64k'],
      ['real.flac', '', { tolerance: 0 }],
      ['real.ogg', '-c:a libvorbis'],
      ['real.opus', '-c:a libopus -b:a 24k', libopus],
    );
  });

  it('skips tags and pictures', async () => {
    const input = writeVoices(44_100, 1);
    const cover = join(folder, 'cover.png');
    ffmpeg('-f', 'lavfi', '-i', 'color=red:s=300x300:d=1', '-frames:v', '1', cover);
    const tagged = `-i ${cover} -map 0:a -map 1:v -c:v copy -id3v2_version 3 -write_id3v1 1 -metadata title=Voice`;
    await compare(input, ['tagged.mp3', `${tagged} -b:a 64k`]);
    const flac = join(folder, 'tagged.flac');
    ffmpeg('-i', input, ...tagged.split(' '), '-disposition:v', 'attached_pic', flac);
    assert.equal((await openAudio(bytesOf(flac))).frames, Math.round(1.3 * 44_100));
  });

  it('uses the first of several streams in an Ogg file, with a remark', async () => {
    const [first, second] = ['first.opus', 'second.opus'].map((name) => join(folder, name));
    ffmpeg('-i', writeVoices(16_000, 1), '-c:a', 'libopus', first);
    ffmpeg('-i', writeVoices(48_000, 2), '-c:a', 'libopus', '-serial_offset', '77', second);
    const chained = Buffer.concat([bytesOf(first), bytesOf(second)]);
    const source = await openAudio(chained);
    assert.deepEqual(await source.read(), (await decodeAudioFile(bytesOf(first))).channels);
    assert.match(source.remarks.join(), /several streams, of which only the first is used/);
  });

  it('reads recordings without sizes, as browsers write them', async () => {
    const path = join(folder, 'live.webm');
    const live = ffmpeg('-i', writeVoices(48_000, 1), '-c:a', 'libopus', '-f', 'webm', '-live', '1', '-');
    writeFileSync(path, live);
    const expected = decodedByFfmpeg(path, libopus.decoder);
    const { channels } = await decodeAudioFile(live);
    assert.ok(Math.abs(channels[0].length - expected.channels[0].length) <= 960);
    assert.ok(correlation(channels[0], expected.channels[0]) > 0.9999);
  });
});
