import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { experimentConfig } from '../../src/core/config';
import { loadCorpora } from '../../src/node/corpora';
import { loadEngine } from '../../src/node/engine';
import { auditedSplits, experimentSplits, prepareExperiment } from '../../src/node/experiment/experiment';
import { saveRun } from '../../src/node/experiment/recorded';
import { resultOf, trainSplits } from '../../src/node/experiment/train-splits';
import { featuresOnDisk, findNearDuplicates, recordingProfiles } from '../../src/node/extraction';

/** One step of a run. */
export interface Stage {
  name: string;
  seconds: number;
  /** processor time, all threads */
  cpuSec: number;
  /** highest memory during this step; on other systems than Linux: until its end */
  peakMb: number;
}

/** What one process measured. */
export interface ScaleRun {
  clips: number;
  stages: Stage[];
  /** of the file with the rows, MB */
  rowsMb: number;
  peakMb: number;
}

const config = experimentConfig('compact', {
  model: { width: 8 },
  training: { epochs: 1, batchSize: 256 },
  dataset: { fold: 1 },
});

function highestMemory(): number {
  const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : '';
  const found = /VmHWM:\s+(\d+)/.exec(status);
  return Number(found?.[1] ?? process.resourceUsage().maxRSS) / 1024;
}

/** Runs an experiment step by step, with all rows on disk. */
async function measure(root: string, cache: string): Promise<ScaleRun> {
  const stages: Stage[] = [];
  const stage = async <Result>(name: string, work: () => Promise<Result> | Result): Promise<Result> => {
    if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5'); // restarts VmHWM
    const [started, before] = [performance.now(), process.cpuUsage()];
    const result = await work();
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - started) / 1000;
    stages.push({ name, seconds, cpuSec: (user + system) / 1e6, peakMb: highestMemory() });
    console.error(JSON.stringify(stages.at(-1)));
    return result;
  };
  const all = await stage('load the clips', () =>
    loadCorpora({ root, cacheDirectory: join(cache, 'clip-index') }),
  );
  // In another order at each run, so that the search for near duplicates is not answered by the stored result of an earlier run.
  const first = Date.now() % all.clips.length;
  const corpora = { ...all, clips: [...all.clips.slice(first), ...all.clips.slice(0, first)] };
  const rows = join(cache, 'rows');
  const stores = storesIn(cache);
  rmSync(rows, { recursive: true, force: true });
  const openRows = () => featuresOnDisk(corpora, config.features, { store: stores.features, rows });
  await stage('rows: from the store to a file', openRows);
  const set = await stage('rows: open the file', openRows);
  const rowsMb = readdirSync(rows).reduce((sum, name) => sum + statSync(join(rows, name)).size, 0) / 1e6;
  await stage('profiles of the recordings', () =>
    recordingProfiles(set.clips, corpora, { store: stores.profiles }),
  );
  const nearDuplicates = await stage('near-duplicate search', () =>
    findNearDuplicates(set, corpora, { store: stores.fingerprints }),
  );
  await stage('splits', () => experimentSplits(set, config, nearDuplicates));
  await stage('splits and audit', () => auditedSplits(set, config, nearDuplicates, corpora));
  const engine = await loadEngine();
  const prepared = await stage('prepare again', () => prepareExperiment(config, { corpora, engine, set }));
  const trained = await stage('scaler, an epoch, predictions', () =>
    trainSplits(prepared.splits, prepared, { workers: 1 }),
  );
  const result = await stage('report with intervals', () => resultOf(prepared, trained));
  const runs = join(cache, 'runs');
  await stage('record and predictions (Parquet)', () => saveRun(result, { started: new Date(), runs }));
  rmSync(runs, { recursive: true });
  rmSync(rows, { recursive: true });
  return {
    clips: set.clips.length,
    stages,
    rowsMb,
    peakMb: Math.max(...stages.map(({ peakMb }) => peakMb)),
  };
}

/** Computes everything that is stored. */
async function fill(root: string, cache: string): Promise<{ clips: number }> {
  const corpora = await loadCorpora({ root, cacheDirectory: join(cache, 'clip-index') });
  const stores = storesIn(cache);
  const set = await featuresOnDisk(corpora, config.features, {
    store: stores.features,
    rows: join(cache, 'rows'),
  });
  await recordingProfiles(set.clips, corpora, { store: stores.profiles });
  await findNearDuplicates(set, corpora, { store: stores.fingerprints });
  return { clips: set.clips.length };
}

const storesIn = (cache: string) => ({
  features: join(cache, 'features'),
  profiles: join(cache, 'profiles'),
  fingerprints: join(cache, 'fingerprints'),
});

const [root, cache, part] = process.argv.slice(2);
void (part === 'fill' ? fill : measure)(root, cache).then((run) => {
  console.log(JSON.stringify(run));
});
