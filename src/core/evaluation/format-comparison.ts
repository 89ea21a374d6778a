import { textTable } from '../base';
import type { PairedDifference, RunComparison } from './compare-runs';
import { limitsText, percent } from './format-score';
import { metrics } from './metrics';
import { protocolMark, protocolText } from './under-protocol';

/**
 * A comparison as text: the protocol in the first line, and again at the end of every line with a score.
 *
 * @param names - what the two runs are called
 */
export function formatComparison(
  comparison: RunComparison,
  [first, second]: readonly [first: string, second: string] = ['first', 'second'],
): string {
  const { metric, pooled, perCorpus, mcNemar } = comparison;
  const { title, isShare } = metrics[metric];
  const mark = protocolMark(comparison);
  const value = (number: number): string => (isShare ? `${percent(number)} %` : number.toFixed(3));
  const sign = (number: number): string => (number > 0 ? '+' : '');
  const line = (one: PairedDifference): string[] => [
    one.name,
    one.rows.toLocaleString('en-US'),
    value(one.first),
    value(one.second),
    `${sign(one.difference)}${value(one.difference)} ${limitsText(metric, one.interval)}`,
    pText(one.pValue),
    mark,
  ];
  const { by, count } = pooled.interval;
  return [
    `Protocol: ${protocolText(comparison)}`,
    `${title} of ${second} less ${first}, resampled by ${by} (${count.toLocaleString('en-US')})`,
    '',
    textTable(
      [['', 'rows', first, second, 'difference', 'p', 'protocol'], ...[pooled, ...perCorpus].map(line)],
      [0, -1],
    ),
    '',
    `Right only in ${first}: ${mcNemar.onlyFirst}, only in ${second}: ${mcNemar.onlySecond} rows ` +
      `(McNemar: exact p ${pText(mcNemar.exact)}, mid-p ${pText(mcNemar.midP)}, rows taken as independent; ${mark})`,
    '',
  ].join('\n');
}

function pText(p: number): string {
  return Number.isNaN(p) ? 'none' : p < 0.001 ? '< 0.001' : p.toFixed(3);
}
