import assert from 'node:assert/strict';
import {
  averagePredictions,
  calibrateBySplit,
  calibration,
  classificationReport,
  confusionMatrix,
  fitTemperature,
  formatCalibration,
  formatConfusionMatrix,
  formatProtocols,
  joinSeeds,
  metricOf,
  predictedClasses,
  predictionTable,
  protocolTable,
  reportFromMatrix,
  scoreReport,
  selectRows,
  availableSlices,
  temperatureFor,
} from '../../../src/core/evaluation';
import { assertClose } from '../../assert-close';
import { clipOf, leaky, madeUpPredictions, predictionsOf } from './made-up-predictions';

const made = madeUpPredictions();
const other = madeUpPredictions({ seed: 2 });
const joined = joinSeeds([
  { seed: 7, predictions: made },
  { seed: 9, predictions: other },
]);

describe('several trainings of one experiment', () => {
  it('are concatenated with the seed of each row', () => {
    const rows = made.clips.length;
    assert.equal(joined.clips.length, 2 * rows);
    assert.deepEqual([...new Set(joined.seedOf)], [7, 9]);
    const back = selectRows(
      joined,
      Int32Array.from({ length: rows }, (_, i) => rows + i),
    );
    assert.deepEqual(back.probabilities, other.probabilities);
    assert.deepEqual(back.clips, other.clips);
    assert.deepEqual([...new Set(back.seedOf)], [9]);
  });

  it('have the mean accuracy, an interval over the same speakers, and a spread over seeds', () => {
    const { pooled, overSeeds, perSplit } = scoreReport(joined, { resamples: 200 });
    const single = [made, other].map((one) => metricOf(one, 'accuracy'));
    assertClose([pooled.scores.accuracy!.value], [(single[0] + single[1]) / 2], 1e-12);
    assert.equal(pooled.scores.accuracy!.interval.by, 'speakers');
    assert.equal(pooled.scores.accuracy!.interval.count, 34);
    assert.equal(pooled.clips, made.clips.length);
    assert.equal(overSeeds?.accuracy?.count, 2);
    assert.equal(perSplit.length, 10);
  });

  it('may have finished different folds', () => {
    const [first] = made.splits;
    const part = selectRows(
      other,
      [...other.splitOf.keys()].filter((row) => other.splitOf[row] === 0),
    );
    const both = joinSeeds([
      { seed: 1, predictions: made },
      { seed: 2, predictions: { ...part, splits: [first] } },
    ]);
    assert.deepEqual(both.splits, made.splits);
    const late = [...both.splitOf].slice(made.clips.length);
    assert.deepEqual([...new Set(late)], [0]);
  });

  it('return a single run unchanged, and reject none, duplicates or different kinds', () => {
    assert.equal(joinSeeds([{ seed: 1, predictions: made }]), made);
    const two = (a: object, seed = 2) => [
      { seed: 1, predictions: made },
      { seed, predictions: { ...made, ...a } },
    ];
    assert.throws(() => joinSeeds([]), /runs must be a list with at least one run/);
    assert.throws(() => joinSeeds(two({}, 1)), /runs must be a list with distinct seeds, got \[1,1\]/);
    assert.throws(
      () => joinSeeds(two({ protocol: 'clips' })),
      /predictions with the same protocol \(speakers/,
    );
    assert.throws(
      () => joinSeeds(two({ classes: made.classes.toReversed() })),
      /predictions with the same classes \(angry, disgust/,
    );
  });

  it('form an ensemble by the mean probabilities of each row', () => {
    const ensemble = averagePredictions([made, other]);
    assert.equal(ensemble.seedOf, undefined);
    assert.deepEqual(ensemble.clips, made.clips);
    const mean = made.probabilities.map((value, i) => (value + other.probabilities[i]) / 2);
    assertClose(ensemble.probabilities, mean, 1e-7);
    assert.deepEqual(averagePredictions([made]), made);
  });

  it('form no ensemble if there are none, or rows, classes or protocols differ', () => {
    const assertRejected = (members: (typeof made)[], message: RegExp): void => {
      assert.throws(() => averagePredictions(members), message);
    };
    assertRejected([], /members must be a list with at least one/);
    assertRejected(
      [made, { ...other, protocol: 'clips' }],
      /members must be predictions with the same protocol \(speakers/,
    );
    assertRejected(
      [made, { ...other, classes: made.classes.toReversed() }],
      /members must be predictions with the same classes \(angry, disgust/,
    );
    const fewer = selectRows(other, [...other.splitOf.keys()].slice(1));
    const turned = selectRows(other, [...other.splitOf.keys()].reverse());
    for (const predictions of [fewer, turned])
      assertRejected(
        [made, predictions],
        /members must be predictions of the same test rows in the same order, got "?member 2/,
      );
  });
});

describe('calibration by split', () => {
  const half = (odd: number) => [...made.splitOf.keys()].filter((row) => row % 2 === odd);
  const [test, validation] = [selectRows(made, half(0)), selectRows(made, half(1))];

  it('fits each fold’s temperature to its own validation rows, and keeps the predictions', () => {
    const { predictions, temperatures } = calibrateBySplit(test, validation);
    assert.deepEqual(
      temperatures.map(({ split }) => split),
      [...new Set(test.splitOf)].map((fold) => test.splits[fold]),
    );
    const own = selectRows(
      validation,
      [...validation.splitOf.keys()].filter((row) => validation.splitOf[row] === 0),
    );
    const { temperature } = fitTemperature(own.probabilities, own.actual);
    const found = temperatures.find(({ split }) => split === 'fold 1');
    assertClose([found!.temperature], [temperature], 1e-9);
    assert.equal(found!.rows, own.clips.length);
    assert.deepEqual(predictedClasses(predictions), predictedClasses(test));
    assert.notDeepEqual(predictions.probabilities, test.probabilities);
  });

  it('fits a separate temperature for each seed', () => {
    const { temperatures } = calibrateBySplit(joined, joined);
    assert.equal(temperatures.length, 10);
    assert.notEqual(
      temperatures.find(({ seed, split }) => seed === 7 && split === 'fold 2')!.temperature,
      temperatures.find(({ seed, split }) => seed === 9 && split === 'fold 2')!.temperature,
    );
  });

  it('does not scale models without validation rows, or with only correct ones', () => {
    const { predictions, temperatures } = calibrateBySplit(test, undefined);
    assert.ok(temperatures.every(({ temperature, rows }) => temperature === 1 && rows === 0));
    assertClose(predictions.probabilities, test.probabilities, 1e-6);
    const right = predictionsOf(['angry', 'sad'], [{ actual: 1, probabilities: [0.4, 0.6] }]);
    assert.equal(temperatureFor(right), 1);
  });

  it('is formatted with the protocol in each line', () => {
    const { predictions, temperatures } = calibrateBySplit(leaky(test), validation);
    const text = formatCalibration(calibration(leaky(test)), calibration(predictions), temperatures);
    const [first, ...lines] = text.trimEnd().split('\n');
    assert.match(first, /^Protocol: paper-rows, LEAKY \(/);
    assert.equal(lines.length, 2);
    assert.ok(
      lines.every((line) => /ECE [\d.]+ points: .*\(paper-rows, LEAKY\)/.test(line)),
      text,
    );
    const none = formatCalibration(calibration(test), calibration(test), []);
    assert.match(none, /There are no validation rows to fit a temperature to\./);
  });
});

describe('tables of predictions', () => {
  it('show actual and predicted emotion and the protocol of the first rows', () => {
    const predictions = predictionsOf(
      ['angry', 'sad'],
      [
        { actual: 0, probabilities: [0.9, 0.1], clip: { path: 'a.wav' } },
        { actual: 0, probabilities: [0.25, 0.75], clip: { path: 'folder/b.wav' } },
        { actual: 1, probabilities: [0.5, 0.5] },
      ],
    );
    assert.deepEqual(predictionTable(predictions, { count: 2 }).at(1), {
      clip: 'b.wav',
      actual: 'angry',
      predicted: 'sad',
      right: false,
      probability: 0.75,
      protocol: 'speakers',
    });
    assert.equal(predictionTable(made).length, 10);
    const shuffled = predictionTable(made, { count: 20, seed: 1 });
    assert.deepEqual(predictionTable(made, { count: 20, seed: 1 }), shuffled);
    assert.notDeepEqual(predictionTable(made, { count: 20 }), shuffled);
    const rows = made.clips.length;
    const sorted = (table: { clip: string }[]) => table.map(({ clip }) => clip).sort();
    assert.deepEqual(sorted(predictionTable(made, { count: rows, seed: 1 })), sorted(predictionTable(made, { count: rows }))); // prettier-ignore
    assert.throws(() => predictionTable(made, { count: 0 }), /count must be a positive integer, got 0/);
  });

  it('show a confusion matrix with one line per emotion, its recall and the protocol', () => {
    const text = formatConfusionMatrix(confusionMatrix(leaky(made)));
    const [, heading, ...lines] = text.trimEnd().split('\n');
    assert.match(heading, /^actual, predicted as +angry .* recall +protocol$/);
    assert.equal(lines.length, 7);
    const { classes } = classificationReport(made);
    lines.forEach((line, k) => {
      assert.ok(line.startsWith(classes[k].emotion), line);
      assert.ok(line.includes(`${(100 * classes[k].recall).toFixed(1)} %`), line);
      assert.ok(line.endsWith('paper-rows, LEAKY'), line);
    });
  });

  it('compute the classification report from a stored matrix', () => {
    assert.deepEqual(reportFromMatrix(confusionMatrix(made)), classificationReport(made));
  });

  it('list the properties that clips can be grouped by', () => {
    assert.deepEqual(availableSlices([clipOf({ sex: 'male' }), clipOf({ sex: 'male', age: 30 })]), []);
    assert.deepEqual(availableSlices([clipOf({ sex: 'male' }), clipOf({ sex: 'female' })]), ['sex']);
  });
});

describe('the table of protocols', () => {
  const options = { resamples: 100 };
  const steps = [
    { report: scoreReport(leaky(made), options), siblingShare: 0.993 },
    { report: scoreReport(made, options), siblingShare: 0, folds: { done: 2, of: 5 } },
  ];

  it('has pooled and per-corpus scores, each row with its protocol', () => {
    const rows = protocolTable(steps);
    assert.deepEqual(
      rows.map(({ protocol, corpus }) => `${protocol}: ${corpus}`),
      ['paper-rows, LEAKY', 'speakers'].flatMap((mark) =>
        ['pooled', 'RAVDESS', 'CREMA-D', 'TESS'].map((corpus) => `${mark}: ${corpus}`),
      ),
    );
    assert.equal(rows[0]['siblings in training or validation'], '99.3 %');
    assert.match(String(rows[0].accuracy), /^[\d.]+ % \[[\d.]+, [\d.]+\]$/);
    // a plain table has no room to explain a dagger
    assert.doesNotMatch(JSON.stringify(rows), /†/);
    const marked = protocolTable(steps, { withDaggers: true }).filter(({ UAR }) => String(UAR).endsWith('†'));
    assert.deepEqual(
      marked.map(({ corpus }) => corpus),
      ['TESS', 'TESS'],
    );
    assert.equal(rows[4].folds, '2 of 5 only');
    assert.equal(rows[0].folds, undefined);
  });

  it('states the protocol in every line, and what it measures', () => {
    const text = formatProtocols(steps);
    const scored = text.split('\n').filter((line) => /\d %/.test(line));
    assert.equal(scored.length, 8);
    assert.ok(
      scored.every((line) => /(paper-rows, LEAKY|speakers)$/.test(line)),
      text,
    );
    assert.equal(text.match(/^TESS .*\] † /gm)?.length, 2);
    assert.equal(text.match(/^† few/gm)?.length, 1);
    assert.match(text, /^Protocol: paper-rows, LEAKY \(how well a model recalls/);
    assert.match(text, /^Protocol: speakers \(new speakers/m);
  });
});
