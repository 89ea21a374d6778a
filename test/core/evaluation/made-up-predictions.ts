import { type Clip, createRandom, type Emotion, emotions } from '../../../src/core/base';
import { type Predictions, underProtocol } from '../../../src/core/evaluation';

/** A clip with default values, except for the given properties. */
export function clipOf(own: Partial<Clip>): Clip {
  return {
    path: 'made-up.wav',
    corpus: 'made-up',
    label: own.emotion ?? 'sad',
    emotion: 'sad',
    sampleRate: 16_000,
    channels: 1,
    durationSec: 2,
    sha256: '',
    ...own,
  };
}

/** Predictions from a list of rows, all in one fold. */
export function predictionsOf(
  classes: readonly Emotion[],
  rows: readonly { actual: number; probabilities: readonly number[]; clip?: Partial<Clip> }[],
): Predictions {
  return {
    ...underProtocol('speakers'),
    classes,
    clips: rows.map(({ actual, clip }, row) =>
      clipOf({ path: `${row}.wav`, speaker: `S-${row}`, emotion: classes[actual], ...clip }),
    ),
    actual: Int32Array.from(rows, ({ actual }) => actual),
    probabilities: Float32Array.from(rows.flatMap(({ probabilities }) => probabilities)),
    splitOf: new Int32Array(rows.length),
    splits: ['fold 1'],
  };
}

const corpora = [
  { corpus: 'RAVDESS', speakers: 12, clips: 21, skill: 1.6 },
  { corpus: 'CREMA-D', speakers: 20, clips: 24, skill: 1.3 },
  { corpus: 'TESS', speakers: 2, clips: 70, skill: 3 },
];
const races = ['African American', 'Asian', 'Caucasian'];

/**
 * Seeded predictions for three corpora of 34 speakers in five speaker-disjoint folds. The accuracy varies between speakers.
 * CREMA-D has no surprise, and only its speakers have an age and a race.
 *
 * @param skill - added to the logit of the actual emotion
 */
export function madeUpPredictions({
  seed = 1,
  skill = 0,
}: { seed?: number; skill?: number } = {}): Predictions {
  const random = createRandom(seed);
  const rows = corpora.flatMap(({ corpus, speakers, clips, skill: usual }) =>
    Array.from({ length: speakers }, (_, s) => {
      const own = usual + skill + random.normal(0, 0.4);
      const classes = corpus === 'CREMA-D' ? 6 : 7;
      return Array.from({ length: clips }, (_, i) => {
        const actual = i % classes;
        const logits = emotions.map((_, k) => random.normal() + (k === actual ? own : 0));
        const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
        return {
          fold: s % 5,
          actual,
          probabilities: logits.map((logit) => Math.exp(logit) / sum),
          clip: clipOf({
            path: `${corpus}/${s}/${i}.wav`,
            corpus,
            speaker: `${corpus}-${String(s + 1).padStart(2, '0')}`,
            sex: s % 2 === 0 ? 'male' : 'female',
            emotion: emotions[actual],
            sentence: `sentence ${i % 6}`,
            durationSec: 1.5 + (i % 7) / 2,
            intensity: corpus === 'TESS' ? undefined : i % 2 === 0 ? 'normal' : 'strong',
            ...(corpus === 'CREMA-D' && { age: 20 + 2 * s, race: races[s % 3] }),
          }),
        };
      });
    }).flat(),
  );
  return {
    ...underProtocol('speakers'),
    classes: emotions,
    clips: rows.map(({ clip }) => clip),
    actual: Int32Array.from(rows, ({ actual }) => actual),
    probabilities: Float32Array.from(rows.flatMap(({ probabilities }) => probabilities)),
    splitOf: Int32Array.from(rows, ({ fold }) => fold),
    splits: ['fold 1', 'fold 2', 'fold 3', 'fold 4', 'fold 5'],
  };
}

/** The same predictions under the leaky protocol `paper-rows`. */
export function leaky(predictions: Predictions): Predictions {
  return { ...predictions, ...underProtocol('paper-rows') };
}
