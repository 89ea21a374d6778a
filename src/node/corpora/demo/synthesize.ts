import { resample, type Waveform } from '../../../core/audio';
import { type CorpusName, createRandom, type Random } from '../../../core/base';
import { envelope, highShelf, pinkNoise, rootMeanSquare, waver } from './effects';
import { espeakSampleRate, type Speak } from './espeak';
import { type DemoClipPlan, demoSampleRates } from './plan';
import { prosodyOf } from './prosody';
import { drawStyle, type Style } from './style';

/** A quarter of the usual length: what its wider transition takes lies above 9 kHz, where eSpeak has little. */
const shortFilter = { cutOff: 0.9, beta: 9, halfLength: 26 };

/** What a corpus's recordings have around the voice; ranges are of uniform draws. */
interface Recording {
  /** root mean square of neutral speech, dB below full scale */
  levelDb: number;
  /** background noise, dB below full scale */
  noiseDb: [low: number, high: number];
  leadSec: [low: number, high: number];
  trailSec: [low: number, high: number];
}

/** Measured on the real corpora, whose silences and loudness differ; noise a little above theirs where theirs is digital zero. */
const recordings: Record<CorpusName, Recording> = {
  RAVDESS: { levelDb: -31, noiseDb: [-76, -70], leadSec: [0.6, 1], trailSec: [0.7, 1] },
  'CREMA-D': { levelDb: -27, noiseDb: [-58, -50], leadSec: [0.1, 0.4], trailSec: [0.2, 0.6] },
  TESS: { levelDb: -25, noiseDb: [-64, -58], leadSec: [0.02, 0.08], trailSec: [0.04, 0.15] },
  SAVEE: { levelDb: -22, noiseDb: [-60, -54], leadSec: [0.1, 0.5], trailSec: [0.2, 0.6] },
};

/** The voice ends no sooner than this, so that speech is left for who reads from 0.6 s on, as the paper does. */
const earliestEndSec = 1.3;
/** Largest magnitude in a clip: below clipping. */
const peak = 0.97;

/**
 * Makes one clip of the demo corpus: eSpeak says the text, what it cannot do is done to its samples (formants, tremor, jitter,
 * spectral tilt, breath, loudness contour), and the result is set into a recording like the corpus's.
 *
 * All randomness comes from the seed and the clip's own path, so a clip is the same whatever is made before or beside it.
 *
 * @returns mono at the corpus's rate, magnitudes at most 0.97; background noise throughout, never digital silence
 */
export function synthesizeClip(plan: DemoClipPlan, seed: number, speak: Speak): Waveform {
  const random = createRandom(`${seed}/${plan.path}`);
  const style = drawStyle(plan, seed, random);
  const voice = performText(plan, style, speak, random);

  const { levelDb, noiseDb, leadSec, trailSec } = recordings[plan.speaker.corpus];
  const loudness = decibels(levelDb + style.level) / rootMeanSquare(voice);
  const sampleRate = demoSampleRates[plan.speaker.corpus];
  const recorded = resample(voice, espeakSampleRate, sampleRate, shortFilter);
  const shortage = earliestEndSec - recorded.length / sampleRate;
  const lead = Math.round(sampleRate * Math.max(random.uniform(...leadSec), shortage));
  const trail = Math.round(sampleRate * random.uniform(...trailSec));

  const samples = pinkNoise(lead + recorded.length + trail, random);
  const noise = decibels(random.uniform(...noiseDb));
  for (let i = 0; i < samples.length; i++) samples[i] *= noise;
  for (let i = 0; i < recorded.length; i++) samples[lead + i] += loudness * recorded[i];
  const largest = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { samples: largest > peak ? samples.map((x) => (x * peak) / largest) : samples, sampleRate };
}

/** The voice alone, at {@link espeakSampleRate}, without silence at its ends; its level is of no meaning yet. */
function performText(plan: DemoClipPlan, style: Style, speak: Speak, random: Random): Float32Array {
  const formantRatio = 1 + style.formants / 100;
  const { ssml, settings } = prosodyOf(plan.text, plan.speaker.voice, style, formantRatio, random);
  const tremor = Math.max(0, 0.15 + style.tremor) / 100;
  const jitter = Math.max(0, 0.3 + style.jitter) / 100;
  const shaken = waver(
    trimSilence(speak(ssml, settings)),
    espeakSampleRate,
    { speed: formantRatio, tremor, jitter },
    random,
  );
  const tilted = highShelf(shaken, espeakSampleRate, { cornerHz: 1200, gainDb: style.tilt });
  return shapeLoudness(addBreath(tilted, style.breath, random), style, tremor, random);
}

/** Adds noise that follows the voice's loudness, brighter than it. */
function addBreath(voice: Float32Array, breath: number, random: Random): Float32Array {
  const amount = decibels(-40 + 5 * Math.min(4, breath));
  const contour = envelope(voice, espeakSampleRate);
  const hiss = highShelf(pinkNoise(voice.length, random), espeakSampleRate, { cornerHz: 1500, gainDb: 14 });
  return voice.map((value, i) => value + 4 * amount * contour[i] * hiss[i]);
}

/** Accents, decline and tremor of the loudness; short fades at both ends. */
function shapeLoudness(voice: Float32Array, style: Style, tremor: number, random: Random): Float32Array {
  const contour = envelope(voice, espeakSampleRate);
  const usual = rootMeanSquare(voice);
  const accent = Math.max(-0.3, Math.min(0.8, style.accent));
  const shakeHz = random.uniform(5, 7);
  const fade = 0.01 * espeakSampleRate;
  const declinePerFrame = (style.decline * Math.log(10)) / 20 / voice.length;
  return voice.map((value, i) => {
    const decline = Math.exp(declinePerFrame * (i - voice.length / 2));
    const shake = 1 + 12 * tremor * Math.sin((2 * Math.PI * shakeHz * i) / espeakSampleRate);
    const edge = Math.min(1, i / fade, (voice.length - 1 - i) / fade);
    return value * (Math.max(contour[i], 0.02 * usual) / usual) ** accent * decline * shake * edge;
  });
}

/** Cuts what is below -50 dB of the peak at both ends; eSpeak adds up to half a second. */
function trimSilence(samples: Float32Array): Float32Array {
  const threshold = decibels(-50) * samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const isVoice = (value: number): boolean => Math.abs(value) > threshold;
  return samples.slice(samples.findIndex(isVoice), samples.findLastIndex(isVoice) + 1);
}

function decibels(db: number): number {
  return 10 ** (db / 20);
}
