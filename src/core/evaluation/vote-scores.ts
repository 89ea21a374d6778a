import { formatCount, textTable } from '../base';
import { voteShares } from '../dataset';
import {
  clusterRows,
  type IntervalOptions,
  percentileLimits,
  resampleClusters,
  type Score,
  scoreRows,
  totalOf,
} from './intervals';
import {
  checkPredictions,
  type Predictions,
  protocolMark,
  protocolText,
  selectRows,
  type UnderProtocol,
} from './predictions';
import { scoreText } from './score-report';

/** How predictions agree with the acted class and with the votes of listeners, for the rows that have votes. */
export interface VoteScores extends UnderProtocol {
  /** rows with votes */
  rows: number;
  /** accuracy against the acted class */
  intended: Score;
  /** accuracy against the class with the most votes, for the rows where it is unique */
  voted: Score;
  votedRows: number;
  /** mean cross-entropy of predictions against the distribution of the votes, nats */
  crossEntropy: Score;
  /** mean entropy of the votes, nats: the lowest possible cross-entropy */
  entropy: number;
}

/**
 * Scores predictions against the acted class and against the votes of listeners (CREMA-D).
 *
 * @returns undefined if no row has votes for one of the classes
 * @throws InvalidArgumentError if predictions are invalid or an option is out of range
 * @example
 * ```ts
 * const scores = voteScores(predictions);
 * if (scores) console.log(scores.voted.value - scores.intended.value);
 * ```
 */
export function voteScores(predictions: Predictions, options: IntervalOptions = {}): VoteScores | undefined {
  checkPredictions(predictions);
  const { classes, protocol, protocolLabel, isLeaky } = predictions;
  const shares = predictions.clips.map((clip) => voteShares(clip, classes, 'soft'));
  const rows = [...shares.keys()].filter((row) => shares[row] !== undefined);
  const majorities = rows.map((row) => uniqueMajority(voteShares(predictions.clips[row], classes, 'voted')!));
  const decided = rows.flatMap((row, i) =>
    majorities[i] === undefined ? [] : [{ row, majority: majorities[i] }],
  );
  if (decided.length === 0) return undefined;
  const rated = selectRows(predictions, rows);
  const againstMajority = {
    ...selectRows(
      predictions,
      decided.map(({ row }) => row),
    ),
    actual: Int32Array.from(decided, ({ majority }) => majority),
  };
  const votes = rows.map((row) => shares[row]!);
  return {
    protocol,
    protocolLabel,
    isLeaky,
    rows: rows.length,
    intended: scoreRows(rated, ['accuracy'], options).accuracy,
    voted: scoreRows(againstMajority, ['accuracy'], options).accuracy,
    votedRows: decided.length,
    crossEntropy: crossEntropyOf(rated, votes, options),
    entropy: votes.reduce((sum, own) => sum + entropyOf(own, own), 0) / votes.length,
  };
}

const uniqueMajority = (shares: readonly number[]): number | undefined =>
  shares.filter((share) => share > 0).length === 1 ? shares.findIndex((share) => share > 0) : undefined;

/** −Σ p log q, with q at least 1e-7. */
const entropyOf = (p: readonly number[], q: ArrayLike<number>): number =>
  p.reduce((sum, share, k) => (share > 0 ? sum - share * Math.log(Math.max(q[k], 1e-7)) : sum), 0);

function crossEntropyOf(
  { clips, probabilities, classes }: Predictions,
  votes: readonly (readonly number[])[],
  { level = 0.95, ...options }: IntervalOptions,
): Score {
  const { of, count, by, note } = clusterRows(clips);
  const sums = new Float64Array(2 * count);
  for (const [row, own] of votes.entries()) {
    sums[2 * of[row]] += entropyOf(
      own,
      probabilities.subarray(row * classes.length, (row + 1) * classes.length),
    );
    sums[2 * of[row] + 1]++;
  }
  const mean = ([sum, rows]: Float64Array): number => sum / rows;
  const [resampled] = resampleClusters({ sums, size: 2 }, [mean], options);
  const [low, high] = count === 1 ? [NaN, NaN] : percentileLimits(resampled, level);
  const interval = { low, high, level, method: 'percentile' as const, by, count, ...(note && { note }) };
  return { value: mean(totalOf({ sums, size: 2 })), interval };
}

/** The scores as a text table. */
export function formatVoteScores(scores: VoteScores): string {
  const mark = protocolMark(scores);
  return [
    `Against listeners' votes: ${formatCount(scores.rows)} rows; protocol ${protocolText(scores)}`,
    textTable(
      [
        ['', 'rows', 'score', 'protocol'],
        ['accuracy, acted class', formatCount(scores.rows), scoreText('accuracy', scores.intended), mark],
        [
          'accuracy, majority of the votes',
          formatCount(scores.votedRows),
          scoreText('accuracy', scores.voted),
          mark,
        ],
        [
          `cross-entropy against the votes, nats (at least ${scores.entropy.toFixed(3)})`,
          formatCount(scores.rows),
          scoreText('logLoss', scores.crossEntropy),
          mark,
        ],
      ],
      [0, 2, 3],
    ),
    '',
  ].join('\n');
}
