import { textTable } from '../base';
import { percent, scoreText } from './format-score';
import { type MetricName, metrics } from './metrics';
import type { GroupScores, ScoreReport } from './score-report';
import type { Spread } from './spread';
import { protocolMark, protocolText } from './under-protocol';

/** More folds than this are summed up in the line of their spread. */
const mostFoldsListed = 12;

/** A score report as text: the protocol in the first line, and again at the end of every line with a score. */
export function formatScoreReport(report: ScoreReport): string {
  const { pooled, perCorpus, perSplit, overSplits, overSeeds, level, resamples } = report;
  const mark = protocolMark(report);
  const titles = report.metrics.map((metric) => metrics[metric].title);
  const line = ({ name, seed, rows, clips, speakers, scores }: GroupScores): string[] => [
    seed === undefined ? name : `${name}, seed ${seed}`,
    ...[rows, clips, speakers].map((count) => count.toLocaleString('en-US')),
    ...report.metrics.map((metric) => scoreText(metric, scores[metric]!)),
    mark,
  ];
  const spreadLine = (name: string, spreads: Partial<Record<MetricName, Spread>>): string[] => [
    name,
    '',
    '',
    '',
    ...report.metrics.map((metric) => spreadText(metric, spreads[metric]!)),
    mark,
  ];
  const lines = [pooled, ...perCorpus].map(line);
  if (perSplit.length > 1) {
    if (perSplit.length <= mostFoldsListed) lines.push([], ...perSplit.map(line));
    lines.push(spreadLine(`mean ± sd of ${perSplit.length} folds`, overSplits));
  }
  if (overSeeds)
    lines.push(spreadLine(`mean ± sd of ${overSeeds[report.metrics[0]]!.count} seeds`, overSeeds));
  const { by, count } = pooled.scores[report.metrics[0]]!.interval;
  return [
    `Protocol: ${protocolText(report)}`,
    `In brackets: ${Number(percent(level))} % intervals, resampled by ${by} (${count.toLocaleString('en-US')}; ${resamples.toLocaleString('en-US')} times)`,
    '',
    textTable([['', 'rows', 'clips', 'speakers', ...titles, 'protocol'], ...lines], [0, -1]),
    ...notesOf([pooled, ...perCorpus], report.metrics[0]),
    '',
  ].join('\n');
}

function spreadText(metric: MetricName, { mean, deviation }: Spread): string {
  return metrics[metric].isShare
    ? `${percent(mean)} ± ${percent(deviation)} %`
    : `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`;
}

function notesOf(groups: readonly GroupScores[], metric: MetricName): string[] {
  return groups.flatMap(({ name, scores }) => {
    const note = scores[metric]?.interval.note;
    return note === undefined ? [] : [`${name}: ${note}`];
  });
}
