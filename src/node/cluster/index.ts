export { distributeFeatures, distributeFolds, type Distributed, distributeTrials } from './distribute';
export { describeTask, findPlan, type StoredPlan, storePlan } from './plan';
export { planStatus, runPlan, type TaskState } from './run-plan';
export { arrayElements, batchScript, cancelJobs, slurmSettings, type SlurmSettings } from './slurm';
