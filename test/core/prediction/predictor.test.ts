import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeWav, type Waveform } from '../../../src/core/audio';
import { createRandom, InvalidArgumentError, InvalidFileError } from '../../../src/core/base';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import { scaleByTemperature } from '../../../src/core/evaluation';
import { featureConfig, planWindows, windowRows } from '../../../src/core/features';
import { cutWindow } from '../../../src/core/features/windows';
import type { Network } from '../../../src/core/network';
import { type ExperimentResult, type SingleModel } from '../../../src/core/prediction';
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

describe('planWindows', () => {
  const rate = 1000;
  const plan = (durationSec: number, hopSec?: number) =>
    planWindows(durationSec * rate, rate, { offsetSec: 0.6, durationSec: 2.5 }, hopSec).map(
      ({ firstFrame, endFrame }) => [firstFrame / rate, endFrame / rate],
    );

  it('takes the window of training where that leaves half a second, else an earlier one', () => {
    assert.deepEqual(plan(3.1), [[0.6, 3.1]]);
    assert.deepEqual(plan(1.2), [[0.6, 1.2]]);
    assert.deepEqual(plan(1.1), [[0.6, 1.1]]);
    assert.deepEqual(plan(1), [[0.5, 1]]);
    assert.deepEqual(plan(0.7), [[0.2, 0.7]]);
    assert.deepEqual(plan(0.3), [[0, 0.3]]);
  });

  it('goes on by a hop where a whole window is left', () => {
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

describe('a predictor', function () {
  this.timeout(120_000);
  let lab: ToneLab;
  let result: ExperimentResult;
  let bundle: SingleModel;
  let predictor: ReturnType<typeof createPredictor>;
  before(async () => {
    lab = await openToneLab();
    result = await lab.train();
    bundle = modelOf(result);
    predictor = createPredictor(bundle, lab.engine);
  });
  after(() => lab.close());
  const sum = (values: readonly { probability: number }[]) =>
    values.reduce((total, { probability }) => total + probability, 0);
  const inOrder = (classes: readonly string[], values: readonly { emotion: string; probability: number }[]) =>
    classes.map((emotion) => values.find((one) => one.emotion === emotion)!.probability);

  it('sees exactly the features that training saw, whatever the rate and length of the clip', async () => {
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

  it('says of a test clip what the experiment said, at the temperature of its bundle', async () => {
    const { set, folds, classes } = result;
    const [{ split, test }] = folds;
    for (const [i, row] of [...split.test].slice(0, 4).entries()) {
      const clip = set.clips[row];
      const { probabilities, timeline, durationSec } = await predictor.predict(lab.corpora.fileOf(clip));
      const said = test.subarray(i * classes.length, (i + 1) * classes.length);
      const expected = scaleByTemperature(said, classes.length, bundle.temperature);
      assertClose(inOrder(classes, probabilities), expected, 1e-5, clip.path);
      assert.equal(timeline.length, 1);
      assert.equal(durationSec, clip.durationSec);
    }
  });

  it('answers alike for a path, its bytes and its samples', async () => {
    const file = lab.corpora.fileOf(lab.corpora.clips[0]);
    const answer = await predictor.predict(file);
    assert.deepEqual(await predictor.predict(readFileSync(file)), answer);
    assert.deepEqual(await predictor.predict(new Uint8Array(readFileSync(file))), answer);
    assert.deepEqual(await predictor.predict(await readAudio(file)), answer);
  });

  it('gives every class a probability, the most probable first, with the protocol of its scores', async () => {
    const answer = await predictor.predict(noise(2));
    assert.equal(answer.probabilities.length, predictor.classes.length);
    assertClose([sum(answer.probabilities)], [1], 1e-6);
    const values = answer.probabilities.map(({ probability }) => probability);
    assert.deepEqual(
      values,
      values.toSorted((a, b) => b - a),
    );
    assert.equal(answer.emotion, answer.probabilities[0].emotion);
    assert.equal(answer.confidence, values[0]);
    assert.deepEqual([answer.protocol, answer.isLeaky], ['speakers', false]);
    assert.equal(answer.model, 'quick, trained on SAVEE');
  });

  it('is as sure as the temperature allows', async () => {
    const at = async (temperature: number) =>
      (await createPredictor({ ...bundle, temperature }, lab.engine).predict(noise(2))).confidence;
    assert.ok((await at(0.5)) > (await at(1)) && (await at(1)) > (await at(5)));
  });

  it('answers for several models with the mean of what they say, each by itself', async () => {
    const other = modelOf(await lab.train({ seed: 7, features: { nMfcc: 15 } }));
    const both = [
      { ...bundle, temperature: 0.5, threshold: 0.2 },
      { ...other, threshold: 0.4 },
    ];
    const alone = await Promise.all(both.map((one) => createPredictor(one, lab.engine).predict(noise(5))));
    const joined = await createPredictor(both, lab.engine).predict(noise(5));
    assert.equal(joined.timeline.length, alone[0].timeline.length);
    const of = (prediction: typeof joined): number[] => inOrder(bundle.classes, prediction.probabilities);
    const [first, second] = alone.map(of);
    assertClose(
      of(joined),
      first.map((value, k) => (value + second[k]) / 2),
      1e-6,
    );
    assert.equal(joined.threshold.toFixed(6), '0.300000');
    assert.equal(joined.model, '2 models as one: quick, trained on SAVEE');

    const otherConfig = (changes: ExperimentChanges) => ({
      ...bundle,
      config: experimentConfig(bundle.config, changes),
    });
    const refused: [SingleModel[], RegExp][] = [
      [[], /bundles must be one at least/],
      [[bundle, { ...bundle, classes: [...bundle.classes].reverse() }], /of the same classes \(.*\), got/],
      [[bundle, otherConfig({ dataset: { protocol: 'clips' } })], /same protocol \(speakers\), got "clips"/],
    ];
    for (const [bundles, message] of refused)
      assert.throws(() => createPredictor(bundles, lab.engine), message);
  });

  it('lets each of several models hear the part of a recording that it was trained on', async () => {
    const whole = modelOf(await lab.train({ features: { offsetSec: 0, durationSec: 3.5 } }));
    const ask = (bundles: SingleModel[], input: Waveform) =>
      createPredictor(bundles, lab.engine).predict(input);
    const meanOfBoth = async (input: Waveform) => {
      const [first, second] = await Promise.all([whole, bundle].map((one) => ask([one], input)));
      const values = inOrder(bundle.classes, second.probabilities);
      return inOrder(bundle.classes, first.probabilities).map((value, k) => (value + values[k]) / 2);
    };
    const silentInside = noise(3.5);
    silentInside.samples.fill(0, 16_000 * 0.6, 16_000 * 3.1);
    for (const input of [noise(3.5), noise(2), noise(0.9)]) {
      for (const bundles of [
        [whole, bundle],
        [bundle, whole],
      ]) {
        const { timeline, probabilities, notes } = await ask(bundles, input);
        assert.equal(timeline[0].startSec, 0);
        assert.equal(timeline.length, 1);
        assertClose(inOrder(bundle.classes, probabilities), await meanOfBoth(input), 1e-5);
        const isShort = input.samples.length < 16_000 * 1.1;
        assert.equal(notes.length, isShort ? 1 : 0);
        if (isShort) assert.match(notes[0], /from 0.40 s on, in training from 0.6 s on/);
      }
    }
    const { timeline } = await ask([whole, bundle], noise(10));
    assert.deepEqual(
      timeline.map(({ startSec, endSec }) => [startSec, endSec]),
      [0, 1.75, 3.5, 5.25].map((start) => [start, start + 3.5]),
    );
    assert.equal((await ask([whole, bundle], silentInside)).timeline.length, 1);
  });

  it('hears a recording in all versions that were learned from, if its config says so', async () => {
    const versions = {
      original: [],
      noisy: [{ kind: 'noise' as const, snrDb: 10 }],
      higher: [{ kind: 'pitch' as const, nSteps: 2 }],
    };
    const heard = await lab.train({
      features: { versions },
      dataset: { trainVersions: ['original', 'higher'], testVersions: 'trained' },
    });
    const own = modelOf(heard);
    const asOriginal = {
      ...own,
      config: experimentConfig(own.config, { dataset: { testVersions: 'original' } }),
    };
    const ask = (one: SingleModel, file: string) =>
      createPredictor({ ...one, temperature: 1 }, lab.engine).predict(file);
    const { set, folds, classes } = heard;
    const [{ split, test }] = folds;
    for (const [i, row] of [...split.test].slice(0, 3).entries()) {
      const file = lab.corpora.fileOf(set.clips[Math.floor(row / 3)]);
      const said = test.subarray(i * classes.length, (i + 1) * classes.length);
      const { probabilities } = await ask(own, file);
      assertClose(inOrder(classes, probabilities), said, 1e-5);
      const { probabilities: plain } = await ask(asOriginal, file);
      assert.ok(inOrder(classes, plain).some((value, k) => Math.abs(value - said[k]) > 1e-4));
    }
  });

  it('abstains below the threshold with the reason, and never at 0', async () => {
    const { confidence, ...sure } = await predictor.predict(noise(2), { threshold: 0 });
    assert.equal(sure.abstained, false);
    assert.ok(!('reason' in sure));
    const unsure = await predictor.predict(noise(2), { threshold: Math.min(1, confidence + 0.001) });
    assert.equal(unsure.abstained, true);
    assert.match(unsure.reason!, /is the most probable with [\d.]+ %, below the threshold of [\d.]+ %/);
    assert.equal(unsure.emotion, sure.emotion);
    const strict = createPredictor({ ...bundle, threshold: 1 }, lab.engine);
    assert.equal((await strict.predict(noise(2))).abstained, confidence < 1);
  });

  it('listens to a long recording window by window, and answers with the mean', async () => {
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
    // Each window is heard as if it were alone.
    const alone = { ...recording, samples: recording.samples.subarray(1.25 * 16_000, 4.35 * 16_000) };
    const [only] = (await predictor.predict(alone)).timeline;
    const classes = predictor.classes;
    assertClose(inOrder(classes, only.probabilities), inOrder(classes, timeline[1].probabilities), 1e-5);

    const dense = await predictor.predict(recording, { hopSec: 0.05 });
    assert.equal(dense.timeline.length, 1 + (10 - 3.1) / 0.05);
    assert.equal((await predictor.predict(recording, { hopSec: Infinity })).timeline.length, 1);
  });

  it('leaves silent parts of a long recording out and says so', async () => {
    const recording = noise(12);
    recording.samples.fill(0.2, 16_000 * 4, 16_000 * 9); // a constant is no sound
    const { timeline, notes } = await predictor.predict(recording);
    assert.deepEqual(
      timeline.map(({ startSec }) => startSec),
      [0.6, 1.85, 3.1, 6.85, 8.1, 9.35],
    );
    assert.deepEqual(notes, ['2 silent parts are left out']);
  });

  it('listens to a short recording from an earlier point on and says so', async () => {
    const half = await predictor.predict(noise(0.5));
    assert.deepEqual([half.timeline[0].startSec, half.timeline[0].endSec], [0, 0.5]);
    assert.match(half.notes[0], /from 0.00 s on, in training from 0.6 s on/);
    assert.deepEqual((await predictor.predict(noise(1.2))).notes, []);
  });

  it('takes the scaler of all training rows for a speaker it does not know, and says so', async () => {
    const own = modelOf(await lab.train({ dataset: { normalisation: 'speaker' } }));
    const answer = await createPredictor(own, lab.engine).predict(noise(2));
    assert.match(answer.notes[0], /this speaker is unknown to it/);
    assert.match(answer.protocolLabel, /transductive/);
    assert.ok(own.normaliser.kind === 'per speaker');
    const plain = createPredictor({ ...own, normaliser: own.normaliser.others }, lab.engine);
    assert.deepEqual((await plain.predict(noise(2))).probabilities, answer.probabilities);
  });

  it('works for every kind of classifier', async () => {
    for (const kind of ['knn', 'svm', 'majority'] as const) {
      const trained = modelOf(await lab.train({ model: { kind, neighbours: 3 } }));
      const answer = await createPredictor(trained, lab.engine).predict(noise(5));
      assert.equal(answer.timeline.length, 2, kind);
      assertClose([sum(answer.probabilities)], [1], 1e-5, kind);
    }
  });

  it('refuses a model that answers with no numbers', async () => {
    const { network } = bundle.trained as { network: Network };
    const predict = (x: Tensor) => network.predict(x).mul<Tensor2D>(NaN);
    const damaged = { ...bundle, trained: { network: { ...network, predict } } };
    await assert.rejects(createPredictor(damaged, lab.engine).predict(noise(2)), /no numbers: it is damaged/);
  });

  it('leaks no tensor', async () => {
    await predictor.predict(noise(2));
    const before = lab.engine.tf.memory().numTensors;
    for (let i = 0; i < 3; i++) await predictor.predict(noise(8));
    assert.equal(lab.engine.tf.memory().numTensors, before);
  });

  it('stops at once when told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(predictor.predict(noise(2), { signal }), /enough/);
  });

  it('refuses what is no recording, with the reason', async () => {
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
      [place('text.wav', 'no sound at all'), /it is not a WAV or AIFF file/],
      [place('cut.wav', wav.subarray(0, 20_000)), /it is truncated/],
      [place('header.wav', wav.subarray(0, 30)), /./],
      [place('silent.wav', encodeWav(silent)), /it is silent/],
      [Buffer.alloc(0), /it is empty/],
      [Buffer.from('not audio'), /it is not a WAV or AIFF file/],
      [silent, /it is silent/],
      [spoiled, /it has samples that are not finite numbers/],
      [
        { samples: new Float32Array(0), sampleRate: 16_000 },
        /it lasts 0.000 s, and must last at least 0.1 s/,
      ],
      [noise(0.05), /it lasts 0.050 s, and must last at least 0.1 s/],
      [
        { samples: new Float32Array(8_000_000), sampleRate: 1000 },
        /it lasts 2.2 hours, and may last 2: cut it/,
      ],
      [
        { samples: new Float32Array(9000), sampleRate: 100 },
        /its sample rate is 100 Hz, and must be 1000 to/,
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

  it('answers or says why not, whatever a damaged header says', async () => {
    const random = createRandom('damage');
    const below = (count: number) => Math.floor(random.uniform() * count);
    let [answers, refusals] = [0, 0];
    for (let i = 0; i < 100; i++) {
      const wav = Buffer.from(encodeWav(noise(0.3)));
      for (let k = 0; k <= i % 3; k++) wav[below(48)] = below(256);
      try {
        assert.ok((await predictor.predict(wav)).confidence > 0);
        answers++;
      } catch (error) {
        assert.ok(error instanceof InvalidFileError, String(error));
        refusals++;
      }
    }
    assert.ok(answers > 0 && refusals > 0);
  });

  it('refuses another type of input, and options that break their rule', async () => {
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
