import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toneCorpus } from '../node/experiment/tone-corpus';

/**
 * Creates the tone corpus before the tests of a suite and sets `SER_DATA` to it; deletes it afterwards.
 *
 * @returns a function that returns the temporary folder; the corpus is in its subfolder `data`
 */
export function onToneCorpus(): () => string {
  let folder: string;
  let previous: string | undefined;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ser-cli-'));
    toneCorpus(join(folder, 'data'));
    previous = process.env.SER_DATA;
    process.env.SER_DATA = join(folder, 'data');
  });
  after(() => {
    if (previous === undefined) delete process.env.SER_DATA;
    else process.env.SER_DATA = previous;
    rmSync(folder, { recursive: true });
  });
  return () => folder;
}
