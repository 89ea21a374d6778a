import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeWav } from '../../../src/core/audio';
import { createRandom } from '../../../src/core/base';
import type { LabelMap } from '../../../src/core/dataset';
import { type Corpora, corporaFor, countTable, loadCorpora, withLabels } from '../../../src/node/corpora';

describe('label maps', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'ser-labels-'))));
  afterEach(() => rmSync(root, { recursive: true }));
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const clip = (path: string): void => {
    const random = createRandom(path);
    const samples = Float32Array.from({ length: 80 }, () => random.uniform(-0.5, 0.5));
    write(path, encodeWav({ samples, sampleRate: 8000 }));
  };
  const load = (labels?: LabelMap): Promise<Corpora> =>
    loadCorpora({ root, cacheDirectory: join(root, '.cache'), ...(labels && { labels }) });
  /** corpus, label and class of each clip */
  const classes = ({ clips }: Corpora): string[] =>
    clips.map(({ corpus, label, emotion }) => `${corpus}: ${label} → ${emotion}`);
  const left = ({ report }: Corpora): (string | number | string[])[][] =>
    report.leftOut.map(({ what, count, classes: names }) => [what, count, names.map(({ name }) => name)]);

  /** Two RAVDESS clips, neutral and calm, and a corpus with three labels, one of them an emotion. */
  function twoCorpora(): void {
    clip('03-01-01-01-01-01-01.wav');
    clip('03-01-02-01-01-01-01.wav');
    for (const name of ['a', 'b', 'c']) clip(`lab/${name}.wav`);
    write('lab/clips.csv', 'path,emotion\na.wav,Boredom\nb.wav,anger\nc.wav,noise\n');
  }

  it('are not needed for the seven emotions; other labels are left out, with the line that keeps them', async () => {
    twoCorpora();
    const corpora = await load();
    assert.deepEqual(classes(corpora), [
      'RAVDESS: neutral → neutral',
      'RAVDESS: calm → neutral',
      'lab: anger → angry',
    ]);
    assert.deepEqual(left(corpora), [['clips with other labels', 2, ['boredom', 'noise']]]);
    assert.match(corpora.report.unreadable[0].reason, /--set 'labels=\{"lab":\{"boredom":"boredom"\}\}'/);
    assert.deepEqual(
      corpora.report.corpora.map(({ clips }) => clips),
      [2, 1],
    );
  });

  it('keep, rename, merge and leave out labels per corpus, by own label or emotion, in any letter case', async () => {
    twoCorpora();
    const corpora = await load();
    const mapped = withLabels(corpora, {
      RAVDESS: { CALM: 'calm' },
      lab: { boredom: 'boredom' },
      '*': { Angry: 'tense', noise: null },
    });
    assert.deepEqual(classes(mapped), [
      'RAVDESS: neutral → neutral',
      'RAVDESS: calm → calm',
      'lab: Boredom → boredom',
      'lab: anger → tense',
    ]);
    assert.deepEqual(left(mapped), [['clips left out by the label map', 1, ['noise']]]);
    assert.match(mapped.report.unreadable[0].reason, /a rule for "noise" is null/);
    assert.match(mapped.source, /4 clips/);
    assert.deepEqual(countTable(mapped.clips).columns, [
      'corpus',
      'neutral',
      'boredom',
      'calm',
      'tense',
      'all',
    ]);
    assert.deepEqual(
      classes(withLabels(mapped, {})),
      classes(corpora),
      'a second map replaces the first one',
    );
    const two = withLabels(mapped, { '*': { neutral: 'low', '*': 'high' } });
    assert.deepEqual(
      two.clips.map(({ emotion }) => emotion),
      ['low', 'low', 'high', 'high', 'high'],
    );
  });

  it('of an experiment may have rules for corpora that are not chosen', async () => {
    twoCorpora();
    const labels = { lab: { boredom: 'boredom' }, RAVDESS: { calm: 'calm' } };
    const chosen = corporaFor(await load(), { corpora: ['RAVDESS'], labels });
    assert.deepEqual(classes(chosen), ['RAVDESS: neutral → neutral', 'RAVDESS: calm → calm']);
    assert.deepEqual(left(chosen), []);
  });

  it('can lie beside clips.csv; a map in the config has priority', async () => {
    twoCorpora();
    write('lab/labels.json', '{"boredom": "boredom", "anger": "tense"}');
    assert.deepEqual(classes(await load()).slice(2), ['lab: Boredom → boredom', 'lab: anger → tense']);
    const corpora = await load({ lab: { boredom: null, noise: 'noise' } });
    assert.deepEqual(classes(corpora).slice(2), ['lab: anger → tense', 'lab: noise → noise']);
  });

  it('are needed to load a corpus that has only other labels', async () => {
    clip('lab/a.wav');
    write('lab/clips.csv', 'path,emotion\na.wav,boredom\n');
    await assert.rejects(load(), /no clip has a class[^]*to keep it: --set/);
    await assert.rejects(
      loadCorpora({ root, labels: null, cacheDirectory: join(root, '.cache') }),
      /no clip has a class/,
    );
    assert.deepEqual(classes(await load({ lab: { boredom: 'boredom' } })), ['lab: boredom → boredom']);
  });

  it('are rejected with the rule if they are invalid', async () => {
    twoCorpora();
    const corpora = await load();
    for (const [map, message] of [
      [
        { lab: { boredom: 'Boredom!' } },
        /labels\.lab\.boredom must be null or a class of at most 40 lower-case/,
      ],
      [{ lab: { boredom: 'silence' } }, /labels\.lab\.boredom must be a class other than unsure and silence/],
      [{ lap: { boredom: 'boredom' } }, /labels must be a map whose keys .*"lap".*did you mean lab\?/],
      [
        { lab: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`x${i}`, `class ${i}`])) },
        /labels must be a map to at most 20 classes, got 21/,
      ],
    ] as const)
      assert.throws(() => withLabels(corpora, map), message);
    assert.throws(
      () => withLabels(corpora, { '*': { '*': null } }),
      /no clip has a class[^]*5 clips left out by the label map[^]*a rule for "neutral" is null/,
    );
    write('lab/labels.json', '{"boredom": 3}');
    const { report } = await load();
    assert.match(report.unreadable[0].reason, /^labels\.json: it must be an object such as/);
    assert.equal(report.unreadable[0].path, 'lab/clips.csv');
  });
});
