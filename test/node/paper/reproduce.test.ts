import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runReproduce } from '../../../src/cli/reproduce';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import { loadEngine } from '../../../src/node/engine';
import { evaluateConditions, evaluateExperiment } from '../../../src/node/experiment';
import { loadModel, saveConditions } from '../../../src/node/models';
import {
  planReproduction,
  type PlannedResult,
  withinBudget,
} from '../../../src/node/paper/plan-reproduction';
import { reproductionInputs, type ReproductionTarget } from '../../../src/node/paper/published-results';
import { compareWithPublished, reproduce } from '../../../src/node/paper/reproduce';
import { catchOutput } from '../../cli/catch-output';
import { toneCorpus } from '../experiment/tone-corpus';

const epochs = 3;
const config = (changes: ExperimentChanges = {}) =>
  experimentConfig(
    'quick',
    {
      model: { width: 4 },
      training: { epochs, batchSize: 16 },
      dataset: { folds: 2, fold: 'all', validationShare: 0.5 },
      features: { versions: { original: [], higher: [{ kind: 'pitch', nSteps: 2 }] } },
    },
    changes,
  );

describe('the published results, made up from tones', function () {
  this.timeout(180_000);
  let folder: string;
  let gallery: string;
  let model: string;
  let corpora: Corpora;
  let previous: string | undefined;
  const records = () => join(gallery, 'records');
  const files = (name: string) => readdirSync(join(folder, name)).filter((file) => file.endsWith('.json'));
  const inputs = async (target: ReproductionTarget, runs = 'runs') =>
    reproductionInputs(target, {
      engine: await loadEngine(),
      corpora,
      runs: join(folder, runs),
      gallery,
      model,
    });
  const run = (...args: string[]) =>
    catchOutput(() => runReproduce(args, { gallery, model, runs: join(folder, 'cli-runs') }));
  const states = (plan: readonly PlannedResult[]) => plan.map(({ state }) => state);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-reproduce-'));
    gallery = join(folder, 'figures');
    toneCorpus(join(folder, 'data'), 2);
    previous = process.env.SER_DATA;
    process.env.SER_DATA = join(folder, 'data');
    corpora = await loadCorpora({ root: join(folder, 'data') });
    const engine = await loadEngine();
    const options = { corpora, engine, records: records() };
    const knn = await evaluateExperiment(
      config({ model: { kind: 'knn' }, dataset: { protocol: 'clips' } }),
      options,
    );
    const leaky = await evaluateExperiment(config({ dataset: { protocol: 'paper-rows' } }), options);
    const seeds = await evaluateExperiment(config(), { ...options, seeds: [42, 1] });
    const ensemble = seeds.ensemble!.path!;
    model = join(folder, 'model');
    cpSync(join(ensemble.replace(/\.json$/, ''), 'fold-2'), model, { recursive: true });
    const loaded = await loadModel(engine, model);
    saveConditions(model, (await evaluateConditions(loaded, engine, { corpora })).report);
    // The config of this member must be found by its hash.
    rmSync(seeds.runs[1].path!);
    const [first, paper, baseline, both] = [
      seeds.runs[0],
      leaky.runs[0],
      knn.runs[0],
      { path: ensemble },
    ].map(({ path }) => basename(path!));
    writeFileSync(
      join(gallery, 'figures.json'),
      JSON.stringify({
        paper,
        waterfall: [first],
        headline: [both],
        results: [both, baseline],
        resultsByCorpus: [first],
      }),
    );
  });
  after(() => {
    if (previous === undefined) delete process.env.SER_DATA;
    else process.env.SER_DATA = previous;
    rmSync(folder, { recursive: true });
  });

  it('are listed by target, members before their ensemble', async () => {
    const texts = async (target: ReproductionTarget) =>
      (await inputs(target)).results.map(
        ({ kind, config: { model: own, dataset, seed } }) =>
          `${kind} ${own.kind} ${dataset.protocol} ${seed}`,
      );
    const paper = ['run compact paper-rows 42', 'run compact speakers 42'];
    const speakers = [
      'run compact speakers 42',
      'run compact speakers 1',
      'ensemble compact speakers 42',
      'conditions compact speakers 42',
    ];
    assert.deepEqual(await texts('paper'), paper);
    assert.deepEqual(await texts('speakers'), speakers);
    assert.deepEqual(await texts('all'), [...paper, ...speakers.slice(1), 'run knn clips 42']);
  });

  it('name an ensemble with an unknown member', async () => {
    const other = join(folder, 'other');
    cpSync(gallery, other, { recursive: true });
    const name = readdirSync(join(other, 'records')).find(
      (file) => file.includes('ensemble') && file.endsWith('.json'),
    )!;
    const record = JSON.parse(readFileSync(join(other, 'records', name), 'utf8')) as {
      members: { hash: string }[];
    };
    record.members[1].hash = '0'.repeat(32);
    writeFileSync(join(other, 'records', name), JSON.stringify(record));
    const { unknown } = await reproductionInputs('all', {
      engine: await loadEngine(),
      corpora,
      gallery: other,
      model,
    });
    assert.match(
      `${unknown[0].name}: ${unknown[0].reason}`,
      /ensemble.*config of its member quick, seed 1, hash 00000000/,
    );
    assert.equal(unknown.length, 1);
  });

  it('need the same recordings', async () => {
    const fewer = { ...corpora, clips: corpora.clips.slice(1) };
    const engine = await loadEngine();
    await assert.rejects(
      reproductionInputs('paper', { engine, corpora: fewer, gallery, model }),
      /23 clips, fingerprint \w+; \S+\.json has 24 clips, fingerprint \w+\. npm run data -- verify/,
    );
    await assert.rejects(
      reproductionInputs('all', { engine, corpora }),
      /recordings of (?=.*CREMA-D)(?=.*TESS).*; missing: (?!.*SAVEE)(?=.*RAVDESS).*npm run data -- download/,
    );
  });

  it('have a plan with steps and times, without training', async () => {
    const { code, out } = await run('all', '--dry-run', '--json');
    assert.equal(code, 0);
    const { plan } = JSON.parse(out) as {
      plan: (PlannedResult & { kind: string; published: string | null })[];
    };
    assert.deepEqual(
      plan.map(({ kind, folds, steps, published }) => [kind, folds, steps, published !== null]),
      [
        ['run', 1, plan[0].steps, true],
        ['run', 2, plan[1].steps, true],
        ['run', 2, plan[1].steps, false],
        ['ensemble', 2, 0, true],
        ['conditions', 1, 0, false],
        ['run', 2, 0, true],
      ],
    );
    assert.ok(plan[1].steps > 0 && plan[1].steps % (2 * epochs) === 0);
    assert.ok(plan.slice(0, 3).every(({ stepMs, seconds }) => stepMs! > 0 && seconds.all > 0));
    assert.ok(plan[4].seconds.all > 0);
    assert.ok(plan.every(({ state, clips }) => state === 'run' && clips === 0));
    assert.throws(() => files('cli-runs'), /ENOENT/);
  });

  it('are chosen within a budget, in order, with what they need', async () => {
    const seconds = [10, 5, 30, 1, 1, 2];
    const planned = (await planReproduction(await inputs('all'))).map((one, i): PlannedResult => ({
      ...one,
      state: 'later',
      clips: 48,
      seconds: { features: 1, recordings: i < 3 ? 2 : 0, all: seconds[i] },
    }));
    // The ensemble and its model under conditions wait for the member that does not fit.
    const expected = ['run', 'run', 'later', 'later', 'later', 'run'];
    const within = withinBudget(planned, 20);
    assert.deepEqual(states(within), expected);
    // Features are extracted once, and recordings compared once.
    assert.deepEqual(within.map(({ clips, seconds: { all } }) => [clips, all]), [[48, 10], [0, 2], [0, 27], [0, 0], [0, 0], [0, 1]]); // prettier-ignore
    assert.deepEqual(states(withinBudget(planned, 1.5)), [
      'part',
      'later',
      'later',
      'later',
      'later',
      'later',
    ]);
    const begun = planned.map((one, i) => ({ ...one, state: i < 3 ? ('done' as const) : one.state }));
    assert.deepEqual(states(withinBudget(begun, 1.5)), ['done', 'done', 'done', 'run', 'run', 'later']);
  });

  it('continue after an interruption and after the end of the budget, with identical predictions', async () => {
    const own = await inputs('speakers');
    const stop = new AbortController();
    const first = await reproduce(own, await planReproduction(own), {
      signal: stop.signal,
      onEpoch: (_, history) => {
        if (history.length === 2) stop.abort();
      },
    });
    assert.deepEqual(
      first.map(({ outcome }) => outcome),
      ['interrupted', 'left', 'left', 'left'],
    );
    assert.deepEqual(files('runs'), []);
    assert.ok((await compareWithPublished(own)).every(({ run: name }) => name === undefined));

    const plan = await planReproduction(own);
    assert.equal(plan[0].stepsDone, (plan[0].steps / 2 / epochs) * 2);
    assert.equal(plan[1].stepsDone, 0);
    const resumed: number[] = [];
    let trained = 0;
    const second = await reproduce(own, plan, {
      onResume: ({ length }) => resumed.push(length),
      onEpoch: () => {
        trained++;
      },
      isLate: () => trained >= 2,
    });
    assert.deepEqual(resumed, [2]);
    assert.equal(trained, 2);
    assert.deepEqual(
      second.map(({ outcome }) => outcome),
      ['interrupted', 'left', 'left', 'left'],
    );

    const third = await reproduce(own, await planReproduction(own), {
      onResume: ({ length }) => resumed.push(length),
    });
    assert.deepEqual(
      third.map(({ outcome }) => outcome),
      ['done', 'done', 'done', 'done'],
    );
    assert.deepEqual(resumed, [2, 3, 1]);
    assert.deepEqual(readdirSync(join(folder, 'runs', 'checkpoints')), []);
    assert.equal(files('runs').length, 3);

    const [seed42, seed1, ensemble, conditions] = await compareWithPublished(own);
    for (const { predictions, scores } of [seed42, ensemble]) {
      assert.equal(predictions, 'identical');
      assert.deepEqual(
        scores.map(({ difference }) => difference),
        [0, 0],
      );
    }
    assert.deepEqual(seed1.scores.map(({ published, here }) => [published, here !== undefined]), [[undefined, true], [undefined, true]]); // prettier-ignore
    assert.ok(conditions.conditions!.length > 8);
    assert.ok(conditions.conditions!.every(({ difference }) => difference === 0));
  });

  it('are not computed again when they are done, and a failure does not stop the others', async () => {
    const own = await inputs('all');
    const plan = await planReproduction(own);
    assert.deepEqual(states(plan), ['run', 'done', 'done', 'done', 'done', 'run']);
    const broken = plan.map((one, i) =>
      i === 0 ? { ...one, result: { ...one.result, config: config({ corpora: ['TESS'] }) } } : one,
    );
    const outcomes = await reproduce(own, broken);
    assert.deepEqual(outcomes.map(({ outcome }) => outcome), ['failed', 'done before', 'done before', 'done before', 'done before', 'done']); // prettier-ignore
    assert.match(outcomes[0].reason!, /corpora must be all, or some of SAVEE, got "TESS"/);
    assert.equal(files('runs').length, 4);
  });

  describe('npm run reproduce', () => {
    it('rejects unknown targets and budgets', async () => {
      const unknown = await run('papers');
      assert.equal(unknown.code, 2);
      assert.match(
        unknown.err,
        /TARGET must be one of paper, speakers, all, got "papers"; did you mean paper\?/,
      );
      for (const budget of ['0', '-1', 'much']) {
        const { code, err } = await run('paper', '--budget', budget);
        assert.equal(code, 2);
        assert.match(err, /--budget must be a number/);
      }
    });

    it('prints the plan, runs it and compares; then nothing is left', async () => {
      const { code, out } = await run('paper');
      assert.equal(code, 0, out);
      assert.match(
        out,
        /paper-rows, LEAKY +42 +1 .*now\n[^]*now: about 0\.\d\d h; left for later: about 0\.00 h/,
      );
      assert.match(out, /2 of 2: quick .*, speakers, seed 42/);
      assert.match(out, /published accuracy +here +points[^]*LEAKY +42 .* 0\.0 .* identical/);
      assert.match(out, /one seed on SAVEE/);
      assert.equal(files('cli-runs').length, 2);
      const again = await run('paper', '--budget', '0.5', '--json');
      const { plan, results, comparison } = JSON.parse(again.out) as Record<string, { state: string; outcome: string; predictions: string }[]>; // prettier-ignore
      assert.deepEqual([...plan.map(({ state }) => state), ...results.map(({ outcome }) => outcome)], ['done', 'done', 'done before', 'done before']); // prettier-ignore
      assert.ok(comparison.every(({ predictions }) => predictions === 'identical'));
      assert.equal(files('cli-runs').length, 2);
    });
  });
});
