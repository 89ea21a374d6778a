import { resample, type Waveform } from '../../../core/audio';
import { type CorpusName, createRandom, type Random } from '../../../core/base';
import { espeakSampleRate, type Speak } from './espeak';
import { type DemoClipPlan, demoSampleRates } from './plan';
import { drawStyle, prosodyOf, type Style } from './style';

/** A quarter of the default length. The wider transition band is above 9 kHz, where eSpeak has little energy. */
const shortFilter = { cutOff: 0.9, beta: 9, halfLength: 26 };

/** Recording conditions of a corpus; ranges are uniform. */
interface Recording {
  /** root mean square of neutral speech, dB below full scale */
  levelDb: number;
  /** background noise, dB below full scale */
  noiseDb: [low: number, high: number];
  leadSec: [low: number, high: number];
  trailSec: [low: number, high: number];
}

/** Measured on the real corpora; the noise is slightly higher where they have digital silence. */
const recordings: Record<CorpusName, Recording> = {
  RAVDESS: { levelDb: -31, noiseDb: [-76, -70], leadSec: [0.6, 1], trailSec: [0.7, 1] },
  'CREMA-D': { levelDb: -27, noiseDb: [-58, -50], leadSec: [0.1, 0.4], trailSec: [0.2, 0.6] },
  TESS: { levelDb: -25, noiseDb: [-64, -58], leadSec: [0.02, 0.08], trailSec: [0.04, 0.15] },
  SAVEE: { levelDb: -22, noiseDb: [-60, -54], leadSec: [0.1, 0.5], trailSec: [0.2, 0.6] },
};

/** Earliest end of the voice, so that the paper's window, which starts at 0.6 s, contains speech. */
const earliestEndSec = 1.3;
/** Largest magnitude in a clip, below clipping. */
const peak = 0.97;

/**
 * Makes one clip of the demo corpus: eSpeak synthesises the text, the samples are processed (formants, tremor, jitter, spectral
 * tilt, breath, loudness contour), and silence and noise like those of the corpus are added.
 *
 * All random numbers depend on the seed and the clip's path only, so that clips can be made in any order.
 *
 * @returns mono at the corpus's sampling rate, magnitudes at most 0.97; never digital silence
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

/** The voice alone, at {@link espeakSampleRate}, trimmed, at an arbitrary level. */
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

/** Adds high-pass noise that follows the loudness of the voice. */
function addBreath(voice: Float32Array, breath: number, random: Random): Float32Array {
  const amount = decibels(-40 + 5 * Math.min(4, breath));
  const contour = envelope(voice, espeakSampleRate);
  const hiss = highShelf(pinkNoise(voice.length, random), espeakSampleRate, { cornerHz: 1500, gainDb: 14 });
  return voice.map((value, i) => value + 4 * amount * contour[i] * hiss[i]);
}

/** Applies accents, decline and tremor to the loudness, and short fades at both ends. */
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

/** Trims both ends at -50 dB relative to the peak; eSpeak adds up to half a second of silence. */
function trimSilence(samples: Float32Array): Float32Array {
  const threshold = decibels(-50) * samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const isVoice = (value: number): boolean => Math.abs(value) > threshold;
  return samples.slice(samples.findIndex(isVoice), samples.findLastIndex(isVoice) + 1);
}

function decibels(db: number): number {
  return 10 ** (db / 20);
}

/**
 * Resamples a signal at a varying speed, which modulates its pitch: slowly and regularly (tremor, 5 to 7 Hz) and fast and randomly
 * (jitter, below 50 Hz). A mean speed above 1 raises pitch and formants and shortens the signal.
 *
 * @param samples - shape [frames]
 * @param speed - mean speed, about 1
 * @param tremor - maximum deviation of the speed, as a fraction
 * @param jitter - standard deviation of the speed, as a fraction
 * @returns a new array, interpolated with Catmull-Rom splines
 */
function waver(
  samples: Float32Array,
  sampleRate: number,
  { speed, tremor, jitter }: { speed: number; tremor: number; jitter: number },
  random: Random,
): Float32Array {
  const tremorHz = random.uniform(5, 7);
  const phase = random.uniform(0, 2 * Math.PI);
  const block = Math.round(sampleRate / 100);
  const out = new Float32Array(Math.ceil((samples.length / speed) * 1.1));
  let position = 1;
  let frames = 0;
  let [from, to] = [0, random.normal(0, jitter)];
  for (; position < samples.length - 2 && frames < out.length; frames++) {
    if (frames % block === 0) [from, to] = [to, random.normal(0, jitter)];
    const i = Math.floor(position);
    out[frames] = catmullRom(samples[i - 1], samples[i], samples[i + 1], samples[i + 2], position - i);
    const shake = tremor * Math.sin((2 * Math.PI * tremorHz * frames) / sampleRate + phase);
    position += speed * (1 + shake + from + (to - from) * ((frames % block) / block));
  }
  return out.slice(0, frames);
}

/**
 * High-shelf filter with slope 0.5.
 *
 * @returns a new array with the shape of `samples`
 * @see Bristow-Johnson, Cookbook formulae for audio EQ biquad filter coefficients
 */
function highShelf(
  samples: Float32Array,
  sampleRate: number,
  { cornerHz, gainDb }: { cornerHz: number; gainDb: number },
): Float32Array {
  const a = 10 ** (gainDb / 40);
  const w = (2 * Math.PI * cornerHz) / sampleRate;
  const cos = Math.cos(w);
  const slope = 0.5;
  const alpha = (Math.sin(w) / 2) * Math.sqrt((a + 1 / a) * (1 / slope - 1) + 2);
  const root = 2 * Math.sqrt(a) * alpha;
  const a0 = a + 1 - (a - 1) * cos + root;
  const b0 = (a * (a + 1 + (a - 1) * cos + root)) / a0;
  const b1 = (-2 * a * (a - 1 + (a + 1) * cos)) / a0;
  const b2 = (a * (a + 1 + (a - 1) * cos - root)) / a0;
  const a1 = (2 * (a - 1 - (a + 1) * cos)) / a0;
  const a2 = (a + 1 - (a - 1) * cos - root) / a0;
  const out = new Float32Array(samples.length);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i];
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    out[i] = y;
  }
  return out;
}

/** Level over time: root mean square, smoothed over about 20 ms in both directions; shape as `samples`. */
export function envelope(samples: Float32Array, sampleRate: number): Float32Array {
  const keep = Math.exp(-1 / (0.02 * sampleRate));
  const power = new Float32Array(samples.length);
  let state = 0;
  for (let i = 0; i < samples.length; i++)
    power[i] = state = keep * state + (1 - keep) * samples[i] * samples[i];
  for (let i = samples.length - 1; i >= 0; i--) power[i] = state = keep * state + (1 - keep) * power[i];
  return power.map(Math.sqrt);
}

/** Pink noise (-3 dB per octave, Kellet's three-pole filter) with root mean square 1; shape [frames]. */
function pinkNoise(frames: number, random: Random): Float32Array {
  const out = new Float32Array(frames);
  let [b0, b1, b2] = [0, 0, 0];
  for (let i = 0; i < frames; i++) {
    // The sum of three uniform numbers is close enough to a normal number, at a third of the cost.
    const white = random.uniform(-1, 1) + random.uniform(-1, 1) + random.uniform(-1, 1);
    b0 = 0.99765 * b0 + white * 0.099046;
    b1 = 0.963 * b1 + white * 0.2965164;
    b2 = 0.57 * b2 + white * 1.0526913;
    out[i] = b0 + b1 + b2 + white * 0.1848;
  }
  const level = rootMeanSquare(out) || 1;
  return out.map((value) => value / level);
}

/** Root mean square; 0 for an empty signal. */
function rootMeanSquare(samples: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] * samples[i];
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** Catmull-Rom interpolation between b and c at `t` in [0, 1]; a and d are their neighbours. */
function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}
