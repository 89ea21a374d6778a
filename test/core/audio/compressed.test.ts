import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeAudioFile, encodeWav, openAudio, toMono } from '../../../src/core/audio';
import { projectRoot } from '../../../src/node/files';
import { compressedFixtures, fixtureSec } from '../../fixtures/audio/compressed/make';
import { realClips } from '../../real-clips';
import { bytesOf, correlation, decodedByFfmpeg, ffmpeg, maxDifference, requireFfmpeg } from './ffmpeg';
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
    assert.match(source.remarks.join(), /1 part of it is damaged/);
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

  /** Encodes with ffmpeg, and compares what both decode. */
  async function compare(
    input: string,
    name: string,
    options: string,
    { decoder = [], tolerance = 1e-4 }: { decoder?: readonly string[]; tolerance?: number } = {},
  ): Promise<void> {
    const path = join(folder, name);
    ffmpeg('-i', input, ...options.split(' ').filter(Boolean), path);
    const expected = decodedByFfmpeg(path, decoder);
    const audio = await decodeAudioFile(bytesOf(path));
    assert.equal(audio.sampleRate, expected.sampleRate, name);
    assert.equal(audio.channels.length, expected.channels.length, name);
    for (const [c, samples] of audio.channels.entries()) {
      assert.equal(samples.length, expected.channels[c].length, `${name}: number of samples`);
      assert.ok(correlation(samples, expected.channels[c]) > 0.9999, `${name}: correlation`);
      const difference = maxDifference(samples, expected.channels[c]);
      assert.ok(difference <= tolerance, `${name}: a sample differs by ${difference}`);
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
        await compare(input, 'cbr.mp3', '-b:a 48k');
        await compare(input, 'vbr.mp3', '-q:a 4');
        await compare(input, 'plain.mp3', '-b:a 64k -write_xing 0 -id3v2_version 0');
        await compare(input, '16.flac', '', { tolerance: 0 });
        await compare(input, '24.flac', '-sample_fmt s32 -compression_level 12', { tolerance: 0 });
        await compare(input, 'vorbis.ogg', '-c:a libvorbis');
        await compare(input, 'flac.ogg', '-c:a flac', { tolerance: 0 });
        await compare(input, 'silk.opus', '-c:a libopus -b:a 16k -application voip', libopus);
        await compare(input, 'celt.opus', '-c:a libopus -b:a 96k', libopus);
        await compare(input, 'opus.webm', '-c:a libopus', libopus);
        await compare(input, 'vorbis.webm', '-c:a libvorbis');
        await compare(input, 'flac.mka', '-c:a flac', { tolerance: 0 });
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
    await compare(input, 'real.mp3', '-b:a 64k');
    await compare(input, 'real.flac', '', { tolerance: 0 });
    await compare(input, 'real.ogg', '-c:a libvorbis');
    await compare(input, 'real.opus', '-c:a libopus -b:a 24k', libopus);
  });

  it('skips tags and pictures', async () => {
    const input = writeVoices(44_100, 1);
    const cover = join(folder, 'cover.png');
    ffmpeg('-f', 'lavfi', '-i', 'color=red:s=300x300:d=1', '-frames:v', '1', cover);
    const tagged = `-i ${cover} -map 0:a -map 1:v -c:v copy -id3v2_version 3 -write_id3v1 1 -metadata title=Voice`;
    await compare(input, 'tagged.mp3', `${tagged} -b:a 64k`);
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
