import assert from 'node:assert/strict';
import type { Clip } from '../../src/core/base';
import { experimentConfig } from '../../src/core/config';
import { auditSplit } from '../../src/core/dataset';
import { mfcc, stft } from '../../src/core/dsp';
import {
  abstention,
  calibration,
  classificationReport,
  confusionMatrix,
  type Predictions,
  scoreReport,
  sliceScores,
  underProtocol,
} from '../../src/core/evaluation';
import type { FeatureSet } from '../../src/core/features';
import { clipTable } from '../../src/node/corpora';
import { bundlesOf, type MimeBundle, show } from '../../src/notebook';
import { installCellHost } from '../../src/notebook/display';
import { isFigure } from '../../src/notebook/figure';
import { fakeHost } from './fake-host';

const clips = Array.from({ length: 24 }, (_, i): Clip => ({
  path: `savee/ALL/${i}.wav`,
  corpus: 'SAVEE',
  label: 'a',
  emotion: i % 2 ? 'angry' : 'sad',
  speaker: `SAVEE-${i % 4}`,
  sampleRate: 16_000,
  channels: 1,
  durationSec: 1 + i / 10,
  sha256: String(i).padStart(64, '0'),
}));
const predictions: Predictions = {
  ...underProtocol('speakers'),
  classes: ['angry', 'sad'],
  clips,
  actual: Int32Array.from(clips, ({ emotion }) => (emotion === 'angry' ? 0 : 1)),
  probabilities: Float32Array.from(clips.flatMap((_, i) => (i % 3 ? [0.75, 0.25] : [0.25, 0.75]))),
  splitOf: new Int32Array(24),
  splits: ['fold 1'],
};
const figure = { data: [{ type: 'scatter', x: [1], y: [1] }], layout: { title: { text: 'Mine' } } };
const samples = new Float32Array(8000).map((_, i) => Math.sin(i / 10));

/** The plain text of each output. Outside a notebook no picture is drawn. */
async function texts(value: unknown): Promise<string[]> {
  return (await bundlesOf(value)).map((bundle) => bundle['text/plain'] as string);
}
const html = async (value: unknown): Promise<string> =>
  (await bundlesOf(value)).map((bundle) => bundle['text/html'] as string).join('\n');

describe('show', function () {
  this.timeout(30_000);

  it('shows ten rows of a data frame, and the number of further rows', async () => {
    const table = clipTable(clips);
    const [text] = await texts(table);
    assert.equal(text.split('\n').length, 12);
    assert.match(text, /^corpus {2}emotion/);
    assert.match(text, /\n… 14 more rows$/);
    assert.match(await html(table), /<table>[^]*<em>… 14 more rows<\/em>/);
  });

  it('shows a series, and the names of rows', async () => {
    const table = clipTable(clips);
    assert.deepEqual(await texts(table.column('emotion').valueCounts()), ['        0\nsad    12\nangry  12']);
    const [described] = await texts(table.loc({ columns: ['durationSec', 'sampleRate'] }).describe());
    assert.match(described, /^ +durationSec {2}sampleRate\ncount +24 +24\nmean/);
  });

  for (const [name, value, expected] of [
    ['a figure', figure, ['[figure: Mine]']],
    [
      'a waveform',
      { samples, sampleRate: 8000 },
      ['[audio: Waveform, 1.00 s, 8000 Hz]', '[figure: Waveform]'],
    ],
    ['a long waveform without player', { samples, sampleRate: 100 }, ['[figure: Waveform]']],
    [
      'decoded audio',
      { channels: [samples, samples], sampleRate: 8000 },
      ['[audio: Waveform, 1.00 s, 8000 Hz]', '[figure: Waveform]'],
    ],
    ['a matrix', mfcc(samples, { sampleRate: 8000, fMax: 4000 }), ['[figure: Matrix]']],
    ['a spectrum', stft(samples), ['[figure: Power (dB relative to the maximum)]']],
    ['a calibration', calibration(predictions), ['[figure: Is the model as accurate as it is confident?]']],
    ['an abstention curve', abstention(predictions), ['[figure: Accuracy if the model may abstain]']],
    ['records', [{ a: 1, b: 'x' }, { a: 2 }], ['a  b\n1  x\n2']],
    ['a map', new Map([['a', 1]]), ['key  value\na        1']],
    ['a map of records', new Map([['x', { a: 1 }]]), ['key  a\nx    1']],
    ['a set', new Set([1, 2]), ['Set(2) { 1, 2 }']],
    ['text', 'one\ntwo', ['one\ntwo']],
    ['a number', 42, ['42']],
    [
      'an error',
      new RangeError('far', { cause: new Error('near') }),
      ['RangeError: far\nCaused by Error: near'],
    ],
    ['a promise', Promise.resolve('later'), ['later']],
    ['a MIME bundle', { 'text/html': '<b>b</b>', 'text/plain': 'b' }, ['b']],
    [
      'an object with its own display method',
      { [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'own' }) },
      ['own'],
    ],
    ['several things', [figure, 'text', [{ a: 1 }]], ['[figure: Mine]', 'text', 'a\n1']],
    ['nothing for undefined', undefined, []],
    ['nothing for null', null, []],
  ] as const)
    it(`shows ${name}`, async () => {
      assert.deepEqual(await texts(value), expected);
    });

  for (const [name, value, pattern] of [
    [
      'clips',
      clips,
      /^corpus +emotion[^]*durationSec +file[^]*\nSAVEE +sad +a +SAVEE-0 +1 +0\.wav[^]*14 more rows$/,
    ],
    ['a clip', clips[0], /^corpus[^]*\nSAVEE[^\n]*$/],
    ['predictions', predictions, /^24 predictions under speakers \(.*\)\n[^]*\n… 14 more rows$/],
    ['a score report', scoreReport(predictions), /^Protocol: speakers[^]*\npooled /],
    ['a classification report', classificationReport(predictions), /precision +recall[^]*angry/],
    [
      'a confusion matrix',
      confusionMatrix(predictions),
      /^Protocol: speakers[^]*actual, predicted as[^]*\nangry /,
    ],
    ['slices', sliceScores(predictions, { by: 'speaker' }), /SAVEE-0/],
    [
      'a config with marked changes',
      experimentConfig('quick', { training: { epochs: 3 } }),
      /^experiment from preset quick[^]*\n\* {3}epochs: 3 \(preset: 12\)/,
    ],
  ] as const)
    it(`shows ${name}`, async () => {
      const bundles = await bundlesOf(value);
      assert.equal(bundles.length, 1);
      assert.match(bundles[0]['text/plain'] as string, pattern);
      assert.match(bundles[0]['text/html'] as string, /<table|<pre[^>]*overflow-x:auto/);
    });

  it('shows the options of a config with their descriptions', async () => {
    const table = await html(experimentConfig('quick', { training: { epochs: 3 } }));
    assert.match(
      table,
      />\*<\/td>[^\n]*training\.epochs[^\n]*>3<\/td>[^\n]*>12<\/td>[^\n]*passes over the training rows/,
    );
    assert.doesNotMatch(await html(experimentConfig('quick')), /in the preset/);
  });

  it('shows an audit as an aligned table, and as text', async () => {
    const set = { clips, versions: ['original'] };
    const rows = (test: (i: number) => boolean) => Int32Array.from([...clips.keys()].filter(test));
    const split = {
      name: 'fold 1',
      train: rows((i) => i % 4 > 0),
      validation: rows(() => false),
      test: rows((i) => i % 4 === 0),
    };
    const audit = auditSplit(set, split, { protocol: 'speakers' });
    for (const value of [audit, [audit, { ...audit, split: 'fold 2' }]]) {
      const [bundle, ...others] = await bundlesOf(value);
      assert.equal(others.length, 0);
      assert.match(bundle['text/plain'] as string, /^protocol speakers, [^]*shared speakers +0 of/);
      assert.match(bundle['text/html'] as string, /<td[^>]*>shared speakers<\/td><td[^>]*>0 of/);
    }
    assert.deepEqual(await texts([split]), [
      'split   training rows  validation rows  test rows\nfold 1             18                0          6',
    ]);
  });

  it('shows a feature set by its shape and clips', async () => {
    const set: FeatureSet = {
      data: new Float32Array(24 * 6),
      shape: [24, 1, 3, 2],
      frames: new Int32Array(24).fill(3),
      clips,
      versions: ['original'],
      columns: ['rms', 'zcr'],
      failed: [],
      leftOut: [],
      config: {} as FeatureSet['config'],
    };
    const [facts, rows, ...others] = await texts(set);
    assert.match(facts, /shape +24 clips × 1 version × 3 frames × 2 coefficients\n/);
    assert.match(rows, /^clip +emotion +speaker +frames\n0\.wav +sad +SAVEE-0 +3\n[^]*14 more rows$/);
    assert.equal(others.length, 0);
  });

  it('shows a prediction without player if there is no recording', async () => {
    const probabilities = [
      { emotion: 'sad', probability: 0.6 },
      { emotion: 'angry', probability: 0.4 },
    ];
    const prediction = {
      ...underProtocol('speakers'),
      emotion: 'sad',
      model: 'm',
      abstained: false,
      threshold: 0,
      durationSec: 1,
      probabilities,
      timeline: [{ startSec: 0, endSec: 1, probabilities }],
      segments: [{ startSec: 0, endSec: 1, label: 'sad', probabilities }],
      notes: ['one note'],
    };
    assert.deepEqual(await texts(prediction), ['[figure: sad, 60.0 %]', '- one note']);
  });

  it('shows at most 40 lines of another object', async () => {
    const [text] = await texts(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`key${i}`, { i }])));
    const lines = text.split('\n');
    assert.equal(lines.length, 41);
    assert.equal(lines.at(-1), '… 162 more lines');
  });

  it('never fails on an unusual object', async () => {
    const circular: Record<string, unknown> = { name: 'circular' };
    circular.self = circular;
    const throwing = new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : thrown()) });
    const thrown = (): never => {
      throw new Error('getter');
    };
    for (const value of [
      circular,
      [circular],
      throwing,
      [],
      {},
      new Map(),
      Symbol('s'),
      () => 1,
      3n,
      Object.create(null),
      [null],
      [undefined, 1],
    ])
      assert.equal((await texts(value)).length, 1);
  });

  it('states why a value is not shown in the usual form', async () => {
    const [text] = await texts({ data: new Float32Array(0), shape: [0, 0] });
    assert.match(text, /^\{[^]*\(not shown as a matrix: matrix must be a matrix with at least one frame/);
  });

  it('accepts a title', async () => {
    assert.match(
      (await bundlesOf([{ a: 1 }], { title: 'Rows' }))[0]['text/html'] as string,
      /<caption[^>]*>Rows</,
    );
    const [player] = await bundlesOf({ samples, sampleRate: 8000 }, { title: 'Sine' });
    assert.equal(player['text/plain'], '[audio: Sine, 1.00 s, 8000 Hz]');
  });

  it('displays the outputs in order in a notebook, with pictures', async () => {
    const shown: MimeBundle[] = [];
    installCellHost(fakeHost((bundle) => void shown.push(bundle)));
    try {
      await show([[{ a: 1 }], figure]);
    } finally {
      installCellHost(undefined);
    }
    assert.deepEqual(
      shown.map((bundle) => Object.keys(bundle).join()),
      ['text/html,text/plain', 'text/html,image/png,text/plain'],
    );
  });
});

describe('show, given hostile values', () => {
  const failing = (message: string) => () => {
    throw new Error(message);
  };

  it('says that a value cannot be read', async () => {
    const inspect = Symbol.for('nodejs.util.inspect.custom');
    const trap = new Proxy(
      {},
      { get: failing('get'), getPrototypeOf: failing('type'), ownKeys: failing('keys') },
    );
    const values: unknown[] = [
      Object.defineProperty({}, 'then', { get: failing('then'), enumerable: true }),
      Object.defineProperty({}, Symbol.toStringTag, { get: failing('tag') }),
      { [inspect]: failing('inspect') },
      trap,
      [{ data: [], layout: {} }, trap],
    ];
    for (const value of values) assert.equal((await texts(value)).length > 0, true);
  });

  it('ends for values that contain themselves', async () => {
    const error = new Error('mine', { cause: 'other' });
    error.cause = error;
    assert.deepEqual(await texts(error), ['Error: mine']);
    const list: unknown[] = [figure];
    list.push(list);
    assert.equal((await texts(list)).length, 2);
  });

  it('does not count the holes of a huge array, or the missing values of a matrix', async () => {
    assert.deepEqual(await texts(new Array(4e9)), ['[ <4000000000 empty items> ]']);
    const [text] = await texts({ data: new Float32Array(3), shape: [1e9, 5] });
    assert.match(text, /^\{ data: Float32Array\(3\)/);
  });

  it('rejects as a promise does', async () => {
    await assert.rejects(bundlesOf(Promise.reject(new RangeError('late'))), /late/);
  });
});

describe('isFigure', () => {
  it('recognises figures only', () => {
    assert.equal(isFigure(figure), true);
    for (const value of [
      undefined,
      3,
      {},
      { data: samples, layout: {} },
      { data: [{}], layout: {} },
      { data: [] },
    ])
      assert.equal(isFigure(value), false);
  });
});
