import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Emotion } from '../../../src/core/base';
import { createLevelMeter, findPauses, segmentsOf } from '../../../src/core/prediction/segments';
import { readWindows } from '../../../src/core/prediction/recording';
import { assertClose } from '../../assert-close';

const classes: readonly Emotion[] = ['angry', 'happy', 'sad'];
const sampleRate = 1000;

/** Windows of 2 s every second, each certain of one class. */
function certain(emotions: string, frames = 1000 * (emotions.length + 1)) {
  const windows = Array.from(emotions, (letter, i) => ({
    place: { firstFrame: 1000 * i, endFrame: 1000 * i + 2000 },
    probabilities: classes.map((name) => (name.startsWith(letter) ? 1 : 0)),
  }));
  return { classes, windows, frames, sampleRate, firstFrame: 0, hopFrames: 1000, threshold: 0, pauses: [] };
}
const labelsOf = (segments: ReturnType<typeof segmentsOf>): unknown[] =>
  segments.map(({ startSec, endSec, label }) => [startSec, endSec, label]);

describe('segmentsOf', () => {
  it('merges neighbours with the same emotion and averages their probabilities over time', () => {
    const segments = segmentsOf(certain('aaaasss'));
    // The step from 4 to 5 s is covered by one angry and one sad window; ties go to the first class.
    assert.deepEqual(labelsOf(segments), [
      [0, 5, 'angry'],
      [5, 8, 'sad'],
    ]);
    assert.deepEqual(
      segments[0].probabilities.map(({ emotion }) => emotion),
      ['angry', 'sad', 'happy'],
    );
    assertClose(
      segments[0].probabilities.map(({ probability }) => probability),
      [0.9, 0.1, 0],
      1e-12,
    );
  });

  it('puts silence between segments, and lets no segment be shorter than half a hop next to it', () => {
    const pauses = [{ firstFrame: 1800, endFrame: 2700 }];
    assert.deepEqual(labelsOf(segmentsOf({ ...certain('hhhhh'), pauses })), [
      [0, 1.8, 'happy'],
      [1.8, 2.7, 'silence'],
      [2.7, 6, 'happy'],
    ]);
    const changing = segmentsOf({ ...certain('hhsss'), pauses: [{ firstFrame: 2200, endFrame: 2700 }] });
    for (const { startSec, endSec } of changing) assert.ok(endSec - startSec >= 0.5, String(endSec));
  });

  it('covers the end of the recording, and the time before the first window', () => {
    const input = certain('hh', 3400);
    assert.deepEqual(labelsOf(segmentsOf(input)), [[0, 3.4, 'happy']]);
    const late = { ...input, windows: [input.windows[1]], firstFrame: 1000, hopFrames: Infinity };
    assert.deepEqual(labelsOf(segmentsOf(late)), [[0, 3.4, 'happy']]);
  });

  it('is unsure below the threshold, and merges neighbours that are unsure', () => {
    const input = certain('ahs');
    const windows = input.windows.map(({ place, probabilities }) => ({
      place,
      probabilities: probabilities.map((probability) => (probability === 1 ? 0.5 : 0.25)),
    }));
    const segments = segmentsOf({ ...input, windows, threshold: 0.6 });
    assert.deepEqual(labelsOf(segments), [[0, 4, 'unsure']]);
    assert.ok(segments[0].probabilities[0].probability < 0.6);
  });

  it('uses the nearest window where there is none', () => {
    const input = certain('a-----s');
    const windows = [input.windows[0], input.windows[6]];
    assert.deepEqual(labelsOf(segmentsOf({ ...input, windows })), [
      [0, 4, 'angry'],
      [4, 8, 'sad'],
    ]);
  });

  it('tiles the recording without gap or overlap, for any windows and pauses', () => {
    const places = fc.record({
      frames: fc.integer({ min: 100, max: 60_000 }),
      first: fc.integer({ min: 0, max: 2000 }),
      length: fc.integer({ min: 100, max: 4000 }),
      hop: fc.integer({ min: 50, max: 6000 }),
      threshold: fc.double({ min: 0, max: 1, noNaN: true }),
      seeds: fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 9, maxLength: 30 }),
      keep: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
      cuts: fc.uniqueArray(fc.integer({ min: 0, max: 60_000 }), { maxLength: 12 }),
    });
    fc.assert(
      fc.property(places, ({ frames, first, length, hop, threshold, seeds, keep, cuts }) => {
        const firstFrame = Math.min(first, frames - 1);
        const count = 1 + Math.max(0, Math.floor((frames - firstFrame - length) / hop));
        const windows = Array.from({ length: count }, (_, i) => {
          const raw = classes.map((_, k) => seeds[(3 * i + k) % seeds.length]);
          const sum = raw.reduce((total, value) => total + value, 0);
          return {
            place: {
              firstFrame: firstFrame + i * hop,
              endFrame: Math.min(frames, firstFrame + i * hop + length),
            },
            probabilities: raw.map((value) => value / sum),
          };
        }).filter((_, i) => i === 0 || keep[i % keep.length]);
        const ends = cuts.filter((cut) => cut <= frames).sort((a, b) => a - b);
        const pauses = Array.from({ length: ends.length >> 1 }, (_, i) => ({
          firstFrame: ends[2 * i],
          endFrame: ends[2 * i + 1],
        }));
        const hopFrames = count > 1 ? hop : Infinity;
        const input = { classes, windows, pauses, frames, sampleRate, firstFrame, hopFrames, threshold };
        const segments = segmentsOf(input);
        assert.equal(segments[0].startSec, 0);
        assert.equal(segments.at(-1)!.endSec, frames / sampleRate);
        for (const [i, { startSec, endSec, label, probabilities }] of segments.entries()) {
          assert.ok(endSec > startSec);
          if (i > 0) assert.equal(startSec, segments[i - 1].endSec);
          if (i > 0 && label !== 'silence') assert.notEqual(label, segments[i - 1].label);
          if (label === 'silence') assert.deepEqual(probabilities, []);
          else {
            const sum = probabilities.reduce((total, { probability }) => total + probability, 0);
            assertClose([sum], [1], 1e-9);
            const [{ emotion, probability }] = probabilities;
            assert.equal(label === 'unsure', probability < threshold);
            if (label !== 'unsure') assert.equal(label, emotion);
          }
        }
        const silentSec = segments.reduce(
          (sum, { startSec, endSec, label }) => sum + (label === 'silence' ? endSec - startSec : 0),
          0,
        );
        const expected = pauses.reduce((sum, pause) => sum + pause.endFrame - pause.firstFrame, 0);
        assertClose([silentSec], [expected / sampleRate], 1e-6);
      }),
    );
  });
});

describe('findPauses', () => {
  const rate = 8000;
  /** Tones with a level in dB each, and noise 60 dB below full scale. */
  const recording = (parts: readonly (readonly [sec: number, db: number])[]): Float32Array => {
    const samples: number[] = [];
    for (const [sec, db] of parts)
      for (let i = 0; i < sec * rate; i++)
        samples.push(10 ** (db / 20) * Math.sqrt(2) * Math.sin(i) + 0.0014 * Math.sin(i * i) + 0.1);
    return Float32Array.from(samples);
  };
  const pausesOf = (samples: Float32Array, partFrames = samples.length): number[][] => {
    const meter = createLevelMeter(samples.length, rate, 'x');
    for (let at = 0; at < samples.length; at += partFrames) meter.add(samples.subarray(at, at + partFrames));
    return findPauses(meter, samples.length, rate).map((pause) =>
      [pause.firstFrame, pause.endFrame].map((frame) => frame / rate),
    );
  };

  it('measures the level of blocks, wherever the recording is cut', () => {
    const samples = recording([[1, -20]]);
    const levels = [samples.length, 100, 37].map((partFrames) => {
      const meter = createLevelMeter(samples.length, rate, 'x');
      for (let at = 0; at < samples.length; at += partFrames)
        meter.add(samples.subarray(at, at + partFrames));
      return meter.levels;
    });
    assert.equal(levels[0].length, 50);
    assertClose(levels[0], new Float32Array(50).fill(-20), 0.5);
    assert.deepEqual(levels[1], levels[0]);
    assert.deepEqual(levels[2], levels[0]);
  });

  it('finds pauses of at least 0.4 s in background noise, not the breaks within speech', () => {
    const parts: [number, number][] = [
      [1, -20],
      [0.3, -200],
      [1, -20],
      [0.6, -200],
      [1, -25],
    ];
    assert.deepEqual(pausesOf(recording(parts)), [[2.3, 2.9]]);
    assert.deepEqual(pausesOf(recording(parts), 1234), [[2.3, 2.9]]);
  });

  it('takes a click for silence, but not a quiet voice after a loud one', () => {
    const parts: [number, number][] = [
      [1, -6],
      [0.3, -200],
      [0.06, -20],
      [0.3, -200],
      [1, -40],
    ];
    assertClose(pausesOf(recording(parts)).flat(), [1, 1.66], 0.021);
  });

  it('finds no pause in steady noise, and only silence in a constant signal', () => {
    assert.deepEqual(pausesOf(recording([[3, -200]])), []);
    assert.deepEqual(pausesOf(new Float32Array(8000).fill(0.5)), [[0, 1]]);
  });

  it('rejects samples that are not finite or far too large, with the name of the recording', () => {
    for (const [value, reason] of [
      [NaN, /mine\.wav: it has samples that are not finite/],
      [-Infinity, /mine\.wav: it has samples that are not finite/],
      [2e9, /mine\.wav: its samples must lie between -1 and 1 .* got 2\.00e\+9/],
    ] as const) {
      const samples = new Float32Array(1000);
      samples[500] = value;
      assert.throws(() => {
        createLevelMeter(1000, rate, 'mine.wav').add(samples);
      }, reason);
    }
  });
});

describe('readWindows', () => {
  it('reads every sample once, in order, and cuts the windows out of it', async () => {
    const frames = 95_123;
    const samples = Float32Array.from({ length: frames }, (_, i) => i);
    for (const [first, length, hop] of [
      [0, 3500, 1750],
      [600, 2500, 100],
      [0, 3500, 20_000],
      [10, frames - 10, 1],
    ]) {
      const count = 1 + Math.floor((frames - first - length) / hop);
      const places = Array.from({ length: count }, (_, i) => ({
        firstFrame: first + i * hop,
        endFrame: first + i * hop + length,
      }));
      const reads: number[][] = [];
      const read = (from: number, to: number): Promise<Float32Array> => {
        reads.push([from, to]);
        return Promise.resolve(samples.slice(from, to));
      };
      const recording = { name: 'x', frames, sampleRate: 1000, read, notes: () => [] };
      const found: unknown[] = [];
      for await (const batch of readWindows(recording, places, () => undefined)) {
        assert.ok(batch.length >= 1 && batch.length <= 64);
        for (const { place, samples: window } of batch) {
          assert.deepEqual(window, samples.slice(place.firstFrame, place.endFrame));
          found.push(place);
        }
      }
      assert.deepEqual(found, places);
      assert.equal(reads[0][0], 0);
      assert.equal(reads.at(-1)![1], frames);
      for (let i = 1; i < reads.length; i++) assert.equal(reads[i][0], reads[i - 1][1]);
    }
  });
});
