import type { CorpusName, Emotion } from '../../../core/base';
import { type DemoSpeaker, demoSpeakers } from './speakers';

/** What one clip of the demo corpus says, who says it and how; the voice's numbers follow from the seed and the path. */
export interface DemoClipPlan {
  /** below the corpus's root, with `/`, in the original corpus's folders and naming scheme */
  path: string;
  speaker: DemoSpeaker;
  /** RAVDESS tells calm from neutral */
  emotion: Emotion | 'calm';
  /** how strongly it is acted, 1 being usual */
  intensity: number;
  text: string;
}

/** Sentences by the code that names carry. */
const ravdessStatements = { '01': 'Kids are talking by the door.', '02': 'Dogs are sitting by the door.' };
const cremadOther = {
  TIE: 'That is exactly what happened.',
  IOM: "I'm on my way to the meeting.",
  IWW: 'I wonder what this is about.',
  TAI: 'The airplane is almost full.',
  MTI: 'Maybe tomorrow it will be cold.',
  IWL: 'I would like a new alarm clock.',
  ITH: "I think I have a doctor's appointment.",
  DFA: "Don't forget a jacket.",
  ITS: "I think I've seen this before.",
  TSI: 'The surface is slick.',
  WSI: "We'll stop in a couple of minutes.",
};
const tessWords = 'back bean boat chair dog door fall germ home jar learn week'.split(' ');
/** From TIMIT, as SAVEE's are; 01 to 03 are common to all emotions, 04 on are said in neutral only. */
const saveeSentences = [
  'She had your dark suit in greasy wash water all year.',
  "Don't ask me to carry an oily rag like that.",
  'The best way to learn is to solve extra problems.',
  'The carpet cleaners shampooed our oriental rug.',
  'Who authorized the unlimited expense account?',
  'Those answers will be straightforward if you think them through carefully first.',
];

const ravdessCodes: [code: string, emotion: Emotion | 'calm'][] = [
  ['01', 'neutral'],
  ['02', 'calm'],
  ['03', 'happy'],
  ['04', 'sad'],
  ['05', 'angry'],
  ['06', 'fear'],
  ['07', 'disgust'],
  ['08', 'surprise'],
];
const cremadCodes: [code: string, emotion: Emotion][] = [
  ['ANG', 'angry'],
  ['DIS', 'disgust'],
  ['FEA', 'fear'],
  ['HAP', 'happy'],
  ['NEU', 'neutral'],
  ['SAD', 'sad'],
];
/** File code, and each speaker's folder as the corpus spells it. */
const tessCodes: [code: string, emotion: Emotion, oafFolder: string, yafFolder: string][] = [
  ['angry', 'angry', 'OAF_angry', 'YAF_angry'],
  ['disgust', 'disgust', 'OAF_disgust', 'YAF_disgust'],
  ['fear', 'fear', 'OAF_Fear', 'YAF_fear'],
  ['happy', 'happy', 'OAF_happy', 'YAF_happy'],
  ['neutral', 'neutral', 'OAF_neutral', 'YAF_neutral'],
  ['ps', 'surprise', 'OAF_Pleasant_surprise', 'YAF_pleasant_surprised'],
  ['sad', 'sad', 'OAF_Sad', 'YAF_sad'],
];
const saveeCodes: [code: string, emotion: Emotion][] = [
  ['a', 'angry'],
  ['d', 'disgust'],
  ['f', 'fear'],
  ['h', 'happy'],
  ['n', 'neutral'],
  ['sa', 'sad'],
  ['su', 'surprise'],
];

/**
 * Plans every clip of the demo corpus: 854 of 22 speakers, about a fourteenth of the four corpora, in roughly their
 * proportions (RAVDESS 180, CREMA-D 410, TESS 168, SAVEE 96) and with their habits: no strong neutral in RAVDESS, no surprise
 * in CREMA-D, three levels of its first sentence only, twice as much neutral in SAVEE.
 */
export function planDemoCorpus(): DemoClipPlan[] {
  const planOf = { RAVDESS: planRavdess, 'CREMA-D': planCremad, TESS: planTess, SAVEE: planSavee };
  return demoSpeakers.flatMap((speaker) => planOf[speaker.corpus](speaker));
}

/** Sample rate of each corpus's files, Hz. */
export const demoSampleRates: Record<CorpusName, number> = {
  RAVDESS: 48000,
  'CREMA-D': 16000,
  TESS: 24414,
  SAVEE: 44100,
};

function planRavdess(speaker: DemoSpeaker): DemoClipPlan[] {
  return ravdessCodes.flatMap(([code, emotion]) =>
    (emotion === 'neutral' ? ['01'] : ['01', '02']).flatMap((level) =>
      Object.entries(ravdessStatements).map(([statement, text]) => ({
        path: `ravdess/Actor_${speaker.id}/03-01-${code}-${level}-${statement}-01-${speaker.id}.wav`,
        speaker,
        emotion,
        intensity: level === '01' ? 0.85 : 1.25,
        text,
      })),
    ),
  );
}

/** Each emotion: "It's eleven o'clock" at three levels (neutral: once), and four others (neutral: five) of eleven in turn. */
function planCremad(speaker: DemoSpeaker): DemoClipPlan[] {
  const actor = demoSpeakers.filter(({ corpus }) => corpus === 'CREMA-D').indexOf(speaker);
  const others = Object.entries(cremadOther);
  return cremadCodes.flatMap(([code, emotion], emotionIndex) => {
    const levels: Record<string, number> = emotion === 'neutral' ? { XX: 1 } : { LO: 0.6, MD: 1, HI: 1.4 };
    const clip = (sentence: string, text: string, level: string, intensity: number): DemoClipPlan => ({
      path: `cremad/AudioWAV/${speaker.id}_${sentence}_${code}_${level}.wav`,
      speaker,
      emotion,
      intensity,
      text,
    });
    const first = actor * 5 + emotionIndex * 4;
    return [
      ...Object.entries(levels).map(([level, strength]) =>
        clip('IEO', "It's eleven o'clock.", level, strength),
      ),
      ...Array.from({ length: emotion === 'neutral' ? 5 : 4 }, (_, i) => {
        const [sentence, text] = others[(first + i) % others.length];
        return clip(sentence, text, 'XX', 1);
      }),
    ];
  });
}

function planTess(speaker: DemoSpeaker): DemoClipPlan[] {
  return tessCodes.flatMap(([code, emotion, oafFolder, yafFolder]) =>
    tessWords.map((word) => ({
      path: `tess/${speaker.id === 'OAF' ? oafFolder : yafFolder}/${speaker.id}_${word}_${code}.wav`,
      speaker,
      emotion,
      intensity: 1,
      text: `Say the word ${word}.`,
    })),
  );
}

function planSavee(speaker: DemoSpeaker): DemoClipPlan[] {
  return saveeCodes.flatMap(([code, emotion]) =>
    saveeSentences.slice(0, emotion === 'neutral' ? 6 : 3).map((text, i) => ({
      path: `savee/ALL/${speaker.id}_${code}0${i + 1}.wav`,
      speaker,
      emotion,
      intensity: 1,
      text,
    })),
  );
}
