import type { ExperimentConfig, OptionValues } from '../../core/config';
import type { EpochRecord } from '../../core/network';

/** Runs one trial: what a module for trials exports under the name `runTrial`. */
export type RunTrial = (
  config: ExperimentConfig,
  options: {
    /** folder of the run records */
    runs: string;
    signal?: AbortSignal;
    onEpoch?: (record: EpochRecord) => void;
  },
) => Promise<{
  /** higher is better */
  score: number;
  /** file name of its run record */
  run: string;
}>;

/** A trial that has ended: a line of a sweep's log. */
export type EndedTrial = {
  /** of its data and its config, with its number of epochs */
  hash: string;
  /** of the options that are varied */
  values: OptionValues;
  epochs: number;
  /** seconds */
  seconds: number;
} & (
  | {
      status: 'finished';
      score: number;
      run: string;
    }
  | { status: 'failed'; reason: string }
);
