import assert from 'node:assert/strict';
import { join } from 'node:path';
import { modelOf, saveModel } from '../../src/node/models';
import { catchOutput } from '../cli/catch-output';
import { openToneLab, type ToneLab } from '../node/experiment/tone-lab';
import { runBench } from './main';
import type { PredictBench } from './predict';

describe('npm run bench -- predict', function () {
  this.timeout(120_000);
  let lab: ToneLab;
  let model: string;
  before(async () => {
    lab = await openToneLab();
    model = join(lab.folder, 'model');
    await saveModel(lab.engine, model, modelOf(await lab.train()));
  });
  after(() => lab.close());
  const bench = (...args: string[]) =>
    catchOutput(() => runBench(['predict', '--model', model, '--rounds', '1', ...args]));

  it('prints one object: how long a prediction takes at work, and in a new process', async () => {
    const { code, out, err } = await bench('--json');
    assert.equal(code, 0, err);
    const result = JSON.parse(out) as PredictBench;
    assert.equal(result.durationSec, 3);
    assert.equal(result.model, 'quick, trained on SAVEE');
    assert.ok(result.warmMs > 0 && result.slowestMs >= result.warmMs, out);
    assert.ok(result.coldMs > result.warmMs, 'a new process has to load the engine first');
    assert.ok(['compiled', 'sources'].includes(result.cold));
  });

  it('measures a recording that is named, and says what is wrong with one', async () => {
    const { out } = await bench(lab.corpora.fileOf(lab.corpora.clips[0]));
    assert.match(out, /^a prediction of 1\.2 s of sound: [\d.]+ ms, at most [\d.]+ ms$/m);
    assert.match(out, /^in a new process \((compiled|sources)\): [\d.]+ s$/m);
    const { code, err } = await bench(join(lab.folder, 'absent.wav'));
    assert.equal(code, 1);
    assert.match(err, /absent\.wav: there is no such file$/);
  });
});
