import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandContext } from '../../src/cli/command';
import { type EvaluateContext, runEvaluate } from '../../src/cli/evaluate';
import type { Clip } from '../../src/core/base';
import { defaultSlices } from '../../src/core/evaluation';
import { catchOutput } from './catch-output';
import { onToneCorpus } from './tone-data';

const small = [
  '--preset',
  'quick',
  '--set',
  'training.epochs=1',
  '--set',
  'model.width=4',
  '--set',
  'dataset.folds=2',
];

/** The fields of the JSON output that are tested. */
interface Printed {
  config: { dataset: { protocol: string; fold: unknown }; training: { epochs: number }; corpora: unknown };
  hash: string;
  seeds: number[];
  ensemble: { pooled: { rows: number } };
  outcome: string;
  folds: { done: number; of: number };
  audits: { ok: boolean }[];
  report: { protocol: string; pooled: { rows: number } };
  matrix: { counts: number[] };
  calibration: { temperatures: unknown[] };
  slices: { by: string }[];
  seconds: object;
  records: string[];
}

describe('npm run evaluate', function () {
  this.timeout(120_000);
  const directory = onToneCorpus();
  const run = (args: readonly string[], context: EvaluateContext & CommandContext = {}) =>
    catchOutput(() => runEvaluate(args, { records: join(directory(), 'other-runs'), ...context }));

  it('prints the changed options, the audit, and the scores with their protocol', async () => {
    const { code, out } = await run([...small, '--protocol', 'paper-rows', '--slices', 'speaker']);
    assert.equal(code, 0);
    const places = [
      /^preset quick, hash [0-9a-f]{8}$/m,
      /^ {2}dataset\.protocol: paper-rows \(preset: speakers\)$/m,
      /^protocol paper-rows, rows: LEAKY$/m,
      /^ {2}siblings in training or validation /m,
      /^pooled .*paper-rows, LEAKY$/m,
      /^ +angry .*\d$/m,
      /^actual, predicted as/m,
      /^as predicted +ECE .*\(paper-rows, LEAKY\)$/m,
      /^By speaker; /m,
      /^SAVEE \(sample\), 48 clips; features [\d.]+ s, training [\d.]+ s, .*; engine /m,
    ].map((pattern) => out.search(pattern));
    assert.ok(!places.includes(-1), `${places.join(', ')}\n${out}`);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });

  it('prints only one JSON object with --json', async () => {
    const args = [
      '--set',
      'dataset.fold=all',
      '--seeds',
      '1,2',
      '--corpora',
      'SAVEE',
      '--slices',
      'age,speaker',
    ];
    const { code, out } = await run([...small, ...args, '--json']);
    assert.equal(code, 0);
    const printed = JSON.parse(out) as Printed;
    assert.equal(printed.config.dataset.protocol, 'speakers');
    assert.equal(printed.config.training.epochs, 1);
    assert.deepEqual(printed.config.corpora, ['SAVEE']);
    assert.match(printed.hash, /^[0-9a-f]{32}$/);
    assert.deepEqual(printed.seeds, [1, 2]);
    assert.equal(printed.outcome, 'finished');
    assert.deepEqual(printed.folds, { done: 4, of: 4 });
    assert.ok(printed.audits.length === 2 && printed.audits.every(({ ok }) => ok));
    assert.equal(printed.report.protocol, 'speakers');
    assert.equal(printed.report.pooled.rows, 96);
    assert.equal(printed.ensemble.pooled.rows, 48);
    assert.equal(
      printed.matrix.counts.reduce((sum, count) => sum + count, 0),
      96,
    );
    assert.equal(printed.calibration.temperatures.length, 4);
    assert.deepEqual(
      printed.slices.map(({ by }) => by),
      ['ageBand', 'speaker'],
    );
    assert.equal(printed.records.length, 3);
  });

  it('trains folds in parallel with one progress bar', async () => {
    const labels = new Set<string>();
    const progress = {
      update: (label: string) => labels.add(label),
      note: () => undefined,
      stop: () => undefined,
    };
    const args = [...small, '--set', 'dataset.fold=all', '--workers', '2', '--json'];
    const { code, out } = await run(args, { progress });
    assert.equal(code, 0);
    const printed = JSON.parse(out) as Printed;
    assert.deepEqual(printed.folds, { done: 2, of: 2 });
    assert.equal(printed.report.pooled.rows, 48);
    const training = [...labels].filter((label) => label.endsWith(', steps'));
    assert.deepEqual(training, ['2 splits, 2 at once, steps']);
  });

  it('prints several protocols as a table or as JSON', async () => {
    const args = [...small, '--protocols', 'speakers,paper-rows,leave-one-corpus-out'];
    const { code, out } = await run(args);
    assert.equal(code, 0);
    const pooled = out.split('\n').filter((line) => line.startsWith('pooled'));
    assert.equal(pooled.length, 2);
    assert.match(pooled[0], /paper-rows, LEAKY$/);
    assert.match(pooled[1], / 0\.0 % +speakers$/);
    assert.match(out, /^leave-one-corpus-out: skipped: /m);
    const { protocols, skipped } = JSON.parse((await run([...args, '--json'])).out) as {
      protocols: (Printed & { protocol: string; siblingShare: number })[];
      skipped: { protocol: string }[];
    };
    assert.deepEqual(
      protocols.map(({ protocol, report }) => [protocol, report.protocol]),
      [
        ['paper-rows', 'paper-rows'],
        ['speakers', 'speakers'],
      ],
    );
    assert.equal(protocols[1].siblingShare, 0);
    assert.equal(skipped[0].protocol, 'leave-one-corpus-out');
  });

  it('scores the finished folds when interrupted', async () => {
    const stop = new AbortController();
    const nothing = () => undefined;
    const progress = {
      update: (label: string) => {
        if (label.startsWith('fold 2')) stop.abort();
      },
      note: nothing,
      stop: nothing,
    };
    const args = [...small, '--set', 'dataset.fold=all', '--set', 'training.epochs=3'];
    const { code, out } = await run(args, { signal: stop.signal, progress });
    assert.equal(code, 130);
    assert.match(out, /^pooled +24 .* speakers$/m);
    assert.match(out, /^Interrupted: scores of 1 of 2 folds\.$/m);
    const before = await run(small, { signal: AbortSignal.abort() });
    assert.deepEqual([before.code, before.err], [130, 'interrupted; run the same command again to continue']);
  });

  it('saves records and prints the ledger', async () => {
    const records = join(directory(), 'runs');
    const empty = await run(['--ledger'], { records });
    assert.equal(empty.code, 1);
    assert.match(empty.err, /^no finished runs yet; npm run evaluate writes one/);
    for (const protocol of ['speakers', 'paper-rows', 'speakers']) {
      const { code, out } = await run([...small, '--protocol', protocol, '--save'], { records });
      assert.equal(code, 0);
      assert.match(out, /^saved: .*quick-[0-9a-f]{8}(-\d)?\.json$/m);
    }
    const files = readdirSync(records).filter((name) => name.endsWith('.json'));
    assert.equal(files.length, 3);
    for (const file of files) {
      const folder = join(records, file.replace('.json', ''));
      assert.deepEqual(
        readdirSync(folder).map((split) => existsSync(join(folder, split, 'model.json'))),
        [true],
      );
    }
    const { code, out } = await run(['--ledger'], { records });
    assert.equal(code, 0);
    assert.match(
      out,
      /^\| place \| figure \| paper .* \| here \(paper-rows, LEAKY\) \| here \(speakers\) \|$/m,
    );
    assert.match(out, /^\| Table I \| clips, all \| 12,162 \| – \| 48 \| 48 \|$/m);
    const one = await run(['--ledger', files[0]], { records });
    assert.match(one.out, /^\| place \| figure \| paper [^|]*\| committed [^|]*\| here [^|]*\|$/m);
    const none = await run(['--ledger', 'last'], { records });
    assert.match(none.err, /RUN must be part of the file name of a scored run \(.*\), got "last"/);
  });

  it('writes a record with predictions, but no models, without --save', async () => {
    const records = join(directory(), 'records-only');
    const { code, out } = await run([...small, '--seeds', '1,2'], { records });
    assert.equal(code, 0);
    assert.equal(out.match(/^saved: .*\.json$/gm)?.length, 3);
    const names = readdirSync(records).map((name) => name.replace(/^.*?(-ensemble)?-[0-9a-f]{8}/, '$1'));
    assert.deepEqual(names.sort(), [
      ...['-ensemble.json', '-ensemble.predictions.parquet'],
      ...['.json', '.json', '.predictions.parquet', '.predictions.parquet'],
    ]);
  });

  it('evaluates the ensemble of saved models without training', async () => {
    const records = join(directory(), 'kept');
    for (const seed of ['1', '2']) await run([...small, '--set', `seed=${seed}`, '--save'], { records });
    const names = readdirSync(records).filter((name) => name.endsWith('.json'));
    const { code, out } = await run(['--ensemble', ...names, '--slices', 'speaker'], { records });
    assert.equal(code, 0);
    const places = [
      /^predicting with the models of .*quick/m,
      /^protocol speakers/m,
      /^pooled .* speakers$/m,
      /^By speaker; /m,
      /^UAR of ensemble minus quick, seed 1, /m,
      /^UAR of ensemble minus quick, seed 2, /m,
      /^ensemble of 2 models, each calibrated .*; SAVEE \(sample\), 48 clips$/m,
    ].map((pattern) => out.search(pattern));
    assert.ok(!places.includes(-1), `${places.join(', ')}\n${out}`);
    assert.doesNotMatch(out, /^saved: /m);
    const printed = JSON.parse(
      (await run(['--ensemble', ...names, '--save', '--json'], { records })).out,
    ) as Printed & { members: { run: string }[]; record: string };
    assert.deepEqual(
      printed.members.map(({ run }) => run),
      names,
    );
    assert.match(printed.record, /quick-ensemble-/);
    assert.equal(printed.report.protocol, 'speakers');
    const ledger = await run(['--ledger', names[0].slice(0, 10)], { records });
    assert.match(ledger.out, /, preset quick; a score measures/);
    const ensemble = await run(['--ledger', 'ensemble'], { records });
    assert.match(ensemble.out, /, ensemble of 2 models, presets quick; a score measures/);
    const unknown = await run(['--ensemble', ...names, '--test-versions', 'all'], { records });
    assert.match(unknown.err, /^dataset\.testVersions must be one of original, trained, got "all"/);
    const wrong = await run(['--ensemble', names[0], 'nothing'], { records });
    assert.match(wrong.err, /RUN must be part of the file name of a scored run \(.*\), got "nothing"/);
  });

  it('prints the reason and the usage after a wrong call', async () => {
    const wrong: [args: string[], code: number, message: RegExp][] = [
      [['--fast'], 2, /--fast/],
      [['speakers'], 2, /^too many arguments\. Expected 0 arguments but got 1/],
      [['--ensemble', 'one'], 2, /^--ensemble needs at least two runs/],
      [['--ensemble'], 2, /^option '--ensemble <RUN\.\.\.>' argument missing/],
      [['--ensemble', 'one', 'two', '--preset', 'quick'], 2, /--preset/],
      [['--ledger', '--json'], 2, /--json/],
      [['--ledger', 'one', '--save'], 2, /--save/],
      [['--preset', 'quick', '--ledger'], 2, /--preset/],
      [
        ['--protocol', 'clips', '--protocols', 'clips'],
        2,
        /'--protocol <NAME>' cannot be used with option '--protocols /,
      ],
      [['--protocol', 'speaker'], 1, /^dataset\.protocol must be .*got "speaker"/],
      [['--protocols', 'speaker'], 1, /^protocols must be a list of names among .*got "speaker"/],
      [['--preset', 'quik'], 1, /did you mean quick/],
      [['--test-versions', 'all'], 1, /^dataset\.testVersions must be one of original, trained, got "all"/],
      [['--set', 'training.epoch=1'], 1, /did you mean training\.epochs/],
      [['--corpora', 'TESS'], 1, /^corpora must be all, or some of SAVEE, got "TESS"/],
      [['--seeds', '1,x'], 2, /^--seeds must be an integer, got "x"/],
      [['--workers', 'two'], 2, /^--workers must be an integer from 1 to 256, got "two"/],
      [['--slices', 'shoe'], 2, /^--slices must be one of sex, age, .*got "shoe"/],
    ];
    for (const [args, expected, message] of wrong) {
      const { code, err } = await run(args);
      assert.equal(code, expected, args.join(' '));
      assert.match(err, message);
      assert.equal(err.includes('Usage: npm run evaluate -- [options]'), expected === 2);
    }
  });

  it('names the default slices in its help', async () => {
    const clip = { corpus: 'RAVDESS', speaker: '1', sentence: 'kids', sex: 'male', age: 20, race: 'Asian', intensity: 'normal', durationSec: 1 }; // prettier-ignore
    const other = { corpus: 'TESS', speaker: '2', sentence: 'say', sex: 'female', age: 60, race: 'Caucasian', intensity: 'strong', durationSec: 9 }; // prettier-ignore
    const defaults = defaultSlices([clip, other] as unknown as Clip[]).map((name) =>
      name.replace('ageBand', 'age'),
    );
    const listed = `${defaults.slice(0, -1).join(', ')} and ${defaults.at(-1)}`;
    const { out } = await run(['--help']);
    assert.ok(out.replace(/\s+/g, ' ').includes(`default: ${listed}, if the clips state them`), listed);
  });

  it('runs as a program', () => {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/evaluate.ts', '-x'], {
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    assert.match(stderr, /Usage: npm run evaluate -- \[options\]/);
  });
});
