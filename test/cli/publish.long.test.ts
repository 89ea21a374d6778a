import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPublish } from '../../src/cli/publish';
import { demoMarkerFile } from '../../src/node/corpora/demo/demo-corpus';
import { publicationOf, readNotebook, writeNotebook } from '../../src/notebook';
import { toneCorpus } from '../node/experiment/tone-corpus';
import { notebookOf } from '../notebook/notebook-of';
import { catchOutput } from './catch-output';
import { buildLibrary } from '../../src/node/build';

const importCell = `import * as ser from 'speech-emotion-workbench';`;
const showing = `const { source, clips, fileOf } = await ser.loadCorpora();
ser.showAudio(await ser.readAudio(fileOf(clips[0])), { title: source });
await ser.showFigure(ser.figures.emotionCounts(clips, { source }));
console.log(fileOf(clips[0]), process.env.SER_SET);`;

describe('npm run publish-notebooks', function () {
  this.timeout(120_000);

  let folder: string;
  let notebooks: string;
  const outside = { data: process.env.SER_DATA, set: process.env.SER_SET };
  const restore = (name: string, value: string | undefined): void => {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  };
  before(async () => {
    await buildLibrary();
    folder = mkdtempSync(join(tmpdir(), 'ser-publish-'));
    notebooks = join(folder, 'notebooks');
    mkdirSync(notebooks);
    toneCorpus(join(folder, 'data'), 1);
    process.env.SER_DATA = join(folder, 'data');
    process.env.SER_SET = 'corpora=SAVEE';
    writeNotebook(join(notebooks, '01-good.ipynb'), notebookOf(['# Good', importCell, showing]));
    writeNotebook(join(notebooks, '02-bad.ipynb'), notebookOf(['# Bad', `throw new RangeError('far');`]));
    writeNotebook(join(notebooks, '03-tells.ipynb'), notebookOf(['# Tells', `console.log(process.cwd());`]));
    writeNotebook(
      join(notebooks, '04-temporary.ipynb'),
      notebookOf(['# T', `console.log('/tmp/secret/a');`]),
    );
  });
  after(() => {
    rmSync(folder, { recursive: true });
    restore('SER_DATA', outside.data);
    restore('SER_SET', outside.set);
  });

  const publish = (...args: string[]) =>
    catchOutput(() => runPublish(args, { notebooks, prepareNotebooks: () => Promise.resolve() }));
  const bytes = (file: string): string => readFileSync(join(notebooks, file), 'utf8');

  it('writes reduced outputs, but not into notebooks that fail or name the machine', async () => {
    const cleared = new Map(
      ['01-good', '02-bad', '04-temporary'].map((name) => [name, bytes(`${name}.ipynb`)]),
    );
    const { code, out, err } = await publish();
    assert.equal(code, 1);
    assert.match(out, /2 of 4 notebooks published/);
    assert.match(err, /04-temporary\.ipynb: cell 2: its output contains \/tmp\/secret/);
    assert.match(err, /Not published, unchanged: 02-bad\.ipynb, 04-temporary\.ipynb/);
    for (const name of ['02-bad', '04-temporary']) assert.equal(bytes(`${name}.ipynb`), cleared.get(name));

    const good = readNotebook(join(notebooks, '01-good.ipynb'));
    const [audio, figure, text] = good.cells[2].outputs!;
    assert.match(JSON.stringify(audio), /\[audio: SAVEE .*12 clips, 1\.20 s.*when the notebook runs/);
    assert.ok('data' in figure && figure.data['image/png'] && !figure.data['text/html']);
    assert.deepEqual('text' in text && text.text, ['SER_DATA/savee/ALL/DC_a01.wav corpora=SAVEE\n']);
    assert.deepEqual(
      good.cells.slice(1).map((cell) => cell.execution_count),
      [1, 2],
    );
    const record = publicationOf(good)!;
    assert.equal(record.settings, 'corpora=SAVEE');
    assert.match(record.dataFingerprint, /^[\da-f]{16}$/);

    const [where] = readNotebook(join(notebooks, '03-tells.ipynb')).cells[1].outputs!;
    assert.deepEqual('text' in where && where.text, ['.\n']);

    const checked = await publish('--check');
    assert.equal(checked.code, 0);
    assert.match(checked.out, /01-good\.ipynb: published on SAVEE .*SER_SET="corpora=SAVEE"/);
    assert.match(checked.out, /02-bad\.ipynb: not published/);

    const edited = { ...good, cells: good.cells.map((cell) => ({ ...cell })) };
    edited.cells[2].source = '1';
    writeNotebook(join(notebooks, '01-good.ipynb'), edited);
    const stale = await publish('--check', '01');
    assert.equal(stale.code, 1);
    assert.match(stale.out, /01-good\.ipynb: its cells have changed since it was published/);

    writeNotebook(join(notebooks, '01-good.ipynb'), good);
    assert.equal((await publish('--clear', '01')).code, 0);
    assert.equal(bytes('01-good.ipynb'), cleared.get('01-good'));
  });

  it('rejects the synthetic demo and unknown arguments', async () => {
    const marker = join(folder, 'data', demoMarkerFile);
    writeFileSync(marker, JSON.stringify({ version: 1, clips: 12 }));
    const { code, err } = await publish('01');
    rmSync(marker);
    assert.equal(code, 1);
    assert.match(err, /published on the original corpora.*are synthetic/);
    assert.equal((await publish('--nonsense')).code, 2);
    assert.match((await publish('--check', '--clear')).err, /'--check' cannot be used with option '--clear'/);
    assert.match((await publish('nine')).err, /no notebook matches nine/);
  });
});
