import { createHash } from 'node:crypto';
import type { Clip } from '../../core/base';

/** Which recordings an experiment is made of, and under which labels, whatever their order: 16 hex digits of a SHA-256. */
export function dataFingerprint(clips: readonly Pick<Clip, 'sha256' | 'emotion'>[]): string {
  const lines = clips.map(({ sha256, emotion }) => `${sha256} ${emotion}`).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}
