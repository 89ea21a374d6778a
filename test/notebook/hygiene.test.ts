import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../../src/node/files';
import { maxPublishedBytes, type Notebook, outputBytes, readNotebook } from '../../src/notebook';
import { cellOf, notebookOf } from './notebook-of';
import { notebookProblems, typeProblems } from './notebook-problems';

const importCell = `import * as ser from 'speech-emotion-workbench';`;

describe('notebooks', function () {
  this.timeout(60_000);

  const files = readdirSync(paths.notebooks).filter((name) => name.endsWith('.ipynb'));
  const notebooks = new Map(files.map((name) => [name, readNotebook(join(paths.notebooks, name))]));

  for (const [name, notebook] of notebooks) {
    it(`${name} follows the rules`, () => {
      assert.deepEqual(notebookProblems(notebook), []);
    });
  }

  it('have no type errors', () => {
    assert.deepEqual(typeProblems(notebooks), []);
  });

  it('have outputs small enough for git', () => {
    const total = [...notebooks.values()].reduce((sum, notebook) => sum + outputBytes(notebook), 0);
    assert.ok(total < maxPublishedBytes, `${total} bytes of outputs`);
  });
});

describe('rules for notebooks', function () {
  this.timeout(60_000);

  const good = (): Notebook =>
    notebookOf(['# Title', importCell, 'const n = [1].map((a) => ({\na,\nb: 1,\nc: 1,\nd: 1,\n}));']);

  it('accept a simple notebook', () => {
    assert.deepEqual(notebookProblems(good()), []);
  });

  it('find each kind of problem', () => {
    const faults: [change: (notebook: Notebook) => void, problem: RegExp][] = [
      [(notebook) => (notebook.nbformat_minor = 4), /^nbformat is 4\.4/],
      [(notebook) => (notebook.metadata.kernelspec = { name: 'python3' }), /^its kernel is python3/],
      [(notebook) => delete notebook.cells[1].id, /^a cell has no id/],
      [(notebook) => (notebook.cells[1].id = notebook.cells[2].id), /^two cells have the same id/],
      [(notebook) => notebook.cells.shift(), /^it does not open with a heading/],
      [(notebook) => (notebook.cells[1].source = ''), /^it imports nothing/],
      [
        (notebook) => notebook.cells.push(cellOf(`import fs from 'node:fs';`)),
        /^it imports .*, node:fs, instead of only the library/,
      ],
      [
        (notebook) => notebook.cells.push(cellOf('const f = () => {\n\n\n\n  return 1;\n};')),
        /^cell 4: a function of 6 lines/,
      ],
      [
        ({ cells }) => (cells[2].outputs = [{ output_type: 'stream', name: 'stdout', text: ['7\n'] }]),
        /^it has outputs that were not published/,
      ],
    ];
    for (const [change, problem] of faults) {
      const notebook = good();
      change(notebook);
      const problems = notebookProblems(notebook);
      assert.equal(problems.length, 1, `${String(problem)}: ${problems.join('; ')}`);
      assert.match(problems[0], problem);
    }
  });

  it('find type errors across cells with strict options', () => {
    const wrong = notebookOf([
      '# T',
      importCell,
      'const n = 1;',
      'const s: string = n;\nconst f = (x) => x;',
    ]);
    const right = notebookOf(['# T', importCell, 'await Promise.resolve();\nser.showMarkdown(`so`);']);
    const problems = typeProblems(
      new Map([
        ['wrong.ipynb', wrong],
        ['right.ipynb', right],
      ]),
    );
    assert.equal(problems.length, 2, problems.join('\n'));
    assert.match(
      problems[0],
      /^notebooks\/wrong\.ipynb\.mts: Type 'number' is not assignable.*\(const s: string = n;\)$/,
    );
    assert.match(problems[1], /implicitly has an 'any' type/);
  });
});
