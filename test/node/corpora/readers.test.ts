import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeWav } from '../../../src/core/audio';
import { type ClipLabels, createRandom, emotions } from '../../../src/core/base';
import {
  type Corpora,
  corpusDescriptions,
  describeCorpus,
  formatLoadReport,
  loadCorpora,
  withLabels,
} from '../../../src/node/corpora';
import { labelByName, readers, readName } from '../../../src/node/corpora/readers/read-names';

/** Names by the publishers' rules, unusual original names among them, and their labels: label, class, speaker, sex, and others. */
const examples: Record<string, [path: string, ...expected: (string | undefined)[]][]> = {
  'EMO-DB': [
    ['wav/03a01Fa.wav', 'happiness', 'happy', 'EMO-DB-03', 'male', 'sentence a01, take 1, age 31'],
    ['16b10Lb.wav', 'boredom', 'boredom', 'EMO-DB-16', 'female', 'sentence b10, take 2, age 31'],
  ],
  EMOVO: [
    ['EMOVO/f1/dis-f1-b1.wav', 'disgust', 'disgust', 'EMOVO-f1', 'female', 'sentence b1'],
    ['m3/gio-m3-l4.wav', 'joy', 'happy', 'EMOVO-m3', 'male', 'sentence l4'],
  ],
  CaFE: [
    ['Colère/Fort/01-C-2-1.wav', 'anger', 'angry', 'CaFE-01', 'male', 'sentence 1, intensity high, age 46'],
    [
      'De\u0301gou\u0302t/Faible/12-D-1-6.aiff',
      'disgust',
      'disgust',
      'CaFE-12',
      'female',
      'sentence 6, intensity low, age 37',
    ],
  ],
  URDU: [
    ['Angry/SM1_F01_A12.wav', 'Angry', 'angry', 'URDU-M1', 'male', ''],
    ['Sad/SF11_F4_S0100.wav', 'Sad', 'sad', 'URDU-F11', 'female', ''],
  ],
  'JL-Corpus': [
    [
      'JL(wav+txt)/female1_angry_1a_1.wav',
      'angry',
      'angry',
      'JL-Corpus-female1',
      'female',
      'sentence 1a, take 1',
    ],
    [
      'male2_encouraging_15b_2.wav',
      'encouraging',
      'encouraging',
      'JL-Corpus-male2',
      'male',
      'sentence 15b, take 2',
    ],
  ],
  ShEMO: [
    ['female/F01A01.wav', 'anger', 'angry', 'ShEMO-F01', 'female', ''],
    ['male/M56W03.wav', 'surprise', 'surprise', 'ShEMO-M56', 'male', ''],
  ],
  AESDD: [
    ['anger/a03 (4).wav', 'anger', 'angry', 'AESDD-4', undefined, 'sentence 03'],
    ['fear/f18 (5)b.wav', 'fear', 'fear', 'AESDD-5', undefined, 'sentence 18, take 2'],
    ['disgust/d03 (01).wav', 'disgust', 'disgust', 'AESDD-1', undefined, 'sentence 03'],
  ],
  SUBESCO: [
    ['F_02_MONIKA_S_1_NEUTRAL_5.wav', 'neutral', 'neutral', 'SUBESCO-F02', 'female', 'sentence 1, take 5'],
    [
      'F_02_MONIKA_S_2_SURPRISE_3].wav',
      'surprise',
      'surprise',
      'SUBESCO-F02',
      'female',
      'sentence 2, take 3',
    ],
    ['SUBESCO/M_10_RASEL_S_10_ANGRY_1.wav', 'angry', 'angry', 'SUBESCO-M10', 'male', 'sentence 10, take 1'],
  ],
  MESD: [
    ['Anger_C_A_abajo.wav', 'anger', 'angry', 'MESD-children', undefined, 'sentence abajo'],
    ['Fear_M_A_por_favor.wav', 'fear', 'fear', 'MESD-men', 'male', 'sentence por favor'],
    ['Sadness_F_B_corazo\u0301n.wav', 'sadness', 'sad', 'MESD-women', 'female', 'sentence corazón'],
  ],
  ESD: [
    ['ESD/0011/Angry/0011_000351.wav', 'Angry', 'angry', 'ESD-0011', 'male', 'sentence en 1'],
    ['0001/Surprise/train/0001_001750.wav', 'Surprise', 'surprise', 'ESD-0001', 'female', 'sentence zh 350'],
  ],
};

const others = ({ sentence, intensity, take, age }: ClipLabels): string =>
  Object.entries({ sentence, intensity, take, age })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(', ');

describe('readers of published corpora', () => {
  for (const [corpus, names] of Object.entries(examples)) {
    it(`reads names of ${corpus} in any letter case, and no other reader matches them`, () => {
      for (const [path, ...expected] of names) {
        for (const name of [path, path.toUpperCase(), path.toLowerCase()]) {
          const found = labelByName(name);
          assert.equal(found?.corpus, corpus, name);
          const { label, emotion, speaker, sex } = found.labels;
          assert.deepEqual([label, emotion, speaker, sex, others(found.labels)], expected, name);
        }
        const stem = path.normalize('NFC').replace(/\.[a-z]+$/, '');
        const matching = readers.filter(({ match }) => match(stem)).map(({ reader }) => reader.name);
        assert.deepEqual(matching, [corpus], path);
      }
    });
  }

  it('do not match other names', () => {
    for (const path of [
      ...['03c01Fa.wav', '17a01Fa.wav', '03a01Fa2.wav', 'dis-f4-b1.wav', '13-C-1-1.wav', '01-C-3-1.wav'],
      ...[
        'M1_F01_A12.wav',
        'male3_angry_1a_1.wav',
        'F1A01.wav',
        'x03 (4).wav',
        'F_2_MONIKA_S_1_NEUTRAL_5.wav',
      ],
      ...[
        'Anger_X_A_abajo.wav',
        '0021/Angry/0021_000351.wav',
        '0011/Angry/0012_000351.wav',
        'Angry/0011_000351.wav',
      ],
      ...['Ses01F_impro01.wav', 'Ses06F_impro01_F000.wav', 'dia0_utt0.wav', 'train/utt0.wav'],
    ])
      assert.equal(readName(path), undefined, path);
  });

  it('report codes that are no label of the corpus', () => {
    for (const [path, corpus, code] of [
      ['03a01Xa.wav', 'EMO-DB', 'X'],
      ['SM1_F01_X12.wav', 'URDU', 'X'],
      ['0011/Bored/0011_000351.wav', 'ESD', 'Bored'],
    ]) {
      const found = readName(path);
      assert.ok(found && 'problem' in found);
      assert.match(found.problem, new RegExp(`^"${code}" is no label of ${corpus}, which has `));
    }
  });

  it('have a description with licence, citation, and what they were checked against', () => {
    assert.deepEqual(
      corpusDescriptions.map(({ name }) => name),
      [
        ...[
          'RAVDESS',
          'CREMA-D',
          'TESS',
          'SAVEE',
          'AESDD',
          'CaFE',
          'EMO-DB',
          'EMOVO',
          'ESD',
          'IEMOCAP',
          'JL-Corpus',
        ],
        ...['MELD', 'MESD', 'ShEMO', 'SUBESCO', 'URDU'],
      ],
    );
    for (const { name, url, licence, citation, clips, speakers } of corpusDescriptions) {
      assert.ok(clips > 0 && speakers > 0, name);
      assert.match(`${url} ${licence.url}`, /^https?:\S+ https?:\S+$/, name);
      assert.match(citation, /\((19|20)\d\d\)/, name);
    }
    assert.equal(describeCorpus('SUBESCO')?.checked, 'rule only');
    assert.equal(describeCorpus('phone-calls'), undefined);
  });
});

describe('published corpora in a data folder', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'ser-readers-'))));
  afterEach(() => rmSync(root, { recursive: true }));
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const clip = (...paths: string[]): void => {
    for (const path of paths) {
      const random = createRandom(path);
      const samples = Float32Array.from({ length: 80 }, () => random.uniform(-0.5, 0.5));
      write(path, encodeWav({ samples, sampleRate: 8000 }));
    }
  };
  const load = (): Promise<Corpora> => loadCorpora({ root, cacheDirectory: join(root, '.cache') });
  const reasons = ({ report }: Corpora): string[] =>
    report.unreadable.map(({ path, reason }) => `${path}: ${reason}`);

  const session = 'IEMOCAP/Session1';
  const turns = `${session}/sentences/wav/Ses01F_impro01`;

  it('read the emotions of IEMOCAP from its EmoEvaluation tables', async () => {
    clip(
      `${turns}/Ses01F_impro01_F000.wav`,
      `${turns}/Ses01F_impro01_M001.wav`,
      `${turns}/Ses01F_impro01_M002.wav`,
    );
    clip(
      `${session}/sentences/wav/Ses01M_script01_1b/Ses01M_script01_1b_FXX0.wav`,
      `${session}/dialog/wav/Ses01F_impro01.wav`,
    );
    write(
      `${session}/dialog/EmoEvaluation/Ses01F_impro01.txt`,
      '% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\r\n\r\n' +
        '[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]\r\nC-E2:\tNeutral;\t()\r\n' +
        '[8.5 - 9.5]\tSes01F_impro01_M001\tfru\t[2.5000, 2.5000, 2.5000]\r\n',
    );
    // Transcriptions have the same names as the tables.
    write(
      `${session}/dialog/transcriptions/Ses01F_impro01.txt`,
      'Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.\n',
    );
    const corpora = await load();
    const [{ label, emotion, speaker, sex, sentence }] = corpora.clips;
    assert.deepEqual(
      [label, emotion, speaker, sex, sentence],
      ['neutral', 'neutral', 'IEMOCAP-1F', 'female', 'impro01'],
    );
    assert.equal(corpora.clips.length, 1);
    assert.deepEqual(corpora.report.unrecognised, [`${session}/dialog/wav/Ses01F_impro01.wav`]);
    assert.deepEqual(
      corpora.report.unreadable.map(({ kind, reason }) => [
        kind,
        reason.replace(/ is none of .* keep it/, '…'),
      ]),
      [
        [
          'name',
          'no table of IEMOCAP lists it; its emotion is in its dialogue in dialog/EmoEvaluation/ of its session',
        ],
        [
          'name',
          'no table of IEMOCAP lists it; its emotion is in its dialogue in dialog/EmoEvaluation/ of its session',
        ],
        ['label', `its label "frustrated"…: --set 'labels={"IEMOCAP":{"frustrated":"frustrated"}}'`],
      ],
    );
    assert.match(
      formatLoadReport(corpora.report),
      /remark: IEMOCAP is read by .* never checked with its files/,
    );
    const kept = withLabels(corpora, { IEMOCAP: { frustrated: 'angry' } });
    assert.deepEqual(
      kept.clips.map((one) => [one.speaker, one.emotion]),
      [
        ['IEMOCAP-1F', 'neutral'],
        ['IEMOCAP-1M', 'angry'],
      ],
    );
  });

  it('read emotions, speakers and parts of MELD from its three tables', async () => {
    clip('MELD.Raw/train/train_splits/dia0_utt0.wav', 'MELD.Raw/dev_splits_complete/dia0_utt0.wav');
    clip('MELD.Raw/output_repeated_splits_test/dia0_utt0.wav', 'MELD.Raw/train/train_splits/dia0_utt1.wav');
    const table = (row: string): string =>
      `Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season\n1,"Oh, no",${row},8\n`;
    write('MELD.Raw/train/train_sent_emo.csv', table('Chandler,joy,positive,0,0'));
    write('MELD.Raw/dev_sent_emo.csv', table('Phoebe,sadness,negative,0,0'));
    write('MELD.Raw/test_sent_emo.csv', table('Mark,surprise,positive,0,0'));
    const corpora = await load();
    assert.deepEqual(
      corpora.clips.map(({ label, emotion, speaker, sex, fold }) =>
        [label, emotion, speaker, sex, fold].join(' '),
      ),
      [
        'sadness sad MELD-Phoebe female dev',
        'surprise surprise MELD-Mark  test',
        'joy happy MELD-Chandler male train',
      ],
    );
    assert.match(
      reasons(corpora).join('\n'),
      /dia0_utt1\.wav: no table of MELD lists it; its emotion is in train_sent/,
    );

    write('copy/dev_sent_emo.csv', table('Phoebe,anger,negative,0,0'));
    assert.match(
      reasons(await load()).join('\n'),
      /dia0_utt0\.wav: two tables of MELD give it different labels; delete/,
    );
    rmSync(join(root, 'copy'), { recursive: true });
    write('MELD.Raw/dev_sent_emo.csv', 'Speaker,Emotion\nPhoebe,anger\n');
    assert.match(
      reasons(await load()).join('\n'),
      /^MELD\.Raw\/dev_sent_emo\.csv: it must have the columns .*Dialogue_ID and Utterance_ID missing/m,
    );
  });

  it('leave out labels that are none of the seven emotions, and unknown ones, and name them', async () => {
    clip('emodb/03a01Fa.wav', 'emodb/03a01La.wav', 'emodb/03a01Xa.wav');
    const corpora = await load();
    assert.equal(corpora.clips.length, 1);
    const text = formatLoadReport(corpora.report);
    assert.match(
      text,
      /other labels \(1\): emodb\/03a01La\.wav: its label "boredom" .*--set 'labels=\{"EMO-DB":\{"boredom"/,
    );
    assert.match(
      text,
      /labels in file names that are not known \(1\): emodb\/03a01Xa\.wav: "X" is no label of EMO-DB/,
    );
    assert.deepEqual(
      withLabels(corpora, { 'EMO-DB': { boredom: 'boredom' } }).clips.map(({ emotion }) => emotion),
      ['happy', 'boredom'],
    );
  });

  it('may have a clips.csv instead, which then lists all their clips', async () => {
    clip('IEMOCAP/a.wav', 'urdu/SM1_F01_A12.wav', 'other/SM1_F01_H12.wav');
    write('IEMOCAP/clips.csv', 'path,emotion,speaker\na.wav,anger,Ses01F\n');
    write('urdu/clips.csv', 'path,emotion\nSM1_F01_A12.wav,happy\n');
    const corpora = await load();
    assert.deepEqual(
      corpora.clips.map(({ corpus, emotion }) => [corpus, emotion]),
      [
        ['IEMOCAP', 'angry'],
        ['urdu', 'happy'],
      ],
    );
    assert.deepEqual(reasons(corpora), [
      'other/SM1_F01_H12.wav: its name is one of URDU, which has a table, urdu/clips.csv; move the file to the folder of the table and list it there',
    ]);
  });

  it('read the 400 recordings of the URDU dataset', async function () {
    const folder = process.env.SER_URDU;
    if (!folder || !existsSync(folder)) {
      console.log('      SER_URDU is not a folder with a copy of siddiquelatif/URDU-Dataset');
      return this.skip();
    }
    this.timeout(60_000);
    const { clips, report } = await loadCorpora({ root: folder, cacheDirectory: join(root, '.cache') });
    assert.deepEqual([clips.length, report.unreadable, report.unrecognised], [400, [], []]);
    for (const { path, label, emotion, sampleRate } of clips) {
      assert.ok(path.includes(`${label}/`) && emotion === label.toLowerCase() && sampleRate > 0, path);
      assert.ok(emotions.includes(emotion as (typeof emotions)[number]));
    }
    assert.equal(new Set(clips.map(({ speaker }) => speaker)).size, describeCorpus('URDU')?.speakers);
  });
});
