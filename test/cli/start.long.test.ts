import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStart } from '../../src/cli/start';
import { readNotebook } from '../../src/notebook';
import { writeNotebookOf } from '../notebook/notebook-of';
import { buildLibrary } from '../../src/node/build';

describe('npm start', function () {
  this.timeout(120_000);

  let folder: string;
  let notebooks: string;
  let output: string;
  before(async () => {
    await buildLibrary();
    folder = mkdtempSync(join(tmpdir(), 'ser-start-'));
    notebooks = join(folder, 'notebooks');
    output = join(folder, 'latest');
    mkdirSync(notebooks);
    writeNotebookOf(join(notebooks, '01-good.ipynb'), [
      '# One good',
      `import { showTable } from 'speech-emotion-workbench';\nshowTable([{ n: 42 }]);\nconsole.log('protocol clips\\n  left out: 2 clips without features (short)\\n  left out: 1 file not loaded (damaged)');`,
    ]);
    writeNotebookOf(join(notebooks, '02-bad.ipynb'), ['# Two bad', '1', `throw new RangeError('too far');`]);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** Runs the command and captures its output. */
  async function start(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const { log, error } = console;
    const write = process.stdout.write.bind(process.stdout);
    let out = '';
    let err = '';
    console.log = (text: string) => (out += `${text}\n`);
    console.error = (text: string) => (err += `${text}\n`);
    process.stdout.write = (text: string | Uint8Array) => Boolean((out += String(text)));
    try {
      const code = await runStart(args, {
        notebooks,
        output,
        prepareNotebooks: () =>
          Promise.resolve({
            runsOn: 'made-up tones, engine none',
            leftOut: ['1 file not loaded (damaged)', '3 lines not loaded (no label)', '4 copies (identical)'],
          }),
      });
      return { code, out, err };
    } finally {
      Object.assign(console, { log, error });
      process.stdout.write = write;
    }
  }

  const page = (name: string): string => readFileSync(join(output, name), 'utf8');

  it('lists the notebooks if none matches, and runs nothing', async () => {
    const { code, err } = await start('nonsense');
    assert.equal(code, 2);
    assert.match(err, /no notebook matches nonsense.*01-good\.ipynb.*02-bad\.ipynb/s);
    assert.equal(existsSync(output), false);
  });

  it('rejects invalid arguments', async () => {
    assert.equal((await start('--nonsense')).code, 2);
    assert.match((await start('--timeout', 'soon')).err, /^--timeout must be a number, got "soon"/);
  });

  it('runs all notebooks, continues after a failure, and reports the cell', async () => {
    const { code, out, err } = await start();
    assert.equal(code, 1);
    assert.match(out, /\[1\/1\] import \{ showTable \}.* s$/m);
    assert.match(out, /1 of 2 notebooks finished without errors/);
    assert.deepEqual(out.match(/^left out: .*$/gm), [
      'left out: 1 file not loaded (damaged)',
      'left out: 3 lines not loaded (no label)',
      'left out: 2 more kinds, listed in the audits of the notebooks',
    ]);
    assert.match(out, /latest\/index\.html, or work in the notebooks: npm run lab/);
    assert.match(
      err,
      /02-bad\.ipynb failed at cell 3, \[2\]:\n {4}\| throw new RangeError.*RangeError: too far/s,
    );
    assert.deepEqual(readdirSync(output).sort(), [
      '01-good.html',
      '01-good.ipynb',
      '02-bad.html',
      '02-bad.ipynb',
      'index.html',
    ]);
    assert.match(page('01-good.html'), /<td style="text-align:right">42<\/td>/);
    assert.match(page('01-good.html'), /href="02-bad\.html">Two bad →/);
    assert.match(
      page('02-bad.html'),
      /class="warning">This run stopped early: cell 3 failed: RangeError: too far/,
    );
    assert.match(page('index.html'), /One good.*Two bad.*cell 3 failed/s);
    assert.match(page('index.html'), /UTC in [\d.]+ s, on made-up tones, engine none</);
    assert.equal(readNotebook(join(output, '01-good.ipynb')).cells[1].execution_count, 1);
  });

  it('reports a file that is not a notebook and runs the others', async () => {
    writeFileSync(join(notebooks, '03-broken.ipynb'), '{');
    const { code, err } = await start('01', '03');
    rmSync(join(notebooks, '03-broken.ipynb'));
    assert.equal(code, 1);
    assert.match(err, /03-broken\.ipynb: is not a notebook/);
    assert.match(err, /Failed: 03-broken\.ipynb$/m);
  });

  it('marks outdated results and removes those of deleted notebooks', async () => {
    const old = readFileSync(join(output, '02-bad.ipynb'), 'utf8');
    writeNotebookOf(join(notebooks, '01-good.ipynb'), ['# One changed', '1 + 1']);
    writeNotebookOf(join(notebooks, '02-bad.ipynb'), ['# Two mended', '2 + 2']);
    const { code } = await start('GOOD');
    assert.equal(code, 0);
    assert.equal(
      readFileSync(join(output, '02-bad.ipynb'), 'utf8'),
      old,
      'results of other notebooks are kept',
    );
    assert.match(page('index.html'), /One changed.*Two bad.*the notebook has changed since this run/s);
    assert.ok(!/One changed<\/a>[^]*?warning[^]*?Two bad/.test(page('index.html')));
    rmSync(join(notebooks, '02-bad.ipynb'));
    assert.equal((await start('01')).code, 0);
    assert.deepEqual(readdirSync(output).sort(), ['01-good.html', '01-good.ipynb', 'index.html']);
  });
});
