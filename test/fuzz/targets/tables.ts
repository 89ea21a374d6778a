import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeWav } from '../../../src/core/audio';
import { emotions, isStandardEmotion, type Random } from '../../../src/core/base';
import { chooseCorpora, formatLoadReport, loadCorpora } from '../../../src/node/corpora';
import type { FuzzTarget } from '../target';

const prototypeNames = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'];
const oddTexts = [
  '',
  ' ',
  '"',
  '""',
  "'",
  '\u0000',
  '\u001b[2J',
  '\ufeff',
  '\ufffd',
  'J\u00f6rg',
  'Jo\u0308rg',
  '\u200b',
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\clips\\a.wav',
  '-1',
  '1e999',
  'NaN',
  '121',
  '0x10',
  '9'.repeat(400),
  'x'.repeat(5000),
  '\ud800',
  ...prototypeNames,
];
const emotionTexts = [...emotions, 'ANGRY', 'Wut', 'joy', ...prototypeNames];
const headings = {
  'lab/clips.csv': ['path', 'emotion', 'speaker', 'sex', 'age', 'sentence', 'intensity', 'take', 'fold'],
  'cremad/VideoDemographics.csv': ['ActorID', 'Age', 'Sex', 'Race', 'Ethnicity'],
  'cremad/processedResults/summaryTable.csv': ['', 'FileName', 'VoiceVote', 'VoiceLevel'],
  'cremad/processedResults/tabulatedVotes.csv': [
    '',
    'A',
    'D',
    'F',
    'H',
    'N',
    'S',
    'fileName',
    'numResponses',
    'agreement',
    'emoVote',
    'meanEmoResp',
  ],
} as const;

const audio = [
  'lab/a.wav',
  'lab/b.WAV',
  'lab/deep/\u00e4.wav',
  'lab/constructor.wav',
  'cremad/AudioWAV/1001_DFA_ANG_XX.wav',
  'cremad/AudioWAV/1002_DFA_SAD_XX.wav',
  'tess/OAF_x_constructor.wav',
  'tess/OAF_back_sad.wav',
];

export const target: FuzzTarget = {
  summary: 'Loads folders of short clips with random and damaged label tables.',
  run: async (random, folder) => {
    const root = join(folder, 'corpora');
    const write = (path: string, content: Uint8Array | string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    };
    for (const [i, path] of audio.entries()) {
      const samples = Float32Array.from({ length: 40 }, () => random.uniform(-1, 1));
      const wav = encodeWav({ samples, sampleRate: 8000 });
      write(path, random.uniform() < 0.05 ? wav.slice(0, random.integer(wav.length)) : wav);
      if (i === 0 && random.uniform() < 0.2) write('lab/copy.wav', wav);
    }
    const described = [];
    for (const [path, heading] of Object.entries(headings)) {
      if (random.uniform() < 0.3) continue;
      const { bytes, description } = randomTable(random, heading);
      write(random.uniform() < 0.1 ? path.toUpperCase().replace(/^\w+/, dirnameOf(path)) : path, bytes);
      described.push(`${path} ${description}`);
    }
    if (random.uniform() < 0.05) symlinkSync('nowhere', join(root, 'lab/dangling.wav'));
    if (random.uniform() < 0.05) symlinkSync('..', join(root, 'lab/circle'));
    const description = described.join('; ');
    try {
      const corpora = await loadCorpora({ root, cacheDirectory: join(folder, 'cache') });
      check(corpora, description);
      formatLoadReport(corpora.report);
      for (const { corpus } of corpora.clips) chooseCorpora(corpora, [corpus]);
    } catch (error) {
      throw error instanceof assert.AssertionError
        ? new assert.AssertionError({ message: `${error.message}: ${description}` })
        : error;
    }
    return description;
  },
};

const dirnameOf = (path: string): string => path.slice(0, path.indexOf('/'));

/** Checks that every file is either a clip or reported, and every label has a valid type and value. */
function check({ clips, report }: Awaited<ReturnType<typeof loadCorpora>>, description: string): void {
  const reported = new Set([
    ...clips.map(({ path }) => path),
    ...report.unreadable.map(({ path }) => path),
    ...report.unrecognised,
    ...report.copies.flatMap(({ dropped }) => dropped.map(({ path }) => path)),
  ]);
  for (const path of audio) assert.ok(reported.has(path), `${path} is not reported (${description})`);
  const skipped = [
    report.unreadable.length,
    report.unrecognised.length,
    ...report.copies.map(({ dropped }) => dropped.length),
  ];
  assert.equal(
    report.leftOut.reduce((sum, { count }) => sum + count, 0),
    skipped.reduce((sum, count) => sum + count),
  );
  for (const clip of clips) {
    assert.ok(isStandardEmotion(clip.emotion));
    assert.ok([undefined, 'female', 'male'].includes(clip.sex));
    for (const [value, most] of [
      [clip.age, 120],
      [clip.take, 1e6],
      [clip.votes?.level, 100],
      ...Object.values(clip.votes?.counts ?? {}).map((count) => [count, 1000] as const),
    ] as const) {
      assert.ok(value === undefined || (value >= 0 && value <= most), `${clip.path}: ${value}`);
    }
    for (const text of [clip.speaker, clip.sentence, clip.fold, clip.race, clip.ethnicity, clip.label]) {
      assert.ok(text === undefined || typeof text === 'string');
    }
    for (const emotion of clip.votes?.emotions ?? []) assert.ok(isStandardEmotion(emotion));
  }
}

function randomTable(random: Random, heading: readonly string[]): { bytes: Buffer; description: string } {
  const pick = <T>(items: readonly T[]): T => random.pick(items);
  const separator = pick([',', ',', ',', ';', '\t', '|', ' ']);
  const newline = pick(['\n', '\n', '\r\n', '\r']);
  const columns = [...heading];
  if (random.uniform() < 0.1) columns.splice(random.integer(columns.length), 1);
  if (random.uniform() < 0.1) columns.push(pick([...heading, ...prototypeNames]));
  if (random.uniform() < 0.02) columns.push(...Array.from({ length: 3000 }, (_, i) => `c${i}`));
  const valid = (column: string): string => {
    switch (column.toLowerCase()) {
      case 'path':
        return pick([
          'a.wav',
          'b.wav',
          'A.wav',
          'deep/\u00e4.wav',
          'deep\\a\u0308.wav',
          'constructor.wav',
          'no.wav',
        ]);
      case 'emotion':
        return pick(emotionTexts);
      case 'sex':
        return pick(['f', 'Male', 'W', ...prototypeNames]);
      case '':
        return pick(['100001', '200001', '1', '']);
      case 'actorid':
        return pick(['1001', '1002', '1003']);
      case 'filename':
        return pick(['1001_DFA_ANG_XX', '1002_DFA_SAD_XX', 'constructor']);
      case 'emovote':
      case 'voicevote':
        return pick(['A', 'A:N', 'constructor', '', 'Z', 'a']);
      case 'voicelevel':
        return pick(['40', '40:50', '101', '-1', '', ':']);
      default:
        return pick(['1', '50', '03', '3', 'Anna', 'anna ', 'Caucasian']);
    }
  };
  const quote = (text: string): string =>
    random.uniform() < 0.2 || text.includes('\n') ? `"${text.replaceAll('"', '""')}"` : text;
  const rows = Array.from({ length: random.integer(8) }, () => {
    const row = columns.map((column) => quote(random.uniform() < 0.1 ? pick(oddTexts) : valid(column)));
    return random.uniform() < 0.05 ? row.slice(1) : row;
  });
  const head = columns.map((name) => {
    const spelled = random.uniform() < 0.1 ? name.toUpperCase() : name;
    return random.uniform() < 0.1 ? ` ${quote(spelled)} ` : spelled;
  });
  const text = [head, ...rows].map((row) => row.join(separator)).join(newline);
  const encoding = pick(['utf8', 'utf8', 'utf8', 'latin1', 'utf16le', 'bom'] as const);
  let bytes =
    encoding === 'bom'
      ? Buffer.from(`\ufeff${text}`)
      : encoding === 'utf16le'
        ? Buffer.from(`\ufeff${text}`, 'utf16le')
        : Buffer.from(text, encoding);
  const damage = random.uniform();
  if (damage < 0.05) bytes = bytes.subarray(0, random.integer(bytes.length + 1));
  else if (damage < 0.1 && bytes.length > 0) bytes[random.integer(bytes.length)] = random.integer(256);
  else if (damage < 0.12) bytes = Buffer.from('<html><body>404</body></html>');
  else if (damage < 0.14) bytes = Buffer.from('version https://git-lfs.github.com/spec/v1\nsize 1\n');
  else if (damage < 0.16) bytes = Buffer.from(Array.from({ length: 300 }, () => random.integer(256)));
  const description = `${rows.length} lines, separator ${JSON.stringify(separator)}, ${encoding}`;
  return { bytes, description };
}
