export {
  type PlannedTrial,
  runSweep,
  sweepMethods,
  type SweepOptions,
  type SweepProgress,
  type SweepResult,
  type TrialEnd,
} from './run-sweep';
export { gridPlan, halvingRungs, maxTrials, parseSweepSpace, randomPlan, type SweepSpace } from './space';
export {
  type EndedTrial,
  type RunTrial,
  runTrialOf,
  sweepCaveats,
  sweepCoordinates,
  sweepTable,
} from './trials';
