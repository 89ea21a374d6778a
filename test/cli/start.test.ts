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
import { buildLibrary, readNotebook } from '../../src/notebook';
import { writeNotebookOf } from '../notebook/notebook-of';

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
      `import { showTable } from 'speech-emotion-workbench';\nshowTable([{ n: 42 }]);`,
    ]);
    writeNotebookOf(join(notebooks, '02-bad.ipynb'), ['# Two bad', '1', `throw new RangeError('too far');`]);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** Runs it with its words caught. */
  async function start(...args: string[]): Promise<{ code: number; said: string; warned: string }> {
    const { log, error } = console;
    const write = process.stdout.write.bind(process.stdout);
    let said = '';
    let warned = '';
    console.log = (text: string) => (said += `${text}\n`);
    console.error = (text: string) => (warned += `${text}\n`);
    process.stdout.write = (text: string | Uint8Array) => Boolean((said += String(text)));
    try {
      const code = await runStart(args, {
        notebooks,
        output,
        prepareNotebooks: () => Promise.resolve('made-up tones, engine none'),
      });
      return { code, said, warned };
    } finally {
      Object.assign(console, { log, error });
      process.stdout.write = write;
    }
  }

  const page = (name: string): string => readFileSync(join(output, name), 'utf8');

  it('lists the notebooks when none matches, and runs nothing', async () => {
    const { code, warned } = await start('nonsense');
    assert.equal(code, 2);
    assert.match(warned, /no notebook matches nonsense.*01-good\.ipynb.*02-bad\.ipynb/s);
    assert.equal(existsSync(output), false);
  });

  it('refuses arguments it does not know', async () => {
    assert.equal((await start('--nonsense')).code, 2);
    assert.match(
      (await start('--timeout', 'soon')).warned,
      /--timeout must be a number of seconds, got soon/,
    );
  });

  it('runs all, goes on after a failure, and tells where it was', async () => {
    const { code, said, warned } = await start();
    assert.equal(code, 1);
    assert.match(said, /\[1\/1\] import \{ showTable \}.* s$/m);
    assert.match(said, /1 of 2 notebooks ran to their end/);
    assert.match(said, /latest\/index\.html, or open them live: npm run lab/);
    assert.match(
      warned,
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

  it('names a file that is no notebook, and runs the others', async () => {
    writeFileSync(join(notebooks, '03-broken.ipynb'), '{');
    const { code, warned } = await start('01', '03');
    rmSync(join(notebooks, '03-broken.ipynb'));
    assert.equal(code, 1);
    assert.match(warned, /03-broken\.ipynb: is not a notebook/);
    assert.match(warned, /Failed: 03-broken\.ipynb$/m);
  });

  it('never lets an old result look like a new one', async () => {
    const old = readFileSync(join(output, '02-bad.ipynb'), 'utf8');
    writeNotebookOf(join(notebooks, '01-good.ipynb'), ['# One changed', '1 + 1']);
    writeNotebookOf(join(notebooks, '02-bad.ipynb'), ['# Two mended', '2 + 2']);
    const { code } = await start('GOOD');
    assert.equal(code, 0);
    assert.equal(readFileSync(join(output, '02-bad.ipynb'), 'utf8'), old, 'what was not run stays');
    assert.match(page('index.html'), /One changed.*Two bad.*the notebook has changed since this run/s);
    assert.ok(!/One changed<\/a>[^]*?warning[^]*?Two bad/.test(page('index.html')));
    rmSync(join(notebooks, '02-bad.ipynb'));
    assert.equal((await start('01')).code, 0);
    assert.deepEqual(readdirSync(output).sort(), ['01-good.html', '01-good.ipynb', 'index.html']);
  });
});
