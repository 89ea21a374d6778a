import assert from 'node:assert/strict';
import { resample } from '../../../src/core/audio';
import { createRandom } from '../../../src/core/base';
import { augment, type Augmentation } from '../../../src/core/dsp';
import { telephone } from '../../../src/core/dsp/recording-conditions';
import {
  describeUnusual,
  plainFrontEnd,
  type RecordingProfile,
  recordingProfile,
  recordingRanges,
  unusualMeasures,
} from '../../../src/core/features';
import { loadFrontEnd } from '../../../src/node/extraction';
import { assertClose } from '../../assert-close';
import { babble, voice as syntheticVoice } from '../../babble';

const sampleRate = 22_050;
const spoken = syntheticVoice('a voice', 2.5);
const voice = resample(spoken.samples, spoken.sampleRate, sampleRate);
const changed = (...list: Augmentation[]): Float32Array =>
  augment(voice, list, { sampleRate, random: createRandom(1) });
const profileOf = (samples: Float32Array): RecordingProfile =>
  recordingProfile(samples, samples.length / sampleRate, plainFrontEnd);

describe('recordingProfile', () => {
  const clean = profileOf(voice);

  it('measures a gain as a change of the level only', () => {
    const quiet = profileOf(changed({ kind: 'gain', gainDb: -20 }));
    assertClose([quiet.levelDb - clean.levelDb], [-20], 0.01);
    assertClose([quiet.rangeDb, quiet.bandwidthHz], [clean.rangeDb, clean.bandwidthHz], 0.5);
  });

  it('measures noise as a range that is smaller the stronger the noise is', () => {
    const ranges = [30, 20, 10].map((snrDb) => profileOf(changed({ kind: 'noise', snrDb })).rangeDb);
    assert.ok(clean.rangeDb > ranges[0] && ranges[0] > ranges[1] && ranges[1] > ranges[2], ranges.join());
  });

  it('measures the bandwidth of a telephone', () => {
    const { samples } = babble('wide', 2);
    assert.ok(profileOf(samples).bandwidthHz > 7000);
    assert.ok(profileOf(telephone(samples, { sampleRate })).bandwidthHz < 4500);
  });

  it('is finite for digital silence and for a single sample', () => {
    for (const samples of [new Float32Array(5000), Float32Array.of(0.1)]) {
      const { levelDb, rangeDb, bandwidthHz } = profileOf(samples);
      assert.ok([levelDb, rangeDb, bandwidthHz].every(Number.isFinite));
    }
  });

  it('is the same with the SIMD kernel', async () => {
    const fast = recordingProfile(voice, 2.5, await loadFrontEnd());
    assertClose(
      [fast.levelDb, fast.rangeDb, fast.bandwidthHz],
      [clean.levelDb, clean.rangeDb, clean.bandwidthHz],
      0.01,
    );
  });
});

describe('unusualMeasures', () => {
  const profile = (levelDb: number, rangeDb = 40, bandwidthHz = 8000, durationSec = 3): RecordingProfile => ({
    levelDb,
    rangeDb,
    bandwidthHz,
    durationSec,
  });
  const ranges = recordingRanges(Array.from({ length: 1001 }, (_, i) => profile(-40 + i / 50)));

  it('uses the 0.5th and 99.5th percentile', () => {
    assertClose([ranges.levelDb.low, ranges.levelDb.high], [-39.9, -20.1], 1e-9);
  });

  it('names the measure, the value, the range and a remedy', () => {
    assert.deepEqual(unusualMeasures(profile(-30), ranges), []);
    const texts = (one: RecordingProfile): string[] => unusualMeasures(one, ranges).map(describeUnusual);
    assert.match(texts(profile(-55)).join(), /quieter than .* -55 dB instead of -40 to -20 dB/);
    assert.match(texts(profile(-3)).join(), /louder than/);
    assert.match(texts(profile(-30, 5)).join(), /noise or reverberation .* 5 dB .* at least 40 dB/);
    assert.match(texts(profile(-30, 40, 3500)).join(), /nothing above 3.5 kHz, .* at least 8.0 kHz/);
    assert.match(
      texts(profile(-30, 40, 8000, 0.5)).join(),
      /shorter than .*: 0.5 s instead of at least 3.0 s/,
    );
    // And what to do.
    assert.match(texts(profile(-55)).join(), /; speak closer to the microphone, or raise its level$/);
    assert.match(texts(profile(-3)).join(), /; move away from the microphone, or lower its level$/);
    assert.match(texts(profile(-30, 5)).join(), /; record in a quieter room, closer to the microphone$/);
    assert.match(texts(profile(-30, 40, 3500)).join(), /; record without a telephone or Bluetooth headset$/);
    assert.match(
      texts(profile(-30, 40, 8000, 0.5)).join(),
      /; longer recordings are predicted more reliably$/,
    );
  });

  it('accepts less noise, more bandwidth and a longer recording', () => {
    assert.deepEqual(unusualMeasures(profile(-30, 80, 11_000, 600), ranges), []);
  });
});
