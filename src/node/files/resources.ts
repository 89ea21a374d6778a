import { availableParallelism, totalmem } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { formatCount, InvalidArgumentError } from '../../core/base';

/** Processors and memory of this computer, or of the container that this process runs in. */
export interface Resources {
  processors: number;
  /** bytes */
  memory: number;
}

/** What runs use by default. Batch sizes are options of the experiment, so that a run gives the same result on every computer. */
export interface RunDefaults {
  /** threads that compute features */
  extractionWorkers: number;
  /** trials of a sweep at the same time */
  sweepWorkers: number;
  /** rows of features stay in memory up to this size and are read from disk above it, bytes */
  rowMemory: number;
}

/** Memory of a thread that computes features: 60 to 100 MB. */
const workerMemory = 100e6;
/** Memory of a process that trains a network. */
const trialMemory = 1e9;
/** Rows in memory do not exceed this. */
const maxRowMemory = 4e9;

export function availableResources(): Resources {
  const limit = process.constrainedMemory(); // 0 or larger than the memory: no limit
  return {
    processors: availableParallelism(),
    memory: limit > 0 ? Math.min(limit, totalmem()) : totalmem(),
  };
}

/**
 * Defaults for a computer: a thread for each processor, as far as half of the memory suffices; half as many trials; a quarter of the memory
 * for rows, at most 4 GB.
 *
 * @param setting - memory for rows in GB; default: the environment variable `SER_MEMORY`
 * @throws {@link InvalidArgumentError} if the setting is not a number of at least 0
 */
export function runDefaults(
  { processors, memory }: Resources = availableResources(),
  setting: string | undefined = process.env.SER_MEMORY,
): RunDefaults {
  const atMost = (each: number): number => Math.max(1, Math.floor(memory / 2 / each));
  const gigabytes = setting === undefined || setting.trim() === '' ? undefined : Number(setting);
  if (gigabytes !== undefined && !(gigabytes >= 0 && gigabytes < Infinity))
    throw new InvalidArgumentError('SER_MEMORY', 'the memory for rows in GB, 0 or more', setting);
  return {
    extractionWorkers: Math.min(processors, atMost(workerMemory)),
    sweepWorkers: Math.min(Math.max(1, Math.floor(processors / 2)), atMost(trialMemory)),
    rowMemory: gigabytes === undefined ? Math.min(maxRowMemory, memory / 4) : gigabytes * 1e9,
  };
}

/** Number of clips above which objects of clips take much memory. */
const manyClips = 50_000;
/** Growth of the heap before the next garbage collection, in percent of the objects that are in use. */
const growthPercent = 25;

/**
 * With many clips, collects garbage more often in this process: by default, the heap may grow to four times the objects that are in use.
 * It takes a few percent more processor time.
 */
export function limitGarbage(clips: number): void {
  if (clips >= manyClips) setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
}

/** One line for the start of a run: `16 processors, 64 GB of memory: 16 threads for features, up to 4 GB of rows in memory`. */
export function describeResources(
  resources: Resources = availableResources(),
  { extractionWorkers, rowMemory }: RunDefaults = runDefaults(resources),
): string {
  const gigabytes = (bytes: number): string => String(Number((bytes / 1e9).toFixed(1)));
  const { processors, memory } = resources;
  const threads = `${extractionWorkers} thread${extractionWorkers === 1 ? '' : 's'} for features`;
  return `${formatCount(processors)} processor${processors === 1 ? '' : 's'}, ${gigabytes(memory)} GB of memory: ${threads}, up to ${gigabytes(rowMemory)} GB of rows in memory`;
}
