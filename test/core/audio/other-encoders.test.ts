import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AudioData, decodeAudio } from '../../../src/core/audio';
import { createRandom, messageOf } from '../../../src/core/base';
import { projectRoot } from '../../../src/node/files';

const fixtures = join(projectRoot, 'test', 'fixtures', 'audio');

/** What another decoder reads from a fixture. */
interface Golden {
  file: string;
  /** program that decoded it */
  decoder: string;
  sampleRate: number;
  channels: number;
  frames: number;
  /** interleaved, the 301st to the 312th */
  samples: number[];
  /** of all samples as interleaved little-endian 32-bit floats */
  sha256: string;
}

const golden = JSON.parse(readFileSync(join(fixtures, 'golden.json'), 'utf8')) as Golden[];

function interleave({ channels }: AudioData): Float32Array {
  const samples = new Float32Array(channels.length * channels[0].length);
  channels.forEach((channel, c) => channel.forEach((x, i) => (samples[i * channels.length + c] = x)));
  return samples;
}

describe('decodeAudio of files from other encoders', () => {
  for (const { file, decoder, ...expected } of golden) {
    it(`reads the same samples as ${decoder} from ${file}`, () => {
      const audio = decodeAudio(readFileSync(join(fixtures, file)));
      const samples = interleave(audio);
      const { sampleRate, channels } = audio;
      assert.deepEqual(
        {
          sampleRate,
          channels: channels.length,
          frames: channels[0].length,
          samples: [...samples.subarray(300, 312)],
          sha256: createHash('sha256').update(Buffer.from(samples.buffer)).digest('hex'),
        },
        expected,
      );
    });
  }

  for (const [file, reason] of [
    ['mp3.wav', /^WAV format 85 \(MP3\) is not supported; convert it with: ffmpeg -i INPUT/],
    ['gsm.wav', /^WAV format 49 \(GSM 6\.10\) is not supported; convert it with: ffmpeg/],
    ['ac3.wav', /^WAV format 8192 \(AC-3\) is not supported; convert it with: ffmpeg/],
    ['ulaw.au', /it is Sun audio \(AU\), which is not supported: convert it with: ffmpeg/],
    ['lfs-pointer.wav', /a Git LFS pointer \(the audio was not downloaded\): run git lfs pull/],
  ] as const) {
    it(`rejects ${file} with the remedy`, () => {
      assert.throws(() => decodeAudio(readFileSync(join(fixtures, file))), { message: reason });
    });
  }

  it('reads the same samples as ffmpeg from files that ffmpeg and sox write now', function () {
    const missing = ['ffmpeg', 'sox'].filter((program) => spawnSync(program, ['--help']).error);
    if (missing.length > 0) {
      console.log(`      skipped: ${missing.join(' and ')} not installed`);
      this.skip();
    }
    const folder = mkdtempSync(join(tmpdir(), 'other-encoders-'));
    try {
      const files = [...writeWithFfmpeg(folder), ...writeWithSox(folder)];
      // ffmpeg does not read all files that were written to a pipe or are big-endian; they have the same samples as others.
      const seekable = (file: string): string => file.replace('-pipe', '').replace('soxB', 'sox');
      const decoded = decodeWithFfmpeg(folder, [...new Set(files.map(seekable))]);
      for (const file of files) {
        const expected = decoded.get(seekable(file))!;
        const samples = interleave(decode(join(folder, file)));
        // ffmpeg also returns the padding of the last ADPCM block.
        const padding = expected.length - samples.length;
        assert.ok(file.includes('adpcm') ? padding >= 0 && padding < 8192 : padding === 0, `${file}: length`);
        const bad = samples.findIndex((sample, i) => sample !== expected[i]);
        assert.equal(bad, -1, `${file}: sample ${bad} is ${samples[bad]}, expected ${expected[bad]}`);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function decode(path: string): AudioData {
  try {
    return decodeAudio(readFileSync(path));
  } catch (error) {
    throw new Error(`${path}: ${messageOf(error)}`, { cause: error });
  }
}

const frames = 3000;
const layouts = [
  { channels: 1, sampleRate: 16_000 },
  { channels: 2, sampleRate: 44_100 },
  { channels: 6, sampleRate: 48_000 },
];

/** A raw file of 32-bit floats per layout. */
function writeSource(folder: string, { channels }: (typeof layouts)[number]): string {
  const path = join(folder, `source-${channels}.f32`);
  const random = createRandom(channels);
  const samples = Float32Array.from(
    { length: frames * channels },
    (_, i) => 0.6 * Math.sin(i / (9 + channels)) + random.uniform(-0.15, 0.15),
  );
  writeFileSync(path, Buffer.from(samples.buffer));
  return path;
}

const isAdpcm = (codec: string): boolean => codec.includes('adpcm');

/** @returns names of the files */
function writeWithFfmpeg(folder: string): string[] {
  const wav = 'pcm_u8 pcm_s16le pcm_s24le pcm_s32le pcm_s64le pcm_f32le pcm_f64le pcm_alaw pcm_mulaw';
  const codecs: [format: string, codecs: string, options: string][] = [
    ['wav', `${wav} adpcm_ima_wav adpcm_ms`, ''],
    ['wav', 'pcm_s16le pcm_s24le adpcm_ms', '-rf64 always'],
    ['w64', 'pcm_u8 pcm_s16le pcm_s24le pcm_f32le pcm_alaw adpcm_ima_wav adpcm_ms', ''],
    [
      'caf',
      'pcm_s8 pcm_s16be pcm_s24be pcm_s32be pcm_s16le pcm_s24le pcm_f32be pcm_f64le pcm_alaw pcm_mulaw',
      '',
    ],
    ['aiff', 'pcm_s8 pcm_s16be pcm_s24be pcm_s32be pcm_s16le pcm_f32be pcm_f64be pcm_alaw pcm_mulaw', ''],
  ];
  const inputs: string[] = [];
  const outputs: string[] = [];
  const files: string[] = [];
  for (const [input, layout] of layouts.entries()) {
    const { channels, sampleRate } = layout;
    inputs.push(
      '-f',
      'f32le',
      '-ar',
      `${sampleRate}`,
      '-ac',
      `${channels}`,
      '-i',
      writeSource(folder, layout),
    );
    for (const [format, names, options] of codecs) {
      for (const codec of names.split(' ')) {
        if (isAdpcm(codec) && channels > 2) continue;
        const file = `ffmpeg-${codec}${options.replaceAll(' ', '')}-${channels}.${format}`;
        outputs.push('-map', `${input}`, '-c:a', codec, ...options.split(' ').filter(Boolean), '-f', format);
        outputs.push(join(folder, file));
        files.push(file);
      }
    }
  }
  execute('ffmpeg', ['-v', 'error', ...inputs, ...outputs]);
  // Without a seekable output, the lengths in the headers are placeholders.
  for (const [format, codec] of [
    ['wav', 'pcm_s16le'],
    ['wav', 'pcm_s24le'],
    ['wav', 'adpcm_ms'],
    ['w64', 'pcm_s16le'],
    ['aiff', 'pcm_s24be'],
  ]) {
    const file = `ffmpeg-${codec}-${layouts[0].channels}-pipe.${format}`;
    const bytes = execute('ffmpeg', ['-v', 'error', ...inputs.slice(0, 8), '-c:a', codec, '-f', format, '-']);
    writeFileSync(join(folder, file), bytes);
    files.push(file);
  }
  return files;
}

/** @returns names of the files */
function writeWithSox(folder: string): string[] {
  const formats: [type: string, encodings: string[]][] = [
    [
      'wav',
      [
        '-b 8 -e unsigned',
        '-b 16 -e signed',
        '-b 24 -e signed',
        '-b 32 -e signed',
        '-b 32 -e floating-point',
        '-b 64 -e floating-point',
        '-e a-law',
        '-e u-law',
        '-e ima-adpcm',
        '-e ms-adpcm',
        '-B -b 16 -e signed',
        '-B -b 24 -e signed',
      ],
    ],
    ['aiff', ['-b 8 -e signed', '-b 16 -e signed', '-b 24 -e signed', '-b 32 -e signed']],
    ['aifc', ['-b 16 -e signed', '-b 24 -e signed', '-b 32 -e floating-point']],
  ];
  const files: string[] = [];
  for (const layout of layouts.slice(0, 2)) {
    const { channels, sampleRate } = layout;
    const source = ['-t', 'f32', '-r', `${sampleRate}`, '-c', `${channels}`, writeSource(folder, layout)];
    for (const [type, encodings] of formats) {
      for (const encoding of encodings) {
        const options = ['-D', ...source, ...encoding.split(' '), '-t', type];
        const name = `sox${encoding.replaceAll(/ |-/g, '')}-${channels}`;
        execute('sox', [...options, join(folder, `${name}.${type}`)]);
        files.push(`${name}.${type}`);
        if (channels > 1) continue;
        writeFileSync(join(folder, `${name}-pipe.${type}`), execute('sox', [...options, '-']));
        files.push(`${name}-pipe.${type}`);
      }
    }
  }
  return files;
}

/** Samples of each file, interleaved. */
function decodeWithFfmpeg(folder: string, files: readonly string[]): Map<string, Float32Array> {
  const inputs = files.flatMap((file) => ['-i', join(folder, file)]);
  const outputs = files.flatMap((file, i) => ['-map', `${i}`, '-f', 'f32le', join(folder, `${file}.raw`)]);
  execute('ffmpeg', ['-v', 'error', ...inputs, ...outputs]);
  return new Map(
    files.map((file) => {
      const raw = readFileSync(join(folder, `${file}.raw`));
      return [file, new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length))];
    }),
  );
}

function execute(program: string, args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(program, args, { maxBuffer: 1e8 });
  assert.equal(status, 0, `${program} ${args.join(' ').slice(-300)}: ${stderr.toString()}`);
  return stdout;
}
