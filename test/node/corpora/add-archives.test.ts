import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { encodeWav } from '../../../src/core/audio';
import { groupBy } from '../../../src/core/base';
import { addArchives, loadCorpora } from '../../../src/node/corpora';
import { type AddOptions, describeAdded } from '../../../src/node/corpora/add/add-archives';
import { voice } from '../../babble';

type Content = Record<string, { bytes: Buffer; mode?: number }>;

const wav = (seed: string): Buffer => Buffer.from(encodeWav(voice(seed, 0.3)));

interface Row {
  path: string;
  emotion?: string;
  speaker?: string;
  sentence?: string;
  take?: number;
  session?: string;
  recorded?: string;
  /** seed of the audio; default: the path */
  audio?: string;
}

const columns = ['path', 'emotion', 'speaker', 'sentence', 'take', 'session', 'recorded'] as const;

/** The files of a recorded corpus. */
function corpusFiles(folder: string, rows: readonly Row[]): Content {
  const lines = rows.map((row) => {
    const all = {
      emotion: 'angry',
      speaker: 'S1',
      sentence: 's',
      take: 1,
      session: 'A',
      recorded: '2026-01-01',
      ...row,
    };
    return columns.map((column) => all[column]).join();
  });
  const files: Content = {
    [`${folder}clips.csv`]: { bytes: Buffer.from([columns.join(), ...lines, ''].join('\n')) },
  };
  for (const { path, audio = path } of rows) files[folder + path] = { bytes: wav(audio) };
  return files;
}

async function zip(content: Content): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [name, { bytes, mode = 0o100644 }] of Object.entries(content))
    archive.addBuffer(bytes, name, { mode, compress: !name.endsWith('.wav') });
  archive.end();
  return buffer(archive.outputStream);
}

/** Replaces a name in a finished archive: yazl refuses to write unsafe names. */
function rename(archive: Buffer, from: string, to: string): Buffer {
  assert.equal(from.length, to.length);
  return Buffer.from(archive.toString('latin1').replaceAll(from, to), 'latin1');
}

describe('addArchives', () => {
  let root: string;
  let directory: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'add-'));
    directory = join(root, 'corpora');
    mkdirSync(directory);
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  async function archive(name: string, content: Content | Buffer): Promise<string> {
    const path = join(root, name);
    writeFileSync(path, Buffer.isBuffer(content) ? content : await zip(content));
    return path;
  }
  const add = (files: string | string[], options: AddOptions = {}) =>
    addArchives([files].flat(), { directory, ...options });
  const load = () => loadCorpora({ root: directory, cacheDirectory: join(root, 'cache') });
  const paths = async (): Promise<string[]> => (await load()).clips.map(({ path }) => path);
  /** Names and contents of everything in the folder of corpora. */
  const snapshot = (): string[] =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((path) => {
        const file = join(directory, path);
        return statSync(file).isDirectory() ? path : `${path} ${readFileSync(file).toString('base64')}`;
      });

  const anna: Row[] = [{ path: 'S1/a.wav' }, { path: 'S1/b.wav', emotion: 'happy' }];
  const ben: Row[] = [
    { path: 'S2/a.wav', speaker: 'S2', session: 'B' },
    { path: 'S2/b.wav', speaker: 'S2', session: 'B', emotion: 'happy' },
  ];

  it('adds a corpus that loads with all labels and the same bytes', async () => {
    const { corpora, failures } = await add(await archive('x.zip', corpusFiles('class/', anna)));
    assert.deepEqual(failures, []);
    const { added, present, skipped } = corpora[0].archives[0];
    assert.deepEqual([corpora[0].corpus, added, present, skipped], ['class', 2, 0, []]);
    assert.equal(corpora[0].report.clips, 2);
    const loaded = await load();
    assert.deepEqual(
      loaded.clips.map(({ corpus, path, speaker, emotion, sentence, take }) => [
        corpus,
        path,
        speaker,
        emotion,
        sentence,
        take,
      ]),
      [
        ['class', 'class/S1/a.wav', 'class-S1', 'angry', 's', 1],
        ['class', 'class/S1/b.wav', 'class-S1', 'happy', 's', 1],
      ],
    );
    assert.deepEqual(readFileSync(loaded.fileOf(loaded.clips[0])), wav('S1/a.wav'));
    assert.deepEqual(readdirSync(directory), ['class'], 'no temporary files');
  });

  it('merges the label maps of archives; that of the corpus takes precedence', async () => {
    const bored = (rows: Row[], map: object): Content => ({
      ...corpusFiles('class/', [
        ...rows,
        { ...rows[0], path: `${rows[0].path}-bored.wav`, emotion: 'bored' },
      ]),
      'class/labels.json': { bytes: Buffer.from(JSON.stringify(map)) },
    });
    const first = await add(await archive('x.zip', bored(anna, { bored: 'boredom' })));
    assert.deepEqual([first.failures, first.corpora[0].archives[0].skipped], [[], []]);
    const second = await add(await archive('y.zip', bored(ben, { bored: 'bored', calm: 'calm' })));
    assert.match(
      describeAdded(second).join('\n'),
      /not used: labels\.json, bored: the corpus maps it to boredom, not to bored; edit labels\.json/,
    );
    const map: unknown = JSON.parse(readFileSync(join(directory, 'class', 'labels.json'), 'utf8'));
    assert.deepEqual(map, { bored: 'boredom', calm: 'calm' });
    const { clips } = await load();
    assert.equal(clips.filter(({ emotion }) => emotion === 'boredom').length, 2);
    const wrong = await add(await archive('z.zip', bored(anna, { bored: 3 })));
    assert.match(describeAdded(wrong).join('\n'), /not added: .*labels\.json: it must be an object such as/);
  });

  it('merges archives of several devices, at once or one after the other', async () => {
    const [a, b] = [
      await archive('a.zip', corpusFiles('class/', anna)),
      await archive('b.zip', corpusFiles('Class/', ben)),
    ];
    const { corpora } = await add([a, b]);
    assert.equal(corpora.length, 1);
    assert.equal(corpora[0].report.corpora[0].speakers, 2);
    const atOnce = snapshot();
    rmSync(join(directory, 'class'), { recursive: true });
    await add(a);
    await add(b);
    assert.deepEqual(snapshot(), atOnce);
  });

  it('recognises recordings that are there, and takes the newer version of a repeated one', async () => {
    const first = await archive('first.zip', corpusFiles('class/', anna));
    await add(first);
    const again = (await add(first)).corpora[0].archives[0];
    assert.deepEqual([again.added, again.present], [0, 2]);
    const newer = corpusFiles('class/', [
      { ...anna[0], audio: 'repeated', recorded: '2026-01-02' },
      anna[1],
      { path: 'S1/c.wav', emotion: 'sad' },
    ]);
    const report = await add(await archive('later.zip', newer));
    const [later] = report.corpora[0].archives;
    assert.deepEqual([later.added, later.present, later.replaced, later.outdated], [1, 1, 1, 0]);
    assert.match(
      describeAdded(report).join('\n'),
      /later\.zip: 1 recording added, 1 replaced by a newer version, 1 was there already$/,
    );
    const corpora = await load();
    const { clips } = corpora;
    assert.equal(clips.length, 3);
    const angry = clips.find(({ emotion }) => emotion === 'angry')!;
    assert.deepEqual(readFileSync(corpora.fileOf(angry)), wav('repeated'));
    assert.equal(readdirSync(join(directory, 'class', 'S1')).length, 3);
    const old = (await add(first)).corpora[0].archives[0];
    assert.deepEqual([old.added, old.present, old.outdated], [0, 1, 1]);
  });

  it('gives different recordings with the same name different names', async () => {
    await add(await archive('a.zip', corpusFiles('class/', [{ path: 'x/a.wav' }])));
    await add(
      await archive('b.zip', corpusFiles('class/', [{ path: 'X/A.wav', speaker: 'S2', session: 'B' }])),
    );
    assert.deepEqual(await paths(), ['class/X/A-2.wav', 'class/x/a.wav']);
  });

  it('names speakers that are in several sessions, and keeps them apart on request', async () => {
    const other = ben.map((row) => ({ ...row, speaker: 'S1' }));
    const [a, b] = [
      await archive('a.zip', corpusFiles('class/', anna)),
      await archive('b.zip', corpusFiles('class/', other)),
    ];
    const together = await add([a, b]);
    assert.deepEqual(together.corpora[0].sharedSpeakers, [{ speaker: 'S1', sources: ['a.zip', 'b.zip'] }]);
    assert.equal(together.corpora[0].report.corpora[0].speakers, 1);
    assert.match(
      describeAdded(together).join('\n'),
      /speaker S1 is in a\.zip and b\.zip, and counts as one person; if/,
    );
    rmSync(join(directory, 'class'), { recursive: true });
    const apart = await add([a, b], { keepSpeakersApart: true });
    assert.deepEqual(apart.corpora[0].sharedSpeakers, [
      { speaker: 'S1', sources: ['a.zip', 'b.zip'], renamedTo: 'S1 (2)' },
    ]);
    assert.equal(apart.corpora[0].report.corpora[0].speakers, 2);
    // The renamed speaker is recognised when the archive is added again.
    const again = await add(b, { keepSpeakersApart: true });
    assert.equal(again.corpora[0].archives[0].present, 2);
    assert.deepEqual(again.corpora[0].sharedSpeakers, []);
    assert.equal(again.corpora[0].report.corpora[0].speakers, 2);
    const sameSession = await add(
      await archive('c.zip', corpusFiles('class/', [{ path: 'S1/c.wav', emotion: 'sad' }])),
    );
    assert.deepEqual(sameSession.corpora[0].sharedSpeakers, [], 'the same session is the same person');
  });

  it('recognises a renamed speaker of a session, whichever recording comes first', async () => {
    const other = ben.map((row) => ({ ...row, speaker: 'S1' }));
    const a = await archive('a.zip', corpusFiles('class/', anna));
    for (const keepSpeakersApart of [false, true]) {
      rmSync(join(directory, 'class'), { recursive: true, force: true });
      await add([a, await archive('b.zip', corpusFiles('class/', other))], { keepSpeakersApart: true });
      const more = [
        { path: 'S2/0.wav', speaker: 'S1', session: 'B', emotion: 'sad' },
        { ...other[0], audio: 'repeated', recorded: '2026-01-02' },
        other[1],
      ];
      const later = await add(await archive('later.zip', corpusFiles('class/', more)), { keepSpeakersApart });
      const [{ archives, sharedSpeakers }] = later.corpora;
      const { added, replaced, present } = archives[0];
      assert.deepEqual([added, replaced, present, sharedSpeakers], [1, 1, 1, []]);
      const counts = [...groupBy((await load()).clips, ({ speaker }) => speaker)];
      assert.deepEqual(
        counts.map(([name, own]) => [name, own.length]),
        [
          ['class-S1', 2],
          ['class-S1 (2)', 3],
        ],
      );
    }
  });

  it('takes a speaker with a number for another one if the session contains both', async () => {
    const rows = (speakers: string[], session: string): Row[] =>
      speakers.map((speaker) => ({ path: `${session}/${speaker}.wav`, speaker, session }));
    await add(await archive('a.zip', corpusFiles('class/', rows(['S1'], 'A'))));
    await add(await archive('b.zip', corpusFiles('class/', rows(['S1 (2)'], 'B'))));
    await add(await archive('c.zip', corpusFiles('class/', rows(['S1', 'S1 (2)'], 'B'))));
    assert.deepEqual(
      (await load()).clips.map(({ path, speaker }) => [path, speaker]),
      [
        ['class/A/S1.wav', 'class-S1'],
        ['class/B/S1 (2).wav', 'class-S1 (2)'],
        ['class/B/S1.wav', 'class-S1'],
      ],
    );
  });

  it('recognises the recordings of a renamed speaker without a session', async () => {
    const row = { session: '', speaker: 'S1' };
    const a = await archive('a.zip', corpusFiles('class/', [{ path: 'a.wav', ...row }]));
    const files = [
      { path: 'x/b.wav', ...row },
      { path: 'x/c.wav', ...row, emotion: 'happy' },
    ];
    const b = await archive('b.zip', corpusFiles('class/', files));
    await add([a, b], { keepSpeakersApart: true });
    const more = [...files, { path: 'x/d.wav', ...row, emotion: 'sad' }];
    for (const keepSpeakersApart of [true, false]) {
      const again = await add(await archive('b.zip', corpusFiles('class/', more)), { keepSpeakersApart });
      assert.equal(again.corpora[0].archives[0].added, keepSpeakersApart ? 1 : 0);
    }
    assert.deepEqual(
      (await load()).clips.map(({ path, speaker }) => [path, speaker]),
      [
        ['class/a.wav', 'class-S1'],
        ['class/x/b.wav', 'class-S1 (2)'],
        ['class/x/c.wav', 'class-S1 (2)'],
        ['class/x/d.wav', 'class-S1 (2)'],
      ],
    );
  });

  it('reports identical recordings under different labels', async () => {
    const rows = [...anna, { path: 'S1/copy.wav', emotion: 'sad', audio: 'S1/a.wav' }];
    const { corpora } = await add(await archive('x.zip', corpusFiles('class/', rows)));
    assert.equal(corpora[0].report.conflicting.length, 1);
  });

  it('keeps the columns, lines and files of an existing corpus', async () => {
    mkdirSync(join(directory, 'class'));
    writeFileSync(join(directory, 'class', 'own.wav'), wav('own'));
    writeFileSync(join(directory, 'class', 'notes.txt'), 'my notes');
    writeFileSync(
      join(directory, 'class', 'clips.csv'),
      'Path;Emotion;Speaker;Note\nown.wav;joy;-Kim;"a;b"\nlost.wav;sad;Kim;\n',
    );
    await add(await archive('x.zip', corpusFiles('class/', anna)));
    const table = readFileSync(join(directory, 'class', 'clips.csv'), 'utf8').split('\n');
    assert.deepEqual(table.slice(0, 3), [
      '\uFEFFpath,emotion,speaker,note,sentence,take,session,recorded',
      'own.wav,joy,-Kim,"a;b",,,,',
      'lost.wav,sad,Kim,,,,,',
    ]);
    assert.equal(readFileSync(join(directory, 'class', 'notes.txt'), 'utf8'), 'my notes');
    const { clips } = await load();
    assert.equal(clips.length, 3);
  });

  it('deletes no file outside the corpus, and none that another line or nobody lists', async () => {
    const folder = join(directory, 'class');
    mkdirSync(join(folder, 'S1'), { recursive: true });
    writeFileSync(join(folder, 'S1', 'a.wav'), wav('old'));
    writeFileSync(join(folder, 'S1', 'b.wav'), wav('unlisted'));
    for (const place of [root, directory]) writeFileSync(join(place, 'victim.wav'), 'important');
    const line = (path: string, emotion: string): string => `${path},${emotion},S1,s,1,A,2026-01-01`;
    writeFileSync(
      join(folder, 'clips.csv'),
      [
        columns.join(),
        line('S1/a.wav', 'angry'),
        line('S1/a.wav', 'sad'),
        line('../../victim.wav', 'happy'),
        line('../victim.wav', 'calm'),
        line('lost.wav', 'fearful').replace('2026-01-01', '2027-01-01'),
      ].join('\n'),
    );
    const newer = ['angry', 'happy', 'calm', 'fearful'].map((emotion, i) => ({
      path: ['S1/a.wav', 'S1/b.wav', 'c.wav', 'd.wav'][i],
      emotion,
      audio: `new ${emotion}`,
      recorded: '2026-01-02',
    }));
    const { corpora, failures } = await add(await archive('x.zip', corpusFiles('class/', newer)));
    assert.deepEqual(failures, []);
    const { added, replaced, outdated } = corpora[0].archives[0];
    assert.deepEqual([added, replaced, outdated], [3, 1, 0]);
    for (const place of [root, directory])
      assert.equal(readFileSync(join(place, 'victim.wav'), 'utf8'), 'important');
    assert.deepEqual(readFileSync(join(folder, 'S1', 'a.wav')), wav('old'), 'listed by another line');
    assert.deepEqual(readFileSync(join(folder, 'S1', 'b.wav')), wav('unlisted'));
    assert.deepEqual(
      (await load()).clips.map(({ path, emotion }) => [path, emotion]),
      [
        ['class/S1/a-2.wav', 'angry'],
        ['class/S1/a.wav', 'sad'],
        ['class/S1/b-2.wav', 'happy'],
        ['class/c.wav', 'neutral'],
        ['class/d.wav', 'fear'],
      ],
    );
  });

  it('changes no file through a link, and replaces the target of a linked corpus', async () => {
    const outside = join(root, 'outside');
    await add(await archive('a.zip', corpusFiles('class/', anna)), { directory: outside });
    const [own, linked] = ['class', 'other'].map((name) => join(directory, name));
    mkdirSync(own);
    symlinkSync(join(outside, 'class', 'S1'), join(own, 'S1'));
    writeFileSync(join(own, 'clips.csv'), readFileSync(join(outside, 'class', 'clips.csv')));
    const before = readFileSync(join(outside, 'class', 'S1', 'a.wav'));
    const newer = [{ ...anna[0], audio: 'repeated', recorded: '2026-01-02' }];
    const { failures } = await add(await archive('b.zip', corpusFiles('class/', newer)));
    assert.match(failures[0].reason, /class: it contains the link S1, .*replace the link with a copy/);
    assert.deepEqual(readFileSync(join(outside, 'class', 'S1', 'a.wav')), before);
    assert.deepEqual(readdirSync(join(outside, 'class', 'S1')), ['a.wav', 'b.wav']);

    symlinkSync(join(outside, 'class'), linked);
    const result = await add(await archive('c.zip', corpusFiles('other/', newer)));
    assert.deepEqual([result.failures, result.corpora[0].archives[0].replaced], [[], 1]);
    assert.ok(lstatSync(linked).isSymbolicLink());
    assert.deepEqual(readdirSync(join(outside, 'class', 'S1')), ['a-2.wav', 'b.wav']);
    assert.match(readFileSync(join(linked, 'clips.csv'), 'utf8'), /a-2\.wav/);
    assert.deepEqual(readdirSync(outside), ['class'], 'no temporary files');
  });

  it('uses the folder of the table, the name of the archive, or the given name', async () => {
    await add(await archive('my class (1).zip', corpusFiles('', anna)));
    await add(await archive('deep.zip', corpusFiles('a/b c/', anna)));
    await add(await archive('z.zip', corpusFiles('x/', anna)), { name: 'Größe 1' });
    assert.deepEqual(readdirSync(directory).sort(), ['Größe-1', 'b-c', 'my-class'].sort());
  });

  it('copies only the listed recordings, and names the others with the reason', async () => {
    const files = corpusFiles('class/', [...anna, { path: 'missing.wav' }]);
    Reflect.deleteProperty(files, 'class/missing.wav');
    files['class/README.txt'] = { bytes: Buffer.from('consent') };
    files['__MACOSX/class/._clips.csv'] = { bytes: Buffer.from('x') };
    files['class/unlisted.wav'] = { bytes: wav('u') };
    files['class/program.exe'] = { bytes: Buffer.from('MZ') };
    const { corpora } = await add(await archive('x.zip', files));
    assert.deepEqual(corpora[0].archives[0].skipped, [
      { path: 'class/clips.csv, line 4', reason: 'there is no such file' },
      { path: 'class/unlisted.wav', reason: 'it is not listed in clips.csv' },
      { path: 'class/program.exe', reason: 'it is not listed in clips.csv' },
    ]);
    assert.deepEqual(readdirSync(join(directory, 'class')).sort(), ['S1', 'clips.csv']);
  });

  it('makes names and cells of a hostile table safe', async () => {
    const rows = [
      { path: '.hidden/-a.wav', speaker: '=HYPERLINK("x")' },
      { path: 'b?*.wav', emotion: 'happy' },
      { path: 'c\u2029d.wav', emotion: 'sad' },
    ];
    await add(await archive('x.zip', corpusFiles('class/', rows)));
    const found = await paths();
    assert.deepEqual(found, ['class/b.wav', 'class/c-d.wav', 'class/hidden/-a.wav']);
    assert.match(readFileSync(join(directory, 'class', 'clips.csv'), 'utf8'), /"'=HYPERLINK/);
  });

  it('rejects unsafe and damaged archives with the reason, changes nothing, and adds the others', async () => {
    await add(await archive('good.zip', corpusFiles('class/', anna)));
    const before = snapshot();
    const good = await zip(corpusFiles('class/', ben));
    const table = (text: string): Content => ({ 'class/clips.csv': { bytes: Buffer.from(text) } });
    const cases: [string, Content | Buffer, RegExp][] = [
      ['slip', rename(good, 'class/S2/a.wav', '../../../a.wav'), /unsafe.*invalid relative path/],
      ['absolute', rename(good, 'class/S2/a.wav', '/tmp/x/y/a.wav'), /unsafe.*absolute path/],
      [
        'link',
        {
          ...corpusFiles('class/', ben),
          'class/l.wav': { bytes: Buffer.from('/etc/passwd'), mode: 0o120777 },
        },
        /l\.wav" is a link or a device/,
      ],
      [
        'twice',
        rename(good, 'class/S2/b.wav', 'class/S2/A.wav'),
        /contains "class\/S2\/[aA]\.wav" twice, or with another letter case/,
      ],
      ['text', Buffer.from('text'), /not a readable zip archive/],
      ['cut', good.subarray(0, good.length - 40), /not a readable zip archive/],
      ['no table', { 'class/a.wav': { bytes: wav('a') } }, /must contain a clips\.csv/],
      [
        'two tables',
        { ...corpusFiles('a/', ben), ...corpusFiles('b/', ben) },
        /must contain one clips\.csv, got 2: a\/clips\.csv, b\/clips\.csv/,
      ],
      [
        'no column',
        table('file,emotion\na.wav,sad\n'),
        /must have the columns path and emotion; path missing/,
      ],
      ['no lines', table('path,emotion\n'), /no lines below the heading/],
      [
        'no files',
        table('path,emotion\na.wav,sad\n'),
        /no line of clips\.csv can be used, for example .*line 2: there is no such file/,
      ],
      [
        'escape',
        table('path,emotion\n../../x.wav,sad\n'),
        /no line of clips\.csv can be used.*must be below the data folder/,
      ],
      [
        'bomb',
        { ...corpusFiles('class/', ben), 'class/zeros.bin': { bytes: Buffer.alloc(2 ** 24) } },
        /compression ratio of more than 100/,
      ],
      ['known', corpusFiles('RAVDESS/', ben), /the name of its folder must be unique/],
      [
        'unknown emotions',
        corpusFiles('other/', [{ path: 'a.wav', emotion: 'bored' }]),
        /its label "bored" is none of/,
      ],
      [
        'no audio',
        { ...corpusFiles('other/', [{ path: 'a.wav' }]), 'other/a.wav': { bytes: Buffer.from('no audio') } },
        /no clip of a known corpus/,
      ],
    ];
    for (const [name, content, reason] of cases) {
      const { corpora, failures } = await add(await archive(`${name}.zip`, content));
      assert.deepEqual([corpora, failures.length], [[], 1], name);
      assert.match(failures[0].reason, reason, name);
      assert.deepEqual(snapshot(), before, name);
      assert.equal(existsSync(join(root, 'a.wav')), false);
    }
    const bad = await archive('bad.zip', Buffer.from('text'));
    const { corpora, failures } = await add([bad, await archive('ben.zip', good), join(root, 'absent.zip')]);
    assert.equal(corpora[0].archives[0].added, 2);
    assert.deepEqual(
      failures.map(({ name }) => name),
      [bad, join(root, 'absent.zip')],
    );
  });

  it('keeps to its limits', async () => {
    const file = await archive('x.zip', corpusFiles('class/', anna));
    const limited = async (limits: AddOptions['limits']): Promise<string> =>
      (await add(file, { limits })).failures[0].reason;
    assert.match(await limited({ maxEntries: 2 }), /at most 2 entries, got 3/);
    assert.match(await limited({ maxEntryBytes: 1000 }), /has more than 1000 bytes/);
    assert.match(await limited({ maxTotalBytes: 12_000 }), /contains more than 12000 bytes/);
    assert.deepEqual(readdirSync(directory), []);
  });

  it('does not touch a folder that is not a corpus, and changes nothing when it is stopped', async () => {
    mkdirSync(join(directory, 'class'));
    writeFileSync(join(directory, 'class', 'thesis.txt'), 'important');
    const before = snapshot();
    const file = await archive('x.zip', corpusFiles('class/', anna));
    assert.match((await add(file)).failures[0].reason, /it exists, but has no clips\.csv.*--name/);
    assert.deepEqual(snapshot(), before);
    const stop = new AbortController();
    await assert.rejects(
      add(file, { name: 'other', signal: stop.signal, onProgress: () => stop.abort(new Error('stopped')) }),
      /stopped/,
    );
    assert.deepEqual(snapshot(), before);
  });
});
