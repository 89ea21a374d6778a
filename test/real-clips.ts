import type { Context } from 'mocha';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectRoot } from '../src/node/files';

/** Original files of the four corpora to test on: `SER_SAMPLE`, else a sample beside the checkout, if there is one. */
const sample = resolve(process.env.SER_SAMPLE ?? join(projectRoot, '..', 'shared', 'data', 'corpora-sample'));

/** The folder of original files; a test that needs them is skipped, and says so, where they are not. */
export function realClips(test: Context): string {
  if (!existsSync(sample)) {
    console.log('      skipped: no original clips (set SER_SAMPLE to a folder of them)');
    test.skip();
  }
  return sample;
}
