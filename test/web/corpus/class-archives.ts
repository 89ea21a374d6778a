import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { zipCorpus } from '../../../src/web/corpus/archive';
import { defaultSetup, planPrompts } from '../../../src/web/corpus/setup';
import { emptySession, recordAll } from './example-session';

/**
 * Writes the archives that the lesson in notebooks/README.md collects from a class, with synthetic voices: class-7b-S1.zip to
 * class-7b-S4.zip. CI runs the commands of the lesson on them.
 */
export async function writeClassArchives(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const name of ['S1', 'S2', 'S3', 'S4']) {
    const setup = { ...defaultSetup(), name: 'class-7b', speakers: [{ name }], takes: 2 };
    const { session, wavs } = recordAll(emptySession(setup, `session-${name}`), planPrompts(setup));
    const pieces: Uint8Array[] = [];
    for await (const piece of zipCorpus(session, ({ prompt }) => Promise.resolve(wavs.get(prompt.id)!)))
      pieces.push(piece);
    writeFileSync(join(folder, `class-7b-${name}.zip`), Buffer.concat(pieces));
  }
}

if (require.main === module) void writeClassArchives(resolve(process.argv[2]));
