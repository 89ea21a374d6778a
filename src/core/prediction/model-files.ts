import { InvalidFileError, isRecord, messageOf, printable, sha256Hex, WorkbenchError } from '../base';
import type { ConditionsReport, GroupScores } from '../evaluation';
import { profileMeasures, type RecordingRanges } from '../features';

const fileNames = [
  'config.json',
  'labels.json',
  'scaler.json',
  'card.json',
  'model.json',
  'weights.bin',
  'classifier.json',
  'ensemble.json',
  'training.json',
  'README.md',
] as const;

/** A file of a saved model, besides {@link inventoryFile}. */
export type ModelFile = (typeof fileNames)[number];
/** Folder of one member of an ensemble, numbered from 1. */
export type MemberFolder = `member-${number}/`;
/** The files of a saved model with their contents. */
export type ModelFiles = ReadonlyMap<ModelFile | `${MemberFolder}${ModelFile}`, string | Uint8Array>;

/** Name of the file that lists the SHA-256 of each file of a saved model, including those of an ensemble's members. */
export const inventoryFile = 'bundle.json';

/** Incremented when a change would make older programs misread a saved model. */
const version = 1;

/** Maximum number of members of an ensemble. */
export const mostMembers = 100;
/** Maximum size of all files of a saved model together. */
export const mostModelBytes = 500e6;
/** Maximum length of the reason for a rejection; it may quote a value from the file. */
const maxReasonLength = 500;
/** Depth of nested lists and objects in a JSON file; a saved network has 9. */
const maxLevels = 32;

/** Maximum size of a file of a saved model, in bytes. */
export function maxModelFileBytes(name: string): number {
  const file = name.replace(/^.*\//, '');
  if (file === 'weights.bin' || file === 'classifier.json') return 200e6;
  return file === 'scaler.json' || file === 'training.json' ? 50e6 : 4e6;
}

/** Whether a saved model may contain a file or member folder of this name. */
export function isModelFile(name: string): boolean {
  return name === inventoryFile || isKnown(name) || /^member-\d+$/.test(name);
}

function isKnown(name: string): boolean {
  return (fileNames as readonly string[]).includes(name.replace(/^member-[1-9]\d{0,2}\//, ''));
}

/** The names of the files that an inventory lists. @throws {@link WorkbenchError} if it is damaged or of another version */
export function filesInInventory(content: Uint8Array): string[] {
  return [...checkedInventory(parseJson(content)).keys()];
}

/** The content of {@link inventoryFile}. @throws {@link WorkbenchError} if a file is too large to be loaded again */
export function inventoryOf(files: ModelFiles): string {
  let total = 0;
  for (const [name, content] of files) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content).length : content.length;
    total += bytes;
    checkModelFileSize(name, bytes, total);
  }
  const sha256 = Object.fromEntries([...files].map(([name, content]) => [name, sha256Hex(content)]));
  return JSON.stringify({ version, sha256 }, null, 2);
}

/**
 * @param total - size of all files so far, this one included
 * @throws {@link InvalidFileError} if a file, or the model, is larger than allowed
 */
export function checkModelFileSize(path: string, bytes: number, total = bytes): void {
  const megabytes = (count: number): string => `${(count / 1e6).toFixed(1)} MB`;
  const most = maxModelFileBytes(path);
  if (bytes > most)
    throw new InvalidFileError(path, `it must have at most ${megabytes(most)}, got ${megabytes(bytes)}`);
  if (total > mostModelBytes)
    throw new InvalidFileError(
      path,
      `all files of a model must have at most ${megabytes(mostModelBytes)}, got ${megabytes(total)}`,
    );
}

/** The verified files of a saved model. */
export interface ModelReader {
  /** the model's folder or address, for messages */
  folder: string;
  /** every file with its content */
  all: () => ModelFiles;
  has: (name: ModelFile) => boolean;
  /**
   * @param make - converts the file's JSON to a value; its errors are reported with the name of the file
   * @throws {@link InvalidFileError} if the file is missing, was changed, or is not JSON
   */
  json: <Result>(name: ModelFile, make: (json: unknown) => Result) => Result;
  bytes: (name: ModelFile) => Uint8Array;
  /** the files of one member of an ensemble */
  member: (folder: MemberFolder) => ModelReader;
}

/**
 * Opens a saved model. Each file is checked against its SHA-256 when it is read.
 *
 * @param folder - folder or address, for messages
 * @param read - returns the content of a file, at most `maxModelFileBytes`; throws if there is none, and a {@link WorkbenchError} with
 *   the reason if it cannot be read
 * @throws {@link InvalidFileError} if there is no valid inventory
 */
export function openModelFiles(folder: string, read: (name: string) => Uint8Array): ModelReader {
  const inFile = <Result>(name: string, work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw error instanceof InvalidFileError
        ? error
        : new InvalidFileError(`${folder}/${name}`, printable(messageOf(error).slice(0, maxReasonLength)));
    }
  };
  const sizes = new Map<string, number>();
  const readPart = (name: string): Uint8Array => {
    let content: Uint8Array;
    try {
      content = read(name);
    } catch (error) {
      if (error instanceof WorkbenchError) throw error;
      throw new WorkbenchError('it is missing: the folder is not a saved model, or is incomplete');
    }
    sizes.set(name, content.length);
    checkModelFileSize(
      `${folder}/${name}`,
      content.length,
      [...sizes.values()].reduce((sum, size) => sum + size),
    );
    return content;
  };
  const sha256 = inFile(inventoryFile, () => checkedInventory(parseJson(readPart(inventoryFile))));
  const bytes = (name: string): Uint8Array =>
    inFile(name, () => {
      if (!sha256.has(name)) throw new WorkbenchError(`${inventoryFile} does not list it`);
      const content = readPart(name);
      if (sha256Hex(content) === sha256.get(name)) return content;
      throw new WorkbenchError('its SHA-256 differs: it was changed after the model was saved');
    });
  const readerOf = (prefix: MemberFolder | ''): ModelReader => ({
    folder: prefix === '' ? folder : `${folder}/${prefix.slice(0, -1)}`,
    all: () => new Map([...sha256.keys()].map((name) => [name, bytes(name)])) as ModelFiles,
    has: (name) => sha256.has(prefix + name),
    bytes: (name) => bytes(prefix + name),
    json: (name, make) => inFile(prefix + name, () => make(parseJson(bytes(prefix + name)))),
    member: readerOf,
  });
  return readerOf('');
}

/** @returns SHA-256 by file name; only names of model files, so that no path leads out of the folder */
function checkedInventory(json: unknown): Map<string, string> {
  const inventory = json as { version?: unknown; sha256?: unknown } | null;
  if (inventory?.version !== version) {
    const found = printable(String(inventory?.version)).slice(0, 40);
    throw new WorkbenchError(`it has version ${found}; this program reads version ${version}`);
  }
  const { sha256 } = inventory;
  if (typeof sha256 !== 'object' || sha256 === null)
    throw new WorkbenchError('it does not list the SHA-256 of the files');
  const entries = Object.entries(sha256 as Record<string, unknown>);
  const invalid = entries.find(([name, hash]) => !isKnown(name) || typeof hash !== 'string');
  if (invalid)
    throw new WorkbenchError(
      `it lists ${printable(JSON.stringify(invalid[0]).slice(0, 100))}, which is not a model file with its SHA-256`,
    );
  return new Map(entries as [string, string][]);
}

function parseJson(content: Uint8Array): unknown {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(content)) as unknown;
  } catch {
    throw new WorkbenchError('it is not JSON');
  }
  if (isDeeperThan(json, maxLevels))
    throw new WorkbenchError(`it must have at most ${maxLevels} levels of nested lists and objects`);
  return json;
}

/** Later steps handle nested values recursively, which would exhaust the stack. */
function isDeeperThan(json: unknown, levels: number): boolean {
  if (typeof json !== 'object' || json === null) return false;
  if (levels === 0) return true;
  return Object.values(json).some((value) => isDeeperThan(value, levels - 1));
}

/** Training data, scores and limits of a model, for its users. `modelOf` fills in everything that is known. */
export interface ModelCard {
  /** clips by corpus, including validation and test clips; without the corpora of `heldOut` */
  corpora?: Record<string, number>;
  /** corpora that were only tested on */
  heldOut?: string[];
  /** whether all splits of the experiment were finished; absent in old cards */
  status?: 'finished' | 'interrupted';
  /** scores under recording conditions; absent if they were not measured */
  conditions?: ConditionsReport;
  /** ranges of the training recordings; absent in old cards */
  recordings?: RecordingRanges;
  [about: string]: unknown;
}

/** Maximum number of corpora, and maximum length of a name. */
const [maxCorpora, maxNameLength] = [10_000, 1000];

/** @throws {@link WorkbenchError} if it is not a card */
export function checkedCard(json: unknown): ModelCard {
  const card = json as ModelCard | null;
  if (!isRecord(card)) throw new WorkbenchError('a model card must be an object');
  const { corpora = {}, heldOut = [] } = card;
  const status: unknown = card.status;
  if (status !== undefined && status !== 'finished' && status !== 'interrupted')
    throw new WorkbenchError('status of a model card must be finished or interrupted');
  const counts = isRecord(corpora) ? Object.entries(corpora) : undefined;
  if (
    !counts ||
    counts.length > maxCorpora ||
    !counts.every(([name, clips]) => isName(name) && isCount(clips))
  )
    throw new WorkbenchError('corpora of a model card must be an object of clip counts by name');
  if (!Array.isArray(heldOut) || heldOut.length > maxCorpora || !heldOut.every(isName))
    throw new WorkbenchError('heldOut of a model card must be a list of names');
  if (card.recordings !== undefined) checkRanges(card.recordings);
  return card;
}

function checkRanges(ranges: unknown): void {
  const isRange = (range: unknown): boolean => {
    if (!isRecord(range)) return false;
    const { low, high } = range as { low?: unknown; high?: unknown };
    return Number.isFinite(low) && Number.isFinite(high) && (low as number) <= (high as number);
  };
  const isComplete =
    isRecord(ranges) &&
    profileMeasures.every((measure) => isRange((ranges as Partial<RecordingRanges>)[measure]));
  if (!isComplete)
    throw new WorkbenchError(
      `recordings of a model card must have low and high of ${profileMeasures.join(', ')}`,
    );
}

const isName = (value: unknown): boolean => typeof value === 'string' && value.length <= maxNameLength;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** A corpus that a model was trained on. */
export interface TrainingCorpus {
  name: string;
  /** including validation and test clips */
  clips: number;
}

/** The corpora that a model was trained on. Old cards also list the test corpus of leave-one-corpus-out, which is left out here. */
export function trainingCorpora({ corpora = {}, heldOut, protocol, split }: ModelCard): TrainingCorpus[] {
  const isOldCard = heldOut === undefined;
  const { name: tested } = (split ?? {}) as { name?: unknown };
  const isLeaveOut = typeof protocol === 'string' && protocol.startsWith('leave-one-corpus-out');
  return Object.entries(corpora)
    .filter(([name]) => !(isOldCard && isLeaveOut && name === tested))
    .map(([name, clips]) => ({ name, clips }));
}

type Score = NonNullable<GroupScores['scores']['uar']>;

/** The unweighted average recall on some test rows, from a model card. */
export interface CardScore {
  name: string;
  rows: number;
  clips: number;
  speakers: number;
  uar: Score;
}

/**
 * The scores in a model card. Their types are checked, because a card may come from anywhere.
 *
 * @returns those that are valid: `pooled` on the test rows of all splits, `ownSplit` on those of the model's own split
 */
export function scoresInCard({ scores }: ModelCard): { pooled?: CardScore; ownSplit?: CardScore } {
  const { pooled, ownSplit } = (scores ?? {}) as { pooled?: unknown; ownSplit?: unknown };
  return { pooled: groupUar(pooled), ownSplit: groupUar(ownSplit) };
}

/** undefined if a field has the wrong type */
function groupUar(json: unknown): CardScore | undefined {
  const { name, rows, clips, speakers, uar } = (json ?? {}) as Partial<CardScore>;
  const { value, interval } = (uar ?? {}) as Partial<Score>;
  const isShare = (share: unknown): share is number => typeof share === 'number' && share >= 0 && share <= 1;
  if (typeof name !== 'string' || ![rows, clips, speakers].every(Number.isSafeInteger) || !isShare(value))
    return undefined;
  const { low, high } = (interval ?? {}) as Partial<Score['interval']>;
  const limits = isShare(low) && isShare(high) ? { low, high } : { low: NaN, high: NaN };
  const score = {
    value,
    interval: { ...limits, level: 0.95, method: 'percentile', by: 'speakers', count: speakers! },
  };
  return { name, rows: rows!, clips: clips!, speakers: speakers!, uar: score as Score };
}
