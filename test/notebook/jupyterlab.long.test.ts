import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Browser } from 'playwright-core';
import { paths, projectRoot } from '../../src/node/files';
import { findJupyter, jupyterLaunch } from '../../src/notebook';
import { chromiumPath, launchChromium } from '../chromium';
import { writeNotebookOf } from './notebook-of';

/** JupyterLab and Chromium take seconds to start, and the kernel may have to compile the library. */
const patienceMs = 120_000;

const cells = [
  '# A figure, a table and a sound',
  `import { showAudio, showFigure, showTable } from 'speech-emotion-workbench';`,
  `await showFigure({
  data: [{ type: 'scatter', x: [0, 1, 2], y: [3, 1, 2] }],
  layout: { title: { text: 'Not an end: </script>' }, xaxis: { title: { text: 'time (s)' } } },
});`,
  `showTable([{ emotion: '<b>angry</b>', clips: 12345 }, { emotion: 'sad', clips: 7 }]);`,
  `showAudio({ samples: new Float32Array(1600), sampleRate: 16000 }, { title: 'silence' });`,
  `throw new RangeError('too far');`,
];

describe('a notebook in JupyterLab', function () {
  this.timeout(2 * patienceMs);

  let scratch: string;
  let folder: string;
  let server: ChildProcess | undefined;
  let browser: Browser | undefined;

  before(function () {
    const jupyter = findJupyter('lab');
    if (jupyter === undefined || chromiumPath === undefined) {
      const missing = jupyter === undefined ? 'JupyterLab (SER_JUPYTER)' : 'Chromium (SER_CHROMIUM)';
      console.log(`    not tested: ${missing} is not installed`);
      this.skip();
    }
    scratch = mkdtempSync(join(tmpdir(), 'ser-lab-'));
    // In the project, so that the server finds it, in a folder that git ignores.
    mkdirSync(paths.runs, { recursive: true });
    folder = mkdtempSync(join(paths.runs, 'test-'));
    writeNotebookOf(join(folder, 'tiny.ipynb'), cells);
    const { program, args, env } = jupyterLaunch(jupyter, ['--no-browser', '--allow-root', '--port=0']);
    const own = Object.fromEntries(
      [
        'JUPYTER_CONFIG_DIR',
        'JUPYTER_DATA_DIR',
        'JUPYTER_RUNTIME_DIR',
        'JUPYTERLAB_SETTINGS_DIR',
        'JUPYTERLAB_WORKSPACES_DIR',
      ].map((name) => [name, join(scratch, name)]),
    );
    server = spawn(program, args, { cwd: scratch, env: { ...process.env, ...env, ...own }, stdio: 'ignore' });
  });

  after(async () => {
    await browser?.close();
    if (server !== undefined) {
      const ended = new Promise((resolve) => server?.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
      rmSync(scratch, { recursive: true, force: true });
    }
  });

  it('shows an interactive figure, a table, an audio player and an error', async () => {
    const { url, token } = await serverInfo(join(scratch, 'JUPYTER_RUNTIME_DIR'));
    browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 1300, height: 1500 } });
    page.setDefaultTimeout(patienceMs);
    await page.goto(`${url}lab/tree/${relative(projectRoot, folder)}/tiny.ipynb?reset&token=${token}`);
    await page.locator('.jp-Notebook .jp-CodeCell').first().waitFor();
    // JupyterLab starts another kernel if the first one has not responded yet.
    await page.getByText('(Speech Emotion Workbench) | Idle').waitFor();
    await page.getByRole('menuitem', { name: 'Run', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Run All Cells', exact: true }).click();

    const output = page.locator('.jp-OutputArea-output');
    await output.locator('.js-plotly-plot .main-svg').first().waitFor();
    assert.equal(
      await output.locator('.js-plotly-plot .gtitle').first().textContent(),
      'Not an end: </script>',
    );
    await output.locator('table').waitFor();
    assert.deepEqual(await output.locator('table td').allTextContents(), [
      '<b>angry</b>',
      '12,345',
      'sad',
      '7',
    ]);
    await output.locator('audio').waitFor();
    const duration = page.evaluate(`new Promise((resolve) => {
      const audio = document.querySelector('audio');
      audio.addEventListener('loadedmetadata', () => resolve(audio.duration));
      if (audio.duration > 0) resolve(audio.duration);
    })`);
    assert.equal(await duration, 0.1);
    await output.getByText('RangeError: too far').waitFor();
    const scripts = await page.evaluate(
      `[...document.scripts].filter((s) => s.src.endsWith('plotly.min.js')).length`,
    );
    assert.equal(scripts, 1);
    const picture = join(tmpdir(), 'ser-jupyterlab.png');
    await page.screenshot({ path: picture });
    assert.ok(existsSync(picture));
  });
});

/** Jupyter prints its address when it is ready. */
async function serverInfo(runtime: string): Promise<{ url: string; token: string }> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const file = existsSync(runtime)
      ? readdirSync(runtime).find((name) => /^jpserver-\d+\.json$/.test(name))
      : undefined;
    if (file !== undefined) {
      const info = JSON.parse(readFileSync(join(runtime, file), 'utf8')) as { url: string; token: string };
      return info;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('Jupyter did not start');
}
