import { type CorpusName, createRandom, type Emotion, type Random } from '../../../core/base';
import type { DemoClipPlan } from './plan';

/**
 * How something is said. Every quantity is on a scale on which differences add, so that speaker, emotion, habit and chance
 * are sums; zero is the voice as eSpeak has it, at the corpus's usual loudness and pace.
 */
export interface Style {
  /** mean pitch, semitones */
  pitch: number;
  /** movement of the pitch, octaves of its extent */
  range: number;
  /** rise of the pitch from the first word to the last, semitones */
  slope: number;
  /** step of the pitch on the last word, semitones */
  ending: number;
  /** pace, octaves of words a minute */
  rate: number;
  /** pauses between words, chance of one in ten word ends */
  pauses: number;
  /** loudness, dB */
  level: number;
  /** change of loudness from start to end, dB */
  decline: number;
  /** how far loud syllables stand out: exponent on the loudness contour */
  accent: number;
  /** energy above 1.2 kHz, dB */
  tilt: number;
  /** breath noise, 5 dB from -40 dB below the voice */
  breath: number;
  /** slow shaking of pitch and loudness (6 Hz), percent of pitch */
  tremor: number;
  /** fast irregularity of pitch, percent */
  jitter: number;
  /** all formants, percent; a smile shortens the vocal tract and raises them */
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
 * What an emotion does to a neutral voice when acted with usual strength.
 *
 * Directions and order of sizes follow the reviews: pitch, range, rate, intensity and voice quality by Murray & Arnott (1993,
 * table I); intensity, spectrum and rate measured by Banse & Scherer (1996); cues common to studies by Juslin & Laukka (2003,
 * table 7); tremor, breathiness, pitch contours and formants as synthesised and heard by Burkhardt & Sendlmeier (2000).
 * Anger is hot anger and sadness is quiet, as actors of these corpora play them; calm is their own rule: a softer neutral.
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

/** Standard deviations: between voices, of one speaker's own way with an emotion, and from take to take. */
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

/** Microphones and rooms differ: added to all speakers of a corpus. */
const corpusStyles: Record<CorpusName, Partial<Style>> = {
  RAVDESS: { rate: -0.15, tilt: 1 },
  'CREMA-D': { rate: -0.1, tilt: -1.5 },
  TESS: { rate: -0.45, tilt: 2 },
  SAVEE: { rate: -0.05, tilt: 0 },
};

/**
 * Draws how a clip is said: the speaker's voice, plus the emotion's rule and the speaker's own way with that emotion, both in
 * proportion to the acted intensity and the speaker's expressivity, plus what differs from take to take.
 *
 * @param random - the clip's own source; what belongs to the speaker is drawn from the seed and the speaker's name
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
