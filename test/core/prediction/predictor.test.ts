import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaveFile } from 'wavefile';
import { encodeWav, type Waveform } from '../../../src/core/audio';
import { createRandom, InvalidArgumentError, InvalidFileError } from '../../../src/core/base';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import { scaleByTemperature } from '../../../src/core/evaluation';
import { featureConfig, planWindows, windowRows } from '../../../src/core/features';
import { cutWindow } from '../../../src/core/features/windows';
import type { Network } from '../../../src/core/network';
import { type ExperimentResult, type Prediction, type SingleModel } from '../../../src/core/prediction';
import { readAudio } from '../../../src/node/corpora';
import { extractFeatures, loadFrontEnd } from '../../../src/node/extraction';
import { createPredictor, modelOf, type RecordingInput } from '../../../src/node/models';
import { assertClose } from '../../assert-close';
import { openToneLab, type ToneLab } from '../../node/experiment/tone-lab';
import { sampleCorpus } from '../../node/extraction/sample-corpus';

function noise(durationSec: number, sampleRate = 16_000): Waveform {
  const random = createRandom('noise');
  const samples = Float32Array.from(
    { length: Math.round(durationSec * sampleRate) },
    () => 0.1 * random.normal(),
  );
  return { samples, sampleRate };
}

/** The remarks without those on recordings unlike the training recordings, which come first. */
const otherNotes = ({ notes, unusual }: Prediction): string[] => notes.slice(unusual.length);

describe('planWindows', () => {
  const rate = 1000;
  const plan = (durationSec: number, hopSec?: number) =>
    planWindows(durationSec * rate, rate, { offsetSec: 0.6, durationSec: 2.5 }, hopSec).map(
      ({ firstFrame, endFrame }) => [firstFrame / rate, endFrame / rate],
    );

  it('rejects a hop that gives too many windows', () => {
    const window = { offsetSec: 0, durationSec: 2.5 };
    assert.throws(
      () => planWindows(3600 * 16_000, 16_000, window, 1e-9),
      /hopSec must be at least 0.036 .*, got 1e-9/,
    );
  });

  it('uses the training window if the recording covers at least half a second of it, otherwise an earlier one', () => {
    assert.deepEqual(plan(3.1), [[0.6, 3.1]]);
    assert.deepEqual(plan(1.2), [[0.6, 1.2]]);
    assert.deepEqual(plan(1.1), [[0.6, 1.1]]);
    assert.deepEqual(plan(1), [[0.5, 1]]);
    assert.deepEqual(plan(0.7), [[0.2, 0.7]]);
    assert.deepEqual(plan(0.3), [[0, 0.3]]);
  });

  it('adds windows at each hop that fit completely into the recording', () => {
    assert.deepEqual(plan(4.349), [[0.6, 3.1]]);
    assert.deepEqual(plan(4.35), [
      [0.6, 3.1],
      [1.85, 4.35],
    ]);
    assert.deepEqual(
      plan(9, 2).map(([start]) => start),
      [0.6, 2.6, 4.6],
    );
    assert.deepEqual(plan(100, Infinity), [[0.6, 3.1]]);
  });
});

describe('predictor', function () {
  this.timeout(120_000);
  let lab: ToneLab;
  let result: ExperimentResult;
  let model: SingleModel;
  let predictor: ReturnType<typeof createPredictor>;
  before(async () => {
    lab = await openToneLab();
    result = await lab.train();
    model = modelOf(result);
    predictor = createPredictor(model, lab.engine);
  });
  after(() => lab.close());
  const sum = (values: readonly { probability: number }[]) =>
    values.reduce((total, { probability }) => total + probability, 0);
  const inOrder = (classes: readonly string[], values: readonly { emotion: string; probability: number }[]) =>
    classes.map((emotion) => values.find((one) => one.emotion === emotion)!.probability);

  it('computes exactly the training features for clips of any sample rate and length', async () => {
    const corpus = sampleCorpus(join(lab.folder, 'lengths'), [3.2, 1.4, 2.0, 1.2, 6]);
    const config = featureConfig({ features: ['zcr', 'rms', 'mfcc', 'deltas', 'logMel'] });
    const set = await extractFeatures(corpus, { ...config, versions: { original: [] } }, { store: false });
    const frontEnd = await loadFrontEnd();
    const windows = await Promise.all(
      corpus.clips.map(async (clip) => {
        const { samples, sampleRate } = await readAudio(corpus.fileOf(clip));
        const [{ firstFrame, endFrame }] = planWindows(samples.length, sampleRate, config);
        const window = samples.subarray(firstFrame, endFrame);
        const resampled =
          sampleRate === config.sampleRate
            ? window
            : frontEnd.resample(window, sampleRate, config.sampleRate);
        assert.deepEqual(resampled, cutWindow({ samples, sampleRate }, config, frontEnd));
        return resampled;
      }),
    );
    const rows = windowRows(windows, config, frontEnd);
    assert.deepEqual(rows.data, set.data);
    assert.deepEqual([rows.shape, rows.frames, rows.columns], [set.shape, set.frames, set.columns]);
  });

  it('predicts the same for a test clip as the experiment, after temperature scaling', async () => {
    const { set, folds, classes } = result;
    const [{ split, test }] = folds;
    for (const [i, row] of [...split.test].slice(0, 4).entries()) {
      const clip = set.clips[row];
      const { probabilities, timeline, durationSec } = await predictor.predict(lab.corpora.fileOf(clip));
      const fromExperiment = test.subarray(i * classes.length, (i + 1) * classes.length);
      const expected = scaleByTemperature(fromExperiment, classes.length, model.temperature);
      assertClose(inOrder(classes, probabilities), expected, 1e-5, clip.path);
      assert.equal(timeline.length, 1);
      assert.equal(durationSec, clip.durationSec);
    }
  });

  it('returns equal predictions for a path, its bytes and its samples', async () => {
    const file = lab.corpora.fileOf(lab.corpora.clips[0]);
    const prediction = await predictor.predict(file);
    assert.deepEqual(await predictor.predict(readFileSync(file)), prediction);
    assert.deepEqual(await predictor.predict(new Uint8Array(readFileSync(file))), prediction);
    assert.deepEqual(await predictor.predict(await readAudio(file)), prediction);
  });

  it('returns a probability for every class, highest first, with the protocol of the scores', async () => {
    const prediction = await predictor.predict(noise(2));
    assert.equal(prediction.probabilities.length, predictor.classes.length);
    assertClose([sum(prediction.probabilities)], [1], 1e-6);
    const values = prediction.probabilities.map(({ probability }) => probability);
    assert.deepEqual(
      values,
      values.toSorted((a, b) => b - a),
    );
    assert.equal(prediction.emotion, prediction.probabilities[0].emotion);
    assert.equal(prediction.confidence, values[0]);
    assert.deepEqual([prediction.protocol, prediction.isLeaky], ['speakers', false]);
    assert.equal(prediction.model, 'quick, trained on SAVEE');
  });

  it('is less confident at a higher temperature', async () => {
    const at = async (temperature: number) =>
      (await createPredictor({ ...model, temperature }, lab.engine).predict(noise(2))).confidence;
    assert.ok((await at(0.5)) > (await at(1)) && (await at(1)) > (await at(5)));
  });

  it('returns the mean of the calibrated probabilities of several models', async () => {
    const other = modelOf(await lab.train({ seed: 7, features: { nMfcc: 15 } }));
    const both = [
      { ...model, temperature: 0.5, threshold: 0.2 },
      { ...other, threshold: 0.4 },
    ];
    const alone = await Promise.all(both.map((one) => createPredictor(one, lab.engine).predict(noise(5))));
    const joined = await createPredictor(both, lab.engine).predict(noise(5));
    assert.equal(joined.timeline.length, alone[0].timeline.length);
    const of = (prediction: typeof joined): number[] => inOrder(model.classes, prediction.probabilities);
    const [first, second] = alone.map(of);
    assertClose(
      of(joined),
      first.map((value, k) => (value + second[k]) / 2),
      1e-6,
    );
    assert.equal(joined.threshold.toFixed(6), '0.300000');
    assert.equal(joined.model, 'ensemble of 2: quick, trained on SAVEE');

    const otherConfig = (changes: ExperimentChanges) => ({
      ...model,
      config: experimentConfig(model.config, changes),
    });
    const rejections: [SingleModel[], RegExp][] = [
      [[], /models must be at least one model, got/],
      [[model, { ...model, classes: [...model.classes].reverse() }], /of the same classes \(.*\), got/],
      [[model, otherConfig({ dataset: { protocol: 'clips' } })], /same protocol \(speakers\), got "clips"/],
    ];
    for (const [models, message] of rejections)
      assert.throws(() => createPredictor(models, lab.engine), message);
  });

  it('gives each of several models its own training window', async () => {
    const whole = modelOf(await lab.train({ features: { offsetSec: 0, durationSec: 3.5 } }));
    const predictWith = (models: SingleModel[], input: Waveform) =>
      createPredictor(models, lab.engine).predict(input);
    const meanOfBoth = async (input: Waveform) => {
      const [first, second] = await Promise.all([whole, model].map((one) => predictWith([one], input)));
      const values = inOrder(model.classes, second.probabilities);
      return inOrder(model.classes, first.probabilities).map((value, k) => (value + values[k]) / 2);
    };
    const silentInside = noise(3.5);
    silentInside.samples.fill(0, 16_000 * 0.6, 16_000 * 3.1);
    for (const input of [noise(3.5), noise(2), noise(0.9)]) {
      for (const models of [
        [whole, model],
        [model, whole],
      ]) {
        const prediction = await predictWith(models, input);
        const { timeline, probabilities } = prediction;
        const notes = otherNotes(prediction);
        assert.equal(timeline[0].startSec, 0);
        assert.equal(timeline.length, 1);
        assertClose(inOrder(model.classes, probabilities), await meanOfBoth(input), 1e-5);
        const isShort = input.samples.length < 16_000 * 1.1;
        assert.equal(notes.length, isShort ? 1 : 0);
        if (isShort) assert.match(notes[0], /the model's window starts at 0\.40 s, in training at 0\.6 s/);
      }
    }
    const { timeline } = await predictWith([whole, model], noise(10));
    assert.deepEqual(
      timeline.map(({ startSec, endSec }) => [startSec, endSec]),
      [0, 1.75, 3.5, 5.25].map((start) => [start, start + 3.5]),
    );
    assert.equal((await predictWith([whole, model], silentInside)).timeline.length, 1);
  });

  it('averages over the training versions if testVersions is trained', async () => {
    const versions = {
      original: [],
      noisy: [{ kind: 'noise' as const, snrDb: 10 }],
      higher: [{ kind: 'pitch' as const, nSteps: 2 }],
    };
    const trained = await lab.train({
      features: { versions },
      dataset: { trainVersions: ['original', 'higher'], testVersions: 'trained' },
    });
    const own = modelOf(trained);
    const asOriginal = {
      ...own,
      config: experimentConfig(own.config, { dataset: { testVersions: 'original' } }),
    };
    const predictWith = (one: SingleModel, file: string) =>
      createPredictor({ ...one, temperature: 1 }, lab.engine).predict(file);
    const { set, folds, classes } = trained;
    const [{ split, test }] = folds;
    for (const [i, row] of [...split.test].slice(0, 3).entries()) {
      const file = lab.corpora.fileOf(set.clips[Math.floor(row / 3)]);
      const fromExperiment = test.subarray(i * classes.length, (i + 1) * classes.length);
      const { probabilities } = await predictWith(own, file);
      assertClose(inOrder(classes, probabilities), fromExperiment, 1e-5);
      const { probabilities: plain } = await predictWith(asOriginal, file);
      assert.ok(inOrder(classes, plain).some((value, k) => Math.abs(value - fromExperiment[k]) > 1e-4));
    }
  });

  it('abstains below the threshold with the reason, and never at 0', async () => {
    const { confidence, ...sure } = await predictor.predict(noise(2), { threshold: 0 });
    assert.equal(sure.abstained, false);
    assert.ok(!('reason' in sure));
    const unsure = await predictor.predict(noise(2), { threshold: Math.min(1, confidence + 0.001) });
    assert.equal(unsure.abstained, true);
    assert.match(unsure.reason!, /is most probable with [\d.]+ %, below the threshold of [\d.]+ %/);
    assert.equal(unsure.emotion, sure.emotion);
    const strict = createPredictor({ ...model, threshold: 1 }, lab.engine);
    assert.equal((await strict.predict(noise(2))).abstained, confidence < 1);
  });

  it('predicts a long recording as the mean over overlapping windows', async () => {
    const recording = noise(10);
    recording.samples.fill(0, 16_000 * 5); // then a tone
    for (let i = 16_000 * 5; i < recording.samples.length; i++) recording.samples[i] = 0.3 * Math.sin(i / 7);
    const { timeline, probabilities, durationSec } = await predictor.predict(recording);
    assert.equal(durationSec, 10);
    assert.deepEqual(
      timeline.map(({ startSec }) => startSec),
      [0.6, 1.85, 3.1, 4.35, 5.6, 6.85],
    );
    for (const { startSec, endSec, probabilities: own } of timeline) {
      assertClose([endSec - startSec, sum(own)], [2.5, 1], 1e-6);
    }
    const mean = predictor.classes.map(
      (_, k) =>
        timeline.reduce((total, entry) => total + inOrder(predictor.classes, entry.probabilities)[k], 0) /
        timeline.length,
    );
    assertClose(inOrder(predictor.classes, probabilities), mean, 1e-6);
    // Each window is predicted independently.
    const alone = { ...recording, samples: recording.samples.subarray(1.25 * 16_000, 4.35 * 16_000) };
    const [only] = (await predictor.predict(alone)).timeline;
    const classes = predictor.classes;
    assertClose(inOrder(classes, only.probabilities), inOrder(classes, timeline[1].probabilities), 1e-5);

    const dense = await predictor.predict(recording, { hopSec: 0.05 });
    assert.equal(dense.timeline.length, 1 + (10 - 3.1) / 0.05);
    assert.equal((await predictor.predict(recording, { hopSec: Infinity })).timeline.length, 1);
  });

  it('rejects a recording that is too long for the hop as a file, not as an argument', async () => {
    const long = { samples: new Float32Array(5010 * 1000), sampleRate: 1000 };
    await assert.rejects(predictor.predict(long, { hopSec: 0.05, name: 'long.wav' }), (error: unknown) => {
      assert.ok(error instanceof InvalidFileError, String(error));
      assert.match(error.message, /^long\.wav: hopSec must be at least 0\.05\d \(at most 100000 windows\)/);
      return true;
    });
    await assert.rejects(predictor.predict(long, { hopSec: 0.01 }), InvalidArgumentError);
  });

  it('skips silent windows of a long recording and reports their number', async () => {
    const recording = noise(12);
    recording.samples.fill(0.2, 16_000 * 4, 16_000 * 9); // a constant is silence
    const prediction = await predictor.predict(recording);
    const { timeline } = prediction;
    assert.deepEqual(
      timeline.map(({ startSec }) => startSec),
      [0.6, 1.85, 3.1, 6.85, 8.1, 9.35],
    );
    assert.deepEqual(otherNotes(prediction), ['2 silent windows were skipped']);
  });

  it('uses the last window if all others are silent', async () => {
    for (const [durationSec, soundSec] of [
      [3.9, 0.5],
      [5.5, 0.6],
    ]) {
      const recording = noise(durationSec);
      recording.samples.fill(0, 0, -16_000 * soundSec);
      const prediction = await predictor.predict(recording);
      assert.deepEqual(
        prediction.timeline.map(({ startSec, endSec }) => [startSec, endSec]),
        [[durationSec - 2.5, durationSec]],
      );
      assert.match(otherNotes(prediction)[0], /^\d silent windows? (was|were) skipped$/);
      assert.equal(prediction.segments.at(-1)!.endSec, durationSec);
      const both = await predictor.predictChannels({
        channels: [noise(durationSec).samples, recording.samples],
        sampleRate: 16_000,
      });
      assert.deepEqual(
        inOrder(predictor.classes, both[1].probabilities),
        inOrder(predictor.classes, prediction.probabilities),
      );
      await assert.rejects(predictor.predict(recording, { hopSec: Infinity }), /it is silent/);
    }
    // With sound in the only window, the last one makes no difference.
    const [short, longer] = [noise(3.1), noise(3.9)];
    const first = await predictor.predict(short);
    assert.deepEqual((await predictor.predict(longer)).timeline, first.timeline);
  });

  it('divides a recording into segments from its start to its end, with silence in pauses', async () => {
    const recording = noise(12.3);
    recording.samples.fill(0.2, 16_000 * 4, 16_000 * 9);
    for (const options of [{}, { hopSec: 0.3 }, { hopSec: 5 }, { hopSec: Infinity }, { threshold: 1 }]) {
      const { segments, durationSec } = await predictor.predict(recording, options);
      assert.deepEqual([segments[0].startSec, segments.at(-1)!.endSec], [0, durationSec]);
      for (let i = 1; i < segments.length; i++)
        assert.equal(segments[i].startSec, segments[i - 1].endSec, JSON.stringify(options));
      const silent = segments.filter(({ label }) => label === 'silence');
      assert.deepEqual(
        silent.map(({ startSec, endSec }) => [startSec, endSec]),
        [[4, 9]],
      );
      if (options.threshold === 1) assert.ok(segments.some(({ label }) => label === 'unsure'));
    }
    const { segments, probabilities } = await predictor.predict(noise(3.9), { threshold: 0 });
    assert.deepEqual(
      segments.map((segment) => [segment.startSec, segment.endSec]),
      [[0, 3.9]],
    );
    assert.deepEqual(
      inOrder(predictor.classes, segments[0].probabilities),
      inOrder(predictor.classes, probabilities),
    );
  });

  it('predicts the same for a file that is read part by part, and passes on each part once', async () => {
    const { samples, sampleRate } = noise(40, 44_100);
    for (const format of [{}, { bitDepth: '24' as const }]) {
      const bytes = encodeWav({ samples, sampleRate }, format);
      const expected = await predictor.predict(bytes);
      let longest = 0;
      const read = (start: number, end: number): Promise<Uint8Array> => {
        longest = Math.max(longest, end - start);
        return Promise.resolve(bytes.slice(start, end));
      };
      const parts: number[] = [];
      const progress: number[] = [];
      const prediction = await predictor.predict(
        { size: bytes.length, read },
        {
          onPart: ({ samples: part, firstFrame, frames }) => {
            assert.equal(
              firstFrame,
              parts.reduce((sum, length) => sum + length, 0),
            );
            assert.equal(frames, samples.length);
            parts.push(part.length);
          },
          onProgress: (doneSec, durationSec) => {
            assert.equal(durationSec, 40);
            progress.push(doneSec);
          },
        },
      );
      assert.deepEqual(prediction, expected);
      assert.ok(longest < bytes.length / 2, `${longest} of ${bytes.length}`);
      assert.equal(
        parts.reduce((sum, length) => sum + length, 0),
        samples.length,
      );
      assert.equal(progress.at(-1), 40);
    }
    // ADPCM is stored in blocks, and is read at once.
    const wav = new WaveFile();
    wav.fromScratch(
      1,
      8000,
      '16',
      Int16Array.from(noise(300, 8000).samples, (sample) => 20_000 * sample),
    );
    wav.toIMAADPCM();
    const adpcm = wav.toBuffer();
    const source = {
      size: adpcm.length,
      read: (start: number, end: number) => Promise.resolve(adpcm.slice(start, end)),
    };
    assert.deepEqual(
      await predictor.predict(source, { hopSec: 60 }),
      await predictor.predict(adpcm, { hopSec: 60 }),
    );
  });

  it('reads a large file part by part, and reports one that becomes shorter meanwhile', async () => {
    const { samples, sampleRate } = noise(200, 48_000);
    const path = join(lab.folder, 'large.wav');
    writeFileSync(path, encodeWav({ samples, sampleRate }));
    const expected = await predictor.predict(readFileSync(path), { hopSec: 50 });
    assert.deepEqual(await predictor.predict(path, { hopSec: 50 }), expected);
    const shorten = (): void => {
      truncateSync(path, 1_000_000);
    };
    await assert.rejects(
      predictor.predict(path, { hopSec: 50, onPart: shorten }),
      /large\.wav: it became shorter while it was read/,
    );
  });

  it('starts earlier in a short recording and reports it', async () => {
    const half = await predictor.predict(noise(0.5));
    assert.deepEqual([half.timeline[0].startSec, half.timeline[0].endSec], [0, 0.5]);
    assert.match(otherNotes(half)[0], /the model's window starts at 0\.00 s, in training at 0\.6 s/);
    assert.deepEqual(otherNotes(await predictor.predict(noise(1.2))), []);
  });

  it('remarks that a recording is unlike the training recordings', async () => {
    const predictBy = (own: SingleModel, input: Waveform) => createPredictor(own, lab.engine).predict(input);
    const usual = { low: 0, high: 1e6 };
    const levelDb = { low: -30, high: -10 };
    const recordings = { levelDb, rangeDb: usual, bandwidthHz: usual, durationSec: { low: 1, high: 5 } };
    const { card, ...rest } = model;
    const cautious = { ...rest, card: { ...card, recordings } };
    const loud = noise(2);
    const quiet = { ...loud, samples: loud.samples.map((sample) => sample / 100) };
    const unusualOf = async (input: Waveform) =>
      (await predictBy(cautious, input)).unusual.map(({ measure }) => measure);
    assert.deepEqual(await unusualOf(loud), []);
    assert.deepEqual(await unusualOf(quiet), ['levelDb']);
    assert.deepEqual(await unusualOf(noise(0.6)), ['durationSec']);
    const { notes } = await predictBy(cautious, quiet);
    assert.match(
      notes[0],
      /the recording is quieter than the training recordings: .* instead of -30 to -10 dB/,
    );
    const uncompared = await createPredictor(cautious, lab.engine).predict(quiet, { compare: false });
    assert.deepEqual([uncompared.unusual, otherNotes(uncompared)], [[], []]);
    const unknown = { ...card, recordings: undefined };
    assert.deepEqual((await predictBy({ ...rest, card: unknown }, quiet)).unusual, []);
  });

  it('uses the scaler of all training rows for an unknown speaker and reports it', async () => {
    const own = modelOf(await lab.train({ dataset: { normalisation: 'speaker' } }));
    const prediction = await createPredictor(own, lab.engine).predict(noise(2));
    assert.match(
      otherNotes(prediction)[0],
      /for this unknown speaker it uses the scaler of all training rows/,
    );
    assert.match(prediction.protocolLabel, /transductive/);
    assert.ok(own.normaliser.kind === 'per speaker');
    const plain = createPredictor({ ...own, normaliser: own.normaliser.others }, lab.engine);
    assert.deepEqual((await plain.predict(noise(2))).probabilities, prediction.probabilities);
  });

  it('works for every kind of classifier', async () => {
    for (const kind of ['knn', 'svm', 'majority'] as const) {
      const trained = modelOf(await lab.train({ model: { kind, neighbours: 3 } }));
      const prediction = await createPredictor(trained, lab.engine).predict(noise(5));
      assert.equal(prediction.timeline.length, 2, kind);
      assertClose([sum(prediction.probabilities)], [1], 1e-5, kind);
    }
  });

  it('rejects a model that returns NaN', async () => {
    const { network } = model.trained as { network: Network };
    const predict = (x: Tensor) => network.predict(x).mul<Tensor2D>(NaN);
    const damaged = { ...model, trained: { network: { ...network, predict } } };
    await assert.rejects(
      createPredictor(damaged, lab.engine).predict(noise(2)),
      /the model returned NaN or Infinity: its weights are damaged/,
    );
  });

  it('leaks no tensor', async () => {
    await predictor.predict(noise(2));
    const before = lab.engine.tf.memory().numTensors;
    for (let i = 0; i < 3; i++) await predictor.predict(noise(8));
    assert.equal(lab.engine.tf.memory().numTensors, before);
  });

  it('stops when the signal is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(predictor.predict(noise(2), { signal }), /enough/);
    const stop = new AbortController();
    const progress: number[] = [];
    const stopped = predictor.predict(noise(400), {
      signal: stop.signal,
      onProgress: (doneSec) => {
        progress.push(doneSec);
        stop.abort(new Error('enough'));
      },
    });
    await assert.rejects(stopped, /enough/);
    assert.equal(progress.length, 1);
  });

  it('rejects input that is not a usable recording, with the reason', async () => {
    const folder = join(lab.folder, 'bad');
    mkdirSync(folder, { recursive: true });
    const place = (name: string, bytes: Uint8Array | string): string => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    const wav = Buffer.from(encodeWav(noise(1)));
    const silent = { samples: new Float32Array(32_000), sampleRate: 16_000 };
    const spoiled = noise(2);
    spoiled.samples[20_000] = NaN;
    const cases: [RecordingInput, RegExp][] = [
      [join(folder, 'absent.wav'), /there is no such file/],
      [folder, /it is not a file/],
      [place('empty.wav', ''), /it is empty/],
      [place('text.wav', 'no sound at all'), /it is not an audio file/],
      [place('cut.wav', wav.subarray(0, 20_000)), /it is truncated/],
      [place('header.wav', wav.subarray(0, 30)), /./],
      [place('silent.wav', encodeWav(silent)), /it is silent/],
      [Buffer.alloc(0), /it is empty/],
      [Buffer.from('not audio'), /it is not an audio file/],
      [silent, /it is silent/],
      [spoiled, /it has samples that are not finite numbers/],
      [{ samples: new Float32Array(0), sampleRate: 16_000 }, /it must last at least 0\.1 s, got 0\.000 s/],
      [noise(0.05), /it must last at least 0\.1 s, got 0\.050 s/],
      [
        { samples: new Float32Array(8_000_000), sampleRate: 1000 },
        /it must last at most 2 hours, got 2\.2: split it first/,
      ],
      [
        { samples: new Float32Array(9000), sampleRate: 100 },
        /its sample rate must be 1000 to 768000 Hz, got 100 Hz/,
      ],
    ];
    for (const [input, reason] of cases) {
      await assert.rejects(predictor.predict(input), (error: unknown) => {
        assert.ok(error instanceof InvalidFileError, String(error));
        assert.match(error.reason, reason);
        assert.equal(error.path, typeof input === 'string' ? input : 'the recording');
        return true;
      });
    }
  });

  it('predicts or throws InvalidFileError for files with damaged headers', async () => {
    const random = createRandom('damage');
    const below = (count: number) => Math.floor(random.uniform() * count);
    let [predicted, rejected] = [0, 0];
    for (let i = 0; i < 100; i++) {
      const wav = Buffer.from(encodeWav(noise(0.3)));
      for (let k = 0; k <= i % 3; k++) wav[below(48)] = below(256);
      try {
        assert.ok((await predictor.predict(wav)).confidence > 0);
        predicted++;
      } catch (error) {
        assert.ok(error instanceof InvalidFileError, String(error));
        rejected++;
      }
    }
    assert.ok(predicted > 0 && rejected > 0);
  });

  it('rejects input of the wrong type and invalid options', async () => {
    const wrong: unknown[] = [undefined, null, 42, [0.1, 0.2], {}, { samples: [0, 1], sampleRate: 16_000 }];
    for (const input of wrong) {
      await assert.rejects(
        predictor.predict(input as RecordingInput),
        /^InvalidArgumentError: input must be a file's path/,
      );
    }
    for (const sampleRate of [0, -1, 2.5, NaN, undefined]) {
      const input = { ...noise(1), sampleRate } as Waveform;
      await assert.rejects(predictor.predict(input), /sampleRate must be a positive integer \(Hz\)/);
    }
    for (const threshold of [-0.1, 1.1, NaN])
      await assert.rejects(predictor.predict(noise(1), { threshold }), /threshold must be a probability/);
    for (const hopSec of [0, -1, 0.01, NaN])
      await assert.rejects(predictor.predict(noise(1), { hopSec }), InvalidArgumentError);
  });
});
