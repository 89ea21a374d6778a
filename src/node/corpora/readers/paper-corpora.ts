import type { CorpusName, Emotion } from '../../../core/base';
import type { CorpusReader } from './corpus-reader';

/** CREMA-D's emotion codes. The listeners' votes use their first letters. */
export const cremadEmotions = new Map<string, Emotion>([
  ['ANG', 'angry'],
  ['DIS', 'disgust'],
  ['FEA', 'fear'],
  ['HAP', 'happy'],
  ['NEU', 'neutral'],
  ['SAD', 'sad'],
]);

const cremadSentences: Readonly<Record<string, string>> = {
  IEO: "It's eleven o'clock",
  TIE: 'That is exactly what happened',
  IOM: "I'm on my way to the meeting",
  IWW: 'I wonder what this is about',
  TAI: 'The airplane is almost full',
  MTI: 'Maybe tomorrow it will be cold',
  IWL: 'I would like a new alarm clock',
  ITH: "I think I have a doctor's appointment",
  DFA: "Don't forget a jacket",
  ITS: "I think I've seen this before",
  TSI: 'The surface is slick',
  WSI: "We'll stop in a couple of minutes",
};

/** Actresses of CREMA-D, from its `VideoDemographics.csv`; the other actors of 1001 to 1091 are men. */
const cremadWomen = new Set(
  (
    '1002 1003 1004 1006 1007 1008 1009 1010 1012 1013 1018 1020 1021 1024 1025 1028 1029 1030 1037 1043 1046 1047 ' +
    '1049 1052 1053 1054 1055 1056 1058 1060 1061 1063 1072 1073 1074 1075 1076 1078 1079 1082 1084 1089 1091'
  ).split(' '),
);

export const saveeEmotions = new Map<string, Emotion>([
  ['a', 'angry'],
  ['d', 'disgust'],
  ['f', 'fear'],
  ['h', 'happy'],
  ['n', 'neutral'],
  ['sa', 'sad'],
  ['su', 'surprise'],
]);

/** Labels that are the codes themselves. */
const ownCodes = (emotions: Iterable<readonly [string, Emotion]>): CorpusReader['emotions'] =>
  Object.fromEntries([...emotions].map(([code, emotion]) => [code, [code, emotion] as const]));

/** The four corpora of the paper. Calm counts as neutral and pleasant surprise as surprise, as in the paper. */
export const paperCorpora: Readonly<Record<CorpusName, CorpusReader>> = {
  /** `03-01-EE-II-SS-RR-AA`: audio only, speech, emotion, intensity, statement, repetition, actor; actors with odd numbers are men */
  RAVDESS: {
    name: 'RAVDESS',
    pattern:
      /03-01-(?<emotion>\d\d)-(?<intensity>0[12])-(?<sentence>0[12])-(?<take>0[12])-(?<speaker>0[1-9]|1\d|2[0-4])/,
    emotions: {
      '01': 'neutral',
      '02': 'calm',
      '03': 'happy',
      '04': 'sad',
      '05': 'angry',
      '06': 'fearful',
      '07': 'disgust',
      '08': 'surprised',
    },
    intensities: { '01': 'normal', '02': 'strong' },
    more: ({ speaker, sentence }) => ({
      sex: Number(speaker) % 2 === 1 ? 'male' : 'female',
      sentence: sentence === '01' ? 'Kids are talking by the door' : 'Dogs are sitting by the door',
    }),
  },
  /**
   * `1001_DFA_ANG_XX`: actor, sentence, emotion, intensity (XX: unspecified). The sex is not read from `VideoDemographics.csv`, so that
   * splits do not depend on whether it is present.
   */
  'CREMA-D': {
    name: 'CREMA-D',
    // One original file, 1040_ITH_SAD_X.wav, has a single X.
    pattern: new RegExp(
      `(?<speaker>1\\d{3})_(?<sentence>${Object.keys(cremadSentences).join('|')})_(?<emotion>[A-Z]{3})_(?<intensity>LO|MD|HI|XX?)`,
    ),
    letterCase: 'upper',
    emotions: ownCodes(cremadEmotions),
    intensities: { LO: 'low', MD: 'medium', HI: 'high' },
    more: ({ speaker = '', sentence = '' }) => ({
      ...(speaker >= '1001' && speaker <= '1091' && { sex: cremadWomen.has(speaker) ? 'female' : 'male' }),
      sentence: cremadSentences[sentence],
    }),
  },
  /** `OAF_back_angry`: speaker (the older or the younger actress), target word, emotion (ps: pleasant surprise) */
  TESS: {
    name: 'TESS',
    // One original file, OA_bite_neutral.wav, lacks the F.
    pattern: /(?<speaker>OAF?|YAF)_(?<word>[a-z]+)_(?<emotion>[a-z]+)/,
    emotions: ownCodes([
      ['angry', 'angry'],
      ['disgust', 'disgust'],
      ['fear', 'fear'],
      ['happy', 'happy'],
      ['neutral', 'neutral'],
      ['ps', 'surprise'],
      ['sad', 'sad'],
    ]),
    more: ({ speaker, word }) => ({
      ...(speaker === 'yaf' ? { speaker: 'YAF', age: 26 } : { speaker: 'OAF', age: 64 }),
      sex: 'female',
      sentence: `Say the word ${word}`,
    }),
  },
  /** `DC_a01` (Kaggle's layout) or `DC/a01` (the publisher's): speaker, emotion, number of the sentence within the emotion */
  SAVEE: {
    name: 'SAVEE',
    pattern: /(?<speaker>DC|JE|JK|KL)[_/](?<sentence>(?<emotion>sa|su|[adfhn])\d\d)/,
    emotions: ownCodes(saveeEmotions),
    more: ({ speaker }) => ({ speaker: speaker?.toUpperCase(), sex: 'male' }),
  },
};
