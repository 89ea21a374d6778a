import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoVersion } from './version';

/** Lies at the root of a demo corpus and says what it is. */
export const demoMarkerFile = 'SYNTHETIC-DEMO.json';

/** What the marker file holds; the same for the same version and seed. */
export interface DemoMarker {
  notice: string;
  /** of the generator */
  version: number;
  seed: number;
  clips: number;
  speakers: number;
  synthesiser: string;
  synthesiserLicence: string;
}

/**
 * Reads the marker of a demo corpus.
 *
 * @param root - the corpus's folder
 * @returns undefined if there is no marker, or none that can be read: then the folder is no demo corpus
 */
export function readDemoMarker(root: string): DemoMarker | undefined {
  try {
    const marker = JSON.parse(readFileSync(join(root, demoMarkerFile), 'utf8')) as Partial<DemoMarker> | null;
    return Number.isInteger(marker?.version) && Number.isInteger(marker?.clips)
      ? (marker as DemoMarker)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Tells whether a folder holds a demo corpus of this version of the generator with all of its clips, from its marker and the
 * number of its files (no file is opened).
 *
 * @param options.seed - if given, the corpus must have been made from this seed
 */
export function isDemoCorpusCurrent(directory: string, options: { seed?: number } = {}): boolean {
  const marker = readDemoMarker(directory);
  if (marker?.version !== demoVersion) return false;
  if (options.seed !== undefined && options.seed !== marker.seed) return false;
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.wav')).length === marker.clips;
}
