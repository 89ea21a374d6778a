import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { extractFeatures } from '../../src/node/extraction';
import { loadCorpora, downloadCorpus } from '../../src/node/corpora';
import { readFolderSync } from '../../src/node/files';
import { findModels } from '../../src/node/models';
import { openModelFolder, writeModelFolder } from '../../src/node/models/model-folder';
import type { ModelFiles } from '../../src/core/prediction';
import type { ManifestEntry } from '../../src/node/corpora/committed-files';

// Work of the campaign for which there is no command; the first argument names it.
const [, , work, ...args] = process.argv;

/** Extracts features and writes their hash. */
async function extract([root, output]: string[]): Promise<void> {
  const corpora = await loadCorpora({ root });
  const versions = {
    original: [],
    noise: [{ kind: 'noise' as const, snrDb: 20 }],
    pitch: [{ kind: 'pitch' as const, nSteps: 1 }],
  };
  const { data, shape } = await extractFeatures(corpora, { versions }, { workers: 2 });
  const hash = createHash('sha256').update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  writeFileSync(output, `${shape.join(' × ')} ${hash.digest('hex')}`);
}

/** Downloads a corpus from a local server. */
async function download([directory, url, manifest]: string[]): Promise<void> {
  await downloadCorpus('SAVEE', {
    directory,
    manifest: JSON.parse(readFileSync(manifest, 'utf8')) as ManifestEntry[],
    sideFiles: [],
    sources: [{ kind: 'archive', name: 'local', url }],
    limits: { backoffSec: 0.05 },
  });
}

/** Files of two models, which differ in every file. */
function modelOf(letter: string): ModelFiles {
  return new Map(
    (['card.json', 'config.json', 'labels.json', 'README.md'] as const).map((name) => [
      name,
      JSON.stringify({ letter }),
    ]),
  );
}

/** Replaces a model folder again and again, until it is killed. */
function replaceModels([folder, times]: string[]): void {
  for (let i = 0; i < Number(times); i++) writeModelFolder(folder, modelOf(i % 2 === 0 ? 'a' : 'b'));
}

/** Reads the model until a file appears; every read must find a complete old or new model. */
function readModels([folder, root, stop, output]: string[]): void {
  let readings = 0;
  while (!existsSync(stop)) {
    const files = readFolderSync(folder, (path) => openModelFolder(path).all());
    const letters = new Set([...files.values()].map((bytes) => Buffer.from(bytes).toString()));
    if (letters.size !== 1) throw new Error(`a mixture of models: ${[...letters].join(', ')}`);
    const found = findModels([root]);
    if (found.length !== 1) throw new Error(`findModels found ${found.length} models`);
    readings++;
  }
  writeFileSync(output, String(readings));
}

const works: Record<string, (given: string[]) => Promise<void> | void> = {
  extract,
  download,
  'replace-models': replaceModels,
  'read-models': readModels,
};
void Promise.resolve(works[work](args)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
