import assert from 'node:assert/strict';
import { compareChannels, pickChannel, toMono } from '../../../src/core/audio';
import { createRandom } from '../../../src/core/base';
import { voiceSignal } from './voice';

const sampleRate = 16_000;
const voice = (number: number): Float32Array => voiceSignal(sampleRate, { sampleRate, voice: number });
const scaled = (samples: Float32Array, factor: number): Float32Array => samples.map((x) => factor * x);

function remarkOn(...channels: Float32Array[]): string | undefined {
  const comparison = compareChannels();
  // In parts of different lengths.
  for (const [start, end] of [
    [0, 1000],
    [1000, 9000],
    [9000, sampleRate],
  ])
    comparison.add(channels.map((samples) => samples.subarray(start, end)));
  return comparison.remark();
}

describe('channels', () => {
  const [left, right] = [Float32Array.of(0.5, 0.25), Float32Array.of(-0.5, 0.75)];

  it('are mixed, or one is chosen by name or number', () => {
    assert.deepEqual(pickChannel([left, right]), Float32Array.of(0, 0.5));
    assert.equal(pickChannel([left, right], 'left'), left);
    assert.equal(pickChannel([left, right], 'right'), right);
    assert.equal(pickChannel([left, right], 2), right);
    assert.equal(pickChannel([left], 1), left);
    assert.equal(pickChannel([left], 'mix'), left);
    assert.deepEqual(toMono({ channels: [left, right], sampleRate }, 'right'), {
      samples: right,
      sampleRate,
    });
  });

  it('that a recording does not have are rejected', () => {
    assert.throws(() => pickChannel([left, right], 3), {
      name: 'AudioFormatError',
      message: 'it has 2 channels, so the channel "3" cannot be chosen; choose "mix"',
    });
    // The only channel may contain both voices.
    assert.throws(
      () => pickChannel([left], 'left'),
      /it has 1 channel, so the channel "left" cannot be chosen/,
    );
    for (const wrong of [0, 1.5, -1, NaN, 'centre', null]) {
      assert.throws(
        () => pickChannel([left, right], wrong as 'mix'),
        /channel must be mix, left, right, or the number/,
      );
    }
  });

  it('are similar in a mono recording, and in stereo with a little noise or another level', () => {
    const random = createRandom(1);
    assert.equal(remarkOn(voice(0)), undefined);
    assert.equal(remarkOn(voice(0), voice(0)), undefined);
    assert.equal(remarkOn(voice(0), scaled(voice(0), 0.5)), undefined);
    assert.equal(
      remarkOn(
        voice(0),
        voice(0).map((x) => x + random.uniform(-0.01, 0.01)),
      ),
      undefined,
    );
    assert.equal(remarkOn(new Float32Array(sampleRate), new Float32Array(sampleRate)), undefined);
  });

  it('that differ are reported with the reason', () => {
    assert.match(
      remarkOn(voice(0), voice(1))!,
      /^its 2 channels differ \(lowest correlation -?0\.\d\d, levels -\d+ and -\d+ dB\), and their mean was used; use one channel instead of the mix, for example "(left|right)"$/,
    );
    assert.match(
      remarkOn(voice(0), scaled(voice(0), 0.1))!,
      /its 2 channels differ \(lowest correlation 1\.00/,
    );
    assert.match(
      remarkOn(new Float32Array(sampleRate), voice(0))!,
      /^silent, but mixed .*: channel left; .* "right"$/,
    );
    assert.match(remarkOn(voice(0), voice(0), new Float32Array(sampleRate))!, /channel 3; .* "1"$/);
  });

  it('are listed up to eight', () => {
    const silent = new Float32Array(sampleRate);
    const many = Array.from({ length: 100 }, () => silent);
    assert.match(remarkOn(voice(0), ...many)!, /: channel 2, .*, channel 9, … 92 more; use one .* "1"$/);
    const different = remarkOn(...Array.from({ length: 12 }, (_, i) => voice(i)))!;
    assert.match(different, /^its 12 channels differ \(lowest .*, levels (-\d+, ){8}… 4 more dB\)/);
  });

  it('that cancel each other are reported', () => {
    assert.match(
      remarkOn(voice(0), scaled(voice(0), -0.9))!,
      /^its channels cancel each other \(one of them is inverted\): the mix is \d+ dB quieter than the channels/,
    );
  });
});
