import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeAudioFile, openAudio } from '../../../src/core/audio';
import { formatLoadReport, loadCorpora, readAudio } from '../../../src/node/corpora';
import { extractFeatures } from '../../../src/node/extraction';
import { decodeWithFfmpeg, projectRoot } from '../../../src/node/files';
import { bytesOf, correlation, ffmpeg, requireFfmpeg } from '../../core/audio/ffmpeg';
import { voiceSignal } from '../../core/audio/voice';
import { fixtureSec } from '../../fixtures/audio/compressed/make';

const fixtures = join(projectRoot, 'test', 'fixtures', 'audio', 'compressed');

describe('corpora in compressed formats', () => {
  let root: string;
  const copy = (name: string, path: string): void =>
    writeFileSync(join(root, path), bytesOf(join(fixtures, name)));
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'formats-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const load = () => loadCorpora({ root, cacheDirectory: join(root, '.cache') });

  it('are loaded, and their features do not depend on a lossless format', async () => {
    copy('stereo-16.caf', 'a.caf');
    copy('stereo-16-flac.ogg', 'b.ogg');
    copy('stereo-48.mp3', 'c.mp3');
    copy('mono-48.webm', 'd.webm');
    const lines = ['a.caf,sad,right', 'b.ogg,sad,right', 'c.mp3,happy,', 'd.webm,angry,mix'];
    writeFileSync(join(root, 'clips.csv'), ['path,emotion,channel', ...lines].join('\n'));
    const corpora = await load();
    assert.deepEqual(
      corpora.clips.map(({ path, sampleRate, channels, channel }) => [path, sampleRate, channels, channel]),
      [
        ['a.caf', 16_000, 2, 'right'],
        ['b.ogg', 16_000, 2, 'right'],
        ['c.mp3', 48_000, 2, undefined],
        ['d.webm', 48_000, 1, undefined],
      ],
    );
    for (const { durationSec } of corpora.clips) assert.ok(Math.abs(durationSec - fixtureSec) < 1e-3);
    // Only the channels that were mixed are reported.
    const report = formatLoadReport(corpora.report);
    assert.match(report, /remark: 1 clip with channels that differ, mixed .*c\.mp3: its 2 channels differ/);
    const set = await extractFeatures(
      corpora,
      { offsetSec: 0, durationSec: 0.7 },
      { store: join(root, '.store') },
    );
    assert.deepEqual(set.failed, []);
    // The first clip has 16 bits per sample, the second 24. Only the features of the original, because noise differs between files.
    const perClip = set.data.length / 4;
    const perVersion = perClip / set.versions.length;
    const [a, b] = [0, perClip].map((start) => set.data.subarray(start, start + perVersion));
    assert.ok(correlation(a, b) > 0.99999);
  });

  it('have different features for each channel of one file', async () => {
    copy('stereo-16.caf', 'a.caf');
    const features: Float32Array[] = [];
    const hashes = new Set<string>();
    for (const channel of ['left', 'right', '2', 'mix']) {
      writeFileSync(join(root, 'clips.csv'), `path,emotion,channel\na.caf,sad,${channel}\n`);
      const corpora = await load();
      const options = { store: join(root, '.store') };
      features.push((await extractFeatures(corpora, { offsetSec: 0, durationSec: 0.7 }, options)).data);
      hashes.add(corpora.clips[0].sha256);
    }
    assert.equal(hashes.size, 4);
    assert.notDeepEqual(features[0], features[1]);
    assert.deepEqual(features[1].length, features[2].length);
    assert.notDeepEqual(features[1], features[3]);
  });

  it('report channels that do not exist, and invalid ones', async () => {
    copy('stereo-16.caf', 'a.caf');
    copy('mono-16.mp3', 'b.mp3');
    copy('mono-22.ogg', 'c.ogg');
    const lines = ['a.caf,sad,left', 'b.mp3,sad,left', 'c.ogg,sad,each'];
    writeFileSync(join(root, 'clips.csv'), ['path,emotion,channel', ...lines].join('\n'));
    const { clips, report } = await load();
    assert.deepEqual(
      clips.map(({ path }) => path),
      ['a.caf'],
    );
    const reasons = report.unreadable.map(({ path, reason }) => `${path}: ${reason}`).sort();
    assert.match(reasons[0], /^b\.mp3: it has 1 channel, so the channel "left" cannot be chosen/);
    assert.match(
      reasons[1],
      /^c\.ogg: channel must be mix, left, right, or a number from 1, got "each"; split the file/,
    );
  });

  it('are recognised by the names of the original clips', async () => {
    copy('mono-16-24.flac', '03-01-05-02-02-01-01.flac');
    copy('mono-16.opus', '1001_DFA_ANG_XX.opus');
    const { clips } = await load();
    assert.deepEqual(
      clips.map(({ corpus, emotion, speaker }) => [corpus, emotion, speaker]),
      [
        ['RAVDESS', 'angry', 'RAVDESS-01'],
        ['CREMA-D', 'angry', 'CREMA-D-1001'],
      ],
    );
  });
});

describe('formats that ffmpeg decodes', () => {
  const m4a = join(fixtures, 'mono-16.m4a');

  it('are read if it is installed', async function () {
    requireFfmpeg(this);
    const { samples, sampleRate } = await readAudio(m4a);
    assert.equal(sampleRate, 16_000);
    const expected = voiceSignal(Math.round(fixtureSec * sampleRate), { sampleRate });
    assert.ok(Math.abs(samples.length - expected.length) < 1200, `${samples.length} samples`);
    assert.ok(correlation(samples, expected, 400) > 0.97);
  });

  it('are rejected with the remedy if it is not installed', async () => {
    const { PATH } = process.env;
    process.env.PATH = join(projectRoot, 'no-such-folder');
    try {
      await assert.rejects(readAudio(m4a), {
        name: 'InvalidFileError',
        message:
          /it is M4A \(MPEG-4 audio\), which is decoded with ffmpeg, but ffmpeg is not installed; install it, or convert/,
      });
    } finally {
      process.env.PATH = PATH;
    }
  });

  it('are rejected with the message of ffmpeg if they are damaged', async function () {
    requireFfmpeg(this);
    const folder = mkdtempSync(join(tmpdir(), 'damaged-'));
    try {
      const path = join(folder, 'cut.m4a');
      writeFileSync(path, bytesOf(m4a).slice(0, 900));
      await assert.rejects(
        readAudio(path),
        /cut\.m4a: it is M4A \(MPEG-4 audio\), and ffmpeg cannot decode it: /,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are read as far as possible if a part is damaged, with a remark', async function () {
    requireFfmpeg(this);
    const folder = mkdtempSync(join(tmpdir(), 'damaged-'));
    try {
      const path = join(folder, 'voice.aac');
      ffmpeg('-stream_loop', '3', '-i', m4a, '-c:a', 'aac', path);
      const bytes = bytesOf(path);
      const remarksOf = async (): Promise<string> => {
        writeFileSync(path, bytes);
        const source = await openAudio(bytes, { decodeOther: decodeWithFfmpeg(path) });
        await source.read();
        return source.remarks.join();
      };
      assert.equal(await remarksOf(), '');
      for (let i = Math.floor(0.3 * bytes.length); i < 0.6 * bytes.length; i++) bytes[i] = (i * 7919) & 255;
      assert.match(
        await remarksOf(),
        /^ffmpeg reported damage \([^/\\[\]]+\); times after that may be too early$/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are read from memory as well', async function () {
    requireFfmpeg(this);
    const { channels } = await decodeAudioFile(bytesOf(m4a), { decodeOther: decodeWithFfmpeg() });
    assert.deepEqual(channels[0], (await readAudio(m4a)).samples);
  });
});
