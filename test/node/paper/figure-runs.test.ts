import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths } from '../../../src/node/files';
import {
  type FigureRuns,
  findRuns,
  type FoundRun,
  listedRuns,
  modelDifferences,
  newestRuns,
  withNamedRuns,
} from '../../../src/node/paper/figure-runs';
import { readSidecars } from '../../../src/node/paper/gallery-item';
import { madeUpRun as run } from './made-up-run';

describe('newestRuns', () => {
  it('takes the newest run of each protocol, in the order of the protocols', () => {
    const old = [run('speakers'), run('clips')];
    const [clips, speakers] = [run('clips'), run('speakers')];
    const [corpus, paperRows] = [run('leave-one-corpus-out'), run('paper-rows')];
    const {
      paper,
      speakers: chosen,
      waterfall,
      resultsByCorpus,
    } = newestRuns([...old, clips, speakers, corpus, paperRows]);
    assert.equal(chosen, speakers);
    assert.equal(paper, paperRows);
    assert.deepEqual(waterfall, [paperRows, clips, speakers, corpus]);
    assert.deepEqual(resultsByCorpus, [speakers]);
  });

  it('ignores interrupted runs, runs of a single fold, and ensembles', () => {
    const whole = run('speakers');
    const interrupted = run('speakers', { status: 'interrupted' });
    const fold = run('speakers', { changes: { dataset: { fold: 1 } } });
    const ensemble = { ...run('speakers'), members: [] };
    assert.equal(newestRuns([whole, interrupted, fold, ensemble]).speakers, whole);
  });
});

describe('withNamedRuns', () => {
  const [paper, step, clips, speakers] = [
    run('paper-rows', { preset: 'paper-fast' }),
    ...(['paper-rows', 'clips', 'speakers'] as const).map((protocol) => run(protocol)),
  ];
  const chosen: FigureRuns = {
    ...{ paper, speakers, waterfall: [step, clips, speakers], headline: [step, clips, speakers] },
    ...{ results: [paper, step, clips, speakers], resultsByCorpus: [speakers] },
  };

  it('shows a named run wherever the run under its protocol was shown', () => {
    const other = run('speakers', { changes: { seed: 7 } });
    const named = withNamedRuns(chosen, [paper, step, clips, speakers, other], [other.file]);
    assert.deepEqual(named, {
      ...{ paper, speakers: other, waterfall: [step, clips, other], headline: [step, clips, other] },
      ...{ results: [paper, step, clips, other], resultsByCorpus: [other] },
    });
  });

  it('keeps one model in the waterfall if another one is named under paper-rows', () => {
    const quick = run('paper-rows', { preset: 'quick' });
    const wider = run('paper-rows', { changes: { model: { width: 256 } } });
    const seven = run('paper-rows', { changes: { seed: 7 } });
    const all = [paper, step, clips, speakers, quick, wider, seven];
    assert.deepEqual(withNamedRuns(chosen, all, ['quick']).waterfall, chosen.waterfall);
    assert.equal(withNamedRuns(chosen, all, ['quick']).paper, quick);
    assert.deepEqual(withNamedRuns(chosen, all, [wider.file]).waterfall, chosen.waterfall);
    assert.deepEqual(withNamedRuns(chosen, all, [seven.file]).waterfall, [seven, clips, speakers]);
    assert.deepEqual(modelDifferences([speakers, wider]), ['model.width']);
  });

  it('replaces the step of the same model, if the waterfall has several models', () => {
    const fast = [run('clips', { preset: 'paper-fast' }), run('speakers', { preset: 'paper-fast' })];
    const two = { ...chosen, waterfall: [clips, fast[0], speakers, fast[1]] };
    const seven = run('clips', { preset: 'paper-fast', changes: { seed: 7 } });
    assert.deepEqual(withNamedRuns(two, [seven], [seven.file]).waterfall, [clips, seven, speakers, fast[1]]);
  });

  it('adds a protocol that had no run', () => {
    const corpus = run('leave-one-corpus-out');
    const { waterfall } = withNamedRuns(chosen, [corpus], [corpus.file]);
    assert.deepEqual(waterfall, [...chosen.waterfall, corpus]);
  });

  it('rejects unknown names, and two runs under one protocol', () => {
    const other = run('speakers');
    const all = [speakers, other];
    assert.throws(
      () => withNamedRuns(chosen, all, ['knn']),
      /RUN must be part of the file name of a scored run/,
    );
    assert.throws(
      () => withNamedRuns(chosen, all, [speakers.file, other.file]),
      /RUN must be at most one run per protocol \(two are under speakers\), got /,
    );
  });
});

describe('figures/figures.json', () => {
  const list = join(paths.figures, 'figures.json');

  it('lists exactly the runs that the committed figures show', async () => {
    const runs = await findRuns([join(paths.figures, 'records')]);
    const chosen = await listedRuns(list, runs);
    const { sidecars } = await readSidecars(paths.figures);
    const shownBy = (item: string): string[] =>
      sidecars.find((sidecar) => sidecar.item === item)?.records.map(({ file }) => file) ?? [];
    const files = (some: readonly FoundRun[]): string[] => some.map(({ file }) => file);
    assert.deepEqual(shownBy('fig-9-confusion-paper-rows'), [chosen.paper?.file]);
    assert.deepEqual(shownBy('fig-9-confusion-speakers'), [chosen.speakers?.file]);
    assert.deepEqual(shownBy('protocol-waterfall'), files(chosen.waterfall));
    assert.deepEqual(shownBy('headline'), files(chosen.headline));
    assert.deepEqual(shownBy('results'), files(chosen.results));
    assert.deepEqual(shownBy('results-corpora'), files(chosen.resultsByCorpus));
  });

  it('names the record that is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ser-list-'));
    try {
      const copy = join(folder, 'figures.json');
      writeFileSync(copy, readFileSync(list, 'utf8'));
      await assert.rejects(
        listedRuns(copy, []),
        /figures\.json: no run record named 2026-\S+-paper-fast-3646971f\.json; restore it or edit the list/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
