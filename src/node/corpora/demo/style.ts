import { type CorpusName, createRandom, type Emotion, type Random } from '../../../core/base';
import type { EspeakVoice } from './espeak';
import type { DemoClipPlan } from './plan';

/**
 * Parameters of the voice. All are on additive scales, so that the effects of speaker, emotion and take can be summed. Zero is
 * eSpeak's default voice at the corpus's usual loudness and pace.
 */
export interface Style {
  /** mean pitch, semitones */
  pitch: number;
  /** pitch range, octaves relative to the default */
  range: number;
  /** rise of the pitch from first to last word, semitones */
  slope: number;
  /** pitch change on the last word, semitones */
  ending: number;
  /** pace, octaves of words per minute */
  rate: number;
  /** pauses between words; 1 is a pause after every tenth word */
  pauses: number;
  /** loudness, dB */
  level: number;
  /** change of loudness from start to end, dB */
  decline: number;
  /** emphasis of loud syllables: exponent of the loudness contour */
  accent: number;
  /** energy above 1.2 kHz, dB */
  tilt: number;
  /** breath noise, steps of 5 dB above -40 dB relative to the voice */
  breath: number;
  /** slow modulation of pitch and loudness (6 Hz), percent of the pitch */
  tremor: number;
  /** fast random variation of the pitch, percent */
  jitter: number;
  /** shift of all formants, percent; a smile shortens the vocal tract and raises them */
  formants: number;
}

const plain: Style = {
  pitch: 0,
  range: 0,
  slope: 0,
  ending: 0,
  rate: 0,
  pauses: 0,
  level: 0,
  decline: 0,
  accent: 0,
  tilt: 0,
  breath: 0,
  tremor: 0,
  jitter: 0,
  formants: 0,
};
const keys = Object.keys(plain) as (keyof Style)[];

/**
 * Differences between an emotion, acted with normal strength, and a neutral voice.
 *
 * Signs and relative sizes follow the literature: pitch, range, rate, intensity and voice quality from Murray & Arnott (1993,
 * table I); intensity, spectrum and rate from Banse & Scherer (1996); cues common to many studies from Juslin & Laukka (2003,
 * table 7); tremor, breathiness, pitch contours and formants from the synthesis of Burkhardt & Sendlmeier (2000).
 * Anger is hot anger and sadness is quiet, as in the acting of these corpora. Calm is not from the literature: a softer neutral.
 */
const emotionStyles: Record<Emotion | 'calm', Partial<Style>> = {
  angry: { pitch: 3.5, range: 0.6, rate: 0.16, level: 7, accent: 0.35, tilt: 5, ending: -2, jitter: 0.5 },
  disgust: {
    pitch: -2,
    range: -0.2,
    slope: -1.5,
    ending: -2.5,
    rate: -0.38,
    pauses: 1,
    level: -0.5,
    tilt: 2.5,
    jitter: 1,
    formants: -3,
  },
  fear: {
    pitch: 5,
    range: -0.2,
    slope: 1.5,
    rate: 0.22,
    pauses: 1,
    level: 0,
    breath: 2,
    tremor: 1.4,
    jitter: 0.4,
  },
  happy: { pitch: 3.5, range: 0.7, ending: 1, rate: 0.06, level: 3.5, accent: 0.2, tilt: 2.5, formants: 5 },
  neutral: {},
  calm: { pitch: -0.7, range: -0.3, rate: -0.12, level: -2.5, tilt: -2, decline: -1 },
  sad: {
    pitch: -1.5,
    range: -0.8,
    slope: -2,
    rate: -0.3,
    pauses: 1.5,
    level: -6,
    decline: -3,
    tilt: -5,
    breath: 2,
    tremor: 0.3,
  },
  surprise: { pitch: 6, range: 0.9, slope: 2.5, ending: 7, rate: -0.05, level: 2.5, tilt: 1.5, breath: 1.2 },
};

/** Standard deviations between voices. */
const speakerSpread: Style = {
  pitch: 1.5,
  range: 0.25,
  slope: 0.7,
  ending: 0.5,
  rate: 0.1,
  pauses: 0.3,
  level: 2,
  decline: 1,
  accent: 0.1,
  tilt: 2,
  breath: 0.7,
  tremor: 0.1,
  jitter: 0.15,
  formants: 3,
};
/** Standard deviations of a speaker's personal expression of an emotion. */
const habitSpread: Style = {
  pitch: 1.3,
  range: 0.25,
  slope: 1,
  ending: 1.3,
  rate: 0.1,
  pauses: 0.5,
  level: 1.9,
  decline: 1.2,
  accent: 0.12,
  tilt: 1.7,
  breath: 0.8,
  tremor: 0.25,
  jitter: 0.15,
  formants: 1.3,
};
/** Standard deviations between takes. */
const takeSpread: Style = {
  pitch: 0.5,
  range: 0.12,
  slope: 0.6,
  ending: 0.7,
  rate: 0.04,
  pauses: 0.3,
  level: 0.9,
  decline: 1,
  accent: 0.06,
  tilt: 0.7,
  breath: 0.4,
  tremor: 0.12,
  jitter: 0.1,
  formants: 0.6,
};

/** Differences of microphone and room, added to all speakers of a corpus. */
const corpusStyles: Record<CorpusName, Partial<Style>> = {
  RAVDESS: { rate: -0.15, tilt: 1 },
  'CREMA-D': { rate: -0.1, tilt: -1.5 },
  TESS: { rate: -0.45, tilt: 2 },
  SAVEE: { rate: -0.05, tilt: 0 },
};

/**
 * Draws the style of a clip: the speaker's voice, plus the emotion and the speaker's personal expression of it, both multiplied by
 * the acted intensity and the speaker's expressivity, plus the variation between takes.
 *
 * @param random - the clip's generator; the properties of the speaker are drawn from the seed and the speaker's name
 */
export function drawStyle(plan: DemoClipPlan, seed: number, random: Random): Style {
  const { speaker, emotion, intensity } = plan;
  const name = `${seed}/${speaker.corpus}-${speaker.id}`;
  const trait = drawTraits(createRandom(name));
  const habit = normals(createRandom(`${name}/${emotion}`), habitSpread);
  const take = normals(random, takeSpread);
  const acted = intensity * trait.expressivity * Math.exp(random.normal(0, 0.1));
  const rule = { ...plain, ...emotionStyles[emotion] };
  const channel = { ...plain, ...corpusStyles[speaker.corpus] };
  return mapStyle((key) => channel[key] + trait.style[key] + acted * (rule[key] + habit[key]) + take[key]);
}

function drawTraits(random: Random): { style: Style; expressivity: number } {
  return { style: normals(random, speakerSpread), expressivity: Math.exp(random.normal(0, 0.25)) };
}

function normals(random: Random, spread: Style): Style {
  return mapStyle((key) => random.normal(0, spread[key]));
}

function mapStyle(value: (key: keyof Style) => number): Style {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as unknown as Style;
}

/** Words per minute at rate 0. */
const wordsPerMinute = 170;
/** Steps of eSpeak's pitch setting per octave, measured on its voices. */
const stepsPerOctave = 66;

/**
 * Translates the part of a style that eSpeak supports: pace, pitch and pitch range become settings, the pitch of each word and the
 * pauses become SSML.
 *
 * @param formantRatio - factor by which the samples are played faster later; pitch and pace are lowered to compensate
 */
export function prosodyOf(
  text: string,
  voice: string,
  style: Style,
  formantRatio: number,
  random: Random,
): { ssml: string; settings: EspeakVoice } {
  const words = text.split(' ');
  const last = words.length - 1;
  const ssmlWords = words.map((word, i) => {
    const semitones = style.slope * (i / last - 0.5) + (i === last ? style.ending : 0);
    const percent = Math.round(100 * (2 ** (semitones / 12) - 1));
    const hasPause = i < last && random.uniform() < 0.1 * style.pauses;
    const pauseMs = Math.round(random.uniform(80, 260));
    return (
      `<prosody pitch="${percent < 0 ? '' : '+'}${percent}%">${word}</prosody>` +
      (hasPause ? `<break time="${pauseMs}ms"/>` : '')
    );
  });
  const octaves = style.pitch / 12 - Math.log2(formantRatio);
  return {
    ssml: `<speak>${ssmlWords.join(' ')}</speak>`,
    settings: {
      voice,
      rate: clamp(Math.round((wordsPerMinute * 2 ** style.rate) / formantRatio), 80, 400),
      pitch: clamp(Math.round(50 + stepsPerOctave * octaves), 0, 99),
      range: clamp(Math.round(50 * 2 ** style.range), 0, 99),
    },
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
