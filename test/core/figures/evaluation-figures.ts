import { createRandom } from '../../../src/core/base';
import {
  abstention,
  calibration,
  checkFaithfulness,
  classificationReport,
  coefficientGroups,
  confusionMatrix,
  humanLine,
  occlude,
  scoreReport,
  selectCorpus,
  sliceScores,
  underProtocol,
  withTemperature,
} from '../../../src/core/evaluation';
import {
  abstentionFigure,
  classScoresFigure,
  confusionMatrixFigure,
  deletionCurvesFigure,
  type EpochScores,
  type Figure,
  humanLineFigure,
  occlusionMapFigure,
  parallelCoordinatesFigure,
  protocolComparisonFigure,
  protocolWaterfallFigure,
  reliabilityFigure,
  runComparisonFigure,
  slicesFigure,
  type SweepTrial,
  trainingCurvesFigure,
} from '../../../src/core/figures';
import { leaky, madeUpPredictions } from '../evaluation/made-up-predictions';

export const source = 'three synthetic corpora, 872 clips';
export const predictions = madeUpPredictions();
export const better = madeUpPredictions({ skill: 0.6, seed: 4 });

/** A synthetic history that overfits from about epoch 15. */
export function history(epochs: number, level: number): EpochScores[] {
  const random = createRandom(String(level));
  return Array.from({ length: epochs }, (_, i) => ({
    epoch: i + 1,
    loss: 2 * Math.exp((-i * level) / 4) + 0.1,
    accuracy: 0.95 - 0.75 * Math.exp((-i * level) / 5),
    valLoss: 1.1 + Math.exp(-i / 4) + 0.012 * Math.max(0, i - 12) + random.normal(0, 0.02),
    valAccuracy: level - 0.45 * Math.exp(-i / 5) + random.normal(0, 0.01),
  }));
}

/** A synthetic sweep over three numbers and a string. */
export function trials(count: number): SweepTrial[] {
  const random = createRandom(9);
  return Array.from({ length: count }, () => {
    const learningRate = 10 ** random.uniform(-4, -2);
    const dropout = random.pick([0.1, 0.2, 0.3, 0.4]);
    const head = random.pick(['flat', 'mean + max']);
    const score = 0.6 - 0.06 * (Math.log10(learningRate) + 3) ** 2 - 0.2 * Math.abs(dropout - 0.2);
    return {
      parameters: { learningRate, width: random.pick([64, 96, 128]), dropout, head },
      score: score + (head === 'flat' ? -0.02 : 0) + random.normal(0, 0.01),
    };
  });
}

const shape = [108, 22] as const;
const columns = ['zcr', 'rms', ...Array.from({ length: 20 }, (_, i) => `mfcc${i}`)];
const groups = coefficientGroups(columns);

/** A model that depends on the middle of the lower MFCCs. */
function predictBatch(batch: Float32Array, rows: number): Float32Array {
  const probabilities = new Float32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let frame = 30; frame < 60; frame++) {
      for (let k = 2; k < 8; k++) sum += batch[(row * shape[0] + frame) * shape[1] + k];
    }
    probabilities[2 * row] = 1 / (1 + Math.exp(-sum / 30));
    probabilities[2 * row + 1] = 1 - probabilities[2 * row];
  }
  return probabilities;
}

function row(seed: number): Float32Array {
  return createRandom(seed)
    .normals(shape[0] * shape[1])
    .map((value, i) => value / 2 + Math.sin(i / 300) + 0.4);
}

const cremad = selectCorpus(predictions, 'CREMA-D');
const votes = humanLine(
  cremad.clips.map(({ emotion }, i) => {
    const counts = { [emotion]: 2 + (i % 5), sad: 5 - (i % 3) };
    return { emotion, votes: { emotions: [emotion], counts } };
  }),
);
const resamples = 200;

/** Every evaluation figure, drawn from synthetic seeded data. */
export const evaluationFigures: Record<string, () => Figure | Promise<Figure>> = {
  confusionMatrixFigure: () => confusionMatrixFigure(confusionMatrix(predictions), { source }),
  classScoresFigure: () => classScoresFigure(classificationReport(predictions), { source }),
  reliabilityFigure: () =>
    reliabilityFigure(
      [
        { name: 'as trained', calibration: calibration(predictions, { bins: 10 }) },
        {
          name: 'temperature 0.6',
          calibration: calibration(withTemperature(predictions, 0.6), { bins: 10 }),
        },
      ],
      { source },
    ),
  abstentionFigure: () =>
    abstentionFigure(
      [
        { name: 'compact CNN', abstention: abstention(predictions) },
        { name: 'wide CNN', abstention: abstention(better) },
      ],
      { source },
    ),
  slicesFigure: () =>
    slicesFigure(sliceScores(predictions, { by: 'ageBand', resamples, minimumClips: 100 }), { source }),
  protocolWaterfallFigure: () =>
    protocolWaterfallFigure(
      [
        {
          report: scoreReport(leaky(madeUpPredictions({ skill: 3.5 })), { resamples }),
          siblingShare: 0.993,
        },
        {
          report: scoreReport(
            { ...madeUpPredictions({ skill: 1 }), ...underProtocol('clips') },
            { resamples },
          ),
          siblingShare: 0,
        },
        { report: scoreReport(predictions, { resamples }), siblingShare: 0 },
        {
          report: scoreReport(
            { ...madeUpPredictions({ skill: -0.8 }), ...underProtocol('leave-one-corpus-out') },
            { resamples },
          ),
          siblingShare: 0,
        },
      ],
      { source },
    ),
  protocolComparisonFigure: () =>
    protocolComparisonFigure(
      [
        {
          name: 'free to memorise',
          steps: [
            {
              report: scoreReport(leaky(madeUpPredictions({ skill: 3.5 })), { resamples }),
              siblingShare: 0.993,
            },
            { report: scoreReport(predictions, { resamples }), siblingShare: 0 },
          ],
        },
        {
          name: 'small',
          steps: [
            { report: scoreReport(leaky(better), { resamples }), siblingShare: 0.96 },
            { report: scoreReport(better, { resamples }), siblingShare: 0 },
          ],
        },
      ],
      { source },
    ),
  runComparisonFigure: () =>
    runComparisonFigure(
      [predictions, better, leaky(better)].map((of, i) => ({
        name: ['compact CNN', 'wide CNN', 'wide CNN, augmented'][i],
        report: scoreReport(of, { resamples }),
      })),
      { source },
    ),
  trainingCurvesFigure: () =>
    trainingCurvesFigure(
      [
        { name: 'compact', history: history(30, 0.62) },
        { name: 'wide', history: history(24, 0.66) },
      ],
      { source, protocol: predictions },
    ),
  deletionCurvesFigure: async () =>
    deletionCurvesFigure(
      await checkFaithfulness(
        predictBatch,
        [1, 2, 3, 4].map((seed) => ({ row: row(seed), classIndex: 0 })),
        { shape, groups },
      ),
      { source, protocol: predictions },
    ),
  occlusionMapFigure: async () =>
    occlusionMapFigure(row(1), await occlude(predictBatch, row(1), { shape, classIndex: 0, groups }), {
      source: 'a synthetic row',
      protocol: predictions,
      emotion: 'sad',
      sampleRate: 22_050,
    }),
  parallelCoordinatesFigure: () => parallelCoordinatesFigure(trials(40), { source, protocol: predictions }),
  humanLineFigure: () => humanLineFigure(votes, classificationReport(cremad), { source }),
};
