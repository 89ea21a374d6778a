import { canonicalHash } from '../../core/base';
import { type OptionPath, valueText } from '../../core/config';
import type { SweepResult } from './run-sweep';
import type { EndedTrial } from './trial';

/**
 * A sweep's trials as rows of a table, the best first: score, what was varied, epochs where they differ, seconds, and the run
 * record or the reason why there is none.
 */
export function sweepTable({ space, trials }: Pick<SweepResult, 'space' | 'trials'>): object[] {
  const showsEpochs = haveOtherEpochs(trials) && !('training.epochs' in space);
  return trials.map((trial) => ({
    score: trial.status === 'finished' ? trial.score : undefined,
    ...trial.values,
    ...(showsEpochs ? { epochs: trial.epochs } : {}),
    seconds: Math.round(10 * trial.seconds) / 10,
    run: trial.status === 'finished' ? trial.run : `failed: ${trial.reason}`,
  }));
}

/**
 * A sweep's trials as parallel coordinates take them: each config once, with the score of its longest trial; epochs are a
 * coordinate where they differ. What failed has no score and is left out.
 */
export function sweepCoordinates({
  space,
  trials,
}: Pick<SweepResult, 'space' | 'trials'>): { parameters: Record<string, number | string>; score: number }[] {
  // The trials are in the order of their rounds, the longest first.
  const longest = new Map<string, EndedTrial & { status: 'finished' }>();
  for (const trial of trials) {
    const key = canonicalHash(trial.values);
    if (trial.status === 'finished' && !longest.has(key)) longest.set(key, trial);
  }
  const showsEpochs = haveOtherEpochs([...longest.values()]) && !('training.epochs' in space);
  return [...longest.values()].map(({ values, epochs, score }) => ({
    parameters: Object.fromEntries([
      ...(Object.keys(space) as OptionPath[]).map((path) => [path, coordinate(values[path])] as const),
      ...(showsEpochs ? [['epochs', epochs] as const] : []),
    ]),
    score,
  }));
}

const haveOtherEpochs = (trials: readonly EndedTrial[]): boolean =>
  new Set(trials.filter(({ epochs }) => epochs > 0).map(({ epochs }) => epochs)).size > 1;

const coordinate = (value: unknown): number | string =>
  typeof value === 'number' ? value : valueText(value);
