import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { paths } from '../../src/node/files';
import {
  findJupyter,
  hasWidgets,
  type Jupyter,
  jupyterLaunch,
  jupyterPath,
  kernelDisplayName,
  kernelName,
  missingWidgets,
} from '../../src/notebook';

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
    assert.deepEqual(findJupyter('lab'), {
      application: 'lab',
      command: [process.env.SER_JUPYTER, 'lab'],
      version: '4.6.4',
    });
  });

  it('skips a command that prints no version', () => {
    process.env.SER_JUPYTER = jupyterThatSays('command not found');
    assert.notEqual(findJupyter('lab')?.command[0], process.env.SER_JUPYTER);
  });

  it('finds ipywidgets in the data folders of a Jupyter, and explains how to add it', () => {
    const data = join(folder, 'share');
    const jupyter: Jupyter = {
      application: 'lab',
      command: [jupyterThatSays(JSON.stringify({ data: [data] }).replaceAll('"', '\\"')), 'lab'],
    };
    assert.equal(hasWidgets(jupyter), false);
    assert.match(missingWidgets(jupyter), /python -m pip install ipywidgets, with the Python of .*jupyter/);
    const extension = join(data, 'labextensions', '@jupyter-widgets', 'jupyterlab-manager');
    mkdirSync(extension, { recursive: true });
    writeFileSync(join(extension, 'package.json'), '{}');
    assert.equal(hasWidgets(jupyter), true);
    assert.equal(
      hasWidgets({ application: 'lab', command: [jupyterThatSays('no such option'), 'lab'] }),
      undefined,
    );
    assert.match(
      missingWidgets({ application: 'lab', command: ['py', '-m', 'jupyterlab'] }),
      /: py -m pip install/,
    );
  });
});

describe('jupyterLaunch', () => {
  it('serves the notebooks in Lab, with the project’s kernel and the same Node', () => {
    const { program, args, env } = jupyterLaunch({ application: 'lab', command: ['jupyter', 'lab'] }, [
      '--port',
      '9',
    ]);
    assert.equal(program, 'jupyter');
    assert.deepEqual(args, ['lab', `--ServerApp.root_dir=${paths.notebooks}`, '--port', '9']);
    assert.equal(env.JUPYTER_PATH.split(delimiter)[0], jupyterPath);
    assert.equal(env.PATH.split(delimiter)[0], dirname(process.execPath));
  });

  it('serves the notebooks in Jupyter Notebook, or another folder', () => {
    const jupyter: Jupyter = { application: 'notebook', command: ['jupyter-notebook'] };
    assert.deepEqual(jupyterLaunch(jupyter).args, [`--notebook-dir=${paths.notebooks}`]);
    assert.deepEqual(jupyterLaunch(jupyter, [], '/lesson').args, ['--notebook-dir=/lesson']);
  });

  it('allows uploads of 100 MB and as much output in a second', () => {
    const { env } = jupyterLaunch({ application: 'lab', command: ['jupyter-lab'] });
    const file = join(env.JUPYTER_CONFIG_PATH.split(delimiter)[0], 'jupyter_server_config.json');
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {
      ServerApp: { tornado_settings: { websocket_max_message_size: 100 * 1024 * 1024 } },
      ZMQChannelsWebsocketConnection: { iopub_data_rate_limit: 1e8 },
    });
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
