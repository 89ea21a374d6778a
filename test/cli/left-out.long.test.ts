import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runEvaluate } from '../../src/cli/evaluate';
import { runSweepCommand } from '../../src/cli/sweep';
import { runTrain } from '../../src/cli/train';
import { encodeWav } from '../../src/core/audio';
import { createRandom, type LeftOut } from '../../src/core/base';
import { readRunRecords, type RunRecord } from '../../src/node/runs';
import { leftOutTable } from '../../src/notebook';
import { catchOutput } from './catch-output';
import { onToneCorpus } from './tone-data';

const tiny = [
  ...['--preset', 'quick', '--set', 'model.width=4', '--set', 'training.batchSize=8'],
  ...['--set', 'training.epochs=1', '--set', 'dataset.folds=2', '--set', 'dataset.fold=all'],
];
const majority = [...tiny, '--set', 'model.kind=majority'];
const line =
  "7 clips without features (it is too short: it ends at 0.40 s, before the window's offset of 0.6 s); sad 6, angry 1; 4 speakers; for example savee/ALL/DC_sa01.wav";
const warning = '1 class has no clips left: sad';

describe('clips that are left out by a command', function () {
  this.timeout(120_000);
  const folder = onToneCorpus();
  let runs: string;
  // All sad clips, and one angry clip, end before the window of the quick preset starts.
  before(() => {
    const names = [
      ...['DC', 'JE', 'JK'].flatMap((speaker) => [`${speaker}_sa01`, `${speaker}_sa02`]),
      'KL_a05',
    ];
    for (const name of names) {
      const random = createRandom(name);
      const samples = Float32Array.from({ length: 6400 }, () => 0.1 * random.normal());
      const path = join(folder(), 'data', 'savee', 'ALL', `${name}.wav`);
      writeFileSync(path, encodeWav({ samples, sampleRate: 16_000 }));
    }
  });
  beforeEach(() => (runs = mkdtempSync(join(folder(), 'runs-'))));

  const isExpected = ({
    leftOut = [],
    warnings,
  }: {
    leftOut?: readonly LeftOut[];
    warnings?: readonly string[];
  }) => {
    assert.deepEqual(
      leftOut.map(({ what, count, classes }) => [what, count, classes]),
      [['clips without features', 7, [{ name: 'sad', count: 6 }, { name: 'angry', count: 1 }]]], // prettier-ignore
    );
    assert.deepEqual(warnings, [warning]);
  };

  it('appear in audit, scores and record of train, again when the features come from the store, and with several workers', async () => {
    for (const workers of ['1', '2']) {
      const { code, out } = await catchOutput(() => runTrain([...tiny, '--workers', workers], { runs }));
      assert.equal(code, 0);
      const lines = out.split('\n').filter((text) => /left out|warning/i.test(text));
      assert.deepEqual(
        lines,
        [`  left out: ${line}`, `  warning: ${warning}`, `Left out: ${line}`, `Warning: ${warning}`],
        out,
      );
    }
    const { records } = await readRunRecords(runs);
    assert.equal(records.length, 2);
    for (const record of records) {
      isExpected(record);
      isExpected(record.report!);
      assert.equal(record.data?.source, 'SAVEE (sample), 55 clips, 48 used');
      assert.equal(record.data.clips, 48);
      const [row] = leftOutTable(record.leftOut);
      assert.deepEqual(
        [row.count, row.classes, row.example],
        [7, 'sad: 6, angry: 1', 'savee/ALL/DC_sa01.wav'],
      );
    }
  });

  it('appear in the JSON of train and evaluate, and next to the scores of several protocols', async () => {
    const trained = await catchOutput(() => runTrain([...majority, '--json'], { runs }));
    isExpected(JSON.parse(trained.out) as RunRecord);
    const evaluated = await catchOutput(() => runEvaluate([...majority, '--json'], { records: runs }));
    const printed = JSON.parse(evaluated.out) as RunRecord & { audits: RunRecord[] };
    for (const part of [printed, printed.report!, ...printed.audits]) isExpected(part);
    const compared = await catchOutput(() =>
      runEvaluate([...majority, '--protocols', 'clips,speakers'], { records: runs }),
    );
    assert.equal(compared.out.split(`\nLeft out: ${line}\nWarning: ${warning}\n`).length, 2, compared.out);
  });

  it('appear once after a sweep, and in each trial of its JSON and log', async () => {
    const args = [...majority, '--space', 'seed=1,2', '--method', 'grid', '--workers', '1'];
    for (const json of [false, true]) {
      const { code, out } = await catchOutput(() => runSweepCommand([...args, ...(json ? ['--json'] : [])], { runs })); // prettier-ignore
      assert.equal(code, 0);
      if (json) for (const trial of JSON.parse(out) as RunRecord[]) isExpected(trial);
      else assert.match(out, /\nleft out: 7 clips without features .*\nwarning: 1 class has no clips left: sad\nlog: /); // prettier-ignore
    }
  });

  it('appear in the error and the record if the remaining clips cannot be split', async () => {
    const args = [...majority, '--set', 'dataset.protocol=own-folds'];
    const { code, err } = await catchOutput(() => runTrain(args, { runs }));
    assert.equal(code, 1);
    assert.match(
      err,
      /needs the fold of every clip[^]*\nleft out before the split: 7 clips without features/,
    );
    assert.equal(readdirSync(runs).length, 1);
  });

  it('lead to a reason per kind of problem if no clip remains', async () => {
    const { code, err } = await catchOutput(() =>
      runTrain([...tiny, '--set', 'features.offsetSec=2'], { runs }),
    );
    assert.equal(code, 1);
    assert.match(err, /^none of the recordings could be used: 55 clips without features \(it is too short: .*\); .*; 4 speakers/); // prettier-ignore
  });

  it('suggest the name of a corpus after a typing error, before any trial of a sweep', async () => {
    const trained = await catchOutput(() => runTrain([...tiny, '--corpora', 'savvee'], { runs }));
    assert.match(trained.err, /^corpora must be all, or some of SAVEE, got "savvee"; did you mean SAVEE\?/);
    const swept = await catchOutput(() => runSweepCommand(['--space', 'model.width=2,4', '--corpora', 'savvee'], { runs })); // prettier-ignore
    assert.deepEqual([swept.code, swept.err.trim()], [1, trained.err.trim()]);
  });
});
