import { WorkbenchError } from '../base';
import type { GroupScores } from '../evaluation';
import type { ConditionsReport } from '../evaluation';
import { profileMeasures, type RecordingRanges } from '../features';

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
  if (!isObject(card)) throw new WorkbenchError('a model card must be an object');
  const { corpora = {}, heldOut = [] } = card;
  const status: unknown = card.status;
  if (status !== undefined && status !== 'finished' && status !== 'interrupted')
    throw new WorkbenchError('status of a model card must be finished or interrupted');
  const counts = isObject(corpora) ? Object.entries(corpora) : undefined;
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
    if (!isObject(range)) return false;
    const { low, high } = range as { low?: unknown; high?: unknown };
    return Number.isFinite(low) && Number.isFinite(high) && (low as number) <= (high as number);
  };
  const isComplete =
    isObject(ranges) &&
    profileMeasures.every((measure) => isRange((ranges as Partial<RecordingRanges>)[measure]));
  if (!isComplete)
    throw new WorkbenchError(
      `recordings of a model card must have low and high of ${profileMeasures.join(', ')}`,
    );
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
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
