import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeWav } from '../../../src/core/audio';
import { createRandom, type Emotion, emotions } from '../../../src/core/base';
import { auditSplit, auditTable, formatAudit } from '../../../src/core/dataset';
import {
  formatScoreReport,
  formatSlices,
  type Predictions,
  scoreReport,
  sliceNames,
  sliceScores,
  underProtocol,
} from '../../../src/core/evaluation';
import {
  ageSexFigure,
  durationsFigure,
  emotionCountsFigure,
  emotionsByGroupFigure,
  figureJson,
  sampleRatesFigure,
  slicesFigure,
  speakerEmotionHeatmap,
} from '../../../src/core/figures';
import { colorsOfCorpora } from '../../../src/core/figures/theme';
import {
  chooseCorpora,
  clipTable,
  countTable,
  formatLoadReport,
  loadCorpora,
  makeSplits,
} from '../../../src/node/corpora';
import { labelByName } from '../../../src/node/corpora/readers/read-names';

const words = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'isPrototypeOf'];

describe('names that are properties of every object', () => {
  let root: string;
  before(() => (root = mkdtempSync(join(tmpdir(), 'ser-names-'))));
  after(() => rmSync(root, { recursive: true, force: true }));

  it('are no emotions, sexes or intensities', async () => {
    for (const word of words) {
      for (const path of [
        `OAF_x_${word}.wav`,
        `1001_DFA_${word}_XX.wav`,
        `03-01-${word}-01-01-01-01.wav`,
        `DC_${word}01.wav`,
        `female1_${word}_1a_1.wav`,
        `0011/${word}/0011_000001.wav`,
      ])
        assert.equal(labelByName(path), undefined, path);
    }
    const lab = join(root, 'one', 'lab');
    mkdirSync(lab, { recursive: true });
    const wav = encodeWav({ samples: new Float32Array(80).fill(0.1), sampleRate: 8000 });
    const lines = words.flatMap((word, i) => {
      for (const kind of 'abc') writeFileSync(join(lab, `${kind}${i}.wav`), wav);
      return [`a${i}.wav,${word},,`, `b${i}.wav,sad,${word},`, `c${i}.wav,sad,,${word}`];
    });
    writeFileSync(join(lab, 'clips.csv'), ['path,emotion,sex,intensity', ...lines].join('\n'));
    await assert.rejects(
      loadCorpora({ root: join(root, 'one'), cacheDirectory: join(root, 'cache') }),
      /12 rejected lines of tables[^]*6 clips with other labels[^]*its label "constructor" is none of/,
    );
  });

  it('are valid names of corpora, speakers, sentences and folds in all steps', async () => {
    const data = join(root, 'two');
    for (const corpus of words.slice(0, 3)) {
      mkdirSync(join(data, corpus), { recursive: true });
      const lines = words.flatMap((speaker) =>
        emotions.slice(0, 3).map((emotion, k) => {
          const random = createRandom(`${corpus} ${speaker} ${emotion}`);
          const samples = Float32Array.from({ length: 80 }, () => random.uniform(-1, 1));
          writeFileSync(join(data, corpus, `${speaker}${k}.wav`), encodeWav({ samples, sampleRate: 8000 }));
          return `${speaker}${k}.wav,${emotion},${speaker},female,30,${words[k]},${words[k]}`;
        }),
      );
      writeFileSync(
        join(data, corpus, 'clips.csv'),
        ['path,emotion,speaker,sex,age,sentence,fold', ...lines].join('\n'),
      );
    }
    const all = await loadCorpora({ root: data, cacheDirectory: join(root, 'cache') });
    assert.deepEqual(all.report.leftOut, []);
    assert.match(formatLoadReport(all.report), /\n {2}__proto__: 18 clips, 6 speakers/);
    assert.equal(chooseCorpora(all, ['__proto__']).clips.length, 18);

    const { clips, source } = all;
    const set = { clips, versions: ['original'] };
    for (const protocol of ['speakers', 'speakers+sentences', 'own-folds', 'leave-one-corpus-out'] as const) {
      for (const split of makeSplits(set, { protocol, folds: 3 })) {
        const audit = auditSplit(set, split, { protocol, nearDuplicates: { pairs: [] } });
        assert.doesNotMatch(formatAudit([audit]), /native code|undefined/);
        assert.ok(auditTable([audit]).length > 0);
      }
    }
    const classes: Emotion[] = emotions.slice(0, 3);
    const actual = Int32Array.from(clips, ({ emotion }) => classes.indexOf(emotion));
    const predictions: Predictions = {
      classes,
      clips,
      actual,
      probabilities: Float32Array.from({ length: clips.length * 3 }, (_, i) => (i % 3 === 0 ? 0.6 : 0.2)),
      splits: ['fold 1'],
      splitOf: new Int32Array(clips.length),
      ...underProtocol('speakers'),
    };
    const report = scoreReport(predictions, { resamples: 20 });
    assert.deepEqual(report.perCorpus.map(({ name }) => name).sort(), words.slice(0, 3).sort());
    assert.doesNotMatch(formatScoreReport(report), /native code/);
    for (const by of sliceNames) {
      const slices = sliceScores(predictions, { by, minimumClips: 1, resamples: 20 });
      assert.equal(
        slices.groups.reduce((sum, { clips: count }) => sum + count, 0),
        clips.length,
      );
      assert.doesNotMatch(formatSlices(slices), /native code/);
      assert.doesNotMatch(figureJson(slicesFigure(slices, { source })), /native code/);
    }
    for (const figure of [
      emotionCountsFigure(clips, { source }),
      speakerEmotionHeatmap(clips, { source }),
      emotionsByGroupFigure(clips, { by: 'corpus', source }),
      ageSexFigure(clips, { source }),
      durationsFigure(clips, { source }),
      sampleRatesFigure(clips, { source }),
    ]) {
      const json = figureJson(figure);
      assert.doesNotMatch(json, /native code/);
      assert.doesNotThrow(() => JSON.parse(json));
    }
    const colorOf = colorsOfCorpora(words);
    for (const word of words) assert.match(colorOf(word), /^#/);
    assert.deepEqual(clipTable(clips).shape, [54, 19]);
    assert.equal(countTable(clips, 'speaker').shape[0], 19);
  }).timeout(60_000);
});
