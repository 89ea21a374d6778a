import type { CorpusName, Emotion, Sex } from '../../../core/base';
import { cremadEmotions, saveeEmotions } from '../readers/paper-corpora';

/** Speaker, text and emotion of one clip of the demo corpus. The details of the voice are drawn from the seed and the path. */
export interface DemoClipPlan {
  /** relative to the demo corpus, with `/`, in the folders and naming scheme of the original corpus */
  path: string;
  speaker: DemoSpeaker;
  /** RAVDESS distinguishes calm from neutral */
  emotion: Emotion | 'calm';
  /** strength of the acting; 1 is normal */
  intensity: number;
  text: string;
}

/** Sentences by their code in file names. */
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
/** From TIMIT, like SAVEE's. 01 to 03 are spoken in all emotions, the others in neutral only. */
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
/** Emotion code in file names, and the folder of each speaker in the corpus's spelling. */
const tessCodes: [code: string, emotion: Emotion, oafFolder: string, yafFolder: string][] = [
  ['angry', 'angry', 'OAF_angry', 'YAF_angry'],
  ['disgust', 'disgust', 'OAF_disgust', 'YAF_disgust'],
  ['fear', 'fear', 'OAF_Fear', 'YAF_fear'],
  ['happy', 'happy', 'OAF_happy', 'YAF_happy'],
  ['neutral', 'neutral', 'OAF_neutral', 'YAF_neutral'],
  ['ps', 'surprise', 'OAF_Pleasant_surprise', 'YAF_pleasant_surprised'],
  ['sad', 'sad', 'OAF_Sad', 'YAF_sad'],
];

/**
 * Plans the clips of the demo corpus: 854 clips of 22 speakers, about a fourteenth of the four corpora, in roughly their
 * proportions (RAVDESS 180, CREMA-D 410, TESS 168, SAVEE 96) and with their gaps: no strong neutral in RAVDESS, no surprise in
 * CREMA-D and three intensities of its first sentence only, twice as many neutral clips in SAVEE.
 */
export function planDemoCorpus(): DemoClipPlan[] {
  const planOf = { RAVDESS: planRavdess, 'CREMA-D': planCremad, TESS: planTess, SAVEE: planSavee };
  return demoSpeakers.flatMap((speaker) => planOf[speaker.corpus](speaker));
}

/** Sampling rate of each corpus, Hz. */
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

/** For each emotion: "It's eleven o'clock" at three intensities (neutral: once), and the next four (neutral: five) of eleven others. */
function planCremad(speaker: DemoSpeaker): DemoClipPlan[] {
  const actor = demoSpeakers.filter(({ corpus }) => corpus === 'CREMA-D').indexOf(speaker);
  const others = Object.entries(cremadOther);
  return [...cremadEmotions].flatMap(([code, emotion], emotionIndex) => {
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
  return [...saveeEmotions].flatMap(([code, emotion]) =>
    saveeSentences.slice(0, emotion === 'neutral' ? 6 : 3).map((text, i) => ({
      path: `savee/ALL/${speaker.id}_${code}0${i + 1}.wav`,
      speaker,
      emotion,
      intensity: 1,
      text,
    })),
  );
}

/** A synthetic speaker: an identifier in the naming scheme of a corpus, and an eSpeak voice. */
export interface DemoSpeaker {
  corpus: CorpusName;
  /** as in file names: `01`, `1001`, `OAF`, `DC` */
  id: string;
  sex: Sex;
  /** years; written to CREMA-D's table of speakers */
  age: number;
  /** eSpeak accent and variant, for example `en-us+m3` */
  voice: string;
}

/**
 * Twenty-two speakers, twelve of them men, each with a different voice. Where the corpus determines the sex of a speaker (odd
 * RAVDESS actors are men, SAVEE has four men, TESS an older and a younger woman), the voice has the same sex.
 */
export const demoSpeakers: readonly DemoSpeaker[] = [
  { corpus: 'RAVDESS', id: '01', sex: 'male', age: 31, voice: 'en-us+m3' },
  { corpus: 'RAVDESS', id: '02', sex: 'female', age: 26, voice: 'en-us+f1' },
  { corpus: 'RAVDESS', id: '03', sex: 'male', age: 24, voice: 'en-us+Michael' },
  { corpus: 'RAVDESS', id: '04', sex: 'female', age: 29, voice: 'en-us+linda' },
  { corpus: 'RAVDESS', id: '05', sex: 'male', age: 33, voice: 'en-us+m1' },
  { corpus: 'RAVDESS', id: '06', sex: 'female', age: 22, voice: 'en-us+f4' },
  { corpus: 'CREMA-D', id: '1001', sex: 'male', age: 47, voice: 'en-us+m7' },
  { corpus: 'CREMA-D', id: '1002', sex: 'female', age: 23, voice: 'en-us+f2' },
  { corpus: 'CREMA-D', id: '1003', sex: 'female', age: 34, voice: 'en-us+Annie' },
  { corpus: 'CREMA-D', id: '1004', sex: 'female', age: 45, voice: 'en-us-nyc+shelby' },
  { corpus: 'CREMA-D', id: '1005', sex: 'male', age: 28, voice: 'en-us+Alex' },
  { corpus: 'CREMA-D', id: '1006', sex: 'female', age: 62, voice: 'en-us+belinda' },
  { corpus: 'CREMA-D', id: '1007', sex: 'female', age: 39, voice: 'en-us+f5' },
  { corpus: 'CREMA-D', id: '1011', sex: 'male', age: 36, voice: 'en-us-nyc+travis' },
  { corpus: 'CREMA-D', id: '1014', sex: 'male', age: 22, voice: 'en-us+Reed' },
  { corpus: 'CREMA-D', id: '1015', sex: 'male', age: 61, voice: 'en-us+Lee' },
  { corpus: 'TESS', id: 'OAF', sex: 'female', age: 64, voice: 'en-us+aunty' },
  { corpus: 'TESS', id: 'YAF', sex: 'female', age: 26, voice: 'en-us+steph' },
  { corpus: 'SAVEE', id: 'DC', sex: 'male', age: 27, voice: 'en+m2' },
  { corpus: 'SAVEE', id: 'JE', sex: 'male', age: 28, voice: 'en-gb-x-rp+m5' },
  { corpus: 'SAVEE', id: 'JK', sex: 'male', age: 31, voice: 'en-gb-scotland+m8' },
  { corpus: 'SAVEE', id: 'KL', sex: 'male', age: 30, voice: 'en-gb-x-gbcwmd+boris' },
];
