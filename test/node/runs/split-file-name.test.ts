import assert from 'node:assert/strict';
import { splitFileName } from '../../../src/node/runs';

describe('splitFileName', () => {
  it('replaces spaces and commas by hyphens and keeps letters of any script', () => {
    assert.equal(splitFileName('fold 1, sentences A'), 'fold-1-sentences-A');
    assert.equal(splitFileName('SAVEE-DC'), 'SAVEE-DC');
    assert.equal(splitFileName('phone-calls-张三'), 'phone-calls-张三');
    assert.equal(splitFileName('calls-Jörg'), 'calls-Jörg');
  });

  it('is unique and cannot leave the folder', () => {
    const names = ['../a', '..:a', 'Ann/Bob', 'Ann:Bob', 'Ann Bob', 'a.b', 'a..b', 'e\u0301', 'e\u0300'];
    const files = names.map(splitFileName);
    assert.equal(new Set(files).size, names.length);
    assert.ok(files.every((file) => !/[./\\:]/.test(file)));
  });
});
