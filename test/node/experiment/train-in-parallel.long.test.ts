import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import type { FeatureSet } from '../../../src/core/features';
import type { Engine } from '../../../src/core/network';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import { loadEngine } from '../../../src/node/engine';
import {
  evaluateExperiment,
  type ExperimentOptions,
  explainFold,
  runExperiment,
  runRecorded,
  type SplitPosition,
} from '../../../src/node/experiment';
import { extractFeatures } from '../../../src/node/extraction';
import { loadModel, modelOf, saveModel } from '../../../src/node/models';
import { readRunRecords, type RunRecord } from '../../../src/node/runs';
import { toneCorpus } from './tone-corpus';
import type { SingleModel } from '../../../src/core/prediction';

const config = (changes: ExperimentChanges = {}) =>
  experimentConfig(
    'quick',
    {
      model: { width: 4 },
      training: { epochs: 3, batchSize: 8 },
      dataset: { folds: 4, fold: 'all', validationShare: 0.4 },
      features: { versions: { original: [] } },
    },
    changes,
  );
/** Long enough to be interrupted before it ends. */
const endless: ExperimentChanges = { training: { epochs: 10_000 } };

describe('parallel training of splits', function () {
  this.timeout(180_000);
  let folder: string;
  let corpora: Corpora;
  let set: FeatureSet;
  let engine: Engine;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-parallel-'));
    toneCorpus(join(folder, 'data'));
    corpora = await loadCorpora({ root: join(folder, 'data') });
    set = await extractFeatures(corpora, config().features, { store: false, workers: 1 });
    engine = await loadEngine('wasm'); // one thread in every process
  });
  after(async () => {
    await loadEngine(); // restores the default engine
    rmSync(folder, { recursive: true });
  });

  /** File with the process ids, written by a preloaded script, which also kills the process of the split `SER_TEST_DEADLY`. */
  let pids: string;
  beforeEach(() => {
    pids = join(folder, `pids-${Math.random()}`);
    writeFileSync(pids, '');
    const script = join(folder, 'preload.cjs');
    writeFileSync(
      script,
      `if (process.argv[1]?.includes('fold-process')) {
         require('node:fs').appendFileSync(process.env.SER_TEST_PIDS, process.pid + '\\n');
         process.on('message', ({ request }) => {
           if (request?.split.name !== process.env.SER_TEST_DEADLY) return;
           console.error('some\\nlast words\\nI0000 00:00:17.1 17 port.cc:153] custom operations are on');
           process.exit(3);
         });
       }`,
    );
    process.env.SER_TEST_PIDS = pids;
    process.env.NODE_OPTIONS = `--require ${script}`;
  });
  afterEach(() => {
    delete process.env.SER_TEST_PIDS;
    delete process.env.SER_TEST_DEADLY;
    delete process.env.NODE_OPTIONS;
  });
  const started = () => readFileSync(pids, 'utf8').split('\n').filter(Boolean).map(Number);
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const assertNoneLeft = async (): Promise<void> => {
    for (const pid of started()) {
      for (let i = 0; i < 200 && isAlive(pid); i++) await setTimeout(50);
      assert.ok(!isAlive(pid), `process ${pid} is still there`);
    }
  };
  const options = (more: ExperimentOptions = {}) => ({ corpora, set, engine, workers: 2, ...more });

  /** A record without times and file names. */
  const comparable = (record: RunRecord & { file: string }) => ({
    ...record,
    file: '',
    predictions: { ...record.predictions, file: '' },
    started: '',
    seconds: {},
    splits: record.splits.map(({ history, ...split }) => ({
      ...split,
      history: history.map((epoch) => ({ ...epoch, seconds: 0 })),
    })),
  });

  for (const normalisation of ['train', 'speaker'] as const) {
    it(`gives the same record, predictions and networks as sequential training, normalised by ${normalisation}`, async () => {
      const runs = mkdtempSync(join(folder, 'runs-'));
      const wanted = config({ dataset: { normalisation } });
      const inTurn = await runRecorded(wanted, { ...options({ workers: 1 }), runs });
      assert.deepEqual(started(), []);
      const result = await runRecorded(wanted, { ...options(), runs });
      assert.equal(new Set(started()).size, 2);
      await assertNoneLeft();

      assert.equal(result.outcome, 'finished');
      assert.deepEqual(result.predictions, inTurn.predictions);
      assert.deepEqual(result.validation, inTurn.validation);
      const { records } = await readRunRecords(runs);
      const [first, second] = records.map(comparable);
      assert.deepEqual(first, second);
      assert.equal(second.splits.length, 4);
      assert.ok(second.splits.every(({ history }) => history.length === 3));

      // The returned networks are those that made the predictions.
      assert.deepEqual(
        JSON.stringify(result.folds[2].normaliser),
        JSON.stringify(inTurn.folds[2].normaliser),
      );
      const seen = await Promise.all([inTurn, result].map((run) => explainFold(run, 3, { randomOrders: 2 })));
      assert.deepEqual(seen[1], seen[0]);
      const saved = join(runs, 'bundle');
      await saveModel(engine, saved, modelOf(result, 4));
      const { trained } = (await loadModel(engine, saved)) as SingleModel;
      const weightsOf = (run: typeof trained) =>
        'network' in run ? run.network.model.getWeights().map((weight) => [...weight.dataSync()]) : [];
      assert.ok(weightsOf(trained).length > 0);
      assert.deepEqual(weightsOf(trained), weightsOf(inTurn.folds[3].trained));
    });
  }

  it('reports the progress of each split and the number of parallel trainings', async () => {
    const events: string[] = [];
    const place = ({ number, count, atOnce }: SplitPosition) => `${number}/${count}/${atOnce}`;
    const steps = new Map<string, number>();
    await runExperiment(config(), {
      ...options({ workers: 3 }),
      onSplit: (at, split) => events.push(`${place(at)} begins ${split.name === at.name}`),
      onStep: ({ step }, at) => steps.set(place(at), Math.max(step, steps.get(place(at)) ?? 0)),
      onEpoch: ({ epoch }, history, at) => events.push(`${place(at)} ${epoch} of ${history.length}`),
      onSplitEnd: (outcome, at) => events.push(`${place(at)} ${outcome}`),
    });
    for (const number of [1, 2, 3, 4]) {
      const own = events.filter((line) => line.startsWith(`${number}/4/3 `)).map((line) => line.slice(6));
      assert.deepEqual(own, ['begins true', '1 of 1', '2 of 2', '3 of 3', 'finished']);
    }
    assert.deepEqual([...steps.keys()].sort(), ['1/4/3', '2/4/3', '3/4/3', '4/4/3']);
    assert.ok([...steps.values()].every((step) => step > 1));
    assert.deepEqual(
      events.slice(0, 3).map((line) => line.slice(0, 12)),
      ['1/4/3 begins', '2/4/3 begins', '3/4/3 begins'],
    );
    assert.equal(started().length, 3);
  });

  it('trains on rows that exist only in the calling process', async () => {
    const own: FeatureSet = { ...set, data: set.data.map((value) => 2 * value + 1), clips: set.clips.map((clip) => ({ ...clip, path: `moved/${clip.path}` })) }; // prettier-ignore
    const runs = [];
    for (const workers of [1, 2]) runs.push(await runExperiment(config(), options({ set: own, workers })));
    assert.deepEqual(runs[1].predictions, runs[0].predictions);
    assert.match(runs[1].predictions!.clips[0].path, /^moved/);
  });

  it('is not used for a single split or models that are not networks', async () => {
    await runExperiment(config({ dataset: { fold: 2 } }), options());
    const seen: number[] = [];
    const majority = config({ model: { kind: 'majority' } });
    await runExperiment(majority, options({ onSplit: ({ atOnce }) => seen.push(atOnce) }));
    assert.deepEqual(seen, [1, 1, 1, 1]);
    assert.deepEqual(started(), []);
  });

  it('is used by the evaluation of several seeds', async () => {
    const evaluate = (workers: number) => {
      const short = config({ training: { epochs: 1 }, dataset: { folds: 2 } });
      return evaluateExperiment(short, { ...options({ workers }), seeds: [1, 2] });
    };
    const parallel = await evaluate(2);
    assert.equal(started().length, 4);
    assert.deepEqual(parallel.predictions, (await evaluate(1)).predictions);
    assert.deepEqual(parallel.folds, { done: 4, of: 4 });
  });

  it('stops when interrupted and scores the finished splits', async () => {
    const control = new AbortController();
    const ended = new Map<string, string>();
    const wanted = config({ training: { epochs: 10_000, earlyStopping: 1, monitor: 'valAccuracy' } });
    const result = await runExperiment(wanted, {
      ...options({ signal: control.signal }),
      onSplit: ({ number }) => {
        if (number === 3) control.abort();
      },
      onSplitEnd: (outcome, { name }) => ended.set(name, outcome),
    });
    assert.equal(result.outcome, 'interrupted');
    const finished = result.folds.map(({ split }) => split.name);
    assert.ok(finished.length >= 1 && finished.length <= 2, String(finished));
    assert.deepEqual(
      result.report?.perSplit.map(({ name }) => name),
      finished,
    );
    assert.equal(ended.get('fold 3'), 'interrupted');
    assert.ok(finished.every((name) => ended.get(name) === 'stopped early'));
    assert.ok(!ended.has('fold 4'));
    await assertNoneLeft();

    const none = await runExperiment(config(), options({ signal: AbortSignal.abort() }));
    assert.deepEqual([none.outcome, none.folds, none.predictions], ['interrupted', [], undefined]);
  });

  it('names the split of a process that died, and its last output', async () => {
    process.env.SER_TEST_DEADLY = 'fold 2';
    const runs = mkdtempSync(join(folder, 'runs-'));
    await assert.rejects(
      runRecorded(config(endless), { ...options(), runs }),
      /^WorkbenchError: split "fold 2": its process stopped with code 3: last words$/,
    );
    await assertNoneLeft();
    const [record] = (await readRunRecords(runs)).records;
    assert.equal(record.status, 'failed');
    assert.match(record.reason!, /"fold 2"/);
    assert.deepEqual(
      record.splits.map(({ name, outcome }) => [name, outcome]),
      [['fold 1', 'interrupted'], ['fold 2', 'failed']], // prettier-ignore
    );
  });

  it('passes on errors of a split and of a callback', async () => {
    // A version that is not in the feature set.
    const versions = { original: [], noisy: [{ kind: 'noise', snrDb: 30 }] } as const;
    const unfit = config({ features: { versions }, dataset: { trainVersions: ['noisy'] } });
    await assert.rejects(
      runExperiment(unfit, options()),
      /^WorkbenchError: split "fold [12]": rows must be /,
    );
    const onEpoch = () => {
      throw new Error('no more space on the screen');
    };
    await assert.rejects(runExperiment(config(endless), options({ onEpoch })), /no more space on the screen/);
    await assertNoneLeft();
  });

  it('resumes from checkpoints with the same result after all processes were killed', async () => {
    const checkpoints = join(folder, 'checkpoints');
    const wanted = config({ training: { epochs: 15 } });
    const script = join(folder, 'killed.ts');
    const source = (name: string) => JSON.stringify(join(__dirname, '../../../src', name));
    writeFileSync(
      script,
      `import { runExperiment } from ${source('node/experiment')};
       import { loadCorpora } from ${source('node/corpora')};
       import { extractFeatures } from ${source('node/extraction')};
       import { loadEngine } from ${source('node/engine')};
       void (async () => {
         const config = ${JSON.stringify(wanted)};
         const corpora = await loadCorpora({ root: ${JSON.stringify(corpora.root)} });
         const set = await extractFeatures(corpora, config.features, { store: false, workers: 1 });
         await runExperiment(config, {
           corpora, set, engine: await loadEngine('wasm'), workers: 2, checkpoints: ${JSON.stringify(checkpoints)},
           onEpoch: ({ epoch }, _, { number }) => process.send({ epoch, number }),
         });
       })();`,
    );
    const child = fork(script, { execArgv: ['--require', require.resolve('tsx/cjs')], stdio: 'ignore' });
    const reached = new Set<number>();
    child.on('message', ({ epoch, number }: { epoch: number; number: number }) => {
      if (epoch >= 3) reached.add(number);
      if (reached.size === 2) child.kill('SIGKILL');
    });
    await once(child, 'exit');
    assert.equal(child.signalCode, 'SIGKILL');
    assert.equal(started().length, 2);
    await assertNoneLeft();
    const saved = readdirSync(checkpoints, { recursive: true }).map(String);
    assert.ok(saved.filter((file) => file.endsWith('.checkpoint')).length >= 2);

    const resumed = new Map<number, number>();
    const result = await runExperiment(wanted, {
      ...options({ checkpoints }),
      onResume: ({ length }, { number }) => resumed.set(number, length),
    });
    assert.deepEqual([...resumed.keys()].sort().slice(0, 2), [1, 2]);
    assert.ok(resumed.get(1)! >= 3 && resumed.get(2)! >= 3);
    assert.equal(result.folds[0].resumedFrom, resumed.get(1));
    assert.deepEqual(readdirSync(checkpoints), []);
    const unbroken = await runExperiment(wanted, options({ workers: 1 }));
    assert.deepEqual(result.predictions, unbroken.predictions);
  });

  it('rejects an invalid number of workers before any work', async () => {
    for (const workers of [0, -1, 1.5, NaN, '2' as unknown as number]) {
      const call = runExperiment(config(), { workers, corpora: undefined as unknown as Corpora });
      await assert.rejects(call, /^InvalidArgumentError: workers must be a positive integer, got /);
    }
  });
});
