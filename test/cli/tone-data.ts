import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toneCorpus } from '../node/experiment/tone-corpus';

/**
 * Lets the commands of a suite find the tone corpus, and takes it away afterwards.
 *
 * @returns the folder in which it lies, `data`, once the suite has begun
 */
export function onToneCorpus(): () => string {
  let folder: string;
  let usual: string | undefined;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ser-cli-'));
    toneCorpus(join(folder, 'data'));
    usual = process.env.SER_DATA;
    process.env.SER_DATA = join(folder, 'data');
  });
  after(() => {
    if (usual === undefined) delete process.env.SER_DATA;
    else process.env.SER_DATA = usual;
    rmSync(folder, { recursive: true });
  });
  return () => folder;
}
