import type { ClipLabels, Emotion, Intensity } from '../../core/base';

/**
 * File name extensions of audio files, including formats that cannot be decoded: such files are reported with the command that converts
 * them.
 */
export const audioFileName =
  /\.(wave?|w64|rf64|bw64|bwf|aiff?|aifc|caf|au|snd|mp[23]|flac|og[ga]|opus|m4a|mp4|aac|wma|web[am]|mka|amr|3gp|ac3|wv|ape|sph|voc)$/i;

/**
 * Reads a clip's corpus and labels from its file name. The corpora are published as WAV; copies in other formats have the same labels.
 *
 * @param path - with `/`
 * @returns undefined if the name does not follow the scheme of a known corpus
 */
export function labelByName(path: string): { labels: ClipLabels; corpus: string } | undefined {
  const original = path.replace(audioFileName, '.wav');
  for (const [corpus, parse] of Object.entries(parsers)) {
    const labels = parse(original);
    if (labels) return { labels, corpus };
  }
  return undefined;
}

/** The corpora that are recognised by their file names. Other corpora need no manifest and no committed folds. */
export const parsers: Readonly<Record<string, (path: string) => ClipLabels | undefined>> = {
  RAVDESS: parseRavdess,
  'CREMA-D': parseCremad,
  TESS: parseTess,
  SAVEE: parseSavee,
};

const ravdessEmotions = new Map<string, [label: string, emotion: Emotion]>([
  ['01', ['neutral', 'neutral']],
  ['02', ['calm', 'neutral']],
  ['03', ['happy', 'happy']],
  ['04', ['sad', 'sad']],
  ['05', ['angry', 'angry']],
  ['06', ['fearful', 'fear']],
  ['07', ['disgust', 'disgust']],
  ['08', ['surprised', 'surprise']],
]);

const ravdessSentences = new Map<string, string>([
  ['01', 'Kids are talking by the door'],
  ['02', 'Dogs are sitting by the door'],
]);

const ravdessName = /(?:^|\/)03-01-(\d\d)-(0[12])-(0[12])-(0[12])-(\d\d)\.wav$/i;

/**
 * Reads the labels of a RAVDESS speech clip from its file name: `03-01-EE-II-SS-RR-AA.wav` consists of modality (03, audio only),
 * channel (01, speech), emotion, intensity, statement, repetition and actor. Actors with odd numbers are men. Calm counts as
 * neutral, as in the paper.
 *
 * @param path - with `/`; folders do not matter
 * @returns undefined for any other name, songs and videos included
 * @see Livingstone and Russo (2018), PLoS ONE 13(5): e0196391
 */
export function parseRavdess(path: string): ClipLabels | undefined {
  const [, emotionCode, intensity, statement, repetition, actor] = ravdessName.exec(path) ?? [];
  const [label, emotion] = ravdessEmotions.get(emotionCode) ?? [];
  const number = Number(actor);
  if (!label || !emotion || number < 1 || number > 24) return undefined;
  return {
    label,
    emotion,
    speaker: `RAVDESS-${actor}`,
    sex: number % 2 === 1 ? 'male' : 'female',
    sentence: ravdessSentences.get(statement),
    intensity: intensity === '01' ? 'normal' : 'strong',
    take: Number(repetition),
  };
}

/** CREMA-D's emotion codes. The listeners' votes use their first letters. */
export const cremadEmotions = new Map<string, Emotion>([
  ['ANG', 'angry'],
  ['DIS', 'disgust'],
  ['FEA', 'fear'],
  ['HAP', 'happy'],
  ['NEU', 'neutral'],
  ['SAD', 'sad'],
]);

const cremadSentences = new Map<string, string>([
  ['IEO', "It's eleven o'clock"],
  ['TIE', 'That is exactly what happened'],
  ['IOM', "I'm on my way to the meeting"],
  ['IWW', 'I wonder what this is about'],
  ['TAI', 'The airplane is almost full'],
  ['MTI', 'Maybe tomorrow it will be cold'],
  ['IWL', 'I would like a new alarm clock'],
  ['ITH', "I think I have a doctor's appointment"],
  ['DFA', "Don't forget a jacket"],
  ['ITS', "I think I've seen this before"],
  ['TSI', 'The surface is slick'],
  ['WSI', "We'll stop in a couple of minutes"],
]);

const cremadIntensities = new Map<string, Intensity>([
  ['LO', 'low'],
  ['MD', 'medium'],
  ['HI', 'high'],
]);

// One original file, 1040_ITH_SAD_X.wav, has a single X.
const cremadName = /(?:^|\/)(1\d{3})_([A-Z]{3})_([A-Z]{3})_(LO|MD|HI|XX?)\.wav$/i;

/** Actresses of CREMA-D, from its `VideoDemographics.csv`; the other actors of 1001 to 1091 are men. */
const cremadWomen = new Set(
  (
    '1002 1003 1004 1006 1007 1008 1009 1010 1012 1013 1018 1020 1021 1024 1025 1028 1029 1030 1037 1043 1046 1047 ' +
    '1049 1052 1053 1054 1055 1056 1058 1060 1061 1063 1072 1073 1074 1075 1076 1078 1079 1082 1084 1089 1091'
  ).split(' '),
);
const cremadActors = { first: '1001', last: '1091' };

/**
 * Reads the labels of a CREMA-D clip from its file name: `1001_DFA_ANG_XX.wav` consists of actor, sentence, emotion and intensity
 * (XX: unspecified). The sex follows from the actor, so that splits do not depend on whether `VideoDemographics.csv` is present; age,
 * race and ethnicity are only in that file.
 *
 * @param path - with `/`; folders do not matter
 * @returns undefined for any other name
 * @see Cao et al. (2014), IEEE Transactions on Affective Computing 5(4), 377–390
 */
export function parseCremad(path: string): ClipLabels | undefined {
  const [, actor, sentenceCode, emotionCode, intensity] =
    cremadName.exec(path)?.map((part) => part.toUpperCase()) ?? [];
  const emotion = cremadEmotions.get(emotionCode);
  const sentence = cremadSentences.get(sentenceCode);
  if (!emotion || !sentence) return undefined;
  return {
    label: emotionCode,
    emotion,
    speaker: `CREMA-D-${actor}`,
    ...(actor >= cremadActors.first &&
      actor <= cremadActors.last && { sex: cremadWomen.has(actor) ? 'female' : 'male' }),
    sentence,
    intensity: cremadIntensities.get(intensity),
  };
}

const tessEmotions = new Map<string, Emotion>([
  ['angry', 'angry'],
  ['disgust', 'disgust'],
  ['fear', 'fear'],
  ['happy', 'happy'],
  ['neutral', 'neutral'],
  ['ps', 'surprise'],
  ['sad', 'sad'],
]);

/** Ages of the two actresses, years. */
const tessAges = new Map<string, number>([
  ['OAF', 64],
  ['YAF', 26],
]);

// One original file, OA_bite_neutral.wav, lacks the F.
const tessName = /(?:^|\/)(OAF?|YAF)_([a-z]+)_([a-z]+)\.wav$/i;

/**
 * Reads the labels of a TESS clip from its file name: `OAF_back_angry.wav` consists of speaker (the older or the younger actress),
 * target word and emotion. `ps`, pleasant surprise, counts as surprise, as in the paper.
 *
 * @param path - with `/`; folders do not matter, because copies of TESS spell them in different ways
 * @returns undefined for any other name
 * @see Pichora-Fuller and Dupuis (2020), doi 10.5683/SP2/E8H2MF
 */
export function parseTess(path: string): ClipLabels | undefined {
  const match = tessName.exec(path);
  if (!match) return undefined;
  const [, who, word, code] = match;
  const label = code.toLowerCase();
  const emotion = tessEmotions.get(label);
  if (!emotion) return undefined;
  const speaker = who.toUpperCase() === 'OA' ? 'OAF' : who.toUpperCase();
  return {
    label,
    emotion,
    speaker: `TESS-${speaker}`,
    sex: 'female',
    age: tessAges.get(speaker),
    sentence: `Say the word ${word.toLowerCase()}`,
  };
}

export const saveeEmotions = new Map<string, Emotion>([
  ['a', 'angry'],
  ['d', 'disgust'],
  ['f', 'fear'],
  ['h', 'happy'],
  ['n', 'neutral'],
  ['sa', 'sad'],
  ['su', 'surprise'],
]);

const saveeName = /(?:^|\/)(DC|JE|JK|KL)[_/](sa|su|[adfhn])(\d\d)\.wav$/i;

/**
 * Reads the labels of a SAVEE clip from its file name: `DC_a01.wav` (Kaggle's layout) or `DC/a01.wav` (the publisher's) consists
 * of speaker, emotion and the number of the sentence within the emotion. All four speakers are men.
 *
 * @param path - with `/`; in the publisher's layout the folder is the speaker
 * @returns undefined for any other name
 * @see Haq and Jackson (2010), Machine Audition: Principles, Algorithms and Systems, 398–423
 */
export function parseSavee(path: string): ClipLabels | undefined {
  const match = saveeName.exec(path);
  if (!match) return undefined;
  const [, speaker, code, number] = match;
  const label = code.toLowerCase();
  const emotion = saveeEmotions.get(label);
  if (!emotion) return undefined;
  return { label, emotion, speaker: `SAVEE-${speaker.toUpperCase()}`, sex: 'male', sentence: label + number };
}
