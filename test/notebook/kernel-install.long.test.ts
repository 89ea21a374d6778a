import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildPlotly } from '../../src/node/build';
import { projectRoot } from '../../src/node/files';
import { findJupyter, installKernel, jupyterDataFolder, kernelName } from '../../src/notebook';
import { writeNotebookOf } from './notebook-of';

describe('an installed kernel in Jupyter', function () {
  this.timeout(240_000);
  let data: string;
  const before_ = { ...process.env };
  let jupyter: string;

  before(function () {
    jupyter = join(dirname(findJupyter('lab')?.command[0] ?? ''), 'jupyter');
    if (spawnSync(jupyter, ['nbconvert', '--version']).status !== 0) {
      console.log('    not tested: Jupyter with nbconvert is not installed');
      this.skip();
    }
    data = mkdtempSync(join(tmpdir(), 'ser-data-'));
    process.env.JUPYTER_DATA_DIR = data;
  });
  after(() => {
    if (before_.JUPYTER_DATA_DIR === undefined) delete process.env.JUPYTER_DATA_DIR;
    else process.env.JUPYTER_DATA_DIR = before_.JUPYTER_DATA_DIR;
    if (data) rmSync(data, { recursive: true });
  });

  it('is found by Jupyter and runs cells of another folder in the project', async () => {
    await buildPlotly();
    const { kernel } = installKernel();
    const listed = spawnSync(jupyter, ['kernelspec', 'list', '--json'], { encoding: 'utf8' });
    const { kernelspecs } = JSON.parse(listed.stdout) as {
      kernelspecs: Record<string, { resource_dir: string }>;
    };
    assert.equal(kernelspecs[kernelName].resource_dir, kernel.folder);
    assert.equal(jupyterDataFolder(), spawnSync(jupyter, ['--data-dir'], { encoding: 'utf8' }).stdout.trim());
    const elsewhere = join(data, 'elsewhere');
    mkdirSync(elsewhere);
    writeNotebookOf(join(elsewhere, 'a.ipynb'), [
      `import { existsSync } from 'node:fs';
import * as ser from 'speech-emotion-workbench';
console.log(process.cwd(), existsSync('notebooks/README.md'), typeof ser.loadCorpora);`,
    ]);
    const options = ['nbconvert', '--execute', '--to', 'markdown', '--stdout', 'a.ipynb'];
    const { stdout, stderr } = spawnSync(jupyter, options, { cwd: elsewhere, encoding: 'utf8' });
    assert.ok(stdout.includes(`${projectRoot} true function`), stdout + stderr);
  });
});
