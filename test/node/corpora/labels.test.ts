import assert from 'node:assert/strict';
import {
  type ClipLabels,
  type CorpusName,
  corpusNames,
  type Emotion,
  emotions,
} from '../../../src/core/base';
import { readManifest } from '../../../src/node/corpora/committed-files';
import { labelByName, readers, readName } from '../../../src/node/corpora/readers/read-names';

/** The labels of a name, if it is one of this corpus. */
function parse(corpus: CorpusName, path: string): Partial<ClipLabels> | undefined {
  const found = labelByName(path);
  return found?.corpus === corpus ? given(found.labels) : undefined;
}

/** Without labels that are undefined. */
const given = (labels: ClipLabels): Partial<ClipLabels> =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== undefined));

const parseRavdess = (path: string) => parse('RAVDESS', path);
const parseCremad = (path: string) => parse('CREMA-D', path);
const parseTess = (path: string) => parse('TESS', path);
const parseSavee = (path: string) => parse('SAVEE', path);

/** Table I of the paper, and its columns: angry, disgust, fear, happy, neutral, sad, surprise. */
const tableI = {
  RAVDESS: [192, 192, 192, 192, 288, 192, 192],
  'CREMA-D': [1271, 1271, 1271, 1271, 1087, 1271, 0],
  TESS: [400, 400, 400, 400, 400, 400, 400],
  SAVEE: [60, 60, 60, 60, 120, 60, 60],
};
const speakers = { RAVDESS: 24, 'CREMA-D': 91, TESS: 2, SAVEE: 4 };

describe('the labels in file names', () => {
  it('reads all labels of a RAVDESS name', () => {
    assert.deepEqual(parseRavdess('Actor_12/03-01-08-02-01-02-12.wav'), {
      label: 'surprised',
      emotion: 'surprise',
      speaker: 'RAVDESS-12',
      sex: 'female',
      sentence: 'Kids are talking by the door',
      intensity: 'strong',
      take: 2,
    });
    const calm = parseRavdess('03-01-02-01-02-01-07.wav');
    assert.deepEqual(
      [calm?.label, calm?.emotion, calm?.sex, calm?.intensity],
      ['calm', 'neutral', 'male', 'normal'],
    );
  });

  it('reads all labels of a CREMA-D name', () => {
    assert.deepEqual(parseCremad('AudioWAV/1001_IEO_ANG_HI.wav'), {
      label: 'ANG',
      emotion: 'angry',
      speaker: 'CREMA-D-1001',
      sentence: "It's eleven o'clock",
      intensity: 'high',
      sex: 'male',
    });
    assert.equal(parseCremad('1002_IEO_ANG_HI.wav')?.sex, 'female');
    assert.equal(parseCremad('1999_IEO_ANG_HI.wav')?.sex, undefined);
    assert.equal(parseCremad('1040_ITH_SAD_X.wav')?.intensity, undefined); // as on Kaggle
  });

  it('reads all labels of a TESS name, in any folder', () => {
    assert.deepEqual(parseTess('TESS Toronto/YAF_pleasant_surprised/YAF_back_ps.wav'), {
      label: 'ps',
      emotion: 'surprise',
      speaker: 'TESS-YAF',
      sex: 'female',
      age: 26,
      sentence: 'Say the word back',
    });
    const misspelt = parseTess('OAF_neutral/OA_bite_neutral.wav');
    assert.deepEqual([misspelt?.speaker, misspelt?.age], ['TESS-OAF', 64]);
  });

  it("reads all labels of a SAVEE name, in Kaggle's and the publisher's layout", () => {
    const expected = { label: 'su', emotion: 'surprise', speaker: 'SAVEE-JK', sex: 'male', sentence: 'su03' };
    assert.deepEqual(parseSavee('ALL/JK_su03.wav'), expected);
    assert.deepEqual(parseSavee('AudioData/JK/su03.wav'), expected);
    assert.equal(parseSavee('ALL/DC_sa15.wav')?.emotion, 'sad');
  });

  it('rejects names of any other form', () => {
    for (const path of [
      '03-02-05-01-01-01-01.wav', // a song
      '03-01-05-01-01-01-25.wav', // no such actor
      '1001_XYZ_ANG_HI.wav',
      'XX_a01.wav',
      'a01.wav',
      'angry.wav',
      'OAF_angry/recording 1.wav',
    ]) {
      assert.equal(readName(path), undefined, path);
    }
  });

  it('reports labels that the corpus does not have', () => {
    for (const [path, corpus, code] of [
      ['03-01-09-01-01-01-01.wav', 'RAVDESS', '09'],
      ['1001_IEO_SUR_HI.wav', 'CREMA-D', 'SUR'],
      ['OAF_back_calm.wav', 'TESS', 'calm'],
    ]) {
      const found = readName(path);
      assert.ok(found && 'problem' in found, path);
      assert.equal(found.corpus, corpus);
      assert.match(found.problem, new RegExp(`^"${code}" is no label of ${corpus}, which has .*clips\\.csv`));
      assert.equal(labelByName(path), undefined);
    }
  });

  for (const corpus of corpusNames) {
    it(`gives ${corpus} the counts of Table I, and its names match no other corpus`, () => {
      const counts = new Map<Emotion, number>();
      const found = new Set<string>();
      for (const { path } of readManifest(corpus)) {
        const labels = parse(corpus, path);
        assert.ok(labels?.speaker && labels.emotion, path);
        counts.set(labels.emotion, (counts.get(labels.emotion) ?? 0) + 1);
        found.add(labels.speaker);
        const name = path.replace(/\.wav$/, '');
        const matching = readers.filter(({ match }) => match(name)).map(({ reader }) => reader.name);
        assert.deepEqual(matching, [corpus], path);
      }
      assert.deepEqual(
        emotions.map((emotion) => counts.get(emotion) ?? 0),
        tableI[corpus],
      );
      assert.equal(found.size, speakers[corpus]);
    });
  }
});
