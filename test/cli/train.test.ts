import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { runRuns } from '../../src/cli/runs';
import { runTrain } from '../../src/cli/train';
import type { SingleModel } from '../../src/core/prediction';
import { loadEngine } from '../../src/node/engine';
import { projectRoot } from '../../src/node/files';
import { loadModel } from '../../src/node/models';
import { readRunRecords, type RunRecord } from '../../src/node/runs';
import { catchOutput } from './catch-output';
import { onToneCorpus } from './tone-data';

/** A tiny network on two folds; an epoch takes milliseconds. */
const tiny = (epochs: number): string[] => [
  ...['--preset', 'quick', '--set', 'model.width=4', '--set', 'training.batchSize=8'],
  ...['--set', `training.epochs=${epochs}`, '--set', 'dataset.folds=2', '--set', 'dataset.fold=all'],
];
/** The parts of a record that are equal in two runs of one experiment. */
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
  const list = () => catchOutput(() => runRuns([], { runs }));

  it('prints config, audit, epochs and scores, and saves a record and a model of each split', async () => {
    const { code, out } = await train(...tiny(2));
    assert.equal(code, 0);
    assert.match(out, /^experiment from preset quick, hash [0-9a-f]{8}$/m);
    assert.match(out, /^\* {3}epochs: 2 \(preset: 12\)$/m);
    assert.match(out, /^protocol speakers, 2 splits$/m);
    assert.match(out, /^fold 2 of 2$/m);
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
    const shown = await list();
    assert.equal(shown.code, 0);
    assert.match(shown.out, /^ *uar +accuracy +protocol +validationUar .* epochs +seconds +status +run$/m);
    assert.match(
      shown.out,
      new RegExp(` speakers .* 4 +\\d+ +finished +${records[0].file.replace('.json', '')}$`, 'm'),
    );
  });

  it('trains splits in parallel with --workers, and names the split of each epoch', async () => {
    const { code, out } = await train(...tiny(2), '--workers', '2');
    assert.equal(code, 0);
    assert.equal(out.match(/^fold [12] of 2$/gm)?.length, 2);
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

  it('prints only the record with --json', async () => {
    const { code, out } = await train(...tiny(1), '--json');
    assert.equal(code, 0);
    const [file] = readdirSync(runs).filter((name) => name.endsWith('.json'));
    assert.equal(out.trim(), readFileSync(join(runs, file), 'utf8').trim());
  });

  it('fits models without epochs, too', async () => {
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

  it('lists all experiment options with --options', async () => {
    const { code, out } = await train('--options', '--preset', 'quick');
    assert.equal(code, 0);
    assert.match(out, /^training\.epochs=12\n +\S/m);
    assert.deepEqual(readdirSync(runs), []);
  });

  it('prints the reason for a wrong call', async () => {
    const unknown = await train('--fast');
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /^unknown option '--fast'\n[^]*Usage: npm run train -- \[options\]/);
    const wrong: [string[], number, RegExp][] = [
      [['--preset', 'quik'], 1, /^unknown preset quik: did you mean quick\?/],
      [['--set', 'training.epoch=3'], 1, /^unknown option training\.epoch: did you mean training\.epochs\?/],
      [['--set', 'training.epochs=few'], 1, /^training\.epochs must be .*, got "few"/],
      [['--workers', '0'], 2, /^--workers must be an integer from 1 to 256, got "0"/],
    ];
    for (const [args, expected, reason] of wrong) {
      const { code, err } = await train(...args);
      assert.equal(code, expected, args.join(' '));
      assert.match(err, reason);
    }
    assert.deepEqual(readdirSync(runs), []);
    assert.match((await list()).out, /^no runs yet$/);

    const absent = await train('--corpora', 'TESS');
    assert.equal(absent.code, 1);
    assert.match(absent.err, /^corpora must be all, or some of SAVEE, got "TESS"/);
    assert.match((await list()).out, /failed: corpora must be all, or some of SAVEE/);
  });

  it('writes a record with status interrupted after an interrupt', async () => {
    const control = new AbortController();
    const progress = {
      update: (label: string, done: number) => {
        if (label.includes('fold 1') && done > 20) control.abort();
      },
      note: () => undefined,
      stop: () => undefined,
    };
    const args = [...tiny(500), '--set', 'dataset.fold=1'];
    const { code, out } = await catchOutput(() => runTrain(args, { runs, signal: control.signal, progress }));
    assert.equal(code, 130);
    const [record] = (await readRunRecords(runs)).records;
    assert.equal(record.status, 'interrupted');
    assert.ok(record.splits[0].history.length > 0 && record.splits[0].history.length < 100);
    assert.match(out, /^models: /m);
  });

  it('resumes a killed run from its last epoch, with the same result as an uninterrupted run', async () => {
    const args = tiny(40);
    // A separate process that can be killed, with the same folder of checkpoints.
    const script = `
      const { runTrain } = require(${JSON.stringify(join(projectRoot, 'src', 'cli', 'train.ts'))});
      void runTrain(${JSON.stringify(args)}, { runs: ${JSON.stringify(runs)} });`;
    const child = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    while (!/\nfold 2 [^]* {2}epoch 5: /.test(output) && child.exitCode === null) await setTimeout(5);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(child.signalCode, 'SIGKILL', output);
    assert.deepEqual(
      readdirSync(runs).filter((name) => name.endsWith('.json')),
      [],
      'no record yet',
    );
    const checkpoints = readdirSync(join(runs, 'checkpoints'), { recursive: true, encoding: 'utf8' });
    assert.equal(checkpoints.filter((name) => name.endsWith('.checkpoint')).length, 2);

    const { code, out } = await train(...args);
    assert.equal(code, 0);
    const [first, second] = [...out.matchAll(/^ {2}resuming after epoch (\d+)$/gm)];
    assert.equal(first[1], '40', 'the first split was complete');
    assert.ok(Number(second[1]) >= 5 && Number(second[1]) < 40, second[1]);
    assert.match(out, new RegExp(`^ {2}epoch ${Number(second[1]) + 1}: `, 'm'));
    assert.deepEqual(readdirSync(join(runs, 'checkpoints')), [], 'no checkpoints are left');

    const { code: fresh } = await train(...args, '--fresh');
    assert.equal(fresh, 0);
    const [resumed, unbroken] = (await readRunRecords(runs)).records;
    assert.deepEqual(comparable(resumed), comparable(unbroken));
  });

  it('writes TensorBoard logs on the native engine', async function () {
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
