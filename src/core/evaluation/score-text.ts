import './intervals';
import { type MetricName, metrics } from './metrics';
import type { Score } from './intervals';
import { protocolMark, type UnderProtocol } from './predictions';

/**
 * A score as text, with the protocol it was measured under: there is no way to print the one without the other.
 *
 * @returns for example `UAR 51.2 % [48.0, 54.4] under speakers`, or `… under paper-rows, LEAKY`
 */
export function formatScore(metric: MetricName, score: Score, under: UnderProtocol): string {
  return `${metrics[metric].title} ${scoreText(metric, score)} under ${protocolMark(under)}`;
}

/** `51.2 % [48.0, 54.4]`, for tables that end each line with the protocol. */
export function scoreText(metric: MetricName, { value, interval }: Score): string {
  const text = metrics[metric].isShare ? `${percent(value)} %` : value.toFixed(3);
  return `${text} ${limitsText(metric, interval)}`;
}

const dagger = '†';

/**
 * A score as {@link scoreText} has it, with a † where its interval's note says that it may be too narrow: for tables that have
 * no room for the note, above or below which {@link daggerNote} stands.
 */
export function scoreWithDagger(metric: MetricName, score: Score): string {
  const text = scoreText(metric, score);
  return score.interval.note === undefined ? text : `${text} ${dagger}`;
}

/** What the † in a table's cells means, in a line; undefined where there is none. */
export function daggerNote(cells: Iterable<unknown>): string | undefined {
  for (const cell of cells) {
    if (typeof cell === 'string' && cell.endsWith(dagger))
      return `${dagger} few or unknown speakers, or few clips: the interval may be far too narrow`;
  }
  return undefined;
}

/** The limits of an interval in the metric's unit: `[48.0, 54.4]`. */
export function limitsText(metric: MetricName, { low, high }: Pick<Interval, 'low' | 'high'>): string {
  if (Number.isNaN(low)) return '[no interval]';
  const text = (limit: number): string => (metrics[metric].isShare ? percent(limit) : limit.toFixed(3));
  return `[${text(low)}, ${text(high)}]`;
}

/** A share as per cent, without the sign: `51.2`. */
export function percent(share: number): string {
  return (100 * share).toFixed(1);
}

/** A share as per cent, with no more digits than there are: what was published as .96 is `96 %`. */
export function briefPercent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
