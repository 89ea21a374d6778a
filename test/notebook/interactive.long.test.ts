import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { launchChromium } from '../chromium';
import { until } from '../until';
import {
  applications,
  type JupyterServer,
  missingFor,
  type NotebookPage,
  openNotebook,
  patienceMs,
  startJupyter,
} from './jupyter-browser';
import { writeNotebookOf } from './notebook-of';

/** The cells of the test notebook, by purpose. */
const cells = {
  title: '# Controls',
  import: `import * as ser from 'speech-emotion-workbench';`,
  controls: `const { slider, dropdown, button, upload } = ser.controls;
const controls = {
  level: slider({ min: 0, max: 100, value: 10 }),
  word: dropdown(['one', 'two', 'three']),
  clicks: button('Press'),
  files: upload({ accept: '.wav', label: 'Choose' }),
};
await ser.interact(controls, ({ level, word, clicks, files }) => {
  if (word === 'two') throw new RangeError('two is too many');
  const sounds = files.map(({ name, bytes }) => {
    const { samples, sampleRate } = ser.audio.toMono(ser.audio.decode(bytes));
    return \`\${name}: \${samples.length} samples at \${sampleRate} Hz\`;
  });
  return [
    \`level=\${level} word=\${word} clicks=\${clicks} files=[\${sounds.join(', ')}]\`,
    { data: [{ type: 'bar', x: ['level'], y: [level] }], layout: { title: { text: \`The level is \${level}\` } } },
  ];
});`,
  waiting: `console.log('waiting');
await new Promise((resume) => setTimeout(resume, 600_000));
console.log('has waited');`,
  work: `await ser.interact(
  { go: ser.controls.button('Go', { stop: 'Stop' }) },
  async ({ go }, { signal, show }) => {
    show(\`working on click \${go}\`);
    await new Promise((_, reject) => {
      const timer = setTimeout(reject, 600_000, new Error('the work was not stopped'));
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
  },
  { on: 'go' },
);`,
  kinds: `await ser.interact({ view: ser.controls.dropdown(['figure', 'text', 'nothing', 'both']) }, ({ view }) => {
  const bars = (name: string) => ({ data: [{ type: 'bar', x: [name], y: [1] }], layout: { title: { text: \`\${name} of \${view}\` } } });
  if (view === 'text') return 'only <b>text</b>';
  return view === 'nothing' ? [] : view === 'figure' ? bars('Bars') : [bars('First'), bars('Second')];
});`,
  last: `console.log(1 + 1);`,
};
const at = Object.fromEntries(Object.keys(cells).map((name, i) => [name, i])) as Record<
  keyof typeof cells,
  number
>;

for (const application of ['lab', 'notebook'] as const) {
  describe(`controls in ${applications[application]}`, function () {
    this.timeout(3 * patienceMs);

    let folder: string | undefined;
    let server: JupyterServer | undefined;
    let browser: Browser | undefined;
    let notebook: NotebookPage;

    before(async function () {
      const missing = missingFor(application, { needsWidgets: true });
      if (missing !== undefined) {
        console.log(`    not tested: ${missing} is not installed`);
        this.skip();
      }
      folder = mkdtempSync(join(tmpdir(), 'ser-notebooks-'));
      writeNotebookOf(join(folder, 'controls.ipynb'), Object.values(cells));
      server = await startJupyter(application, folder);
      browser = await launchChromium();
      notebook = await openNotebook(browser, server, 'controls.ipynb');
      await notebook.runCell(at.import);
      await notebook.runCell(at.controls);
    });

    afterEach(async function () {
      if (this.currentTest?.isFailed())
        await notebook.page.screenshot({ path: join(tmpdir(), `ser-controls-${application}.png`) });
    });

    after(async () => {
      await browser?.close();
      await server?.stop();
      if (folder !== undefined) rmSync(folder, { recursive: true });
    });

    const inControls = (selector: string): Locator => notebook.cell(at.controls).locator(selector);
    const readout = async (): Promise<string> => inControls('.widget-slider .widget-readout').innerText();
    const shows = async (text: string, cell: number = at.controls): Promise<void> => {
      await notebook.cell(cell).locator('.jp-OutputArea').getByText(text).first().waitFor();
    };
    const showsLevel = async (level: string): Promise<void> => {
      await shows(`level=${level} `);
      await inControls('.js-plotly-plot .gtitle')
        .getByText(`The level is ${level}`, { exact: true })
        .waitFor();
    };

    it('show the first result', async () => {
      await shows('level=10 word=one clicks=0 files=[]');
      await showsLevel('10');
    });

    it('follow a slider that is dragged', async () => {
      const { page } = notebook;
      const handle = (await inControls('.noUi-handle').boundingBox())!;
      const [x, y] = [handle.x + handle.width / 2, handle.y + handle.height / 2];
      await page.mouse.move(x, y);
      await page.mouse.down();
      for (let step = 1; step <= 20; step++) await page.mouse.move(x + 3 * step, y);
      await page.mouse.up();
      const level = await readout();
      assert.ok(Number(level) > 10, level);
      await showsLevel(level);
    });

    it('follow a slider that is moved with the keyboard', async () => {
      const before = Number(await readout());
      await inControls('.noUi-handle').focus();
      for (let i = 0; i < 3; i++) await notebook.page.keyboard.press('ArrowRight');
      assert.equal(Number(await readout()), before + 3);
      await showsLevel(String(before + 3));
    });

    it('show an error in place until the next valid value', async () => {
      await inControls('.widget-dropdown select').selectOption('two');
      await shows('two is too many');
      await inControls('.widget-dropdown select').selectOption('three');
      await shows('word=three');
      await notebook
        .cell(at.controls)
        .getByText('two is too many', { exact: true })
        .waitFor({ state: 'detached' });
    });

    it('count the clicks on a button', async () => {
      await inControls('button').filter({ hasText: 'Press' }).click();
      await shows('clicks=1');
      await inControls('button').filter({ hasText: 'Press' }).click();
      await shows('clicks=2');
    });

    it('receive an uploaded recording, also one of more than 10 MB', async () => {
      for (const [name, samples] of [
        ['short.wav', 800],
        ['long.wav', 8_000_000],
      ] as const) {
        const file = join(folder!, name);
        writeFileSync(file, silence(samples));
        const [chooser] = await Promise.all([
          notebook.page.waitForEvent('filechooser'),
          inControls('button').filter({ hasText: 'Choose' }).click(),
        ]);
        await chooser.setFiles(file);
        await shows(`files=[${name}: ${samples} samples at 8000 Hz]`);
      }
    });

    it('still work after a running cell was interrupted', async () => {
      await notebook.startCell(at.waiting);
      await shows('waiting', at.waiting);
      await notebook.interrupt();
      await notebook.idle();
      assert.doesNotMatch(await notebook.outputs(at.waiting).allInnerTexts().then(String), /has waited/);
      await inControls('button').filter({ hasText: 'Press' }).click();
      await shows('clicks=3');
    });

    it('stop their work with the stop button, and when the kernel is interrupted', async () => {
      await notebook.runCell(at.work);
      const button = notebook.cell(at.work).locator('button.jupyter-button');
      for (const [i, stop] of [() => button.click(), () => notebook.interrupt()].entries()) {
        await button.getByText('Go').waitFor();
        await button.click();
        await shows(`working on click ${i + 1}`, at.work);
        await shows('computing', at.work);
        await button.getByText('Stop').waitFor();
        await stop();
        await shows('stopped', at.work);
      }
      await button.getByText('Go').waitFor();
    });

    it('do not break the page when the kernel is restarted, and work again when their cell runs again', async () => {
      await notebook.restart();
      await inControls('.noUi-handle').focus();
      await notebook.page.keyboard.press('ArrowRight');
      await notebook.runCell(at.last);
      await shows('2', at.last);
      await notebook.runCell(at.import);
      await notebook.runCell(at.controls);
      await shows('level=10 word=one clicks=0 files=[]');
      await inControls('.noUi-handle').focus();
      await notebook.page.keyboard.press('ArrowRight');
      await showsLevel('11');
    });

    it('replace a figure by text or nothing, and show figures again', async () => {
      await notebook.runCell(at.kinds);
      const inKinds = (selector: string): Locator => notebook.cell(at.kinds).locator(selector);
      const choose = (view: string) => inKinds('select').selectOption(view);
      await inKinds('.gtitle').getByText('Bars of figure').waitFor();
      await choose('text');
      await shows('only <b>text</b>', at.kinds);
      assert.equal(await inKinds('.js-plotly-plot').count(), 0);
      for (const view of ['figure', 'nothing', 'both', 'figure']) {
        await choose(view);
        const titles = { figure: ['Bars'], nothing: [], both: ['First', 'Second'] }[view] ?? [];
        for (const title of titles) await inKinds('.gtitle').getByText(`${title} of ${view}`).waitFor();
        await notebook.page.waitForFunction(
          ([cell, count]) => cell.querySelectorAll('.js-plotly-plot').length === count,
          [await notebook.cell(at.kinds).elementHandle(), titles.length] as const,
        );
      }
    });

    it('cause no errors in the page', () => {
      assert.deepEqual(notebook.problems, []);
    });

    it('and their results are the latest ones when the notebook is opened again', async () => {
      await inControls('.noUi-handle').focus();
      await notebook.page.keyboard.press('ArrowRight');
      await showsLevel('12');
      const file = join(folder!, 'controls.ipynb');
      const saved = statSync(file).mtimeMs;
      await notebook.menu('File', /^Save Notebook$/);
      await until(() => statSync(file).mtimeMs > saved, patienceMs / 1000);
      await notebook.page.close();
      notebook = await openNotebook(browser!, server!, 'controls.ipynb');
      await inControls('.noUi-handle').waitFor();
      assert.equal(await readout(), '12');
      await showsLevel('12');
      await shows('level=12 word=one');
      await inControls('.noUi-handle').focus();
      await notebook.page.keyboard.press('ArrowRight');
      await showsLevel('13');
      assert.deepEqual(notebook.problems, []);
    });
  });
}

/** A WAV file: 16 bits, mono, 8 kHz. */
function silence(samples: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + 2 * samples, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(16_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(2 * samples, 40);
  return Buffer.concat([header, Buffer.alloc(2 * samples)]);
}
