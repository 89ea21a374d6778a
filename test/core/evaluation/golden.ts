import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emotion } from '../../../src/core/base';
import type { MetricName, Predictions } from '../../../src/core/evaluation';
import { projectRoot } from '../../../src/node/files';
import { predictionsOf } from './made-up-predictions';

type Curve = Record<'accuracy' | 'confidence', number[]> & { ece: number };

/** Reference values from scikit-learn and scipy, written by test/fixtures/evaluation/make_fixtures.py. */
export interface Golden {
  scores: (Record<MetricName, number> &
    Record<'precision' | 'recall' | 'f1' | 'support' | 'actual' | 'predicted' | 'confusion', number[]> & {
      name: string;
      probabilities: number[][];
      classes: Emotion[];
      report: string;
    })[];
  curves: { name: string; bins: number; 'equal-width': Curve; 'equal-mass': Curve; aurc: number }[];
  temperatures: { name: string; temperature: number; logLossBefore: number; logLossAfter: number }[];
  bca: Record<'resampled' | 'leftOut' | 'percentile' | 'bca', number[]> & { estimate: number };
  wilson: { right: number; total: number; level: number; limits: number[] }[];
  mcNemar: { onlyFirst: number; onlySecond: number; exact: number; midP: number }[];
  signFlips: { values: number[]; p: number }[];
  normal: Record<'x' | 'below' | 'shares' | 'quantiles', number[]>;
}

export const golden = JSON.parse(
  readFileSync(join(projectRoot, 'test', 'fixtures', 'evaluation', 'fixtures.json'), 'utf8'),
) as Golden;

/** The predictions of a named case. */
export function goldenPredictions(name: string): Predictions {
  const found = golden.scores.find((one) => one.name === name)!;
  return predictionsOf(
    found.classes,
    found.actual.map((actual, row) => ({ actual, probabilities: found.probabilities[row] })),
  );
}
