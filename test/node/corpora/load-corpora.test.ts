import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeWav } from '../../../src/core/audio';
import { corpusNames, createRandom, emotions } from '../../../src/core/base';
import {
  chooseCorpora,
  clipTable,
  countTable,
  formatLoadReport,
  loadCorpora,
} from '../../../src/node/corpora';
import { readManifest } from '../../../src/node/corpora/committed-files';
import { realClips } from '../../real-clips';

describe('loadCorpora', () => {
  let root: string;
  let cacheDirectory: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-corpora-'));
    cacheDirectory = join(root, '.cache');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const write = (path: string, content: Uint8Array | string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  /** a short clip of noise seeded with `sound`, by default the path */
  const clip = (path: string, sound = path, sampleRate = 16_000): void => {
    const random = createRandom(sound);
    const samples = Float32Array.from({ length: 1600 }, () => random.uniform(-0.5, 0.5));
    write(path, encodeWav({ samples, sampleRate }));
  };
  const load = (): ReturnType<typeof loadCorpora> => loadCorpora({ root, cacheDirectory });

  it('finds the corpora in any layout, in the order of the paper, and reads the headers', async () => {
    clip('savee/ALL/DC_a01.wav', 'savee', 44_100);
    clip('kaggle/TESS Toronto emotional speech set data/OAF_Pleasant_surprise/OAF_back_ps.wav');
    clip('cremad/AudioWAV/1001_DFA_ANG_XX.wav');
    clip('Audio_Speech_Actors_01-24/Actor_01/03-01-05-01-01-01-01.wav');
    const { clips, source, synthetic } = await load();
    assert.deepEqual(
      clips.map(({ corpus, emotion }) => [corpus, emotion]),
      [
        ['RAVDESS', 'angry'],
        ['CREMA-D', 'angry'],
        ['TESS', 'surprise'],
        ['SAVEE', 'angry'],
      ],
    );
    assert.equal(clips[3].sampleRate, 44_100);
    assert.equal(clips[0].durationSec, 0.1);
    assert.match(clips[0].sha256, /^[0-9a-f]{64}$/);
    assert.equal(source, 'RAVDESS, CREMA-D, TESS, SAVEE (sample), 4 clips');
    assert.equal(synthetic, false);
  });

  it("counts the copies of a mirrored folder once, as in Kaggle's archives", async () => {
    for (const folder of ['', 'audio_speech_actors_01-24/']) {
      for (const actor of ['01', '02']) clip(`${folder}Actor_${actor}/03-01-05-01-01-01-${actor}.wav`, actor);
    }
    const { clips, report } = await load();
    assert.equal(clips.length, 2);
    assert.equal(report.copies.length, 2);
    assert.match(
      formatLoadReport(report),
      /skipped, byte-identical copies \(2\): audio_speech_actors_01-24\/Actor_01/,
    );
  });

  it('keeps different clips with the same audio, and reports them', async () => {
    clip('1006_TIE_HAP_XX.wav', 'same');
    clip('1006_TIE_NEU_XX.wav', 'same');
    clip('Actor_07/03-01-03-01-02-01-07.wav', 'again');
    clip('Actor_07/03-01-03-01-02-02-07.wav', 'again');
    const { clips, report } = await load();
    assert.equal(clips.length, 4);
    assert.match(
      formatLoadReport(report),
      /same audio under two names \(1\): 03-01-03-01-02-01-07\.wav = 03-01-03-01-02-02-07/,
    );
    assert.match(formatLoadReport(report), /same audio under two emotions \(1\): .*\(happy and neutral\)/);
    assert.equal(
      clips.find(({ emotion }) => emotion === 'neutral')?.remark,
      'same audio as 1006_TIE_HAP_XX.wav (happy)',
    );
  });

  it('reports silent clips with the same bytes as silent and as identical', async () => {
    const silence = encodeWav({ samples: new Float32Array(100), sampleRate: 8000 });
    for (const name of ['OAF_back_sad.wav', 'OAF_bar_sad.wav']) write(name, silence);
    const { clips, report } = await load();
    assert.deepEqual(report.silent, ['OAF_back_sad.wav', 'OAF_bar_sad.wav']);
    assert.equal(clips[0].remark, 'digital silence; same audio as OAF_bar_sad.wav (sad)');
  });

  it('skips and reports files with unknown names and unreadable files', async () => {
    clip('OAF_back_angry.wav');
    clip('my recording.wav');
    write('song.mp3', 'ID3');
    write('OAF_bar_angry.wav', '');
    write('OAF_base_angry.wav', '<html>not found</html>');
    write('OAF_bath_sad.wav', encodeWav({ samples: new Float32Array(100), sampleRate: 8000 }).slice(0, 60));
    write('OAF_beg_sad.wav', encodeWav({ samples: new Float32Array(100), sampleRate: 8000 }));
    const { clips, report } = await load();
    assert.deepEqual(
      clips.map(({ path, remark }) => [path, remark]),
      [
        ['OAF_back_angry.wav', undefined],
        ['OAF_beg_sad.wav', 'digital silence'],
      ],
    );
    assert.deepEqual(report.unrecognised, ['my recording.wav', 'song.mp3']);
    assert.deepEqual(
      report.unreadable.map(({ path }) => path),
      ['OAF_bar_angry.wav', 'OAF_base_angry.wav', 'OAF_bath_sad.wav'],
    );
    const text = formatLoadReport(report);
    assert.match(text, /skipped, unreadable \(3\): OAF_bar_angry\.wav: it is empty/);
    assert.match(text, /OAF_bath_sad\.wav: it is truncated/);
    assert.match(text, /silent \(1\): OAF_beg_sad\.wav/);
  });

  it("reads the user's own corpus", async () => {
    clip('lab/one.wav');
    clip('lab/deep/two.wav');
    clip('lab/unlisted.wav');
    write(
      'lab/clips.csv',
      '\ufeffpath,emotion,speaker,sex,age,sentence,fold\none.wav,Anger,anna,f,31,hello,Third\ndeep/two.wav,sad,,,,,\nthree.wav,sad,,,,,\none.wav,bored,,,,,\n',
    );
    const { clips, report } = await load();
    assert.deepEqual(
      clips.map((found) => [
        found.corpus,
        found.path,
        found.emotion,
        found.label,
        found.speaker,
        found.sex,
        found.age,
        found.fold,
      ]),
      [
        ['lab', 'lab/deep/two.wav', 'sad', 'sad', undefined, undefined, undefined, undefined],
        ['lab', 'lab/one.wav', 'angry', 'Anger', 'lab-anna', 'female', 31, 'Third'],
      ],
    );
    assert.deepEqual(report.unreadable.at(-1), {
      path: 'lab/unlisted.wav',
      reason: 'it is not listed in lab/clips.csv',
      corpus: 'lab',
      kind: 'unlisted',
    });
    assert.match(formatLoadReport(report), /lab\/three\.wav: lab\/clips\.csv, line 4: there is no such file/);
    assert.match(formatLoadReport(report), /clips\.csv, line 5: line 2 has the same path with other labels/);
  });

  it("reports invalid lines of the user's CSV by line number, and reads the others", async () => {
    for (const name of ['one', 'two', 'three']) clip(`lab/${name}.wav`);
    const lines = [
      'path,emotion,speaker,sentence',
      '',
      'one.wav,angry,anna,"hello,\nyou"',
      'two.wav,sad,anna,',
      'three.wav,sad,anna,hello,there',
      'two.wav,sad',
      'two.wav,sad,anna,',
      'one.wav,sad,anna,hello',
    ];
    write('lab/clips.csv', `${lines.join('\n')}\n`);
    const { clips, report } = await load();
    assert.deepEqual(
      clips.map(({ path, emotion, sentence }) => [path, emotion, sentence]),
      [
        ['lab/one.wav', 'angry', 'hello,\nyou'],
        ['lab/two.wav', 'sad', undefined],
      ],
    );
    assert.deepEqual(
      report.unreadable.map(({ path, where, reason }) => `${path}: ${where}: ${reason}`),
      [
        'lab/three.wav: lab/clips.csv, line 6: it must have 4 cells like the first line',
        'lab/two.wav: lab/clips.csv, line 7: it must have 4 cells like the first line',
        'lab/one.wav: lab/clips.csv, line 9: line 4 has the same path with other labels, which are used',
      ],
    );
  });

  it('rejects an own corpus with the name of another corpus, of one of the four or of their demo', async () => {
    const table = 'path,emotion\none.wav,sad\n';
    clip('2023/lab/one.wav');
    write('2023/lab/clips.csv', table);
    for (const [file, other] of [
      ['2024/lab/clips.csv', '2023/lab/clips.csv'],
      ['2023/tess/clips.csv', 'the corpus TESS'],
      ['2023/demo TESS/clips.csv', 'the synthetic demo'],
    ]) {
      write(file, table);
      const { clips, report } = await load();
      assert.deepEqual([...new Set(clips.map(({ path }) => dirname(path)))], ['2023/lab']);
      assert.deepEqual(report.unreadable, [
        {
          path: file,
          reason: `the name of its folder must be unique, got "${file.split('/')[1]}", the name of ${other}; rename the folder`,
          corpus: file.split('/')[1],
          kind: 'table',
        },
      ]);
      rmSync(join(root, dirname(file)), { recursive: true });
    }
  });

  it('uses the labels of the first of two tables that list a file', async () => {
    clip('lab/day/one.wav');
    write('lab/clips.csv', 'path,emotion\nday/one.wav,sad\n');
    write('lab/day/clips.csv', 'path,emotion\none.wav,happy\n');
    const { clips, report } = await load();
    assert.deepEqual(
      clips.map(({ corpus, emotion }) => [corpus, emotion]),
      [['lab', 'sad']],
    );
    const reason =
      'it is listed in lab/day/clips.csv and in lab/clips.csv; the labels of the latter are used';
    assert.deepEqual(report.unreadable, [{ path: 'lab/day/one.wav', reason, corpus: 'day', kind: 'line' }]);
  });

  it("rejects the user's CSV without the two required columns", async () => {
    write('lab/clips.csv', 'file,emotion\na.wav,sad\n');
    await assert.rejects(
      load(),
      /lab\/clips\.csv\n +it must have the columns path and emotion; path missing, found: file and emotion/,
    );
  });

  it("adds CREMA-D's demographics and votes if the tables are present", async () => {
    clip('cremad/AudioWAV/1001_DFA_FEA_XX.wav');
    write(
      'cremad/VideoDemographics.csv',
      '"ActorID","Age","Sex","Race","Ethnicity"\n1001,51,"Male","Unknown","Not Hispanic"\n',
    );
    const summary = '"","FileName","VoiceVote","VoiceLevel"\n"1","1001_DFA_FEA_XX","F:N","48.5:49.5"\n';
    write('cremad/processedResults/summaryTable.csv', summary);
    const [summarised] = (await load()).clips;
    assert.deepEqual([summarised.sex, summarised.age, summarised.race], ['male', 51, undefined]);
    assert.deepEqual(summarised.votes, { emotions: ['fear', 'neutral'], level: 49 });

    const rows = ['"","A","D","F","H","N","S","fileName","numResponses","agreement","emoVote","meanEmoResp"'];
    rows.push(
      '"100063",2,0,5,0,2,0,"1001_DFA_FEA_XX",9,0.556,"F",49.4',
      '"200063",9,0,0,0,0,0,"1001_DFA_FEA_XX",9,1,"A",80',
    );
    write('cremad/processedResults/tabulatedVotes.csv', rows.join('\n'));
    const [tabulated] = (await load()).clips;
    assert.deepEqual(tabulated.votes, {
      emotions: ['fear'],
      level: 49.4,
      counts: { angry: 2, disgust: 0, fear: 5, happy: 0, neutral: 2, sad: 0 },
    });
  });

  it('loads the clips without a CREMA-D table that lacks columns, and names them', async () => {
    clip('cremad/AudioWAV/1001_DFA_FEA_XX.wav');
    write(
      'cremad/processedResults/tabulatedVotes.csv',
      'row,A,D,F,H,N,S,fileName,emoVote\n1,2,0,5,0,2,0,x,F\n',
    );
    write(
      'cremad/processedResults/summaryTable.csv',
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 96044\n',
    );
    write('cremad/VideoDemographics.csv', '<!DOCTYPE html><html><body>Not found</body></html>\n');
    const { clips, report } = await load();
    assert.equal(clips.length, 1);
    assert.deepEqual(
      report.leftOut.map(({ what, count }) => [what, count]),
      [['rejected tables', 3]],
    );
    const text = report.unreadable.map(({ path, reason }) => `${path}: ${reason}`).join('\n');
    assert.match(text, /VideoDemographics\.csv: it is a web page, .*download the file again/);
    assert.match(
      text,
      /tabulatedVotes\.csv: it must have the columns .*fileName, emoVote, meanEmoResp; "" \(the first\) and meanEmoResp missing, found: row, a, d, f/,
    );
    assert.match(text, /summaryTable\.csv: it is a Git LFS pointer .*git lfs pull/);
  });

  it('reads a file again that has changed since it was indexed', async () => {
    clip('OAF_back_angry.wav');
    const [before] = (await load()).clips;
    clip('OAF_back_angry.wav', 'another sound');
    utimesSync(join(root, 'OAF_back_angry.wav'), new Date(), new Date(Date.now() + 5000));
    const [after] = (await load()).clips;
    assert.notEqual(after.sha256, before.sha256);
  });

  it('reads all files again if the index is damaged', async () => {
    clip('OAF_back_angry.wav');
    const first = await load();
    for (const name of readdirSync(cacheDirectory))
      writeFileSync(join(cacheDirectory, name), '{"version":1,"fil');
    assert.deepEqual((await load()).clips, first.clips);
  });

  it('rejects a folder without clips and a missing folder', async () => {
    await assert.rejects(load(), /\(root\): no clip of a known corpus found; see data\/README\.md/);
    await assert.rejects(
      loadCorpora({ root: join(root, 'absent') }),
      /root must be an existing folder, got ".*absent"/,
    );
  });

  it('keeps the index when it is aborted, and removes deleted files from it', async () => {
    const names = ['OAF_back_angry.wav', 'OAF_bar_angry.wav', 'OAF_base_angry.wav'];
    for (const name of names) clip(name);
    await load();
    const indexed = (): string[] => {
      const text = readFileSync(join(cacheDirectory, readdirSync(cacheDirectory)[0]), 'utf8');
      const [, ...lines] = text.trimEnd().split('\n');
      return lines.map((line) => (JSON.parse(line) as [string])[0]).sort();
    };
    clip(names[0], 'another sound');
    utimesSync(join(root, names[0]), new Date(), new Date(Date.now() + 5000));
    const stopping = new AbortController();
    const onProgress = (): void => stopping.abort(new Error('enough'));
    await assert.rejects(
      loadCorpora({ root, cacheDirectory, signal: stopping.signal, onProgress }),
      /enough/,
    );
    assert.deepEqual(indexed(), names);
    rmSync(join(root, names[2]));
    await load();
    assert.deepEqual(indexed(), names.slice(0, 2));
  });

  it('stops when it is aborted', async () => {
    clip('OAF_back_angry.wav');
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(loadCorpora({ root, cacheDirectory, signal }), /enough/);
  });

  it('loads original files as in the manifest, and reports all known quirks', async function () {
    this.timeout(120_000);
    const sample = realClips(this);
    const { clips, report } = await loadCorpora({ root: sample, cacheDirectory });
    const manifest = new Map(
      corpusNames.flatMap((name) => readManifest(name)).map((entry) => [entry.path, entry]),
    );
    for (const found of clips) {
      const entry = manifest.get(found.path);
      assert.ok(entry, `${found.path} is in the manifest`);
      assert.equal(found.sha256, entry.sha256, found.path);
      assert.equal(found.sampleRate, entry.sampleRate, found.path);
      assert.equal(found.channels, entry.channels, found.path);
      assert.equal(found.durationSec, entry.frames / entry.sampleRate, found.path);
      assert.ok(found.speaker && found.sex && found.sentence, found.path);
    }
    assert.deepEqual([report.unrecognised, report.unreadable, report.copies], [[], [], []]);
    for (const { corpus, manifest: held } of report.corpora) {
      assert.deepEqual([held?.altered, held?.unknown], [[], []], corpus);
    }
    assert.deepEqual(report.silent, ['cremad/AudioWAV/1076_MTI_SAD_XX.wav']);
    assert.ok(report.identical.length >= 1 && report.conflicting.length >= 1);
    assert.ok(clips.some(({ channels }) => channels === 2));
    assert.ok(clips.some(({ sampleRate }) => sampleRate === 96_000));
    const cremad = clips.filter(({ corpus }) => corpus === 'CREMA-D');
    assert.ok(cremad.every(({ age, votes }) => age !== undefined && votes !== undefined));
  });
});

describe('clipTable and countTable', () => {
  const clips = (['angry', 'angry', 'sad'] as const).map((emotion, i) => ({
    corpus: i < 2 ? 'TESS' : 'SAVEE',
    emotion,
    label: emotion,
    path: `${i}.wav`,
    sampleRate: 16_000,
    channels: 1,
    durationSec: 2,
    sha256: String(i),
  }));

  it('returns a danfojs frame with one row per clip', () => {
    const table = clipTable(clips);
    assert.deepEqual(table.shape, [3, 19]);
    assert.deepEqual(table.column('emotion').values, ['angry', 'angry', 'sad']);
    const seconds = table.groupby(['corpus']).col(['durationSec']).sum();
    assert.deepEqual(seconds.values.flat(), ['TESS', 4, 'SAVEE', 2]);
  }).timeout(30_000);

  it('counts as in Table I, with totals', () => {
    const table = countTable(clips);
    assert.deepEqual(table.columns, ['corpus', ...emotions, 'all']);
    assert.deepEqual(table.values, [
      ['TESS', 2, 0, 0, 0, 0, 0, 0, 2],
      ['SAVEE', 0, 0, 0, 0, 0, 1, 0, 1],
      ['pooled', 2, 0, 0, 0, 0, 1, 0, 3],
    ]);
    assert.deepEqual(countTable(clips, 'sex').values[0], ['not stated', 2, 0, 0, 0, 0, 1, 0, 3]);
  });
});

describe('chooseCorpora', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-chosen-'));
    for (const path of [
      'savee/ALL/DC_a01.wav',
      'savee/ALL/DC_h01.wav',
      'tess/OAF_angry/OAF_back_angry.wav',
    ]) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      // One recording of each corpus is silent.
      const isSilent = !path.includes('h01');
      const samples = new Float32Array(1600).fill(isSilent ? 0 : 0.5);
      writeFileSync(
        join(root, path),
        encodeWav({ samples, sampleRate: path.includes('tess') ? 8000 : 16_000 }),
      );
    }
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('restricts clips, report and source to the chosen corpora', async () => {
    writeFileSync(join(root, 'savee/ALL/DC_su01.wav'), '');
    writeFileSync(join(root, 'tess/OAF_angry/OAF_bar_angry.wav'), '');
    const all = await loadCorpora({ root, cacheDirectory: join(root, '.cache') });
    assert.equal(chooseCorpora(all, 'all'), all);
    const tess = chooseCorpora(all, ['TESS']);
    assert.deepEqual(
      tess.clips.map(({ corpus }) => corpus),
      ['TESS'],
    );
    assert.equal(tess.source, 'TESS (sample), 1 clip');
    assert.deepEqual(tess.report.silent, ['tess/OAF_angry/OAF_back_angry.wav']);
    assert.deepEqual(
      tess.report.unreadable.map(({ path }) => path),
      ['tess/OAF_angry/OAF_bar_angry.wav'],
    );
    assert.match(formatLoadReport(tess.report), /^1 clip in /);
    assert.doesNotMatch(formatLoadReport(tess.report), /SAVEE/);
    assert.equal(all.report.silent.length, 2, 'the input is not changed');
  });

  it('rejects a corpus that was not loaded', async () => {
    const all = await loadCorpora({ root, cacheDirectory: join(root, '.cache') });
    assert.throws(
      () => chooseCorpora(all, ['RAVDESS']),
      /corpora must be all, or some of TESS, SAVEE, got "RAVDESS"/,
    );
    const demo = { ...all, clips: all.clips.map((clip) => ({ ...clip, corpus: `demo ${clip.corpus}` })) };
    assert.throws(
      () => chooseCorpora(demo, ['SAVE']),
      /corpora must be all, or some of demo TESS, demo SAVEE, got "SAVE"; did you mean SAVEE\?/,
    );
  });
});
