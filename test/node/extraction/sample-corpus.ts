import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeWav } from '../../../src/core/audio';
import { type Clip, createRandom } from '../../../src/core/base';

/** Writes a few voice-like clips of different durations and sampling rates. */
export function sampleCorpus(
  root: string,
  durationsSec: readonly number[] = [3.2, 1.4, 2.0],
): { clips: Clip[]; fileOf: (clip: Pick<Clip, 'path'>) => string } {
  const fileOf = ({ path }: Pick<Clip, 'path'>): string => join(root, path);
  const clips = durationsSec.map((durationSec, n): Clip => {
    const random = createRandom(n);
    const sampleRate = [22_050, 48_000, 16_000][n % 3];
    const samples = Float32Array.from({ length: Math.round(durationSec * sampleRate) }, (_, i) => {
      const t = i / sampleRate;
      return 0.3 * Math.sin(2 * Math.PI * (120 + 20 * n) * t) * Math.sin(3 * t) + 0.01 * random.normal();
    });
    const path = `speaker/clip-${n}.wav`;
    const bytes = encodeWav({ samples, sampleRate });
    mkdirSync(dirname(fileOf({ path })), { recursive: true });
    writeFileSync(fileOf({ path }), bytes);
    return {
      path,
      corpus: 'own',
      label: 'happy',
      emotion: n % 2 === 0 ? 'happy' : 'sad',
      sampleRate,
      channels: 1,
      durationSec,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
  });
  return { clips, fileOf };
}
