import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { encodeWav } from '../../../src/core/audio';
import { addArchives, describeAdded, loadCorpora } from '../../../src/node/corpora';
import { voice } from '../../babble';

const wav = (seed: string): Buffer => Buffer.from(encodeWav(voice(seed, 0.3)));

describe('addArchives with published corpora', () => {
  let root: string;
  let directory: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-published-'));
    directory = join(root, 'corpora');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Writes files into a folder, and returns its path; the seed of a recording is its path. */
  function folder(name: string, paths: readonly string[]): string {
    for (const path of paths) {
      mkdirSync(dirname(join(root, name, path)), { recursive: true });
      writeFileSync(join(root, name, path), path.endsWith('.wav') ? wav(path) : `content of ${path}`);
    }
    return join(root, name);
  }
  async function archive(name: string, contents: Record<string, Buffer | string>): Promise<string> {
    const zip = new ZipFile();
    for (const [path, content] of Object.entries(contents)) zip.addBuffer(Buffer.from(content), path);
    zip.end();
    writeFileSync(join(root, name), await buffer(zip.outputStream));
    return join(root, name);
  }
  const files = (): string[] =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.\w+$/.test(path))
      .sort();

  it('adds archives and folders of a corpus without the folder around it, and merges them', async () => {
    const female = await archive('female.zip', {
      'ShEMO/female/F01A01.wav': wav('a'),
      'ShEMO/female/F02S01.wav': wav('b'),
      'ShEMO/readme.txt': 'x',
      '__MACOSX/ShEMO/female/._F01A01.wav': 'x',
    });
    const male = folder('male', ['M01N01.wav', 'M01 (copy).wav', 'notes.txt']);
    const report = await addArchives([female, male], { directory });
    assert.deepEqual(report.failures, []);
    assert.deepEqual(files(), ['ShEMO/F01A01.wav', 'ShEMO/F02S01.wav', 'ShEMO/M01N01.wav']);
    assert.deepEqual(readFileSync(join(directory, 'ShEMO/F01A01.wav')), wav('a'));
    assert.deepEqual(describeAdded(report), [
      `ShEMO, in ${join(directory, 'ShEMO')}`,
      '  female.zip: 2 recordings added',
      '  male: 1 recording added',
      '    not used: M01 (copy).wav: its name is not one of a known corpus',
    ]);
    const { clips } = await loadCorpora({ root: directory, cacheDirectory: join(root, 'cache') });
    assert.deepEqual(
      clips.map(({ corpus, speaker, emotion }) => [corpus, speaker, emotion]),
      [
        ['ShEMO', 'ShEMO-F01', 'angry'],
        ['ShEMO', 'ShEMO-F02', 'sad'],
        ['ShEMO', 'ShEMO-M01', 'neutral'],
      ],
    );

    writeFileSync(join(male, 'F01A01.wav'), wav('another one'));
    const again = await addArchives([female, male], { directory });
    const [{ archives }] = again.corpora;
    assert.deepEqual(
      archives.map(({ added, present, skipped }) => [added, present, skipped.length]),
      [
        [0, 2, 0],
        [0, 1, 2],
      ],
    );
    assert.match(archives[1].skipped[1].reason, /the corpus has another file with this name/);
    assert.deepEqual(readFileSync(join(directory, 'ShEMO/F01A01.wav')), wav('a'));
  });

  it('keeps folders that the names need, and adds side files', async () => {
    const esd = folder('one speaker', ['0011/Angry/0011_000351.wav', '0011/Angry/0011_000352.wav']);
    const meld = await archive('meld.zip', {
      'MELD.Raw/train_splits/dia0_utt0.wav': wav('c'),
      'MELD.Raw/train_sent_emo.csv': 'Speaker,Emotion,Dialogue_ID,Utterance_ID\nRoss,joy,0,0\n',
    });
    const report = await addArchives([esd, meld], { directory });
    assert.deepEqual(report.failures, []);
    assert.deepEqual(files(), [
      'ESD/0011/Angry/0011_000351.wav',
      'ESD/0011/Angry/0011_000352.wav',
      'MELD/train_sent_emo.csv',
      'MELD/train_splits/dia0_utt0.wav',
    ]);
    assert.deepEqual(
      report.corpora.map(({ report: { clips, unreadable } }) => [clips, unreadable.length]),
      [
        [2, 0],
        [1, 0],
      ],
    );
  });

  it('rejects what it cannot add, with the reason, and changes nothing', async () => {
    const mixed = folder('mixed', ['F01A01.wav', '03a01Fa.wav']);
    const own = folder('own', ['clips.csv', 'F01A01.wav']);
    const other = folder('other', ['interview.wav']);
    const shemo = folder('shemo', ['F01A01.wav']);
    const zip = await archive('other.zip', { 'interview.wav': wav('i') });
    const { failures } = await addArchives([mixed, own, other, zip], { directory });
    assert.deepEqual(
      failures.map(({ reason }) => reason.slice(0, 60)),
      [
        'it must contain one corpus, got EMO-DB, ShEMO; add the folde',
        'a folder to add must contain recordings named by the rule of',
        'a folder to add must contain recordings named by the rule of',
        'it must contain a clips.csv that lists the recordings and th',
      ],
    );
    const named = await addArchives([shemo], { directory, name: 'persian' });
    assert.match(
      named.failures[0].reason,
      /name must be used with archives with a clips\.csv; .* is ShEMO, got "persian"/,
    );

    mkdirSync(join(directory, 'shemo'), { recursive: true });
    writeFileSync(join(directory, 'shemo', 'clips.csv'), 'path,emotion\n');
    const tabled = await addArchives([shemo], { directory });
    assert.match(
      tabled.failures[0].reason,
      /shemo: it has a clips\.csv, and only files listed there are used; delete/,
    );
    rmSync(join(directory, 'shemo', 'clips.csv'));
    symlinkSync(join(shemo, 'F01A01.wav'), join(directory, 'shemo', 'F01A01.wav'));
    const linked = await addArchives([shemo], { directory });
    assert.match(linked.failures[0].reason, /it contains the link F01A01\.wav/);
    assert.deepEqual(files(), ['shemo/F01A01.wav']);
    assert.ok(!existsSync(join(directory, 'ShEMO')));
  });
});
