import type { Context } from 'mocha';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectRoot } from '../src/node/files';

/** Folder with original files of the four corpora: `SER_SAMPLE`, or a sample next to the checkout. */
const sample = resolve(process.env.SER_SAMPLE ?? join(projectRoot, '..', 'shared', 'data', 'corpora-sample'));

/** The folder of original files. Without them, skips the test with a message. */
export function realClips(test: Context): string {
  if (!existsSync(sample)) {
    console.log('      skipped: no original clips (set SER_SAMPLE to their folder)');
    test.skip();
  }
  return sample;
}
