import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeWav } from '../../src/core/audio';
import { createRandom, emotions } from '../../src/core/base';

/** Files per folder. */
const perFolder = 1000;

/**
 * Writes a data folder with many recordings, all with different samples: one half is listed in a `clips.csv`, the other half is named
 * by the rule of a published corpus (SUBESCO). A folder that was written before with the same options is used again.
 *
 * @param clips - number of recordings, even
 * @param options.sound - recordings of .6 s with pitch, harmonics and noise instead of a few samples: 10 KB each
 * @returns whether the folder is new
 */
export function generateClips(
  directory: string,
  clips: number,
  { sound = false, onProgress }: { sound?: boolean; onProgress?: (done: number, total: number) => void } = {},
): boolean {
  const marker = join(directory, '.generated');
  const written = `${clips}${sound ? ' with sound' : ''}`;
  if (existsSync(marker) && readFileSync(marker, 'utf8') === written) return false;
  const table = join(directory, 'listed', 'clips.csv');
  mkdirSync(join(directory, 'listed'), { recursive: true });
  writeFileSync(table, 'path,emotion,speaker,sex,age,sentence,take\n');
  const tiny = encodeWav({ samples: new Float32Array(20), sampleRate: 8000 });
  const view = new DataView(tiny.buffer, tiny.byteOffset);
  for (let start = 0; start < clips; start += perFolder) {
    const folder = String(start / perFolder).padStart(5, '0');
    const lines: string[] = [];
    for (const part of ['listed', 'named']) mkdirSync(join(directory, part, folder), { recursive: true });
    for (let i = start; i < Math.min(clips, start + perFolder); i++) {
      const emotion = emotions[i % emotions.length];
      const speaker = Math.floor(i / 200);
      const wav = sound ? encodeWav({ samples: syllables(i, speaker), sampleRate: 8000 }) : tiny;
      if (!sound) view.setUint32(wav.length - 8, i + 1, true); // two samples
      if (i % 2 === 0) {
        lines.push(
          `${folder}/${i}.wav,${emotion},s${speaker},${speaker % 2 ? 'female' : 'male'},30,${i % 997},${i}\n`,
        );
        writeFileSync(join(directory, 'listed', folder, `${i}.wav`), wav);
      } else {
        const number = String(speaker % 100).padStart(2, '0');
        const name = `${speaker % 2 ? 'F' : 'M'}_${number}_NAME_S_${i}_${emotion.toUpperCase()}_1.wav`;
        writeFileSync(join(directory, 'named', folder, name), wav);
      }
    }
    appendFileSync(table, lines.join(''));
    onProgress?.(Math.min(clips, start + perFolder), clips);
  }
  writeFileSync(marker, written);
  return true;
}

/** Samples of .6 s at 8 kHz: three notes of the speaker's pitch with harmonics that differ between recordings and emotions, and noise. */
function syllables(clip: number, speaker: number): Float32Array {
  const random = createRandom(`clip/${clip}`);
  const samples = new Float32Array(4800);
  const base = 100 + 12 * (speaker % 10) + 8 * (clip % emotions.length);
  for (let note = 0; note < 3; note++) {
    const pitch = base * 2 ** (random.uniform() / 2);
    const levels = Array.from({ length: 12 }, () => 0.1 * random.uniform() ** 2);
    for (let i = 0; i < 1600; i++) {
      const phase = (2 * Math.PI * pitch * i) / 8000;
      const fade = Math.min(1, i / 80, (1600 - i) / 80);
      let value = 0.01 * (random.uniform() - 0.5);
      for (let h = 0; h < levels.length; h++) value += levels[h] * Math.sin((h + 1) * phase);
      samples[note * 1600 + i] = fade * value;
    }
  }
  return samples;
}
