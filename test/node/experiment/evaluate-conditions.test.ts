import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaveFile } from 'wavefile';
import { type Corpora, readAudio } from '../../../src/node/corpora';
import { evaluateConditions } from '../../../src/node/experiment';
import { loadModel, modelOf, saveConditions, saveModel } from '../../../src/node/models';
import { mp3, roundTrip, codecProblem } from '../../../src/node/experiment/codecs';
import { voice } from '../../babble';
import { openToneLab, type ToneLab } from './tone-lab';

describe('evaluateConditions', function () {
  this.timeout(240_000);
  let lab: ToneLab;
  before(async () => {
    lab = await openToneLab();
  });
  after(() => {
    lab.close();
  });

  it('predicts the test clips of the split, as in the experiment if they are unchanged', async () => {
    const { corpora, engine, folder } = lab;
    const result = await lab.train({ dataset: { protocol: 'speakers', fold: 2 } });
    const place = join(folder, 'model');
    await saveModel(engine, place, modelOf(result));
    const { report, leftOut } = await evaluateConditions(await loadModel(engine, place), engine, { corpora });
    assert.deepEqual(leftOut, []);
    assert.equal(report.split, result.report!.perSplit[0].name);
    const [clean, ...changed] = report.rows;
    const { accuracy, uar } = result.report!.pooled.scores;
    assert.ok(Math.abs(clean.accuracy.value - accuracy!.value) < 1e-9);
    assert.ok(Math.abs(clean.uar.value - uar!.value) < 1e-9);
    assert.ok(changed.length >= 10);
    assert.ok(changed.every(({ clips, change }) => clips === clean.clips && change));

    // A clip that cannot be read is left out of all conditions, and one with a channel is measured with that channel.
    const [unread, chosen] = result.folds[0].split.test;
    const { clips } = corpora;
    const stereo = join(folder, 'stereo.wav');
    const { samples, sampleRate } = await readAudio(corpora.fileOf(clips[chosen]));
    const wav = new WaveFile();
    const left = voice('other', 2).samples.subarray(0, samples.length);
    const integers = [left, samples].map((one) => one.map((sample) => Math.round(sample * 2 ** 15)));
    wav.fromScratch(2, sampleRate, '16', integers);
    writeFileSync(stereo, wav.toBuffer());
    const others = (file: string, isUnread: boolean): Corpora => ({
      ...corpora,
      clips: clips.map((clip, i) => (i === chosen ? { ...clip, channel: 'right' as const } : clip)),
      fileOf: ({ path }) =>
        path === clips[chosen].path
          ? file
          : path === clips[unread].path && isUnread
            ? join(folder, 'absent.wav')
            : corpora.fileOf({ path }),
    });
    const trained = await loadModel(engine, place);
    const ofChannel = await evaluateConditions(trained, engine, { corpora: others(stereo, false) });
    assert.deepEqual(ofChannel.report.rows, report.rows);
    const fewer = await evaluateConditions(trained, engine, { corpora: others(stereo, true) });
    assert.deepEqual(
      fewer.leftOut.map(({ what, count, examples }) => [what, count, examples]),
      [['test clips not predicted', 1, [clips[unread].path]]],
    );
    assert.ok(fewer.report.rows.every((row) => row.clips === clean.clips - 1));

    saveConditions(place, report);
    const { card } = await loadModel(engine, place);
    assert.deepEqual(card.conditions, JSON.parse(JSON.stringify(report)));
    assert.ok(card.recordings!.levelDb.low <= card.recordings!.levelDb.high);
    assert.doesNotThrow(() => readFileSync(join(place, 'card.json')));
  });

  it('rejects other recordings, and a protocol with versions of the test clips in training', async () => {
    const { corpora, engine } = lab;
    const model = modelOf(await lab.train({ dataset: { protocol: 'speakers', fold: 1 } }));
    const fewer = { ...corpora, clips: corpora.clips.slice(1) };
    await assert.rejects(
      evaluateConditions(model, engine, { corpora: fewer }),
      /was tested on other recordings \(\d+ clips, fingerprint .*set SER_DATA/,
    );
    const leaky = modelOf(await lab.train({ dataset: { protocol: 'paper-rows' } }));
    await assert.rejects(
      evaluateConditions(leaky, engine, { corpora }),
      /versions of the test clips were in the training set/,
    );
  });

  it('decodes what a codec encodes in place', async function () {
    const problem = await codecProblem(mp3);
    if (problem !== undefined) {
      console.log(`      skipped: ${problem}`);
      return void this.skip();
    }
    const recordings = ['a', 'b', 'c'].map((seed) => voice(seed, 1.5).samples);
    const decoded = await roundTrip(recordings, 16_000, mp3);
    for (const [i, samples] of decoded.entries()) {
      assert.equal(samples.length, recordings[i].length);
      const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, k) => sum + x * b[k], 0);
      const [own] = [recordings[i]];
      assert.ok(dot(samples, own) / Math.sqrt(dot(samples, samples) * dot(own, own)) > 0.95);
    }
  });
});
