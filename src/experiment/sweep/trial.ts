import type { ExperimentConfig, OptionValues } from '../../config';
import type { EpochRecord } from '../../training';

/** Runs one experiment. What a trial's process calls: the function of this name in `src/experiment`, or of another module. */
export type RunExperiment = (
  config: ExperimentConfig,
  options: { signal?: AbortSignal; onEpoch?: (record: EpochRecord) => void },
) => Promise<{
  /** of its run record */
  path: string;
  summary: { score: number };
}>;

/** A trial that has ended: a line of a sweep's log. */
export type EndedTrial = {
  /** of its config, with its number of epochs */
  hash: string;
  /** of the options that are varied */
  values: OptionValues;
  epochs: number;
  /** seconds */
  seconds: number;
} & (
  | {
      status: 'finished';
      /** higher is better */
      score: number;
      /** file name of its run record */
      run: string;
    }
  | { status: 'failed'; reason: string }
);
