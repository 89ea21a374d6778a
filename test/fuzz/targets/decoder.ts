import assert from 'node:assert/strict';
import { type AudioData, decodeAudio, readAudioFormat } from '../../../src/core/audio';
import type { Random } from '../../../src/core/base';
import type { FuzzTarget } from '../target';

export const target: FuzzTarget = {
  summary: 'Decodes valid and damaged audio files of all containers and encodings, in whole and in part.',
  run: (random) => {
    const file = makeFile(random);
    if (random.integer(5) === 0) {
      checkSamples(file);
      checkParts(file.bytes, random, file.description);
      return file.description;
    }
    const { bytes, description } = damage(file, random);
    checkParts(bytes, random, description);
    return description;
  },
};

/** Checks that the file decodes to the samples that were written. */
function checkSamples({ bytes, channels, sampleRate, expected, description }: AudioFile): void {
  const audio = decodeUsable(bytes, {}, description);
  assert.equal(audio.sampleRate, sampleRate, description);
  assert.equal(audio.channels.length, channels, description);
  assert.equal(audio.channels[0].length, Math.ceil(expected.length / channels), description);
  expected.forEach((sample, i) => {
    const actual = audio.channels[i % channels][Math.floor(i / channels)];
    if (!Number.isNaN(sample)) assert.equal(actual, sample, `${description}: sample ${i}`);
  });
}

/** Checks that all samples are finite, their number fits the file, and a part equals a slice of the whole. */
function checkParts(bytes: Uint8Array, random: Random, description: string): void {
  const { frames, channels: count, sampleRate } = readAudioFormat(bytes);
  assert.ok(frames * count <= 2 * bytes.length, `${description}: ${frames} frames of ${count} channels`);
  assert.ok(sampleRate >= 1000 && sampleRate <= 768_000, `${description}: ${sampleRate} Hz`);
  const { channels } = decodeAudio(bytes);
  const firstFrame = random.integer(frames + 2);
  const endFrame = random.pick([firstFrame, firstFrame + 1 + random.integer(frames), Infinity]);
  const part = decodeUsable(bytes, { firstFrame, endFrame }, description);
  channels.forEach((samples, channel) => {
    assert.equal(samples.length, frames, description);
    assert.ok(
      samples.every((sample) => Math.abs(sample) <= 32),
      `${description}: sample out of range`,
    );
    const slice = samples.subarray(firstFrame, endFrame);
    const isEqual =
      part.channels[channel].length === slice.length &&
      slice.every((x, i) => part.channels[channel][i] === x);
    assert.ok(isEqual, `${description}: frames ${firstFrame} to ${endFrame} differ from the whole`);
  });
}

/** Decodes a file that must not be rejected. */
function decodeUsable(bytes: Uint8Array, part: Parameters<typeof decodeAudio>[1], what: string): AudioData {
  try {
    return decodeAudio(bytes, part);
  } catch (error) {
    return assert.fail(`${what}: ${String(error)}`);
  }
}

interface AudioFile {
  bytes: Uint8Array;
  channels: number;
  sampleRate: number;
  /** interleaved; NaN if not known */
  expected: number[];
  description: string;
}

/** Samples as they are stored. */
interface Stored {
  name: string;
  data: Uint8Array;
  expected: number[];
  /** WAV format tag */
  tag: number;
  /** AIFF-C compression type, if it is not plain AIFF */
  type?: string;
  bits: number;
  blockAlign: number;
  /** for the `fmt ` chunk of ADPCM */
  extension?: Uint8Array;
}

function makeFile(random: Random): AudioFile {
  const container = random.pick(['RIFF', 'RIFF', 'RIFX', 'RF64', 'BW64', 'Wave64', 'AIFF', 'AIFC'] as const);
  const channels = random.pick([1, 1, 2, 2, 3, 6]);
  const frames = 1 + random.integer(120);
  const sampleRate = random.pick([1000, 8000, 11_025, 16_000, 24_414, 44_100, 48_000, 768_000]);
  const isAiff = container === 'AIFF' || container === 'AIFC';
  const bigEndian = isAiff || container === 'RIFX';
  const kinds = {
    RIFX: [integers, floats, companded],
    AIFF: [integers],
    AIFC: [integers, floats, companded],
  };
  const make = random.pick(
    container in kinds
      ? kinds[container as keyof typeof kinds]
      : [integers, integers, floats, companded, adpcm],
  );
  const stored = make(random, { count: frames * channels, channels, bigEndian, isAiff });
  const ending = random.pick(['', '', '', 'streamed', 'followed by chunks']);
  const bytes = isAiff
    ? aiff(random, stored, { form: container, channels, sampleRate, frames, ending })
    : wav(random, stored, { form: container, channels, sampleRate, ending });
  const description = `${container} ${stored.name}, ${channels} channels, ${sampleRate} Hz, ${frames} frames, ${ending}`;
  const count = make === adpcm ? Math.min(channels, 2) : channels;
  return { bytes, channels: count, sampleRate, expected: stored.expected, description };
}

interface Layout {
  /** number of samples */
  count: number;
  channels: number;
  bigEndian: boolean;
  isAiff: boolean;
}

/** Integers of any number of bits, left-aligned, or right-aligned in a wider container. */
function integers(random: Random, { count, channels, bigEndian, isAiff }: Layout): Stored {
  const container = random.pick(isAiff ? [1, 2, 3, 4] : [1, 2, 2, 3, 4, 5, 8]);
  // Only WAV allows samples with fewer bytes than their container.
  const needed =
    isAiff || container === 1 || random.integer(2) ? container : 2 + random.integer(container - 1);
  const bits = Math.min(8 * needed, 8 * needed - random.pick([0, 0, 1, 4, 7]));
  const isRight = needed < container && bits % 8 === 0 && random.integer(2) === 0;
  const data = new Uint8Array(count * container);
  const expected: number[] = [];
  const significant = Math.min(bits, 32);
  for (let i = 0; i < count; i++) {
    const value = random.integer(2 ** significant) - 2 ** (significant - 1);
    expected.push(Math.fround(value / 2 ** (significant - 1)));
    // As an integer of the container's size.
    const shift = isRight ? bits - significant : 8 * container - significant;
    let scaled = BigInt.asUintN(8 * container, BigInt(value) << BigInt(shift));
    if (container === 1 && !isAiff) scaled ^= 128n;
    for (let k = 0; k < container; k++) {
      data[i * container + (bigEndian ? container - 1 - k : k)] = Number(scaled & 255n);
      scaled >>= 8n;
    }
  }
  // The unused bytes must differ from those of the other alignment.
  const isClear = !isRight || expected.some((x) => x !== 0 && (x * 2 ** (bits - 1)) % 256 !== 0);
  return {
    name: `integers of ${bits} bits in ${8 * container}${isRight ? ', right-aligned' : ''}`,
    data,
    expected: isClear ? expected : expected.map(() => NaN),
    tag: 1,
    bits,
    blockAlign: container * channels,
  };
}

function floats(random: Random, { count, channels, bigEndian }: Layout): Stored {
  const bits = random.pick([32, 64]);
  const data = new Uint8Array((count * bits) / 8);
  const view = new DataView(data.buffer);
  const scale = random.pick([1, 1, 8]);
  const expected = Array.from({ length: count }, (_, i) => {
    const sample = random.uniform(-scale, scale);
    if (bits === 32) view.setFloat32(4 * i, sample, !bigEndian);
    else view.setFloat64(8 * i, sample, !bigEndian);
    return Math.fround(sample);
  });
  const [name, type] = [`floats of ${bits} bits`, `fl${bits}`];
  return { name, data, expected, tag: 3, type, bits, blockAlign: (channels * bits) / 8 };
}

/** G.711 with the formulas of the standard: sign, three bits of exponent and four of mantissa. */
function companded(random: Random, { count, channels }: Layout): Stored {
  const isALaw = random.integer(2) === 0;
  const data = Uint8Array.from({ length: count }, () => random.integer(256));
  const expected = Array.from(data, (code) => {
    const bits = code ^ (isALaw ? 0xd5 : 0xff);
    const [exponent, mantissa] = [(bits >> 4) & 7, bits & 15];
    const size = isALaw
      ? exponent === 0
        ? 2 * mantissa + 1
        : (2 * mantissa + 33) * 2 ** (exponent - 1)
      : (2 * mantissa + 33) * 2 ** exponent - 33;
    const sample = (size * (isALaw ? 8 : 4)) / 32_768;
    return sample === 0 ? 0 : bits & 128 ? -sample : sample;
  });
  const name = isALaw ? 'A-law' : 'µ-law';
  return {
    name,
    data,
    expected,
    tag: isALaw ? 6 : 7,
    type: isALaw ? 'alaw' : 'ulaw',
    bits: 8,
    blockAlign: channels,
  };
}

/** Blocks with random codes. Only the samples in their headers are known. */
function adpcm(random: Random, { channels: wanted }: Layout): Stored {
  const channels = Math.min(wanted, 2);
  const isIma = random.integer(2) === 0;
  const blockAlign = channels * (isIma ? 4 * (1 + random.integer(9)) : 7 + random.integer(30));
  const blocks = 1 + random.integer(4);
  const perBlock = isIma ? (2 * blockAlign) / channels - 7 : (2 * blockAlign) / channels - 12;
  const data = Uint8Array.from({ length: blocks * blockAlign }, () => random.integer(256));
  const view = new DataView(data.buffer);
  const expected = new Array<number>(blocks * perBlock * channels).fill(NaN);
  for (let block = 0; block < blocks; block++) {
    const start = block * blockAlign;
    const first = block * perBlock * channels;
    for (let channel = 0; channel < channels; channel++) {
      if (isIma) {
        data[start + 4 * channel + 2] = random.integer(89);
        expected[first + channel] = view.getInt16(start + 4 * channel, true) / 32_768;
      } else {
        data[start + channel] = random.integer(7);
        const at = start + channels + 2 * channel;
        expected[first + channel] = view.getInt16(at + 4 * channels, true) / 32_768;
        expected[first + channels + channel] = view.getInt16(at + 2 * channels, true) / 32_768;
      }
    }
  }
  const extension = Uint8Array.of(2, 0, perBlock & 255, perBlock >> 8);
  const name = isIma ? 'IMA ADPCM' : 'Microsoft ADPCM';
  return { name, data, expected, tag: isIma ? 17 : 2, bits: 4, blockAlign, extension };
}

interface Container {
  form: string;
  channels: number;
  sampleRate: number;
  ending: string;
}

function wav(random: Random, stored: Stored, { form, channels, sampleRate, ending }: Container): Uint8Array {
  const little = form !== 'RIFX';
  const { tag, bits, blockAlign, data, extension = new Uint8Array(0) } = stored;
  const count = extension.length > 0 ? Math.min(channels, 2) : channels;
  const isExtensible = extension.length === 0 && random.integer(3) === 0 && 8 * blockAlign === bits * count;
  const fmt = new Uint8Array(isExtensible ? 40 : 16 + extension.length);
  const view = new DataView(fmt.buffer);
  view.setUint16(0, isExtensible ? 0xfffe : tag, little);
  view.setUint16(2, count, little);
  view.setUint32(4, sampleRate, little);
  view.setUint32(8, sampleRate * blockAlign, little);
  view.setUint16(12, blockAlign, little);
  view.setUint16(14, bits, little);
  if (isExtensible) {
    view.setUint16(16, 22, little);
    view.setUint16(18, bits, little);
    view.setUint16(24, tag, little);
    fmt.set([0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113], 26);
  } else fmt.set(extension, 16);

  if (form === 'Wave64') return wave64(random, fmt, data, ending);
  const isLarge = form === 'RF64' || form === 'BW64';
  const chunk = (id: string, content: Uint8Array, size = content.length): Uint8Array =>
    riffChunk(id, content, { size, little, isPadded: id === 'data' || random.integer(3) > 0 });
  const isStreamed = ending === 'streamed';
  const placeholder = random.pick([0, 0x7fffffff, 0x7ffff000, 0x80000000, 0xffffffff, 0xffffffdb]);
  const size = isLarge ? 0xffffffff : isStreamed ? placeholder : data.length;
  const ds64 = new Uint8Array(28);
  new DataView(ds64.buffer).setBigUint64(8, isStreamed ? 2n ** 64n - 1n : BigInt(data.length), true);
  const dataChunk = isStreamed
    ? riffChunk('data', data, { size, little, isPadded: false })
    : chunk('data', data, size);
  const other = random.integer(2) ? [chunk('LIST', junk(random))] : [];
  const parts =
    isStreamed || random.integer(2)
      ? [...other, chunk('fmt ', fmt), dataChunk]
      : [dataChunk, ...other, chunk('fmt ', fmt)];
  if (ending === 'followed by chunks') parts.push(chunk('id3 ', junk(random)));
  return concat([
    text(form),
    Uint8Array.of(1, 2, 3, 4),
    text('WAVE'),
    ...(isLarge ? [chunk('ds64', ds64)] : []),
    ...parts,
  ]);
}

const wave64Tail = [0xf3, 0xac, 0xd3, 0x11, 0x8c, 0xd1, 0, 0xc0, 0x4f, 0x8e, 0xdb, 0x8a];

function wave64(random: Random, fmt: Uint8Array, data: Uint8Array, ending: string): Uint8Array {
  const chunk = (id: string, content: Uint8Array, size = BigInt(24 + content.length)): Uint8Array => {
    const padding = id === 'data' && ending !== 'followed by chunks' ? 0 : (8 - (content.length % 8)) % 8;
    const header = new Uint8Array(24);
    header.set(text(id));
    header.set(wave64Tail, 4);
    new DataView(header.buffer).setBigUint64(16, size, true);
    return concat([header, content, new Uint8Array(padding)]);
  };
  const placeholder = random.pick([0n, 2n ** 63n - 1n, 2n ** 64n - 1n]);
  const riff = new Uint8Array(24);
  riff.set([...text('riff'), 0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 4, 0xc1]);
  return concat([
    riff,
    text('wave'),
    Uint8Array.from(wave64Tail),
    ...(random.integer(2) ? [chunk('junk', junk(random))] : []),
    chunk('fmt ', fmt),
    chunk('data', data, ending === 'streamed' ? placeholder : undefined),
    ...(ending === 'followed by chunks' ? [chunk('list', junk(random))] : []),
  ]);
}

function aiff(
  random: Random,
  stored: Stored,
  { form, channels, sampleRate, frames, ending }: Container & { frames: number },
): Uint8Array {
  const { type = 'NONE', bits, data } = stored;
  const isStreamed = ending === 'streamed';
  const comm = new Uint8Array(form === 'AIFC' ? 24 : 18);
  const view = new DataView(comm.buffer);
  const placeholder = random.pick([0, 0x7f000000, 0x7fffffff, 0xffffffff]);
  view.setUint16(0, channels);
  view.setUint32(2, isStreamed ? Math.floor(placeholder / stored.blockAlign) : frames);
  view.setUint16(6, bits);
  const exponent = Math.floor(Math.log2(sampleRate));
  view.setUint16(8, exponent + 16_383);
  view.setUint32(10, sampleRate * 2 ** (31 - exponent));
  if (form === 'AIFC') comm.set(text(type), 18);
  const offset = random.pick([0, 0, 1, 16]);
  const prefix = new Uint8Array(8 + offset);
  new DataView(prefix.buffer).setUint32(0, offset);
  const content = concat([prefix, data]);
  const size = isStreamed ? placeholder + (placeholder === 0x7f000000 ? 8 + offset : 0) : content.length;
  const chunk = (id: string, bytes: Uint8Array, stated = bytes.length): Uint8Array =>
    riffChunk(id, bytes, { size: stated, little: false, isPadded: !(isStreamed && id === 'SSND') });
  const parts = [chunk('COMM', comm), chunk('SSND', content, size)];
  if (!isStreamed && random.integer(2)) parts.reverse();
  if (random.integer(2)) parts.unshift(chunk('NAME', junk(random)));
  if (ending === 'followed by chunks') parts.push(chunk('ANNO', junk(random)));
  return concat([text('FORM'), new Uint8Array(4), text(form), ...parts]);
}

function riffChunk(
  id: string,
  content: Uint8Array,
  { size, little, isPadded }: { size: number; little: boolean; isPadded: boolean },
): Uint8Array {
  const header = new Uint8Array(8);
  header.set(text(id));
  new DataView(header.buffer).setUint32(4, size, little);
  return concat([header, content, new Uint8Array(isPadded ? content.length % 2 : 0)]);
}

/** Content of a chunk that decoders skip. */
function junk(random: Random): Uint8Array {
  return Uint8Array.from({ length: random.integer(20) }, () => random.integer(256));
}

const text = (value: string): Uint8Array => Uint8Array.from(value, (character) => character.charCodeAt(0));

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** Changes one to four places of a file. */
function damage(
  { bytes, description }: AudioFile,
  random: Random,
): { bytes: Uint8Array; description: string } {
  const kinds = Object.keys(damages) as (keyof typeof damages)[];
  const chosen = Array.from({ length: 1 + random.integer(4) }, () => random.pick(kinds));
  let damaged: Uint8Array = Uint8Array.from(bytes);
  for (const kind of chosen) damaged = damages[kind](damaged, random);
  // At an unaligned address, because views of typed arrays need aligned ones.
  const shifted = new Uint8Array(damaged.length + 1);
  shifted.set(damaged, 1);
  return { bytes: shifted.subarray(1), description: `${description}; ${chosen.join(', ')}` };
}

const extremes = [
  0,
  1,
  2,
  3,
  4,
  8,
  24,
  0x7f,
  0x80,
  0xff,
  0x7fff,
  0x8000,
  0xfffe,
  0xffff,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];

const damages = {
  flip: (bytes: Uint8Array, random: Random) => {
    if (bytes.length > 0) bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
    return bytes;
  },
  truncate: (bytes: Uint8Array, random: Random) => bytes.slice(0, random.integer(bytes.length + 1)),
  field: (bytes: Uint8Array, random: Random) => {
    const size = random.pick([1, 2, 4]);
    const at = random.integer(1 + Math.min(bytes.length, 120));
    const value = random.integer(2) ? random.pick(extremes) : random.integer(2 ** 32);
    const isLittle = random.integer(2) === 0;
    for (let i = 0; i < size && at + i < bytes.length; i++) {
      bytes[at + i] = Math.floor(value / 2 ** (8 * (isLittle ? i : size - 1 - i)));
    }
    return bytes;
  },
  insert: (bytes: Uint8Array, random: Random) => {
    const at = random.integer(bytes.length + 1);
    return concat([bytes.subarray(0, at), junk(random), bytes.subarray(at)]);
  },
  duplicate: (bytes: Uint8Array, random: Random) => {
    const at = random.integer(bytes.length + 1);
    return concat([bytes.subarray(0, at + random.integer(60)), bytes.subarray(at)]);
  },
  remove: (bytes: Uint8Array, random: Random) => {
    const at = random.integer(bytes.length + 1);
    return concat([bytes.subarray(0, at), bytes.subarray(at + random.integer(60))]);
  },
  randomBytes: (bytes: Uint8Array, random: Random) => {
    const start = random.integer(bytes.length + 1);
    const end = start + random.integer(40);
    for (let i = start; i < Math.min(end, bytes.length); i++) bytes[i] = random.integer(256);
    return bytes;
  },
};
