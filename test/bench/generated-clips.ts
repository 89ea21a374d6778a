import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeWav } from '../../src/core/audio';
import { emotions } from '../../src/core/base';

/** Files per folder. */
const perFolder = 1000;

/**
 * Writes a data folder with many tiny recordings, all with different samples: one half is listed in a `clips.csv`, the other half is named
 * by the rule of a published corpus (SUBESCO). A folder that was written before with the same number is used again.
 *
 * @param clips - number of recordings, even
 * @returns whether the folder is new
 */
export function generateClips(
  directory: string,
  clips: number,
  onProgress?: (done: number, total: number) => void,
): boolean {
  const marker = join(directory, '.generated');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === String(clips)) return false;
  const table = join(directory, 'listed', 'clips.csv');
  mkdirSync(join(directory, 'listed'), { recursive: true });
  writeFileSync(table, 'path,emotion,speaker,sex,age,sentence,take\n');
  const wav = encodeWav({ samples: new Float32Array(20), sampleRate: 8000 });
  const view = new DataView(wav.buffer, wav.byteOffset);
  for (let start = 0; start < clips; start += perFolder) {
    const folder = String(start / perFolder).padStart(5, '0');
    const lines: string[] = [];
    for (const part of ['listed', 'named']) mkdirSync(join(directory, part, folder), { recursive: true });
    for (let i = start; i < Math.min(clips, start + perFolder); i++) {
      view.setUint32(wav.length - 8, i + 1, true); // two samples
      const emotion = emotions[i % emotions.length];
      const speaker = Math.floor(i / 200);
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
  writeFileSync(marker, String(clips));
  return true;
}
