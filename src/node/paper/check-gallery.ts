import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../core/base';
import { findRuns, type FoundRun } from './choose-runs';
import { textsOf } from './drawing-texts';
import { galleryItems } from './gallery-items';
import { recordsIn } from './make-gallery';
import { readSidecars } from './read-sidecars';
import { factsOf, type Sidecar } from './sidecar';

/**
 * Checks that a gallery's files, sidecars and run records agree: every file has a sidecar, every record that one names is there
 * with its hash, and what is drawn from records is drawn again from them and is the same, text for text and fact for fact.
 * Pictures are not drawn again, nor what is made of recordings.
 *
 * @returns what is wrong, a line each; none if all is well
 */
export async function checkGallery(folder: string): Promise<string[]> {
  const { sidecars, files, problems } = await readSidecars(folder);
  const named = sidecars.flatMap((sidecar) => sidecar.files);
  const runs = await findRuns([recordsIn(folder)]);
  const used = new Set(sidecars.flatMap(({ records }) => records.map(({ file }) => file)));
  const records = await readdir(recordsIn(folder)).catch(() => []);
  const data = new Set(sidecars.flatMap(({ corpora }) => corpora?.fingerprint ?? []));
  const own = await Promise.all(sidecars.map((sidecar) => problemsOf(sidecar, folder, files, runs)));
  return [
    ...problems,
    ...files.filter((file) => !named.includes(file)).map((file) => `${file} has no sidecar`),
    ...named.filter((file, at) => named.indexOf(file) < at).map((file) => `${file} is in two sidecars`),
    ...records.filter((file) => !used.has(file)).map((file) => `records/${file} is drawn nowhere`),
    ...(data.size > 1 ? [`the figures are of different recordings: ${[...data].join(', ')}`] : []),
    ...own.flat(),
  ];
}

async function problemsOf(
  sidecar: Sidecar,
  folder: string,
  files: readonly string[],
  runs: readonly FoundRun[],
): Promise<string[]> {
  const { figure, item: name } = sidecar;
  const missing = sidecar.files.filter((file) => !files.includes(file));
  if (missing.length > 0) return [`${figure}: ${missing.join(', ')} is not there`];
  if (name === undefined) return []; // made by hand
  const item = galleryItems.find((one) => one.name === name);
  if (!item) return [`${figure}: there is no item ${name}`];
  if (item.from === 'clips') return [];

  const found: FoundRun[] = [];
  for (const { file, sha256 } of sidecar.records) {
    const run = runs.find((one) => one.file === file);
    if (!run) return [`${figure}: records/${file} is not there, or is no run record`];
    if (run.sha256 !== sha256) return [`${figure}: records/${file} is not the one it was drawn from`];
    found.push(run);
  }
  try {
    if (item.from === 'runs' && found.length === 0) return [`${figure}: it names no record`];
    const drawing = item.from === 'runs' ? item.draw(found) : item.draw();
    const expected: unknown = JSON.parse(JSON.stringify(factsOf(item, drawing, { runs: found })));
    const differing = Object.entries(expected as object)
      .filter(([key, value]) => !isDeepStrictEqual(value, sidecar[key as keyof Sidecar]))
      .map(([key]) => `${figure}: its sidecar says another ${key} than its records`);
    const texts = await Promise.all(
      Object.entries(textsOf(name, drawing)).map(async ([file, text]) =>
        (await readFile(join(folder, file), 'utf8').catch(() => undefined)) === text
          ? []
          : [`${file} is not what its records give`],
      ),
    );
    return [...differing, ...texts.flat()];
  } catch (error) {
    return [`${figure}: it cannot be drawn again: ${messageOf(error)}`];
  }
}
