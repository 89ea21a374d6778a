import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runEvaluate } from '../../src/cli/evaluate';
import { runModels } from '../../src/cli/models';
import { runTrain } from '../../src/cli/train';
import { scoreText, scoreWithDagger } from '../../src/core/evaluation';
import { type EnsembleModel, trainingCorpora } from '../../src/core/prediction';
import { corpusCards } from '../../src/node/corpora';
import { loadEngine } from '../../src/node/engine';
import { loadModel, newestModel } from '../../src/node/models';
import { readRunRecords, type RunRecord, type StoredRun } from '../../src/node/runs';
import { toneCorpus } from '../node/experiment/tone-corpus';
import { catchOutput } from './catch-output';

/** Other takes of the same tones, in a corpus with a clips.csv that states the sex. */
function ownTones(folder: string): void {
  toneCorpus(folder, 8);
  const audio = join(folder, 'savee', 'ALL');
  const lines = readdirSync(audio).flatMap((file) => {
    const [, speaker, code, take] = /^(..)_(.)0(.)/.exec(file)!;
    if (Number(take) <= 4) rmSync(join(audio, file));
    const emotion = { a: 'angry', h: 'happy', n: 'neutral' }[code];
    const sex = speaker.startsWith('J') ? 'male' : 'female';
    return Number(take) <= 4 ? [] : `savee/ALL/${file},${emotion},${speaker},${sex}`;
  });
  writeFileSync(join(folder, 'clips.csv'), ['path,emotion,speaker,sex', ...lines].join('\n'));
}

describe('npm run models', function () {
  this.timeout(120_000);
  let folder: string;
  let runs: string;
  let models: string;
  let record: StoredRun;
  const data = process.env.SER_DATA;
  const run = (...args: string[]) => catchOutput(() => runModels(args, { runs, models }));
  const train = async (...settings: string[]): Promise<StoredRun> => {
    const args = ['training.epochs=2', 'dataset.folds=2', 'dataset.fold=all', ...settings];
    const { code, err } = await catchOutput(() =>
      runTrain(['--preset', 'quick', ...args.flatMap((setting) => ['--set', setting])], { runs }),
    );
    assert.equal(code, 0, err);
    return (await readRunRecords(runs)).records.at(-1)!;
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-models-'));
    [runs, models] = [join(folder, 'runs'), join(folder, 'models')];
    toneCorpus(join(folder, 'data'));
    ownTones(join(folder, 'data', 'own'));
    process.env.SER_DATA = join(folder, 'data');
    record = await train('model.width=4');
  });
  after(() => {
    if (data === undefined) delete process.env.SER_DATA;
    else process.env.SER_DATA = data;
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => rmSync(models, { recursive: true, force: true }));

  /** Writes a changed copy of the record and its model. @param place - folder of the copy; default that of the record */
  function forge(name: string, change: (record: RunRecord) => Partial<RunRecord>, place = runs): void {
    const from = join(runs, record.file);
    const json = JSON.parse(readFileSync(from, 'utf8')) as RunRecord;
    const bundle = join(place, name.replace('.json', ''), 'fold-1');
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(place, name), JSON.stringify({ ...json, ...change(json) }));
    const source = join(runs, record.file.replace('.json', ''), 'fold-1');
    for (const file of ['bundle', 'card', 'config', 'labels', 'model', 'scaler'].map((one) => `${one}.json`))
      copyFileSync(join(source, file), join(bundle, file));
    copyFileSync(join(source, 'weights.bin'), join(bundle, 'weights.bin'));
  }

  it('publish copies the model of a run and writes a card from its record', async () => {
    const { code, out, err } = await run('publish', record.file, 'tones', '--split', 'fold 2');
    assert.equal(code, 0, err);
    assert.match(out, /models\/tones\/: 0\.\d\d MB, from .*fold-2$/m);
    const engine = await loadEngine();
    const published = await loadModel(engine, join(models, 'tones'));
    const original = await loadModel(engine, join(runs, record.file.replace('.json', ''), 'fold-2'));
    assert.deepEqual(published.card, original.card);
    const weights = (one: string) => readFileSync(join(one, 'weights.bin'));
    assert.deepEqual(
      weights(join(models, 'tones')),
      weights(join(runs, record.file.replace('.json', ''), 'fold-2')),
    );

    const card = readFileSync(join(models, 'tones', 'README.md'), 'utf8');
    const { report, slices, calibration } = record;
    assert.ok(report && slices && calibration);
    for (const { scores } of [report.pooled, ...report.perCorpus])
      for (const metric of report.metrics)
        assert.ok(card.includes(scoreText(metric, scores[metric]!)), metric);
    const ownScore = report.perSplit.find(({ name }) => name === 'fold 2')!.scores.uar!;
    assert.ok(card.includes(`UAR ${scoreText('uar', ownScore)}`));
    assert.match(card, /Protocol: \*\*speakers\*\*/);
    assert.match(card, /^# tones$/m);
    assert.match(
      card,
      /A `compact` model \(preset `quick`\) that classifies recordings of acted speech as angry, happy or neutral\./,
    );
    for (const { by } of slices) assert.ok(card.includes(`| ${by === 'ageBand' ? 'age' : by} | `), by);
    assert.ok(card.includes(`expected calibration error ${(100 * calibration.after.ece).toFixed(1)} points`));
    assert.ok(card.includes(corpusCards.SAVEE.licence.url) && card.includes(corpusCards.SAVEE.citation));
    for (const line of published.card.notFor as string[]) assert.ok(card.includes(`- ${line}`), line);
    assert.match(card, /^- commercial use: the licences of SAVEE do not allow it$/m);
    assert.match(card, /npm run train -- --preset quick .*--set 'training\.epochs=2'/);
    assert.ok(!card.includes(folder) && !/undefined|NaN|\[object/.test(card), card);
  });

  it('publish copies an ensemble, with its score and how each model was made', async () => {
    const other = await train('model.kind=knn', 'seed=7');
    const names = [record.file, other.file];
    const evaluated = await catchOutput(() =>
      runEvaluate(['--ensemble', ...names, '--save'], { records: runs }),
    );
    assert.equal(evaluated.code, 0, evaluated.err);
    const ensemble = (await readRunRecords(runs)).records.find(({ members }) => members)!;
    const { code, err } = await run('publish', ensemble.file, 'both', '--split', 'fold 2');
    assert.equal(code, 0, err);
    const published = (await loadModel(await loadEngine(), join(models, 'both'))) as EnsembleModel;
    assert.deepEqual(
      published.members.map(({ config: { model } }) => model.kind),
      ['compact', 'knn'],
    );
    const card = readFileSync(join(models, 'both', 'README.md'), 'utf8');
    assert.match(
      card,
      /^An ensemble of 2 models that .* Members: a `compact` model .*, a `knn` model .*, seed 7\)\./m,
    );
    assert.ok(card.includes(scoreText('uar', ensemble.report!.pooled.scores.uar!)));
    assert.equal(card.match(/^npm run train -- --preset quick /gm)!.length, 2);
    assert.match(card, /^npm run evaluate -- --ensemble RUN1 RUN2 --save$/m);
    assert.ok(!card.includes(folder) && !/undefined|NaN|\[object/.test(card), card);
    assert.match((await run()).out, /models.both +finished +SAVEE, own /);
    const stranger = await run('publish', other.file, 'other', '--split', 'fold 2');
    assert.equal(stranger.code, 0, stranger.err);
    rmSync(join(runs, ensemble.file.replace('.json', '')), { recursive: true });
    const without = await run('publish', ensemble.file, 'both');
    assert.match(without.err, /it has no saved model of the split fold 1; saved: none/);
  });

  it('names the worst group of each slice, and handles unknown corpora', async () => {
    assert.equal((await run('publish', record.file, 'tones')).code, 0);
    const card = readFileSync(join(models, 'tones', 'README.md'), 'utf8');
    const { groups, worst, gap } = record.slices!.find(({ by }) => by === 'sex')!;
    const { uar, clips, speakers } = groups.find(({ name }) => name === worst)!;
    const others = groups.filter(({ name }) => name === 'female' || name === 'male');
    assert.equal(uar.value, Math.min(...others.map((group) => group.uar.value)));
    assert.ok(
      card.includes(`| sex | ${worst} | ${clips} | ${speakers} | ${scoreWithDagger('uar', uar)} |`),
      card,
    );
    assert.ok(card.includes(`| ${(100 * gap!).toFixed(1)} |`));
    assert.match(card, /^\| own \| 48 \| unknown \| set by its owner \|$/m);
  });

  it('publish rejects models that are leaky, unfinished, too large, damaged, of another run, or would overwrite others', async () => {
    const leaky = await train('model.width=4', 'dataset.protocol=paper-rows', 'dataset.fold=1');
    const large = await train('model.width=96', 'model.head=flatten', 'training.epochs=1', 'dataset.fold=1');
    forge('2026-stopped.json', () => ({ status: 'interrupted' }));
    forge('2026-other.json', ({ config }) => ({ config: { ...config, seed: 7 } }));
    forge('2026-broken.json', () => ({}));
    writeFileSync(join(runs, '2026-broken', 'fold-1', 'scaler.json'), '{}');
    mkdirSync(join(models, 'taken'), { recursive: true });
    writeFileSync(join(models, 'taken', 'diary.txt'), 'dear diary');
    for (const [args, code, reason] of [
      [[leaky.file, 'leaky'], 1, /the protocol must have no leakage, got paper-rows/],
      [[large.file, 'large'], 1, /fold-1: a published model must have at most 2 MB, got \d+\.\d MB/],
      [['2026-stopped', 'one'], 1, /the run must be finished and have scores, got interrupted/],
      [['2026-other', 'one'], 1, /the model belongs to another experiment than 2026-other\.json/],
      [['2026-broken', 'one'], 1, /scaler\.json: its SHA-256 differs/],
      [[record.file, 'taken'], 1, /taken: it exists and is not a model folder/],
      [
        [record.file, '../out'],
        1,
        /name must be made of lower-case letters, digits, dots and hyphens, got "..\/out"/,
      ],
      [
        [record.file, 'one', '--split', 'fold 9'],
        1,
        /no saved model of the split fold 9; saved: fold-1, fold-2/,
      ],
      [['nothing', 'one'], 1, /part of the file name of a scored run .*got "nothing"/],
      [
        [record.file],
        2,
        /^missing required argument 'NAME'[^]*Usage: npm run models -- publish \[options\] <RUN> <NAME>/,
      ],
    ] as const) {
      const result = await run('publish', ...args);
      assert.equal(result.code, code, args.join(' '));
      assert.match(result.err, reason);
    }
    assert.throws(() => statSync(join(models, 'one')), /ENOENT/);
  });

  it('lists the models with status, score and the reason for the default; those of the demo come last', async () => {
    assert.equal((await run('publish', record.file, 'tones')).code, 0);
    const tones = join(models, 'tones');
    const demo = join(models, 'a-demo');
    mkdirSync(demo);
    for (const file of ['bundle.json', 'config.json']) copyFileSync(join(tones, file), join(demo, file));
    writeFileSync(join(demo, 'card.json'), JSON.stringify({ corpora: { 'demo SAVEE': 4000 }, clips: 4000 }));
    const own = join(folder, 'listed-runs');
    forge('2026-stopped.json', () => ({ status: 'interrupted', started: '2099-01-01T00:00:00.000Z' }), own);
    forge(record.file, () => ({}), own);
    const { code, out } = await catchOutput(() => runModels([], { runs: own, models }));
    assert.equal(code, 0);
    const lines = out.split('\n');
    const score = scoreText('uar', record.report!.pooled.scores.uar!).replace(/[[\].]/g, '\\$&');
    const day = record.started.slice(0, 10);
    assert.match(
      lines[1],
      new RegExp(
        `^\\* +\\S*models/tones +finished +SAVEE, own +96 +${score} +speakers +${day} +yes: the published model`,
      ),
    );
    const line = (part: string) => lines.find((text) => text.includes(part))!;
    assert.match(line('2026-stopped'), / interrupted .* no: the run is interrupted$/);
    assert.match(
      line(record.file.replace('.json', '/fold-1')),
      / finished .* no: UAR [\d.]+ % is not above [\d.]+ %$/,
      'the run is the published model itself',
    );
    assert.match(
      lines.at(-1)!,
      /a-demo +unknown +the synthetic demo +4,000 .*no: trained on the demo corpus only$/,
    );

    assert.equal(newestModel([join(folder, 'no-runs'), models]), tones, 'without runs');
    assert.equal(newestModel([demo, models]), tones, 'a model of the demo comes last');
    assert.equal(newestModel([demo]), demo, 'but is used if there is no other');
    assert.equal(
      newestModel([own]),
      join(own, record.file.replace('.json', ''), 'fold-1'),
      'without a published model, the newest finished run',
    );
  });

  it('prefers a finished run to the published model only if it scores higher on the same test folds', async () => {
    assert.equal((await run('publish', record.file, 'tones')).code, 0);
    const tones = join(models, 'tones');
    type Card = Record<'protocol' | 'dataFingerprint', string> & {
      corpora: Record<string, number>;
      scores: Record<'pooled' | 'ownSplit', { rows: number; uar: { value: number } }>;
    };
    const own = join(folder, 'compared-runs');
    const best = join(own, '2026-best', 'fold-1');
    const defaultWith = (status: RunRecord['status'], change: (card: Card) => void): string => {
      forge('2026-best.json', () => ({ status, started: '2098-01-01T00:00:00.000Z' }), own);
      const card = JSON.parse(readFileSync(join(best, 'card.json'), 'utf8')) as Card;
      card.scores.pooled.uar.value = 1;
      change(card);
      writeFileSync(join(best, 'card.json'), JSON.stringify(card));
      return newestModel([own, models]);
    };
    assert.equal(
      defaultWith('finished', () => undefined),
      best,
    );
    assert.match(
      (await catchOutput(() => runModels([], { runs: own, models }))).out,
      /^\* .*2026-best.*yes: the newest finished run that scores above .* 100\.0 %/m,
    );
    const changes: [string, (card: Card) => void][] = [
      ['a lower score', ({ scores }) => (scores.pooled.uar.value = 0.01)],
      ['another protocol', (card) => (card.protocol = 'clips (new recordings)')],
      ['other recordings', (card) => (card.dataFingerprint = '0123456789abcdef')],
      ['other training corpora', ({ corpora }) => (corpora.other = 3)],
      ['other test rows', ({ scores }) => (scores.pooled.rows = scores.ownSplit.rows = 3)],
    ];
    for (const [what, change] of changes) assert.equal(defaultWith('finished', change), tones, what);
    for (const status of ['interrupted', 'failed'] as const)
      assert.equal(
        defaultWith(status, () => undefined),
        tones,
        status,
      );
    writeFileSync(join(own, '2026-best.json'), '{ damaged');
    assert.equal(newestModel([own, models]), tones, 'a damaged record');
    rmSync(join(own, '2026-best.json'));
    assert.equal(newestModel([own, models]), tones, 'no record');
  });

  it('do not list a corpus as training data that was held out', async () => {
    const held = await train(
      'model.kind=majority',
      'dataset.protocol=leave-one-corpus-out',
      'dataset.fold=1',
    );
    const name = held.splits[0].name;
    const path = join(runs, held.file.replace('.json', ''), name);
    const { card } = await loadModel(await loadEngine(), path);
    assert.deepEqual(card.heldOut, [name]);
    assert.deepEqual(Object.keys(card.corpora!), [name === 'own' ? 'SAVEE' : 'own']);
    const old = { ...card, corpora: { SAVEE: 48, own: 48 }, heldOut: undefined };
    for (const shown of [card, old])
      assert.deepEqual(
        trainingCorpora(shown).map((corpus) => corpus.name),
        Object.keys(card.corpora!),
      );
    const line = (await run()).out.split('\n').find((text) => text.includes(held.file.replace('.json', '')))!;
    assert.match(line, new RegExp(`finished +${Object.keys(card.corpora!)[0]} +96`));
  });

  it('reports that there are no models, and prints the usage after a wrong call', async () => {
    const none = await catchOutput(() =>
      runModels([], { runs: join(folder, 'a'), models: join(folder, 'b') }),
    );
    assert.deepEqual([none.code, none.out], [0, 'no trained models yet; train one with npm run train']);
    for (const args of [['remove'], ['--fast'], ['list', 'all']]) {
      const { code, err } = await run(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(err, /Usage: npm run models -- list/);
    }
  });
});
