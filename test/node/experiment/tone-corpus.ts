import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeWav } from '../../../src/core/audio';
import { createRandom } from '../../../src/core/base';

/** Tones named like SAVEE files: four speakers, three emotions that differ in pitch and tremolo, a number of clips of each. */
export function toneCorpus(root: string, clips = 4): void {
  const folder = join(root, 'savee', 'ALL');
  mkdirSync(folder, { recursive: true });
  const sampleRate = 16_000;
  for (const [s, speaker] of ['DC', 'JE', 'JK', 'KL'].entries()) {
    for (const [e, code] of ['a', 'h', 'n'].entries()) {
      for (let take = 1; take <= clips; take++) {
        const random = createRandom(`${speaker} ${code} ${take}`);
        const samples = Float32Array.from({ length: 1.2 * sampleRate }, (_, i) => {
          const t = i / sampleRate;
          const tone = Math.sin(2 * Math.PI * (150 * (e + 1) + 10 * s) * t);
          return 0.3 * tone * (1 + 0.5 * Math.sin(20 * e * t)) + 0.02 * random.normal();
        });
        writeFileSync(join(folder, `${speaker}_${code}0${take}.wav`), encodeWav({ samples, sampleRate }));
      }
    }
  }
}
