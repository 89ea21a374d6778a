import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { runTrain } from '../../src/cli/train';
import { loadEngine } from '../../src/node/engine';
import { projectRoot } from '../../src/node/files';
import { loadModel } from '../../src/node/models';
import { readRunRecords, type RunRecord } from '../../src/node/runs';
import { catchOutput } from './catch-output';
import { onToneCorpus } from './tone-data';
import type { SingleModel } from '../../src/core/prediction';

/** A network so small that an epoch takes milliseconds, on two folds of speakers. */
const tiny = (epochs: number): string[] => [
  ...['--preset', 'quick', '--set', 'model.width=4', '--set', 'training.batchSize=8'],
  ...['--set', `training.epochs=${epochs}`, '--set', 'dataset.folds=2', '--set', 'dataset.fold=all'],
];
/** What is the same in two runs of one experiment. */
const comparable = ({ splits, report, hash }: RunRecord) => ({
  hash,
  report,
  splits: splits.map(({ history, ...split }) => ({
    ...split,
    history: history.map((epoch) => ({ ...epoch, seconds: 0 })),
  })),
});

describe('npm run train', function () {
  this.timeout(120_000);
  const folder = onToneCorpus();
  let runs: string;
  beforeEach(() => (runs = mkdtempSync(join(folder(), 'runs-'))));

  const train = (...args: string[]) => catchOutput(() => runTrain(args, { runs }));

  it('says config, audit, epochs and scores, and leaves a record and a model of each split', async () => {
    const { code, out } = await train(...tiny(2));
    assert.equal(code, 0);
    assert.match(out, /^experiment from preset quick, hash [0-9a-f]{8}$/m);
    assert.match(out, /^\* {3}epochs: 2 \(preset: 12\)$/m);
    assert.match(out, /^protocol speakers, 2 splits$/m);
    assert.match(out, /^fold 2 \(2 of 2\)$/m);
    assert.equal(out.match(/^ {2}epoch [12]: loss .* \| validation: .* UAR .* s$/gm)?.length, 4);
    assert.match(out, /^Protocol: speakers \(/m);
    const { records } = await readRunRecords(runs);
    assert.deepEqual(
      records.map(({ status }) => status),
      ['finished'],
    );
    const models = join(runs, records[0].file.replace('.json', ''));
    assert.deepEqual(readdirSync(models), ['fold-1', 'fold-2']);
    const bundle = (await loadModel(await loadEngine(), join(models, 'fold-2'))) as SingleModel;
    assert.deepEqual(bundle.config, records[0].config);
    assert.deepEqual(bundle.classes, ['angry', 'happy', 'neutral']);
    const shown = await train('--list');
    assert.equal(shown.code, 0);
    assert.match(shown.out, /^validationUar +accuracy .* protocol +epochs +seconds +status +run$/m);
    assert.match(
      shown.out,
      new RegExp(` speakers +4 .* finished +${records[0].file.replace('.json', '')}$`, 'm'),
    );
  });

  it('trains splits side by side with --workers, and says of each epoch whose it is', async () => {
    const { code, out } = await train(...tiny(2), '--workers', '2');
    assert.equal(code, 0);
    assert.equal(out.match(/^fold [12] \([12] of 2\)$/gm)?.length, 2);
    for (const fold of [1, 2]) {
      const epochs = [...out.matchAll(new RegExp(`^ {2}fold ${fold}, epoch (\\d): loss `, 'gm'))];
      assert.deepEqual(
        epochs.map(([, epoch]) => epoch),
        ['1', '2'],
      );
    }
    const { records } = await readRunRecords(runs);
    assert.deepEqual(
      records.map(({ status, splits }) => [status, splits.map(({ history }) => history.length)]),
      [['finished', [2, 2]]],
    );
    assert.deepEqual(readdirSync(join(runs, records[0].file.replace('.json', ''))), ['fold-1', 'fold-2']);
  });

  it('with --json prints the record and nothing else', async () => {
    const { code, out } = await train(...tiny(1), '--json');
    assert.equal(code, 0);
    const [file] = readdirSync(runs).filter((name) => name.endsWith('.json'));
    assert.equal(out.trim(), readFileSync(join(runs, file), 'utf8').trim());
  });

  it('fits what has no epochs, too', async () => {
    const { code, out } = await train(
      '--preset',
      'quick',
      '--set',
      'model.kind=majority',
      '--set',
      'dataset.folds=2',
    );
    assert.equal(code, 0);
    assert.match(out, /^pooled .* speakers$/m);
  });

  it('answers a wrong call with the reason', async () => {
    const unknown = await train('--fast');
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /'--fast'[^]*npm run train \[-- option …\]/);
    const wrong: [string[], RegExp][] = [
      [['--preset', 'quik'], /^unknown preset "quik"; did you mean quick\?/],
      [['--set', 'training.epoch=3'], /^unknown option "training\.epoch"; did you mean training\.epochs\?/],
      [['--set', 'training.epochs=few'], /^training\.epochs must be .*, got "few"/],
      [['--workers', '0'], /^--workers must be an integer of at least 1, got "0"/],
    ];
    for (const [args, reason] of wrong) {
      const { code, err } = await train(...args);
      assert.equal(code, 1, args.join(' '));
      assert.match(err, reason);
    }
    assert.deepEqual(readdirSync(runs), []);
    assert.match((await train('--list')).out, /^there are no runs yet$/);

    const absent = await train('--corpora', 'TESS');
    assert.equal(absent.code, 1);
    assert.match(absent.err, /^corpora must be all, or some of SAVEE, got "TESS"/);
    assert.match((await train('--list')).out, /failed: corpora must be all, or some of SAVEE/);
  });

  it('that was interrupted ends cleanly, with a record that says so', async () => {
    const control = new AbortController();
    const progress = {
      update: (label: string, done: number) => {
        if (label.includes('fold 1') && done > 20) control.abort();
      },
      note: () => undefined,
      stop: () => undefined,
    };
    const args = [...tiny(500), '--set', 'dataset.fold=0'];
    const { code, out } = await catchOutput(() => runTrain(args, { runs, signal: control.signal, progress }));
    assert.equal(code, 130);
    const [record] = (await readRunRecords(runs)).records;
    assert.equal(record.status, 'interrupted');
    assert.ok(record.splits[0].history.length > 0 && record.splits[0].history.length < 100);
    assert.match(out, /^models: /m);
  });

  it('that was killed goes on from its last epoch, says so, and ends as if it had never been killed', async () => {
    const args = tiny(40);
    // The same folder of checkpoints, as the command's own: a process of its own can be killed.
    const script = `
      const { runTrain } = require(${JSON.stringify(join(projectRoot, 'src', 'cli', 'train.ts'))});
      void runTrain(${JSON.stringify(args)}, { runs: ${JSON.stringify(runs)} });`;
    const child = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    while (!/\nfold 2 [^]* {2}epoch 5: /.test(said) && child.exitCode === null) await setTimeout(5);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(child.signalCode, 'SIGKILL', said);
    assert.deepEqual(
      readdirSync(runs).filter((name) => name.endsWith('.json')),
      [],
      'it had not ended',
    );
    assert.equal(readdirSync(join(runs, 'checkpoints')).length, 2);

    const { code, out } = await train(...args);
    assert.equal(code, 0);
    const [first, second] = [...out.matchAll(/^ {2}goes on after epoch (\d+), where it was stopped$/gm)];
    assert.equal(first[1], '40', 'the first split had ended');
    assert.ok(Number(second[1]) >= 5 && Number(second[1]) < 40, second[1]);
    assert.match(out, new RegExp(`^ {2}epoch ${Number(second[1]) + 1}: `, 'm'));
    assert.deepEqual(readdirSync(join(runs, 'checkpoints')), [], 'nothing is left to go on from');

    const { code: fresh } = await train(...args, '--fresh');
    assert.equal(fresh, 0);
    const [resumed, unbroken] = (await readRunRecords(runs)).records;
    assert.deepEqual(comparable(resumed), comparable(unbroken));
  });

  it('logs for TensorBoard, on the native engine', async function () {
    if ((await loadEngine()).name !== 'native') {
      console.log('      skipped: no native engine here');
      this.skip();
    }
    const logs = join(folder(), 'logs');
    const { code } = await train(...tiny(2), '--tensorboard', logs);
    assert.equal(code, 0);
    assert.deepEqual(readdirSync(logs).sort(), ['fold-1', 'fold-2']);
    for (const split of readdirSync(logs)) {
      const [file, ...others] = readdirSync(join(logs, split));
      assert.match(file, /^events\.out\.tfevents\./);
      assert.deepEqual(others, []);
      const bytes = readFileSync(join(logs, split, file)).toString('latin1');
      for (const name of ['loss', 'valAccuracy', 'valUar', 'learningRate'])
        assert.ok(bytes.includes(name), name);
    }
    assert.ok(existsSync(logs));
  });
});
