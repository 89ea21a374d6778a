import assert from 'node:assert/strict';
import {
  configHash,
  type ExperimentChanges,
  experimentConfig,
  type ModelKind,
  type PresetName,
} from '../../../src/core/config';
import type { ProtocolName } from '../../../src/core/dataset';
import { scoreReport } from '../../../src/core/evaluation';
import { chooseRuns, type FoundRun, modelDifferences } from '../../../src/node/paper/choose-runs';
import type { MemberRecord } from '../../../src/node/runs';
import { leaky, madeUpPredictions } from '../../core/evaluation/made-up-predictions';

const predictions = madeUpPredictions();
const reports = {
  honest: scoreReport(predictions, { resamples: 20 }),
  leaky: scoreReport(leaky(predictions), { resamples: 20 }),
};

let day = 0;
/** A run of the day after the one before it. */
function run(
  protocol: ProtocolName,
  own: {
    preset?: PresetName;
    clips?: number;
    status?: FoundRun['status'];
    changes?: ExperimentChanges;
    members?: MemberRecord[];
  } = {},
): FoundRun {
  const { preset = 'compact', clips = 12_162, status = 'finished', changes = {}, members } = own;
  const config = experimentConfig(preset, { dataset: { protocol } }, changes);
  const started = new Date(Date.UTC(2026, 0, ++day)).toISOString();
  const file = `${started.slice(0, 10)}-${preset}-${protocol}.json`;
  return {
    ...{ format: 1, started, status, config, hash: configHash(config), splits: [], file, path: file },
    ...(members && { members }),
    sha256: '',
    data: { source: 'four corpora', clips, fingerprint: `of ${clips}` },
    report: protocol === 'paper-rows' ? reports.leaky : reports.honest,
    figures: { clips: {}, classes: [], confusion: [], first: { right: 0, of: 0 }, siblingShare: 0 },
    environment: { node: '', platform: '', cpu: '', processors: 1, memoryGb: 1, packages: {} },
  };
}

describe('the runs of a gallery', () => {
  it('are the newest of a model, under each protocol', () => {
    const old = [run('speakers'), run('clips')];
    const [clips, speakers] = [run('clips'), run('speakers')];
    const [corpus, paperRows] = [run('leave-one-corpus-out'), run('paper-rows')];
    const { paper, twin, steps, missing } = chooseRuns([...old, clips, speakers, corpus, paperRows]);
    assert.equal(twin, speakers);
    assert.equal(paper, paperRows);
    assert.deepEqual(steps, [paperRows, clips, speakers, corpus]);
    assert.deepEqual(missing, []);
  });

  it('are of the most recordings, and all of the same', () => {
    const all = run('speakers');
    const part = run('speakers', { clips: 480 });
    const partOfPaper = run('paper-rows', { clips: 480, preset: 'paper-fast' });
    const { paper, twin, missing } = chooseRuns([all, part, partOfPaper]);
    assert.equal(twin, all);
    assert.equal(paper, undefined);
    assert.match(missing.join('\n'), /no whole run of preset paper-fast or compact under paper-rows/);
  });

  it('show under the paper’s protocol what is made for it, and in the waterfall one model alone', () => {
    const fast = run('paper-rows', { preset: 'paper-fast' });
    const same = run('paper-rows');
    const seven = run('paper-rows', { changes: { seed: 7 } });
    const wider = run('paper-rows', { changes: { model: { width: 256 } } });
    const twin = run('speakers');
    const { paper, steps } = chooseRuns([fast, same, seven, wider, twin]);
    assert.equal(paper, fast);
    assert.deepEqual(steps, [same, twin]);
    assert.deepEqual(chooseRuns([seven, wider, twin]).steps, [seven, twin]);
    assert.deepEqual(modelDifferences([twin, wider]), ['model.width']);
    assert.equal(chooseRuns([fast, same, wider, twin], { paperPresets: ['compact'] }).paper, same);
    assert.equal(chooseRuns([same, wider]).paper, wider);
  });

  it('have beside them those of one corpus each: the newest, and its other seeds', () => {
    const alone = (own: ExperimentChanges, clips = 480, protocol: ProtocolName = 'speakers') =>
      run(protocol, { clips, changes: { corpora: ['SAVEE'], ...own } });
    const shorter = alone({ training: { epochs: 2 } });
    const fewer = alone({ seed: 3 }, 470);
    const seeds = [alone({ seed: 1 }), alone({ seed: 2 })];
    const clips = alone({}, 480, 'clips');
    const ravdess = run('leave-one-speaker-out', { clips: 1440, changes: { corpora: ['RAVDESS'] } });
    const twin = run('speakers');
    const chosen = chooseRuns([shorter, fewer, ...seeds, clips, ravdess, twin]);
    assert.equal(chosen.twin, twin);
    assert.deepEqual(chosen.alone, [ravdess, ...seeds.reverse()]);
  });

  it('have beside them the newest ensemble of the model under each protocol, and of one corpus', () => {
    const member = (seed: number, name = 'compact', kind: ModelKind = 'compact') => ({
      name,
      kind,
      seed,
      hash: '',
    });
    const own = { members: [member(42), member(1)] };
    const mixed = run('speakers', { members: [member(1, 'log-mel', 'log-mel'), member(42), member(1)] });
    const without = run('speakers', { members: [1, 2].map((seed) => member(seed, 'compact', 'knn')) });
    const old = run('speakers', own);
    const [clips, speakers] = [run('clips', own), run('speakers', own)];
    const alone = run('speakers', { ...own, clips: 480, changes: { corpora: ['SAVEE'] } });
    const few = run('speakers', { ...own, clips: 480 });
    const fold = run('clips', { ...own, changes: { dataset: { fold: 0 } } });
    const twin = run('speakers');
    const later = run('speakers', { changes: { seed: 1 } });
    const chosen = chooseRuns([old, mixed, without, clips, speakers, alone, few, fold, twin, later]);
    assert.deepEqual(chosen.ensembles, [alone, speakers, clips, mixed]);
    assert.equal(chosen.twin, twin);
    assert.deepEqual([...chosen.steps, ...chosen.alone, ...chosen.others], [twin]);
  });

  it('have beside them those of other models, the newest whole one of each under each protocol', () => {
    const fold = { dataset: { fold: 0 } };
    const paper = run('paper-rows', { preset: 'paper-fast' });
    const fast = run('speakers', { preset: 'paper-fast', changes: fold });
    const svm = run('speakers', { changes: { model: { kind: 'svm' } } });
    const part = run('speakers', { changes: { model: { kind: 'svm' }, ...fold } });
    const trial = run('speakers', { changes: { training: { epochs: 16 }, ...fold } });
    const ofSpeakers = run('speakers', { changes: { dataset: { normalisation: 'speaker' } } });
    const few = run('clips', { clips: 480, changes: { model: { kind: 'knn' } } });
    const twin = run('speakers');
    const later = run('speakers', { changes: { model: { kind: 'knn' } } });
    const chosen = chooseRuns([paper, fast, svm, part, trial, ofSpeakers, few, twin, later]);
    assert.equal(chosen.twin, twin);
    assert.deepEqual(chosen.others, [later, ofSpeakers, svm, fast]);
  });

  it('have beside them a wider network, and their own model under a protocol that is no step', () => {
    const [twin, clips] = [run('speakers'), run('clips')];
    const wide = run('clips', { changes: { model: { width: 128 } } });
    const longer = run('clips', { changes: { training: { epochs: 20 } } });
    const sentences = run('speakers+sentences');
    const other = run('speakers+sentences', { changes: { training: { epochs: 20 } } });
    const chosen = chooseRuns([twin, clips, wide, longer, sentences, other]);
    assert.deepEqual(chosen.steps, [clips, twin]);
    assert.deepEqual(chosen.others, [sentences, wide]);
  });

  it('are neither interrupted nor of one fold of several', () => {
    const whole = run('speakers');
    const cut = run('speakers', { status: 'interrupted' });
    const fold = run('speakers', { changes: { dataset: { fold: 0 } } });
    assert.equal(chooseRuns([whole, cut, fold]).twin, whole);
  });

  it('are those that are named, whatever the rules', () => {
    const [whole, fold] = [run('speakers'), run('speakers', { changes: { dataset: { fold: 0 } } })];
    const quick = run('paper-rows', { preset: 'quick' });
    const all = [whole, fold, quick];
    assert.equal(chooseRuns(all, { named: [fold.file.slice(0, 10)] }).twin, fold);
    const leakyTwins = [run('paper-rows'), run('paper-rows')];
    assert.equal(chooseRuns(all, { named: ['quick'] }).paper, quick);
    const { paper, steps } = chooseRuns([...all, ...leakyTwins], { named: [leakyTwins[0].file, whole.file] });
    assert.deepEqual([paper, ...steps], [leakyTwins[0], leakyTwins[0], whole]);
    assert.deepEqual(chooseRuns([...all, ...leakyTwins], { named: ['quick'] }).steps, [leakyTwins[1], whole]);
    assert.throws(
      () => chooseRuns(all, { named: ['knn'] }),
      /RUN must be part of the file name of a scored run/,
    );
    assert.throws(
      () => chooseRuns(all, { named: [whole.file, fold.file] }),
      /RUN must be one a protocol, here speakers/,
    );
  });
});
