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
