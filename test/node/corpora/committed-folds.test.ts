import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpusNames } from '../../../src/core/base';
import { readCommittedFolds, writeCommittedFolds } from '../../../src/node/corpora';
import { committedFoldsFile, foldsText, manifestClips } from '../../../src/node/corpora/committed-files';

describe('the committed folds', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'folds-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  for (const corpus of corpusNames) {
    it(`of ${corpus} are identical to those computed from its manifest`, () => {
      const { file, folds } = writeCommittedFolds(corpus, directory);
      assert.equal(readFileSync(file, 'utf8'), readFileSync(committedFoldsFile(corpus), 'utf8'));
      const speakers = folds.flatMap((fold) => fold.speakers);
      assert.equal(new Set(speakers).size, speakers.length);
      assert.deepEqual(
        [...readCommittedFolds(corpus)].sort(),
        folds.flatMap(({ fold, speakers: own }) => own.map((speaker) => [speaker, fold] as const)).sort(),
      );
    });
  }

  it('are rejected if they were edited, do not match the manifest, or have a speaker in two folds', () => {
    const file = committedFoldsFile('SAVEE', directory);
    const rows = manifestClips('SAVEE').map(({ path }, i) => ({ path, fold: 1 + (i % 2) }));
    const refused = (text: string, pattern: RegExp): void => {
      writeFileSync(file, text);
      assert.throws(() => readCommittedFolds('SAVEE', directory), pattern);
    };
    refused(
      foldsText('SAVEE', rows),
      /savee\.csv: SAVEE-DC is in two folds; create it again with npm run data -- folds/,
    );
    refused(foldsText('SAVEE', rows.slice(1)), /the folds do not match the clips of the manifest/);
    const committed = readFileSync(committedFoldsFile('SAVEE'), 'utf8');
    refused(committed.replace(',5\n', ',4\n'), /the folds do not match the hash in the first line/);
    rmSync(file);
    assert.throws(() => readCommittedFolds('SAVEE', directory), /the folds cannot be read/);
    writeFileSync(file, committed.replaceAll('\n', '\r\n'));
    assert.equal(readCommittedFolds('SAVEE', directory).size, 4);
  });
});
