import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fsPromises from 'node:fs/promises';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { mock } from 'node:test';
import { encodeWav } from '../../../src/core/audio';
import { createRandom } from '../../../src/core/base';
import {
  chooseCorpora,
  type Corpora,
  formatLoadReport,
  loadCorpora,
  readAudio,
  verifyCorpora,
} from '../../../src/node/corpora';

describe('what loadCorpora leaves out', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'ser-left-out-'))));
  afterEach(() => {
    mock.restoreAll();
    rmSync(root, { recursive: true, force: true });
  });

  const write = (path: string, content: Uint8Array | string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const clip = (path: string): void => {
    const random = createRandom(path);
    const samples = Float32Array.from({ length: 100 }, () => random.uniform(-0.5, 0.5));
    write(path, encodeWav({ samples, sampleRate: 8000 }));
  };
  const load = (): Promise<Corpora> => loadCorpora({ root, cacheDirectory: join(root, '.cache') });
  /** loads a corpus "lab" with some files and a table */
  const loadTable = (table: string | Uint8Array, files = ['a.wav', 'b.wav']): Promise<Corpora> => {
    for (const file of files) clip(`lab/${file}`);
    write('lab/clips.csv', table);
    return load();
  };
  const counts = ({ report }: Corpora): (string | number)[][] =>
    report.leftOut.map(({ what, count }) => [what, count]);

  it('counts every kind by class, speaker and reason, and restricts it to chosen corpora', async () => {
    clip('OAF_back_angry.wav');
    clip('copy/OAF_back_angry.wav');
    copyFileSync(join(root, 'OAF_back_angry.wav'), join(root, 'copy/OAF_back_angry.wav'));
    write('OAF_bar_sad.wav', 'no audio');
    write('YAF_bar_sad.mp3', 'ID3');
    clip('notes.wav');
    clip('lab/c.wav');
    const corpora = await loadTable('path,emotion,speaker\na.wav,sad,anna\nb.wav,boredom,ben\n');
    assert.deepEqual(
      corpora.report.leftOut.map(({ what, count, classes, speakers }) => [
        what,
        count,
        classes.map(({ name }) => name),
        speakers.map(({ name }) => name),
      ]),
      [
        ['clips with other labels', 1, ['boredom'], ['lab-ben']],
        ['unreadable files', 2, ['sad'], ['TESS-OAF', 'TESS-YAF']],
        ['files not in their table', 1, [], []],
        ['files with unknown names', 1, [], []],
        ['byte-identical copies', 1, ['angry'], ['TESS-OAF']],
      ],
    );
    const text = formatLoadReport(corpora.report);
    assert.match(text, /skipped, unreadable \(2\): OAF_bar_sad\.wav: [^]*\n {4}of these sad 2; 2 speakers/);
    assert.match(
      text,
      /other labels \(1\): lab\/b\.wav: its label "boredom" is none of angry, .*to keep it: --set 'labels=\{"lab":\{"boredom":"boredom"\}\}'/,
    );
    assert.deepEqual(counts(chooseCorpora(corpora, ['TESS'])), [
      ['unreadable files', 2],
      ['files with unknown names', 1],
      ['byte-identical copies', 1],
    ]);
  });

  it('lists the reasons if nothing is left, and if nothing of a chosen corpus is left', async () => {
    const lines = ['Wut', 'Freude', 'Trauer', 'angy'].map((label, i) => `${i}.wav,${label},W`);
    lines.push('/home/anna/lab/a.wav,sad,f', 'a.wav,sad,x');
    const table = `path,emotion,sex\n${lines.join('\n')}\n`;
    const files = ['0.wav', '1.wav', '2.wav', '3.wav', 'a.wav'];
    await assert.rejects(loadTable(table, files), (error: Error) => {
      assert.equal(error.name, 'WorkbenchError');
      assert.match(error.message, /no clip has a class; see data\/README\.md/);
      assert.match(
        error.message,
        /2 rejected lines of tables, for example lab\/home\/anna.*\(lab\/clips\.csv, line 6\)/,
      );
      assert.match(error.message, /4 clips with other labels[^]*its label "Wut" is none of angry/);
      assert.match(error.message, /path must be relative to the folder of the table, got "\/home\/anna/);
      assert.match(error.message, /sex must be female or male, got "x"/);
      return true;
    });
    clip('OAF_back_angry.wav');
    const corpora = await load();
    assert.throws(
      () => chooseCorpora(corpora, ['lab']),
      /all clips of lab were left out:\n +2 rejected lines/,
    );
    rmSync(root, { recursive: true });
    write('OAF_bar_sad.wav', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 96044\n');
    await assert.rejects(load(), /it is a Git LFS pointer without the content; run `git lfs pull`/);
  });

  it('finds files in another letter case or Unicode form, and absolute paths inside the folder', async () => {
    const table = [
      'path,emotion',
      'A.WAV,sad',
      'cafe\u0301.wav,sad',
      `${root}/lab/deep/b.wav,sad`,
      'c.wav,sad',
      'd.mp3,sad',
      '../../x.wav,sad',
    ].join('\n');
    const corpora = await loadTable(table, [
      'a.wav',
      'caf\u00e9.wav',
      'deep/b.wav',
      'C.wav',
      'c.WAV',
      'd.wav',
    ]);
    assert.deepEqual(
      corpora.clips.map(({ path }) => path),
      ['lab/a.wav', 'lab/caf\u00e9.wav', 'lab/deep/b.wav'],
    );
    const reasons = corpora.report.unreadable.map(({ reason }) => reason).join('\n');
    assert.match(reasons, /several files differ from "c\.wav" only in letter case/);
    assert.match(reasons, /there is no such file; did you mean "d\.wav"\?/);
    assert.match(reasons, /path must be below the data folder, got "\.\.\/\.\.\/x\.wav"/);
  });

  it('reads tables with other separators, encodings, line ends and headings', async () => {
    const rows = [
      ['a.wav', 'sad', 'J\u00f6rg'],
      ['b.wav', 'angry', 'J\u00fcrg'],
    ];
    const text = (separator: string, heading = ['path', 'emotion', 'speaker'], newline = '\n'): string =>
      [heading, ...rows].map((row) => row.join(separator)).join(newline);
    const utf16 = Buffer.from(`\ufeff${text(',')}`, 'utf16le');
    const tables: (string | Uint8Array)[] = [
      text(';'),
      text('\t'),
      `sep=|\n${text('|')}`,
      text(',', [' Path ', '"EMOTION"', 'Speaker']),
      text(',', undefined, '\r'),
      `\ufeff${text(';', ['path', 'emotion', 'speaker', '', ''])}`,
      utf16,
      Buffer.from(utf16).swap16(),
      Buffer.from(text(';'), 'latin1'),
    ];
    for (const [i, table] of tables.entries()) {
      const { clips, report } = await loadTable(table);
      const speakers = clips.map(({ speaker }) => speaker);
      assert.deepEqual(speakers, ['lab-J\u00f6rg', 'lab-J\u00fcrg'], `table ${i}`);
      assert.equal(report.remarks.length, i === tables.length - 1 ? 1 : 0);
    }
    const { report } = await load();
    assert.match(
      formatLoadReport(report),
      /remark: lab\/clips\.csv: it is not UTF-8 and was read as Windows-1252/,
    );
    const broken = await loadTable(text(',').replaceAll(/[\u00f6\u00fc]/g, '\ufffd'));
    assert.match(broken.report.remarks[0].text, /U\+FFFD: letters were lost/);
  });

  it('reports a bad table as one entry, with the files of its folder, and loads the others', async () => {
    clip('OAF_back_angry.wav');
    const cases: [table: string | Uint8Array, reason: RegExp][] = [
      ['', /^it is empty$/],
      ['path,emotion\n', /no lines below the heading/],
      ['<!DOCTYPE html><html></html>', /it is a web page/],
      ['version https://git-lfs.github.com/spec/v1\nsize 1\n', /Git LFS pointer/],
      ['PK\x03\x04', /Excel workbook/],
      [Buffer.from([0, 1, 2, 255, 254, 0]), /not a text file; save it as CSV in UTF-8/],
      ['path,emotion,Emotion\na.wav,sad,happy\n', /has the column emotion twice; rename or delete one/],
      ['file emotion\na.wav sad\n', /path and emotion missing, found: file emotion; separate the columns/],
      ['path,emotion\n"a.wav,sad\nb.wav,sad\n', /not a CSV table: Quote Not Closed/],
    ];
    for (const [table, reason] of cases) {
      const corpora = await loadTable(table);
      assert.deepEqual(counts(corpora), [
        ['rejected tables', 1],
        ['files not in their table', 2],
      ]);
      assert.match(corpora.report.leftOut[0].reasons[0].name, reason);
      assert.equal(corpora.clips.length, 1);
    }
  });

  it('reports folders, links and special files that cannot be read, without waiting for a pipe', async function () {
    if (process.platform === 'win32') this.skip();
    for (const name of ['OAF_back_angry', 'OAF_bar_sad', 'OAF_base_sad', 'closed/OAF_bath_sad'])
      clip(`${name}.wav`);
    execFileSync('mkfifo', [join(root, 'OAF_bath_sad.wav'), join(root, 'VideoDemographics.csv')]);
    mkdirSync(join(root, 'lab'));
    execFileSync('mkfifo', [join(root, 'lab/clips.csv')]);
    symlinkSync('nowhere.wav', join(root, 'OAF_beg_sad.wav'));
    symlinkSync('/unmounted/ravdess', join(root, 'ravdess'));
    symlinkSync('OAF_bite_sad.wav', join(root, 'OAF_bite_sad.wav'));
    symlinkSync('.', join(root, 'again'));
    clip('audio/1001_DFA_ANG_XX.wav'); // its tables are in the root
    const failing = (code: string): Error => Object.assign(new Error(`${code}: raw`), { code });
    const { readdir, readFile } = fsPromises;
    mock.method(fsPromises, 'readdir', (path: string, ...rest: never[]) =>
      path.endsWith('closed') ? Promise.reject(failing('EACCES')) : readdir(path, ...rest),
    );
    mock.method(fsPromises, 'readFile', (path: string) => {
      if (basename(path) === 'OAF_bar_sad.wav') return Promise.reject(failing('EMFILE'));
      if (basename(path) === 'OAF_base_sad.wav') return Promise.reject(failing('ENOENT'));
      return readFile(path);
    });
    const { clips, report } = await load();
    assert.deepEqual(
      clips.map(({ path }) => path),
      ['audio/1001_DFA_ANG_XX.wav', 'OAF_back_angry.wav'],
    );
    const reasons = new Map(report.unreadable.map(({ path, reason }) => [path, reason]));
    for (const [path, reason] of [
      ['closed', /permission denied; check the permissions/],
      ['ravdess', /it is a link to something that does not exist/],
      ['OAF_bar_sad.wav', /too many open files; .*EMFILE/],
      ['OAF_base_sad.wav', /was removed while the command was running/],
      ['OAF_bath_sad.wav', /it is a pipe, socket or device/],
      ['OAF_beg_sad.wav', /it is a link to something that does not exist/],
      ['OAF_bite_sad.wav', /lead in a circle/],
      ['lab/clips.csv', /it is a pipe, socket or device/],
      ['VideoDemographics.csv', /it is a pipe, socket or device.*; its values are missing/],
    ] as const) {
      assert.match(reasons.get(path) ?? 'not reported', reason, path);
    }
    assert.equal(reasons.size, 9);
    mock.restoreAll();
    assert.equal((await load()).clips.length, 5, 'temporary failures are not stored in the index');
    assert.ok((await verifyCorpora(root)).unreadable.some(({ path }) => path === 'ravdess'));
    await assert.rejects(readAudio(join(root, 'OAF_bath_sad.wav')), /OAF_bath_sad\.wav: it is a pipe/);
  });

  it('leaves out a demo corpus inside another data folder, because its clips have the names of the corpora', async () => {
    clip('OAF_back_angry.wav');
    clip('demo/OAF_bar_angry.wav');
    write('demo/SYNTHETIC-DEMO.json', '{"version":1,"clips":1}');
    const { clips, report } = await load();
    assert.equal(clips.length, 1);
    assert.match(report.unreadable[0].reason, /belongs to a synthetic demo/);
  });

  it('recognises the format by content and names with any ending, listed in a table or not', async () => {
    const names = ['w64', 'rf64', 'caf', 'au', 'opus', 'webm', 'aac', 'wma', 'amr'].map((end) => `x.${end}`);
    for (const name of names) {
      clip(`lab/${name}`);
      clip(`03-01-05-01-01-01-01${name.slice(1)}`);
    }
    write('lab/clips.csv', `path,emotion\n${names.map((name) => `${name},sad\n`).join('')}`);
    const { clips, report } = await load();
    assert.equal(clips.length, 2 * names.length);
    assert.deepEqual(report.leftOut, []);
  });

  it('remarks on speakers, folds and corpora that look alike, and does not merge them', async () => {
    const names = ['Anna', 'anna', '3', '03', '3.0', 'J\u00f6rg', 'Jo\u0308rg', 'Jorg', 'Ben'];
    const lines = names.map((name, i) => `${i}.wav,sad,${name},${i % 2 ? 'one' : 'One'}`);
    for (const i of names.keys()) clip(`LAB/${i}.wav`);
    write('LAB/clips.csv', `path,emotion,speaker,fold\n${lines.join('\n')}`);
    const { clips, report } = await loadTable('path,emotion\na.wav,sad\nb.wav,sad\n');
    const own = clips.filter(({ corpus }) => corpus === 'LAB');
    assert.equal(new Set(own.map(({ speaker }) => speaker)).size, 8, 'NFC and NFD are the same name');
    const texts = report.remarks.map(({ text }) => text.replace(/;.*/, ''));
    assert.deepEqual(texts, [
      'corpora that look alike count as different: "LAB", "lab"',
      'speakers that look alike count as different: "LAB-Anna", "LAB-anna"',
      'speakers that look alike count as different: "LAB-03", "LAB-3", "LAB-3.0"',
      'speakers that look alike count as different: "LAB-Jorg", "LAB-J\u00f6rg"',
      'folds that look alike count as different: "One", "one"',
    ]);
  });

  it('reads two files again that were swapped, although size and modification time are equal', async () => {
    const paths = ['OAF_back_angry.wav', 'OAF_bar_sad.wav'];
    paths.forEach(clip);
    const time = new Date('2020-01-01');
    for (const path of paths) utimesSync(join(root, path), time, time);
    const before = (await load()).clips;
    // Entries of files that changed a moment before they were read are not trusted: pretend that they were read later.
    const [index] = readdirSync(join(root, '.cache'));
    const text = readFileSync(join(root, '.cache', index), 'utf8');
    write(join('.cache', index), text.replaceAll(/,\d{13},"/g, `,${Date.now() + 60_000},"`));
    const reading = mock.method(fsPromises, 'readFile');
    assert.deepEqual((await load()).clips, before);
    assert.equal(reading.mock.callCount(), 0, 'unchanged files are not read again');
    renameSync(join(root, paths[0]), join(root, 'x'));
    renameSync(join(root, paths[1]), join(root, paths[0]));
    renameSync(join(root, 'x'), join(root, paths[1]));
    const after = (await load()).clips;
    assert.notEqual(before[0].sha256, before[1].sha256);
    assert.deepEqual(
      after.map(({ path, sha256 }) => [path, sha256]),
      [
        [paths[0], before[1].sha256],
        [paths[1], before[0].sha256],
      ],
    );
  });

  it('loads although the index cannot be saved, and says so', async () => {
    clip('OAF_back_angry.wav');
    write('file', '');
    const { clips, report } = await loadCorpora({ root, cacheDirectory: join(root, 'file/cache') });
    assert.equal(clips.length, 1);
    assert.match(report.remarks[0].text, /the index of the clips could not be saved.*ENOTDIR/);
  });

  it("leaves invalid values of CREMA-D's tables undefined, and counts them", async () => {
    for (const actor of [1001, 1002, 1003]) clip(`cremad/AudioWAV/${actor}_DFA_FEA_XX.wav`);
    write(
      'cremad/VideoDemographics.csv',
      'ActorID,Age,Sex,Race,Ethnicity\n1001,51,Male,Unknown,Hispanic\n1002,521,toString,Martian,\n1003,,FEMALE,asian,constructor\n1003,20,Male,,\n',
    );
    write(
      'cremad/processedResults/summaryTable.csv',
      ',FileName,VoiceVote,VoiceLevel\n1,1001_DFA_FEA_XX,F:Q,NaN\n2,1002_DFA_FEA_XX,constructor,50\n3,1003_DFA_FEA_XX,N,250\n',
    );
    const { clips, report } = await load();
    assert.deepEqual(
      clips.map(({ sex, age, race, ethnicity, votes }) => [sex, age, race, ethnicity, votes]),
      [
        ['male', 51, undefined, 'Hispanic', { emotions: ['fear'], level: undefined }],
        [undefined, undefined, undefined, undefined, undefined],
        ['female', undefined, 'Asian', undefined, { emotions: ['neutral'], level: undefined }],
      ],
    );
    const text = formatLoadReport(report);
    assert.match(
      text,
      /VideoDemographics\.csv: Age is invalid or repeated in 2 lines and was ignored, for example "521"/,
    );
    assert.match(text, /VideoDemographics\.csv: ActorID is invalid or repeated in 1 line/);
    assert.match(text, /summaryTable\.csv: VoiceLevel is invalid or repeated in 2 lines/);
  });

  it('bounds the numbers and texts of a table', async () => {
    const lines = [
      'a.wav,sad,121,1,x',
      'b.wav,sad,1e3,1,x',
      'c.wav,sad,3,1.5,x',
      `d.wav,sad,3,2,${'x'.repeat(1001)}`,
    ];
    lines.push('e.wav,sad,120,1000000,x');
    const files = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.wav`);
    const { clips, report } = await loadTable(`path,emotion,age,take,speaker\n${lines.join('\n')}`, files);
    assert.deepEqual([clips[0].age, clips[0].take], [120, 1_000_000]);
    assert.deepEqual(
      report.unreadable.map(({ reason }) => reason),
      [
        'age must be a number of years from 0 to 120, got "121"',
        'age must be a number of years from 0 to 120, got "1e3"',
        'take must be a whole number up to 1,000,000, got "1.5"',
        'speaker must have at most 1000 characters, got 1001',
      ],
    );
  });
});
