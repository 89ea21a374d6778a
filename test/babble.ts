import type { Waveform } from '../src/core/audio';
import { createRandom } from '../src/core/base';

/** Noise filtered by two resonances that change frequency ten times per second, so that it varies like speech. */
export function babble(seed: string, durationSec = 2): Waveform {
  const sampleRate = 22_050;
  const random = createRandom(seed);
  const samples = random.normals(durationSec * sampleRate);
  for (let resonance = 0; resonance < 2; resonance++) {
    let [a, b, hz] = [0, 0, 0];
    for (let i = 0; i < samples.length; i++) {
      if (i % 2205 === 0) hz = random.uniform(200, 5000);
      const next = samples[i] + 1.9 * Math.cos((2 * Math.PI * hz) / sampleRate) * a - 0.9025 * b;
      [a, b] = [next, a];
      samples[i] = 0.1 * next;
    }
  }
  return { samples, sampleRate };
}

/** A buzz with a gliding pitch, two resonances that change six times per second, and short pauses: harmonics and syllables as in speech. */
export function voice(seed: string, durationSec = 2): Waveform {
  const sampleRate = 16_000;
  const random = createRandom(seed);
  const syllableSec = 1 / 6;
  const syllables = Array.from({ length: Math.ceil(durationSec / syllableSec) + 1 }, () => ({
    pitchHz: random.uniform(110, 240),
    formants: [random.uniform(300, 900), random.uniform(1000, 2600)],
    level: random.uniform() < 0.15 ? 0.02 : random.uniform(0.5, 1),
  }));
  const samples = new Float32Array(Math.round(durationSec * sampleRate));
  let phase = 0;
  for (let i = 0; i < samples.length; i++) {
    const place = i / sampleRate / syllableSec;
    const [from, to] = [syllables[Math.floor(place)], syllables[Math.floor(place) + 1]];
    const mix = (a: number, b: number): number => a + (place % 1) * (b - a);
    const hz = mix(from.pitchHz, to.pitchHz);
    phase += hz / sampleRate;
    const formants = from.formants.map((formant, f) => mix(formant, to.formants[f]));
    let sum = 0;
    for (let harmonic = 1; harmonic * hz < 3600; harmonic++) {
      const gain = formants.reduce(
        (most, f) => Math.max(most, 1 / (1 + ((harmonic * hz - f) / 150) ** 2)),
        0,
      );
      sum += gain * Math.sin(2 * Math.PI * ((harmonic * phase) % 1));
    }
    samples[i] = 0.1 * mix(from.level, to.level) * sum;
  }
  return { samples, sampleRate };
}
