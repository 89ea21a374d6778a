import assert from 'node:assert/strict';
import { createRandom } from '../../src/core/base';
import { renderPng } from '../../src/node/drawing';
import {
  clearNotebook,
  type MimeBundle,
  type Notebook,
  publicationOf,
  publicationProblems,
  publishNotebook,
} from '../../src/notebook';
import { audioBundle } from '../../src/notebook/recordings';
import { figureBundle } from '../../src/notebook/figure';
import type { Cell, Output } from '../../src/notebook/notebook-file';
import { progressBundle } from '../../src/notebook/progress';
import { machineTraces, reduceOutput } from '../../src/notebook/publication';
import { tableBundle } from '../../src/notebook/table';
import { cellOf, notebookOf } from './notebook-of';

const facts = { corpora: 'SAVEE, 480 clips', dataFingerprint: '0123456789abcdef', commit: 'c0ffee' };

const shown = (data: MimeBundle): Output => ({ output_type: 'display_data', data, metadata: {} });
const printed = (text: string): Output => ({ output_type: 'stream', name: 'stdout', text: [text] });

async function dataOf(bundle: MimeBundle): Promise<Record<string, unknown>> {
  const output = await reduceOutput(shown(bundle), []);
  return 'data' in output ? output.data : {};
}

describe('reduceOutput', function () {
  this.timeout(60_000);

  it('keeps the picture of a figure with fewer bytes, and its title', async () => {
    const random = createRandom(1);
    const z = Array.from({ length: 40 }, () => Array.from({ length: 60 }, () => random.uniform(0, 1)));
    const figure = { data: [{ type: 'heatmap', z }], layout: { title: { text: 'Noise' } } };
    const png = await renderPng(figure, { width: 400, height: 300 });
    const data = await dataOf(figureBundle(figure, { id: 'f', width: 400, height: 300, png }));
    assert.deepEqual(Object.keys(data).sort(), ['image/png', 'text/plain']);
    assert.deepEqual(data['text/plain'], ['[figure: Noise]']);
    const reduced = Buffer.from(data['image/png'] as string, 'base64');
    const header = reduced.subarray(12, 33);
    assert.equal(header.toString('latin1', 0, 4), 'IHDR');
    assert.deepEqual([header.readUInt32BE(4), header.readUInt32BE(8)], [600, 450]);
    assert.equal(header[13], 3, 'its colours are a palette');
    assert.ok(reduced.length < 0.7 * png.length, `${reduced.length} of ${png.length} bytes`);
  });

  it('replaces an audio player by a line that names the clip', async () => {
    const samples = Float32Array.from({ length: 1600 }, (_, i) => Math.sin(i));
    const data = await dataOf(audioBundle({ samples, sampleRate: 16_000 }, { title: 'angry: DC' }));
    assert.deepEqual(data, {
      'text/plain': ['[audio: angry: DC, 0.10 s, 16000 Hz] The player appears when the notebook runs.'],
    });
  });

  it('keeps tables as HTML and text, and progress as text', async () => {
    const table = tableBundle([{ emotion: 'sad', clips: 7 }], { title: 'T' });
    const data = await dataOf(table);
    assert.equal((data['text/html'] as string[]).join(''), table['text/html']);
    assert.equal((data['text/plain'] as string[]).join(''), table['text/plain']);
    const bar = progressBundle({ label: 'features', done: 3, total: 3, elapsedSec: 2 });
    assert.deepEqual(await dataOf(bar), { 'text/plain': ['features: 3 of 3 in 2.0 s'] });
  });

  it('replaces local folders in text and errors', async () => {
    const renames = [
      ['/home/me/workbench/', ''],
      ['/home/me', 'HOME'],
    ] as const;
    const text = await reduceOutput(
      printed('see /home/me/workbench/runs/1.json and /home/me/a.wav\n'),
      renames,
    );
    assert.deepEqual(text, printed('see runs/1.json and HOME/a.wav\n'));
    const error: Output = {
      output_type: 'error',
      ename: 'E',
      evalue: 'no /home/me/a.wav',
      traceback: ['E: no /home/me/a.wav', '    at /home/me/workbench/src/a.ts:1:1'],
    };
    assert.deepEqual(await reduceOutput(error, renames), {
      ...error,
      evalue: 'no HOME/a.wav',
      traceback: ['E: no HOME/a.wav', '    at src/a.ts:1:1'],
    });
  });
});

describe('machineTraces', () => {
  it('finds absolute paths of any system and given names', () => {
    for (const text of ['in /home/anna/x', '"/tmp/a1"', '<td>/Users/anna</td>', 'file:///x', 'C:\\Users\\a'])
      assert.equal(machineTraces(text).length, 1, text);
    assert.deepEqual(machineTraces('on box-7, by anna', ['box-7', 'anna', 'ann']), ['box-7', 'anna']);
  });

  it('ignores addresses and relative paths', () => {
    for (const text of [
      'runs/05/a.json',
      '…/corpora',
      '</table>',
      'https://a.org/home/x',
      'and/or',
      '1/2',
      './tmp/a',
    ])
      assert.deepEqual(machineTraces(text, ['anna']), [], text);
    assert.deepEqual(machineTraces('joanna', ['anna']), []);
  });
});

describe('a published notebook', () => {
  const executed = (outputs: Output[]): Notebook =>
    notebookOf(['# T', { ...cellOf('1 + 1'), outputs, execution_count: 1 }]);
  const codeOf = ({ cells }: Notebook): Cell => cells[1];

  it('has no problems before it runs, when published, and however Jupyter splits its text', async () => {
    assert.deepEqual(publicationProblems(notebookOf(['# T', '1 + 1'])), []);
    const published = await publishNotebook(executed([printed('one\ntwo\n')]), facts);
    assert.deepEqual(publicationProblems(published), []);
    assert.equal(publicationOf(published)?.corpora, 'SAVEE, 480 clips');
    assert.deepEqual(codeOf(published).outputs, [{ ...printed(''), text: ['one\n', 'two\n'] }]);
    codeOf(published).outputs = [printed('one\ntwo\n')];
    assert.deepEqual(publicationProblems(published), []);
  });

  it('is identical when published again', async () => {
    const [a, b] = await Promise.all([1, 2].map(() => publishNotebook(executed([printed('1')]), facts)));
    assert.deepEqual(a, b);
  });

  it('is restored by clearing it', async () => {
    const before = notebookOf(['# T', '1 + 1']);
    assert.deepEqual(clearNotebook(await publishNotebook(executed([printed('2')]), facts)), before);
  });

  it('is recognised as outdated if its outputs or cells have changed', async () => {
    assert.deepEqual(publicationProblems(executed([printed('2')])), [
      'it has outputs that were not published',
    ]);
    const rerun = await publishNotebook(executed([printed('2')]), facts);
    codeOf(rerun).outputs = [printed('3')];
    assert.deepEqual(publicationProblems(rerun), ['its outputs have changed since it was published']);
    const edited = await publishNotebook(executed([printed('2')]), facts);
    codeOf(edited).source = '1 + 2';
    assert.deepEqual(publicationProblems(edited), ['its cells have changed since it was published']);
  });

  it('must not contain audio, scripts, other types or local paths; the cell is named', async () => {
    const faults: [Output, RegExp][] = [
      [
        shown({ 'text/html': '<audio src="data:audio/wav;base64,UklG"></audio>' }),
        /^cell 2: its output contains audio$/,
      ],
      [shown({ 'text/html': '<div></div><script>1</script>' }), /^cell 2: its output contains scripts/],
      [shown({ 'text/html': '<img src="data:image/png;base64,iVBO">' }), /^cell 2: .* or embedded data$/],
      [printed('wrote /tmp/a1/model'), /^cell 2: its output contains \/tmp\/a1$/],
      [printed('by box-7'), /^cell 2: its output contains box-7$/],
    ];
    for (const [output, problem] of faults) {
      const problems = publicationProblems(await publishNotebook(executed([output]), facts), ['box-7']);
      assert.equal(problems.length, 1, problems.join('; '));
      assert.match(problems[0], problem);
    }
    const [, kind] = publicationProblems(executed([shown({ 'application/json': {} })]));
    assert.equal(kind, 'cell 2: its output has the type application/json');
  });
});
