import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runFigures } from '../../src/cli/figures';
import { catchOutput } from './catch-output';
import { onToneCorpus } from './tone-data';

describe('npm run figures', function () {
  this.timeout(60_000);
  const directory = onToneCorpus();
  const run = (...args: string[]) => catchOutput(() => runFigures(args));
  const empty = () => ['--runs', join(directory(), 'no-runs')];

  it('lists its items', async () => {
    const { code, out } = await run('--list');
    assert.equal(code, 0);
    for (const text of ['fig-1-pipeline', 'Fig. 9: confusion matrix, under paper-rows, LEAKY'])
      assert.ok(out.includes(text));
  });

  it('draws one item without records and checks it', async () => {
    const output = join(directory(), 'drawn');
    const { code, out } = await run('--only', 'table-1', '--output', output);
    assert.equal(code, 0);
    assert.match(out, /table-1-instances\.png/);
    assert.match(readFileSync(join(output, 'table-1-instances.md'), 'utf8'), /^\| SAVEE \| 16 \| 0 \|/m);
    assert.deepEqual(await run('--check', '--output', output), {
      code: 0,
      out: 'files, sidecars and records agree',
      err: '',
    });
    rmSync(join(output, 'table-1-instances.csv'));
    assert.equal((await run('--check', '--output', output)).code, 1);
  });

  it('fails if a requested item cannot be drawn, and gives the reason', async () => {
    const output = join(directory(), 'none');
    const { code, out } = await run('--only', 'fig-9', '--output', output, ...empty());
    assert.equal(code, 1);
    assert.match(out, /^fig-9-confusion-speakers: skipped: no finished run under speakers$/m);
    assert.ok(!existsSync(join(output, 'fig-9-confusion-speakers.png')));
  });

  it('prints the reason and the usage after a wrong call', async () => {
    const { code, err } = await run('--onyl', 'fig-9');
    assert.equal(code, 2);
    assert.match(err, /^unknown option '--onyl'\n.*Did you mean --only[^]*Usage: npm run figures/);
    const named = await run('--only', 'fig-9', '--run', 'nothing', ...empty());
    assert.equal(named.code, 1);
    assert.match(
      named.err,
      /RUN must be part of the file name of a scored run \(there are none\), got "nothing"/,
    );
  });
});
