import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { projectRoot } from '../../src/node/files';
import { findJupyter, jupyterLaunch, jupyterPath, kernelDisplayName, kernelName } from '../../src/notebook';

describe('findJupyter', function () {
  let folder: string;
  const chosen = process.env.SER_JUPYTER;
  before(function () {
    if (process.platform === 'win32') this.skip(); // A shell script replaces Jupyter in this test.
    folder = mkdtempSync(join(tmpdir(), 'ser-jupyter-'));
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true });
    if (chosen === undefined) delete process.env.SER_JUPYTER;
    else process.env.SER_JUPYTER = chosen;
  });

  function jupyterThatSays(version: string): string {
    const file = join(folder, 'jupyter');
    writeFileSync(file, `#!/bin/sh\necho "${version}"\n`);
    chmodSync(file, 0o755);
    return file;
  }

  it('prefers the command in SER_JUPYTER', () => {
    process.env.SER_JUPYTER = jupyterThatSays('4.6.4');
    assert.deepEqual(findJupyter('lab'), { application: 'lab', command: [process.env.SER_JUPYTER, 'lab'] });
  });

  it('skips a command that prints no version', () => {
    process.env.SER_JUPYTER = jupyterThatSays('command not found');
    assert.notEqual(findJupyter('lab')?.command[0], process.env.SER_JUPYTER);
  });
});

describe('jupyterLaunch', () => {
  it('starts Lab at the project root and opens the notebooks, with the project’s kernel and the same Node', () => {
    const { program, args, env } = jupyterLaunch({ application: 'lab', command: ['jupyter', 'lab'] }, [
      '--port',
      '9',
    ]);
    assert.equal(program, 'jupyter');
    assert.deepEqual(args, [
      'lab',
      `--ServerApp.root_dir=${projectRoot}`,
      '--LabApp.default_url=/lab/tree/notebooks',
      '--port',
      '9',
    ]);
    assert.equal(env.JUPYTER_PATH.split(delimiter)[0], jupyterPath);
    assert.equal(env.PATH.split(delimiter)[0], dirname(process.execPath));
  });

  it('starts Jupyter Notebook at the project root', () => {
    const { args } = jupyterLaunch({ application: 'notebook', command: ['jupyter-notebook'] });
    assert.deepEqual(args, [`--notebook-dir=${projectRoot}`]);
  });

  it('contains a valid kernelspec that refers to existing files', () => {
    const folder = join(jupyterPath, 'kernels', kernelName);
    const spec = JSON.parse(readFileSync(join(folder, 'kernel.json'), 'utf8')) as {
      argv: string[];
      display_name: string;
      env: Record<string, string>;
    };
    assert.equal(spec.display_name, kernelDisplayName);
    assert.equal(spec.env.TF_CPP_MIN_LOG_LEVEL, '2');
    const file = spec.argv.find((argument) => argument.includes('{resource_dir}'));
    assert.ok(existsSync(file!.replace('{resource_dir}', folder)));
  });
});
