import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidFileError } from '../../src/core/base';
import { type CellEvent, readNotebook, runNotebook, writeNotebook } from '../../src/notebook';
import { joinLines } from '../../src/notebook/notebook-file';
import { cellOf, writeNotebookOf } from './notebook-of';
import { until } from '../until';

describe('runNotebook', function () {
  this.timeout(120_000);

  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'ser-run-'))));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('executes the code cells in order, keeps their outputs and reports progress', async () => {
    const file = writeNotebookOf(join(folder, 'two.ipynb'), [
      '# Title',
      `const pid = process.pid;\nprocess.stdout.write('10 %\\r'); process.stdout.write('100 %\\n'); console.error('note');`,
      cellOf(`throw new Error('on purpose');`, ['raises-exception']),
      cellOf('this is not code', ['skip-execution']),
      'pid',
    ]);
    const events: CellEvent[] = [];
    const run = await runNotebook(file, { onCell: (event) => events.push(event) });
    assert.equal(run.failure, undefined);
    const [, first, failing, skipped, last] = run.notebook.cells;
    assert.deepEqual(first.outputs, [
      { output_type: 'stream', name: 'stdout', text: ['100 %\n'] },
      { output_type: 'stream', name: 'stderr', text: ['note\n'] },
    ]);
    assert.equal(failing.outputs?.[0].output_type, 'error');
    assert.deepEqual([skipped.outputs, skipped.execution_count], [[], null]);
    assert.equal(last.execution_count, 3);
    assert.deepEqual(
      events.map(({ state, number, total }) => `${state} ${number}/${total}`),
      ['started 1/3', 'done 1/3', 'started 2/3', 'done 2/3', 'started 3/3', 'done 3/3'],
    );
    assert.equal((run.notebook.metadata.language_info as { name: string }).name, 'typescript');
    assert.deepEqual(readNotebook(file).cells[1].outputs, [], 'the file itself is left as it was');
    assertEnded(last.outputs!);
  });

  it('ignores published outputs', async () => {
    const file = writeNotebookOf(join(folder, 'published.ipynb'), [
      '# Title',
      cellOf('1', ['skip-execution']),
    ]);
    const published = readNotebook(file);
    published.metadata.published = { corpora: 'SAVEE, 480 clips' };
    published.cells[1].outputs = [{ output_type: 'stream', name: 'stdout', text: ['old\n'] }];
    writeNotebook(file, published);
    const { notebook } = await runNotebook(file);
    assert.deepEqual(notebook.cells[1].outputs, []);
    assert.equal(notebook.metadata.published, undefined);
  });

  it('stops at a failed cell and reports its number and source', async () => {
    const file = writeNotebookOf(join(folder, 'fails.ipynb'), [
      '# Title',
      '1',
      'const n: number = "x";',
      '2',
    ]);
    const { failure, notebook } = await runNotebook(file);
    assert.ok(failure);
    assert.deepEqual(
      [failure.cell, failure.number, failure.source, failure.ename],
      [3, 2, 'const n: number = "x";', 'TypeScriptError'],
    );
    assert.deepEqual([notebook.cells[3].outputs, notebook.cells[3].execution_count], [[], null]);
  });

  it('kills the kernel if a cell exceeds the time limit, even with raises-exception', async () => {
    const file = writeNotebookOf(join(folder, 'slow.ipynb'), [
      'process.pid',
      cellOf('for (;;) {}', ['raises-exception']),
      '2',
    ]);
    const { failure, notebook } = await runNotebook(file, { cellTimeoutSec: 3 });
    assert.equal(failure?.ename, 'Timeout');
    assert.equal(failure.cell, 2);
    assertEnded(notebook.cells[0].outputs!);
  });

  it('stops at an interrupted cell, although it has no error output', async () => {
    const interrupted = `setTimeout(() => process.kill(process.pid, 'SIGINT'), 100); await new Promise(() => undefined);`;
    const file = writeNotebookOf(join(folder, 'interrupted.ipynb'), ['1', interrupted, '2']);
    const { failure, notebook } = await runNotebook(file);
    assert.deepEqual([failure?.cell, failure?.ename], [2, 'Interrupted']);
    assert.deepEqual(
      notebook.cells.map(({ outputs }) => outputs?.map(({ output_type: type }) => type)),
      [['execute_result'], ['display_data'], []],
    );
  });

  it('reports a kernel that ends unexpectedly', async () => {
    const file = writeNotebookOf(join(folder, 'dies.ipynb'), [`process.kill(process.pid, 'SIGKILL');`]);
    const { failure } = await runNotebook(file);
    assert.equal(failure?.ename, 'KernelDied');
    assert.match(failure.evalue, /SIGKILL/);
  });

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    it(`ends the kernel if its own process is ended by ${signal}`, async () => {
      const pidFile = join(folder, signal);
      // Written at once, so that it is read completely. During the pause the kernel notices that its parent ended.
      const code = `import { renameSync, writeFileSync } from 'node:fs';
        writeFileSync(process.env.PID_FILE + '.new', String(process.pid));
        renameSync(process.env.PID_FILE + '.new', process.env.PID_FILE!);
        await new Promise((resolve) => setTimeout(resolve, 100_000));`;
      const file = writeNotebookOf(join(folder, 'endless.ipynb'), [code]);
      const runner = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'run-one.ts'), file], {
        env: { ...process.env, PID_FILE: pidFile },
        stdio: 'ignore',
      });
      await until(() => existsSync(pidFile));
      const ended = new Promise((resolve) => runner.once('exit', (_, by) => resolve(by)));
      runner.kill(signal);
      assert.equal(await ended, signal);
      await until(() => !isAlive(Number(readFileSync(pidFile, 'utf8'))));
    });
  }

  it('rejects a file that is not a notebook, with the reason', async () => {
    const faults: [content: string, reason: RegExp][] = [
      ['{ "cells": [', /broken\.ipynb: is not a notebook: .*JSON/],
      ['{ "nbformat": 3, "metadata": {}, "worksheets": [] }', /broken\.ipynb: .*nbformat must be 4, got 3/],
      ['{ "nbformat": 4, "metadata": {} }', /no list of cells/],
      [
        '{ "nbformat": 4, "metadata": {}, "cells": [{ "cell_type": "code", "metadata": {} }] }',
        /cell 1 has no source/,
      ],
      [
        '{ "nbformat": 4, "metadata": {}, "cells": [{ "cell_type": "rich" }] }',
        /the type of cell 1 must be code, markdown or raw, got "rich"/,
      ],
    ];
    const file = join(folder, 'broken.ipynb');
    for (const [content, reason] of faults) {
      writeFileSync(file, content);
      await assert.rejects(
        runNotebook(file),
        (error) => error instanceof InvalidFileError && reason.test(error.message),
      );
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Has the process with the shown id ended? */
function assertEnded(outputs: readonly object[]): void {
  const [output] = outputs as [{ data: { 'text/plain': string[] } }];
  const pid = Number(joinLines(output.data['text/plain']));
  assert.ok(pid > 1);
  assert.equal(isAlive(pid), false);
}
