import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { csvCell, withoutFormula } from '../../../src/core/base';
import { loadCorpora } from '../../../src/node/corpora';
import { archiveName, readCorpusFile, zipCorpus, type ZipOptions } from '../../../src/web/corpus/archive';
import { clipsCsv, nameTakes, planFile } from '../../../src/web/corpus/archive-files';
import { type Session, withSkipped } from '../../../src/web/corpus/session';
import { planPrompts } from '../../../src/web/corpus/setup';
import { emptySession, exampleSetup, recordAll } from './example-session';

const prompts = planPrompts(exampleSetup);
const { session, wavs } = recordAll(emptySession(), prompts);

async function zip(from: Session = session, options?: ZipOptions, own = wavs): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of zipCorpus(from, ({ prompt }) => Promise.resolve(own.get(prompt.id)!), options))
    pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('the archive of a recorded corpus', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'recorded-'))));
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function unpackTo(archive: Uint8Array): void {
    for (const [path, content] of Object.entries(unzipSync(archive))) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
  }
  const load = () => loadCorpora({ root: directory, cacheDirectory: join(directory, '.cache') });

  it('unpacked, is a corpus of the workbench with all labels and samples', async () => {
    const archive = await zip();
    unpackTo(archive);
    const corpora = await load();
    const { clips, report } = corpora;
    assert.deepEqual(report.leftOut, []);
    assert.deepEqual(report.remarks, []);
    assert.equal(clips.length, 8);
    for (const { speaker, emotion, sentence, take, id } of prompts) {
      const clip = clips.find(
        (one) =>
          one.speaker === `class-7b-${speaker}` &&
          one.emotion === emotion &&
          one.sentence === (sentence === '=1+1' ? "'=1+1" : sentence),
      );
      assert.ok(clip, id);
      assert.deepEqual([clip.corpus, clip.take], ['class-7b', take]);
      assert.equal(clip.sex, speaker === 'Zoë' ? 'female' : undefined);
      assert.deepEqual(new Uint8Array(readFileSync(corpora.fileOf(clip))), wavs.get(id));
    }
  });

  it('keeps other labels as classes of their own', async () => {
    const setup = { ...exampleSetup, emotions: ['angry', 'bored', 'unsure'] };
    const own = recordAll(emptySession(setup), planPrompts(setup));
    const archive = await zip(own.session, undefined, own.wavs);
    const readme = Buffer.from(unzipSync(archive)['class-7b/README.txt']).toString();
    assert.match(readme, /labels\.json maps labels other than the seven emotions to classes: bored/);
    assert.match(readme, /Labels without a class, left out by the workbench: unsure/);
    unpackTo(archive);
    const { clips, report } = await load();
    assert.deepEqual([...new Set(clips.map(({ emotion }) => emotion))].sort(), ['angry', 'bored']);
    assert.equal(clips.length, 8);
    assert.match(JSON.stringify(report.leftOut), /unsure/);
  });

  it('contains the folders, the table, and a reminder of consent', async () => {
    const files = unzipSync(await zip());
    assert.deepEqual(Object.keys(files).slice(0, 4), [
      'class-7b/README.txt',
      'class-7b/clips.csv',
      'class-7b/corpus.json',
      'class-7b/Zoë/angry-Hello-world-you-1.wav',
    ]);
    const readme = Buffer.from(files['class-7b/README.txt']).toString();
    assert.match(readme, /class 7b: 8 recordings/);
    const one = unzipSync(await zip(recordAll(emptySession(), prompts.slice(0, 1)).session));
    const readmeOfOne = Buffer.from(one['class-7b/README.txt']).toString();
    assert.match(readmeOfOne, /class 7b: 1 recording of acted emotions\n\n {2}Zoë: 1 recording\n/);
    assert.match(readme, /Ask everyone before recording/);
    assert.match(readme, /guardians must agree/);
    assert.match(readme, /npm run data -- add/);
  });

  it('contains kept takes only, of one speaker if wanted, and reports progress', async () => {
    const undecided = recordAll(session, prompts.slice(0, 1), { kept: false }).session;
    const steps: [number, number][] = [];
    const onProgress = (done: number, total: number): number => steps.push([done, total]);
    const files = unzipSync(await zip(undecided, { speaker: 'Zoë', onProgress }));
    const names = Object.keys(files).filter((name) => name.endsWith('.wav'));
    assert.equal(names.length, 3);
    assert.ok(names.every((name) => name.startsWith('class-7b/Zoë/')));
    assert.deepEqual(steps, [
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    assert.equal(archiveName(undecided, 'Zoë'), 'class-7b-Zoë-2026-03-01.zip');
    assert.equal(archiveName(undecided), 'class-7b-2026-03-01.zip');
  });

  it('fails with a reason if there is nothing to export, a recording is damaged, or it is stopped', async () => {
    await assert.rejects(zip(emptySession()), /nothing to export: record a prompt and keep it first/);
    const wrong = recordAll(emptySession(), prompts.slice(0, 1)).session;
    const take = [...wrong.takes.values()][0];
    const damaged = { ...wrong, takes: new Map([[take.prompt.id, { ...take, bytes: 17 }]]) };
    await assert.rejects(
      zip(damaged),
      /angry-Hello-world-you-1\.wav: the stored recording must have 17 bytes, got/,
    );
    const huge = { ...wrong, takes: new Map([[take.prompt.id, { ...take, bytes: 5e9 }]]) };
    await assert.rejects(zip(huge), /smaller than 4 GB.*export one speaker at a time/);
    await assert.rejects(zip(session, { signal: AbortSignal.abort(new Error('stopped')) }), /stopped/);
  });

  it('is read again on another device, with the same takes', async () => {
    const other = withSkipped(recordAll(emptySession(), prompts.slice(1)).session, prompts[0].id, true);
    const { plan, takes, skipped } = readCorpusFile('x.zip', await zip(other));
    assert.deepEqual(plan.setup, exampleSetup);
    assert.equal(plan.id, 'session-1');
    assert.deepEqual(plan.skipped, [prompts[0].id]);
    assert.deepEqual(skipped, []);
    assert.deepEqual(
      takes.map(({ take }) => take),
      [...other.takes.values()],
    );
    for (const { take, wav } of takes) assert.deepEqual(wav, wavs.get(take.prompt.id));
  });

  it('a setup alone is read as well', () => {
    const read = readCorpusFile(
      'setup.json',
      Buffer.from(planFile({ setup: { ...exampleSetup, name: '', speakers: [] } })),
    );
    assert.equal(read.plan.id, undefined);
    assert.deepEqual(read.plan.setup.sentences, exampleSetup.sentences);
    assert.deepEqual(read.takes, []);
  });

  it('names what is wrong with a file that cannot be read', async () => {
    const good = unzipSync(await zip());
    const change = (path: string, content: Buffer | undefined): Uint8Array => {
      const files: Record<string, Uint8Array> = { ...good };
      if (content) files[`class-7b/${path}`] = content;
      else Reflect.deleteProperty(files, `class-7b/${path}`);
      return zipSync(files, { level: 0 });
    };
    const plan = Buffer.from(good['class-7b/corpus.json']).toString();
    const edit = (from: string, to: string): Uint8Array => {
      assert.ok(plan.includes(from), from);
      return change('corpus.json', Buffer.from(plan.replace(from, to)));
    };
    const cases: [Uint8Array, RegExp][] = [
      [Buffer.from('text'), /it is not JSON/],
      [Buffer.from('{}'), /format must be speech-emotion-workbench\/corpus/],
      [Buffer.from('PK\x03\x04 damaged'), /the archive is damaged/],
      [(await zip()).subarray(0, 3000), /the archive is damaged/],
      [change('corpus.json', undefined), /it has no corpus\.json.*npm run data -- add/],
      [change('corpus.json', Buffer.from('[')), /corpus\.json: it is not JSON/],
      [
        zipSync({ 'a/corpus.json': Buffer.from('{}'), 'b/corpus.json': Buffer.from('{}') }),
        /must have one corpus\.json, got 2/,
      ],
      [edit('"version": 1', '"version": 2'), /version must be 1/],
      [edit('"order": "fixed"', '"order": "random"'), /setup\.order must be fixed or shuffled/],
      [edit('"seed": 42', '"seed": "42"'), /setup\.seed must be a number/],
      [edit('"takes": 1', '"takes": 99'), /takes: Use a whole number from 1 to 20/],
      [edit('"session-1"', '"../x"'), /id must be letters, digits and hyphens/],
    ];
    for (const [bytes, message] of cases) assert.throws(() => readCorpusFile('x', bytes), message);
  });

  it('is refused if its files overlap, so that a small archive would need much memory', () => {
    // One file of 1 MB that 100 entries of the directory point to; each states that it is empty when unpacked.
    const zipped = zipSync({ 'a/00.wav': new Uint8Array(2 ** 20) }, { level: 0 });
    const end = zipped.length - 22;
    const directory = new DataView(zipped.buffer, zipped.byteOffset).getUint32(end + 16, true);
    const entries = Array.from({ length: 100 }, (_, i) => {
      const entry = zipped.slice(directory, end);
      new DataView(entry.buffer).setUint32(24, 0, true);
      entry.set(Buffer.from(String(i).padStart(2, '0')), 46 + 'a/'.length);
      return entry;
    });
    const tail = zipped.slice(end);
    const view = new DataView(tail.buffer);
    view.setUint16(8, entries.length, true);
    view.setUint16(10, entries.length, true);
    view.setUint32(12, entries.length * entries[0].length, true);
    const archive = Buffer.concat([zipped.subarray(0, directory), ...entries, tail]);
    assert.equal(Object.keys(unzipSync(archive)).length, 100, 'it is a valid archive');
    assert.throws(() => readCorpusFile('x', archive), /the archive is damaged: its files overlap/);
  });

  it('a damaged or missing recording does not stop the others', async () => {
    const files: Record<string, Uint8Array> = { ...unzipSync(await zip()) };
    const [first, second] = Object.keys(files).filter((name) => name.endsWith('.wav'));
    files[first] = Buffer.from('no audio');
    Reflect.deleteProperty(files, second);
    const { takes, skipped } = readCorpusFile('x.zip', zipSync(files, { level: 0 }));
    assert.equal(takes.length, 6);
    assert.deepEqual(
      skipped.map(({ path }) => `class-7b/${path}`),
      [first, second],
    );
    assert.equal(skipped[1].reason, 'it is missing in the archive');
  });

  it('escapes commas, quotes and formulas in the table', () => {
    assert.deepEqual(
      ['plain', 'a,b', 'a "b"', '=SUM(A1)', '-1', '+1', '@x', 'a;b', 'a b', ''].map((text) =>
        csvCell(withoutFormula(text)),
      ),
      ['plain', '"a,b"', '"a ""b"""', "'=SUM(A1)", "'-1", "'+1", "'@x", '"a;b"', '"a b"', ''],
    );
    const table = clipsCsv(session, nameTakes([...session.takes.values()].slice(0, 1)));
    assert.equal(
      table,
      '\uFEFFpath,emotion,speaker,sex,sentence,take,session,recorded\n' +
        'Zoë/angry-Hello-world-you-1.wav,angry,Zoë,female,"Hello, “world”; you",1,session-1,2026-03-01T08:30:00.000Z\n',
    );
  });
});
