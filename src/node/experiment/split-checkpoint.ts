import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { configHash, type ExperimentConfig } from '../../core/config';
import type { Split } from '../../core/dataset';
import type { Engine } from '../../core/network';

/** A split's checkpoint: of the same experiment on the same data and engine, and of no other. */
export function checkpointOf(
  folder: string,
  { name }: Split,
  { config, fingerprint }: { config: ExperimentConfig; fingerprint: string },
  { version, threads }: Pick<Engine, 'version' | 'threads'>,
): { path: string; identity: string } {
  const identity = [configHash(config), fingerprint, version, threads, name].join('/');
  const file = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  return { path: join(folder, `${file}.checkpoint`), identity };
}
