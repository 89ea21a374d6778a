import type { Engine } from '../network';
import { WorkbenchError } from '../base';
import { type BundleFiles, type BundleReader, type MemberFolder, openBundle, writeBundleFiles } from '../../node/models';
import { type BundleCard, checkedAnswering, checkedCard, filesOf, type ModelBundle, readBundle } from './model-bundle';

/** Several models that answer as one, by the mean of what they say, each calibrated by itself. */
export interface EnsembleBundle {
  /** of the same classes and protocol; features and windows may differ */
  members: readonly ModelBundle[];
  /** what the logits of the mean are divided by, from validation */
  temperature: number;
  /** least probability at which its answers are to be trusted, a suggestion from validation; 0: always */
  threshold: number;
  /** of the whole; the members have their own */
  card: BundleCard;
}

const memberFolder = (i: number): MemberFolder => `member-${i + 1}/`;

/**
 * Writes an ensemble as one bundle: `ensemble.json`, `card.json`, and the files of each member in a folder of its own. Whole or not
 * at all.
 *
 * @param folder - is made; one that is a bundle already is replaced
 * @throws InvalidFileError if the folder is there and holds anything else
 */
export async function saveEnsemble(
  engine: Pick<Engine, 'tf'>,
  folder: string,
  { members, temperature, threshold, card }: EnsembleBundle,
): Promise<void> {
  const files = new Map<string, string | Uint8Array>([
    ['ensemble.json', JSON.stringify({ members: members.length, temperature, threshold })],
    ['card.json', JSON.stringify(card, null, 2)],
  ]);
  for (const [i, member] of members.entries())
    for (const [name, content] of await filesOf(engine, member)) files.set(memberFolder(i) + name, content);
  writeBundleFiles(folder, files as BundleFiles);
}

/**
 * Reads a bundle of one model or of several. Nothing in it is run as code.
 *
 * @throws InvalidFileError that names the file and says what is missing, damaged, of another version or does not fit
 */
export async function loadModel(engine: Engine, folder: string): Promise<ModelBundle | EnsembleBundle> {
  const files = openBundle(folder);
  if (!files.has('ensemble.json')) return readBundle(engine, files);
  const members: ModelBundle[] = [];
  for (const part of membersOf(files)) members.push(await readBundle(engine, part));
  const answering = files.json('ensemble.json', checkedAnswering);
  return { members, ...answering, card: files.json('card.json', checkedCard) };
}

/** The members' files of an ensemble's bundle. */
export function membersOf(files: BundleReader): BundleReader[] {
  const count = files.json('ensemble.json', (json) => {
    const { members } = json as { members?: unknown };
    if (Number.isSafeInteger(members) && (members as number) > 0) return members as number;
    throw new WorkbenchError(`members must be their number, got ${JSON.stringify(members)}`);
  });
  return Array.from({ length: count }, (_, i) => files.member(memberFolder(i)));
}
