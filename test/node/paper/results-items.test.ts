import assert from 'node:assert/strict';
import { resultsItems } from '../../../src/node/paper/results-items';
import { runItems } from '../../../src/node/paper/run-items';
import { madeUpRun } from './made-up-run';

type Runs = readonly ReturnType<typeof madeUpRun>[];

const draw = (name: string, runs: Runs) => {
  const item = [...resultsItems, ...runItems].find((one) => one.name === name);
  assert.ok(item, name);
  return item.draw(runs);
};

describe('the table of scores by corpus', () => {
  const pooled = madeUpRun('speakers');
  const alone = (changes: Parameters<typeof madeUpRun>[1] = {}) => {
    const own = { corpora: ['RAVDESS'], ...changes.changes };
    return madeUpRun('speakers', { ...changes, changes: own });
  };
  const modelsOf = (runs: Runs): string[] => {
    const { markdown } = draw('results-corpora', runs).table!;
    return [...markdown.matchAll(/^\| RAVDESS \| (here, [^|]*) \|/gm)].map(([, model]) => model);
  };

  it('has the mean over seeds of each model that was trained on one corpus', () => {
    const seeds = [1, 2, 3].map((seed) => alone({ changes: { seed } }));
    const other = alone({ preset: 'log-mel' });
    assert.deepEqual(modelsOf([pooled, ...seeds, other]), [
      'here, `compact`, trained on all corpora',
      'here, `compact`, trained on this corpus only, 3 seeds',
      'here, `log-mel`, trained on this corpus only',
    ]);
  });

  it('states the number of classes, and what else differs from the preset', () => {
    const eight = alone({ changes: { labels: { RAVDESS: { calm: 'calm' } }, features: { levelDb: -26 } } });
    eight.figures!.classes = ['angry', 'calm', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'];
    assert.deepEqual(modelsOf([pooled, eight]).slice(1), [
      'here, `compact`, trained on this corpus only, 8 classes, level normalised',
    ]);
  });
});

describe('the table of all models', () => {
  it('states the seed if two runs differ in nothing else', () => {
    const runs = [1, 2].map((seed) => madeUpRun('speakers', { changes: { seed } }));
    const { markdown } = draw('results', [...runs, madeUpRun('clips')]).table!;
    assert.deepEqual(
      [...markdown.matchAll(/^\| [a-z]+ \| (here, [^|]*) \|/gm)].map(([, model]) => model),
      ['here, `compact`', 'here, `compact`, seed 1', 'here, `compact`, seed 2'],
    );
  });
});

describe('the waterfall', () => {
  const steps = (preset: 'compact' | 'paper-fast') =>
    (['paper-rows', 'clips', 'speakers'] as const).map((protocol) => madeUpRun(protocol, { preset }));

  it('shows one model with its scores by corpus', () => {
    const { figure, table } = draw('protocol-waterfall', steps('compact'));
    assert.ok(figure!.data.some(({ name }) => String(name).startsWith('TESS: UAR')));
    assert.match(table!.markdown, /^\| protocol \| corpus \|/m);
  });

  it('shows several models side by side', () => {
    const { figure, table } = draw('protocol-waterfall', [...steps('paper-fast'), ...steps('compact')]);
    assert.deepEqual(
      figure!.data.map(({ name }) => name),
      ['paper-fast', 'compact'],
    );
    assert.match(table!.markdown, /^\| preset \| protocol \| corpus \|/m);
    assert.equal(table!.markdown.match(/^\| paper-fast \|/gm)?.length, 12);
    assert.equal(table!.markdown.match(/^\| compact \|/gm)?.length, 12);
  });

  it('rejects a model with a single protocol beside another one', () => {
    assert.throws(
      () => draw('protocol-waterfall', [...steps('compact'), steps('paper-fast')[2]]),
      /the runs are of different models: they differ in /,
    );
  });
});
