export { parseSweepSpace } from './parse-space';
export { gridPlan, halvingRungs, randomPlan, type Rung } from './plan';
export type { RunningTrial } from './run-round';
export {
  runSweep,
  sweepMethods,
  type SweepMethod,
  type SweepOptions,
  type SweepProgress,
  type SweepResult,
} from './run-sweep';
export type { SweepAxis, SweepSpace } from './space';
export { sweepCoordinates, sweepTable } from './sweep-table';
export type { EndedTrial, RunTrial } from './trial';
