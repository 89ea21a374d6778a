import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../chromium';
import {
  applications,
  type JupyterServer,
  missingFor,
  openNotebook,
  patienceMs,
  startJupyter,
} from './jupyter-browser';
import { writeNotebookOf } from './notebook-of';

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

for (const application of ['lab', 'notebook'] as const) {
  describe(`a notebook in ${applications[application]}`, function () {
    this.timeout(2 * patienceMs);

    let folder: string | undefined;
    let server: JupyterServer | undefined;
    let browser: Browser | undefined;

    before(async function () {
      const missing = missingFor(application);
      if (missing !== undefined) {
        console.log(`    not tested: ${missing} is not installed`);
        this.skip();
      }
      // Outside the project: Plotly is served with the kernelspec.
      folder = mkdtempSync(join(tmpdir(), 'ser-notebooks-'));
      writeNotebookOf(join(folder, 'tiny.ipynb'), cells);
      server = await startJupyter(application, folder);
    });

    after(async () => {
      await browser?.close();
      await server?.stop();
      if (folder !== undefined) rmSync(folder, { recursive: true });
    });

    it('shows an interactive figure, a table, an audio player and an error', async () => {
      browser = await launchChromium();
      const { page, problems, runAll } = await openNotebook(browser, server!, 'tiny.ipynb');
      await runAll();
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
      await page.screenshot({ path: join(tmpdir(), `ser-${application}.png`) });
      assert.deepEqual(problems, []);
    });
  });
}
