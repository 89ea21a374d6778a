import { textTable } from '../base';
import { daggerNote, percent, scoreText, scoreWithDagger } from './score-text';
import { type MetricName, metrics } from './metrics';
import type { GroupScores, ScoreReport } from './score-report';
import { protocolMark, protocolText } from './predictions';

/** A model's scores under one protocol, beside those under others. */
export interface ProtocolStep {
  report: ScoreReport;
  /** what the audit found: share of the test rows that have a sibling in training or validation, 0 to 1 */
  siblingShare?: number;
  /** that were finished, of those that there are; where it was interrupted */
  folds?: { done: number; of: number };
}

/** A line of a {@link protocolTable}. */
export interface ProtocolRow {
  protocol: string;
  /** `pooled`, or one corpus */
  corpus: string;
  rows: number;
  speakers: number;
  /** with their intervals, by the metric's title */
  [metric: string]: string | number | undefined;
}

/**
 * One model under several protocols as rows of a table: of each protocol the pooled scores, then those of each corpus, and
 * the share of test rows that have a sibling in training or validation.
 *
 * @param options - `metrics`: accuracy and UAR by default; `withDaggers`: whether a † marks intervals of few speakers, for whoever
 *   explains it with `daggerNote`; not by default
 */
export function protocolTable(
  steps: readonly ProtocolStep[],
  {
    metrics: names = ['accuracy', 'uar'],
    withDaggers = false,
  }: { metrics?: readonly MetricName[]; withDaggers?: boolean } = {},
): ProtocolRow[] {
  const textOf = withDaggers ? scoreWithDagger : scoreText;
  return steps.flatMap(({ report, siblingShare, folds }) => {
    const line = ({ name, rows, speakers, scores }: GroupScores): ProtocolRow => ({
      protocol: protocolMark(report),
      corpus: name,
      rows,
      speakers,
      ...Object.fromEntries(names.map((metric) => [metrics[metric].title, textOf(metric, scores[metric]!)])),
    });
    const [pooled, ...corpora] = [report.pooled, ...report.perCorpus].map(line);
    const siblings = siblingShare === undefined ? 'not known' : `${percent(siblingShare)} %`;
    const part = folds && folds.done < folds.of ? { folds: `${folds.done} of ${folds.of} only` } : {};
    return [{ ...pooled, 'siblings in training or validation': siblings, ...part }, ...corpora];
  });
}

/** The same as text, with what a score under each protocol measures. */
export function formatProtocols(steps: readonly ProtocolStep[]): string {
  const rows = protocolTable(steps, { withDaggers: true });
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== 'protocol');
  const cell = (value: string | number | undefined): string =>
    typeof value === 'number' ? value.toLocaleString('en-US') : (value ?? '');
  const lines = rows.map((row) => [...columns.map((name) => cell(row[name])), row.protocol]);
  const spaced = lines.flatMap((line, i) => (i > 0 && rows[i].corpus === 'pooled' ? [[], line] : [line]));
  const note = daggerNote(lines.flat());
  return [
    ...steps.map(({ report }) => `Protocol: ${protocolText(report)}`),
    '',
    textTable([[...columns, 'protocol'], ...spaced], [0, -1]),
    ...(note === undefined ? [] : [note]),
    '',
  ].join('\n');
}
