import assert from 'node:assert/strict';
import { checkSize } from '../../src/web/decode';

/** The header of an MPEG-4 file: a box `mvhd`, and the sound description `mp4a`. */
function mpeg4({
  sec,
  sampleRate = 44_100,
  channels = 2,
  scale = 1000,
  duration = sec * scale,
}: {
  sec: number;
  sampleRate?: number;
  channels?: number;
  scale?: number;
  duration?: number;
}): Uint8Array {
  const bytes = new Uint8Array(300);
  const view = new DataView(bytes.buffer);
  const box = (at: number, size: number, type: string): void => {
    view.setUint32(at, size);
    bytes.set(Buffer.from(type), at + 4);
  };
  box(0, 24, 'ftyp');
  bytes.set(Buffer.from('mp42'), 8);
  box(32, 108, 'mvhd');
  view.setUint32(32 + 20, scale);
  view.setUint32(32 + 24, duration);
  box(200, 60, 'mp4a');
  view.setUint16(200 + 24, channels);
  view.setUint16(200 + 32, sampleRate);
  return bytes;
}

/** ADTS frames at 48 kHz with two channels; the shortest that are possible. */
function adts(frames: number): Uint8Array {
  const header = [0xff, 0xf1, 0x4c, 0x80, 0x00, 0xe0, 0x00];
  const bytes = new Uint8Array(frames * header.length);
  for (let i = 0; i < frames; i++) bytes.set(header, i * header.length);
  return bytes;
}

describe('checkSize', () => {
  it('refuses files that are larger than 128 MB', () => {
    checkSize(new Uint8Array(2 ** 27), 'AAC');
    assert.throws(() => {
      checkSize(new Uint8Array(2 ** 27 + 1), 'AAC');
    }, /it is AAC and larger than 128 MB: split it first/);
  });

  it('refuses MPEG-4 files with more than 2 GB of decoded samples, and states how long a part may be', () => {
    checkSize(mpeg4({ sec: 100 * 60 }), 'AAC');
    checkSize(mpeg4({ sec: 2 * 3600, channels: 1 }), 'AAC');
    assert.throws(() => {
      checkSize(mpeg4({ sec: 110 * 60 }), 'AAC');
    }, /it is AAC, which browsers decode at once, and with 110 minutes .* parts of at most 101 minutes, or convert it to MP3 or FLAC/);
  });

  it('accepts MPEG-4 files that do not state their duration', () => {
    checkSize(mpeg4({ sec: 0, duration: 0xffffffff }), 'AAC');
    checkSize(mpeg4({ sec: 1e6, scale: 0 }), 'AAC');
  });

  it('counts the frames of ADTS files', () => {
    const hour = Math.round((3600 * 48_000) / 1024);
    checkSize(adts(hour), 'AAC (ADTS)');
    assert.throws(() => {
      checkSize(adts(Math.ceil(2.001 * hour)), 'AAC (ADTS)');
    }, /with 120 minutes it needs too much memory/);
  });

  it('accepts other files', () => {
    checkSize(new Uint8Array(0), 'WMA');
    checkSize(Buffer.from('mvhd mp4a'.repeat(100)), 'WMA');
  });
});
