export {
  halvingRungs,
  runSweep,
  sweepMethods,
  type SweepOptions,
  type SweepProgress,
  type SweepResult,
} from './run-sweep';
export { gridPlan, maxTrials, parseSweepSpace, randomPlan, type SweepSpace } from './space';
export { type EndedTrial, type RunTrial, sweepCaveats, sweepCoordinates, sweepTable } from './trials';
