import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyLinkedPages } from '../../src/cli/lab';
import { writeNotebookOf } from '../notebook/notebook-of';

describe('npm run lab', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ser-lab-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('copies the pages that notebooks link to into the folder that Jupyter serves', () => {
    const notebooks = join(folder, 'notebooks');
    for (const name of ['notebooks', 'data', 'private']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'data', 'README.md'), '# Data\n');
    writeFileSync(join(folder, 'private', 'notes.md'), '# Notes\n');
    writeNotebookOf(join(notebooks, '01.ipynb'), [
      '# Links\n\n[data](../data/README.md#corpora), [gone](../data/gone.md), [this](README.md), [web](https://a.b/c.md)',
    ]);
    assert.deepEqual(copyLinkedPages(notebooks), ['data/README.md']);
    const copy = readFileSync(join(notebooks, 'data', 'README.md'), 'utf8');
    assert.match(copy, /^> Copy of `data\/README\.md` in the project folder/);
    assert.ok(copy.endsWith('# Data\n'));
  });
});
