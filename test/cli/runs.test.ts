import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runRuns } from '../../src/cli/runs';
import { runTrain } from '../../src/cli/train';
import { readRunRecords, type StoredRun } from '../../src/node/runs';
import { catchOutput } from './catch-output';
import { onToneCorpus } from './tone-data';

describe('npm run runs', function () {
  this.timeout(120_000);
  const folder = onToneCorpus();
  let runs: string;
  let record: StoredRun;

  before(async () => {
    runs = mkdtempSync(join(folder(), 'runs-'));
    const args = ['--preset', 'quick', '--set', 'model.kind=majority', '--set', 'dataset.folds=2'];
    const { code, err } = await catchOutput(() => runTrain(args, { runs }));
    assert.equal(code, 0, err);
    [record] = (await readRunRecords(runs)).records;
  });
  const run = (...args: string[]) => catchOutput(() => runRuns(args, { runs }));

  it('lists the runs, here or in another folder', async () => {
    const { code, out } = await run();
    assert.equal(code, 0);
    assert.match(
      out,
      new RegExp(`^ *uar +accuracy +protocol .* finished +${record.file.slice(0, -5)}$`, 'ms'),
    );
    const empty = await run('list', '--runs', join(folder(), 'none'));
    assert.deepEqual([empty.code, empty.out], [0, 'no runs yet']);
  });

  it('shows a run, and where its predictions are', async () => {
    const { code, out } = await run('show', 'quick');
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^run: ${record.file}\nstarted: ${record.started}, finished\ndata: SAVEE`));
    assert.match(out, new RegExp(`^predictions: \\d+ rows; npm run runs -- export ${record.file.slice(0, -5)}$`, 'm')); // prettier-ignore
    assert.match(out, /^experiment from preset quick, hash/m);
    assert.match(out, /^Protocol: speakers \(/m);

    assert.equal((await run('show', join(runs, record.file))).out, out);

    const old = mkdtempSync(join(folder(), 'old-'));
    const older = JSON.parse(readFileSync(join(runs, record.file), 'utf8')) as StoredRun;
    delete older.predictions;
    writeFileSync(join(old, 'old.json'), JSON.stringify(older));
    const shown = await run('show', 'old', '--runs', old);
    assert.match(shown.out, /^no predictions are stored: the record was written by an older version; run it again to store them$/m); // prettier-ignore
    const exported = await run('export', 'old', '--runs', old, '--output', join(old, 'p.csv'));
    assert.equal(exported.code, 1);
    assert.match(exported.err, /^old\.json: no predictions are stored: it was written by an older version/);
  });

  it('exports predictions in both formats, and replaces a file only with --overwrite', async () => {
    const csv = join(folder(), 'predictions.csv');
    const { code, out } = await run('export', 'quick', '--output', csv);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`predictions\\.csv: ${record.predictions!.rows} rows$`));
    assert.equal(readFileSync(csv, 'utf8').trimEnd().split('\n').length, record.predictions!.rows + 1);
    const again = await run('export', 'quick', '--output', csv);
    assert.equal(again.code, 1);
    assert.match(again.err, /predictions\.csv exists; choose another name with --output, or add --overwrite/);
    assert.equal((await run('export', 'quick', '--output', csv, '--overwrite')).code, 0);

    const cwd = process.env.INIT_CWD;
    process.env.INIT_CWD = folder();
    try {
      assert.equal((await run('export', 'quick', '--format', 'parquet')).code, 0);
    } finally {
      if (cwd === undefined) delete process.env.INIT_CWD;
      else process.env.INIT_CWD = cwd;
    }
    const parquet = join(folder(), record.predictions!.file);
    assert.ok(existsSync(parquet));
    assert.equal(readFileSync(parquet).subarray(0, 4).toString(), 'PAR1');
    rmSync(parquet);
  });

  it('rejects a wrong call', async () => {
    const wrong: [string[], number, RegExp][] = [
      [['export'], 2, /^missing required argument 'RUN'/],
      [['export', 'quick', '--format', 'xlsx'], 2, /^--format must be one of csv, parquet, got "xlsx"/],
      [
        ['export', 'quick', '--output', 'p.txt'],
        1,
        /^file must be a name that ends in one of \.csv, \.parquet/,
      ],
      [['show', 'other'], 1, /^RUN must be part of the file name of a scored run \(\S*quick/],
      [['--list'], 2, /^unknown option '--list'/],
    ];
    for (const [args, expected, reason] of wrong) {
      const { code, err } = await run(...args);
      assert.equal(code, expected, args.join(' '));
      assert.match(err, reason);
    }
  });
});
