import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAudio } from '../../../src/core/audio';
import type { Random } from '../../../src/core/base';
import { projectRoot } from '../../../src/node/files';
import type { FuzzTarget } from '../target';

const folder = join(projectRoot, 'test', 'fixtures', 'audio', 'compressed');
const files = readdirSync(folder).filter((name) => !/\.(?:ts|m4a)$/.test(name));
const contents = new Map(files.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));

export const target: FuzzTarget = {
  summary:
    'Decodes damaged MP3, FLAC, Ogg, Opus, WebM and CAF files: an error with a reason, or usable samples.',
  run: async (random, _, describe) => {
    const name = random.pick(files);
    const chosen = Array.from({ length: 1 + random.integer(4) }, () => random.pick(Object.keys(damages)));
    let bytes: Uint8Array = Uint8Array.from(contents.get(name)!);
    for (const kind of chosen) bytes = damages[kind](bytes, random);
    const description = `${name}; ${chosen.join(', ')}`;
    describe(description);
    const source = await openAudio(bytes);
    const { frames, channels, sampleRate } = source;
    assert.ok(sampleRate >= 1000 && sampleRate <= 768_000, `${description}: ${sampleRate} Hz`);
    // Long silence needs few bytes, but a small file cannot last for hours.
    const end = Math.min(frames, 20 * sampleRate);
    const whole = await source.read(0, end);
    assert.equal(whole.length, channels, description);
    for (const samples of whole) {
      assert.equal(samples.length, end, description);
      assert.ok(samples.every(Number.isFinite), `${description}: a sample is not finite`);
    }
    const first = random.integer(end + 1);
    const part = await source.read(first, first + 100);
    const expected = whole.map((samples) => samples.slice(first, first + 100));
    if (first + 100 <= end)
      assert.deepEqual(part, expected, `${description}: the part from ${first} differs`);
    return description;
  },
};

const damages: Record<string, (bytes: Uint8Array, random: Random) => Uint8Array> = {
  flip: (bytes, random) => {
    for (let count = 1 + random.integer(20); count > 0 && bytes.length > 0; count--)
      bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
    return bytes;
  },
  header: (bytes, random) => {
    const at = random.integer(Math.min(bytes.length, 200) + 1);
    const value = random.pick([0, 1, 0x7f, 0x80, 0xff]);
    bytes.fill(value, at, at + random.pick([1, 2, 4, 8]));
    return bytes;
  },
  truncate: (bytes, random) => bytes.slice(0, random.integer(bytes.length + 1)),
  remove: (bytes, random) => {
    const at = random.integer(bytes.length + 1);
    return joined(bytes.subarray(0, at), bytes.subarray(at + random.integer(2000)));
  },
  duplicate: (bytes, random) => {
    const at = random.integer(bytes.length + 1);
    return joined(bytes.subarray(0, at + random.integer(2000)), bytes.subarray(at));
  },
  noise: (bytes, random) => {
    const start = random.integer(bytes.length + 1);
    const end = Math.min(bytes.length, start + random.integer(300));
    for (let i = start; i < end; i++) bytes[i] = random.integer(256);
    return bytes;
  },
  /** With the right checksums, so that damage reaches the decoder. */
  ogg: (bytes, random) => {
    const at = random.integer(bytes.length + 1);
    for (let i = at; i < Math.min(bytes.length, at + 8); i++) bytes[i] ^= random.integer(256);
    return withOggChecksums(bytes);
  },
  concatenate: (bytes, random) => joined(bytes, contents.get(random.pick(files))!),
};

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.concat([first, second]));
}

/** Corrects the checksums of all pages of an Ogg file. */
function withOggChecksums(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes);
  for (
    let at = buffer.indexOf('OggS');
    at >= 0 && at + 27 <= buffer.length;
    at = buffer.indexOf('OggS', at + 1)
  ) {
    const body = at + 27 + buffer[at + 26];
    const end = buffer.subarray(at + 27, body).reduce((sum, size) => sum + size, body);
    if (end > buffer.length) continue;
    buffer.writeUInt32LE(0, at + 22);
    let crc = 0;
    for (const byte of buffer.subarray(at, end)) {
      crc ^= byte << 24;
      for (let k = 0; k < 8; k++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
    }
    buffer.writeUInt32LE(crc >>> 0, at + 22);
  }
  return new Uint8Array(buffer);
}
