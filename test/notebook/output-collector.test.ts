import fc from 'fast-check';
import assert from 'node:assert/strict';
import { compactText, OutputCollector, terminalText } from '../../src/notebook/runner/run-notebook';

describe('terminalText', () => {
  it('applies carriage returns like a terminal', () => {
    const cases: [string, string][] = [
      ['10 %\r100 %\n', '100 %\n'],
      ['long line\rshort\n', 'shortline\n'],
      ['dos\r\nlines\r\n', 'dos\nlines\n'],
      ['one\ntwo\rTWO\nthree', 'one\nTWO\nthree'],
      ['50 %\r', '50 %'],
    ];
    for (const [written, shown] of cases) assert.equal(terminalText(written), shown);
  });

  it('keeps one line of a progress bar that was redrawn a thousand times', () => {
    const bar = Array.from({ length: 1000 }, (_, i) => `${i} of 1000\r`).join('');
    assert.equal(compactText(bar), '999 of 1000\r');
  });

  it('gives the same result for text in one or several pieces', () => {
    const text = fc.array(fc.constantFrom('a', 'bc', '\r', '\n', '9'), { maxLength: 30 });
    fc.assert(
      fc.property(text, (pieces) => {
        const stepwise = pieces.reduce((written, piece) => compactText(written + piece), '');
        assert.equal(terminalText(stepwise), terminalText(pieces.join('')));
      }),
    );
  });
});

describe('OutputCollector', () => {
  const stream = (parentId: string, name: string, text: string) => ({
    type: 'stream',
    parentId,
    content: { name, text },
  });
  const shown = (type: string, parentId: string, text: string, id: string) => ({
    type,
    parentId,
    content: { data: { 'text/plain': text }, metadata: {}, transient: { display_id: id } },
  });

  it('joins the text of each stream', () => {
    const collector = new OutputCollector();
    for (const [name, text] of [
      ['stdout', 'a'],
      ['stdout', 'b\nc'],
      ['stderr', 'd'],
      ['stdout', 'e'],
    ]) {
      collector.add(stream('1', name, text));
    }
    assert.deepEqual(collector.outputs('1'), [
      { output_type: 'stream', name: 'stdout', text: ['ab\n', 'c'] },
      { output_type: 'stream', name: 'stderr', text: ['d'] },
      { output_type: 'stream', name: 'stdout', text: ['e'] },
    ]);
  });

  it('replaces a displayed output in all cells, also from a later cell', () => {
    const collector = new OutputCollector();
    collector.add(shown('display_data', '1', 'first', 'x'));
    collector.add(shown('display_data', '1', 'other', 'y'));
    collector.add(shown('update_display_data', '2', 'second', 'x'));
    const texts = collector
      .outputs('1')
      .map((output) => output.output_type === 'display_data' && output.data);
    assert.deepEqual(texts, [{ 'text/plain': ['second'] }, { 'text/plain': ['other'] }]);
    assert.deepEqual(collector.outputs('2'), []);
  });

  it('assigns late text to the cell that wrote it', () => {
    const collector = new OutputCollector();
    collector.add(stream('1', 'stdout', 'one\n'));
    collector.add(stream('2', 'stdout', 'two\n'));
    collector.add(stream('1', 'stdout', 'late\n'));
    assert.deepEqual(collector.outputs('1'), [
      { output_type: 'stream', name: 'stdout', text: ['one\n', 'late\n'] },
    ]);
  });

  it('clears a cell on clear_output and ignores other messages', () => {
    const collector = new OutputCollector();
    collector.add({ type: 'execute_input', parentId: '1', content: { code: '1' } });
    assert.deepEqual(collector.outputs('1'), []);
    collector.add(stream('1', 'stdout', 'text'));
    collector.add({ type: 'clear_output', parentId: '1', content: { wait: false } });
    assert.deepEqual(collector.outputs('1'), []);
  });
});
