import { overallSteps, type TrainingPlace } from '../core/network';
import { liveDisplay } from './live-display';
import { progressBundle } from './progress';

/** What long training reports, as `runExperiment`, `evaluateExperiment` and `compareProtocols` take it. */
export interface TrainingCallbacks {
  onFeatures: (progress: { done: number; total: number }) => void;
  onProtocol: (place: { protocol: string }) => void;
  onSeed: (place: { seed: number; count: number }) => void;
  onStep: (
    progress: { epoch: number; epochs: number; step: number; steps: number },
    place: TrainingPlace,
  ) => void;
  onSplitEnd: (outcome: unknown, place: TrainingPlace) => void;
}

/** The output is replaced at most so often (ms): each time is a message to the browser. */
const throttleMs = 200;

/**
 * Shows how far an experiment is, in one output of the cell that changes: hand it over among the options,
 * `compareProtocols(config, protocols, { ...showTraining() })`.
 */
export function showTraining(): TrainingCallbacks {
  const live = liveDisplay();
  let protocolText = '';
  let seedText = '';
  let overall = overallSteps();
  let current = '';
  let started = 0;
  let shownAt = -Infinity;
  const show = (label: string, done: number, total: number): void => {
    const now = performance.now();
    if (label !== current) started = now;
    else if (now - shownAt < throttleMs && done < total) return;
    current = label;
    shownAt = now;
    live.update(progressBundle({ label, done, total, elapsedSec: (now - started) / 1000 }));
  };
  return {
    onFeatures: ({ done, total }) => {
      show('features, clips', done, total);
    },
    onProtocol: ({ protocol }) => {
      protocolText = `${protocol}, `;
    },
    onSeed: ({ seed, count }) => {
      seedText = count > 1 ? `seed ${seed}, ` : '';
      overall = overallSteps();
    },
    onStep: (progress, place) => {
      const { label, done, total } = overall.shown(progress, place);
      show(`${protocolText}${seedText}${label}, training steps`, done, total);
    },
    onSplitEnd: (_outcome, place) => {
      overall.end(place);
    },
  };
}
