import { formatCount, formatPercent, textTable } from '../base';
import type { Audit } from '../dataset';
import { type MetricName, metrics } from './metrics';
import { protocolMark, protocolText } from './predictions';
import type { GroupScores, ScoreReport } from './score-report';
import { caveatLines, daggerNote, scoreText, scoreWithDagger } from './score-report';

/** A model's scores under one protocol. */
export interface ProtocolStep {
  report: ScoreReport;
  /** see {@link siblingShare}; 0 to 1 */
  siblingShare?: number;
  /** finished folds of all folds, if the evaluation was interrupted */
  folds?: { done: number; of: number };
}

/** One line of a {@link protocolTable}. */
export interface ProtocolRow {
  protocol: string;
  /** `pooled`, or the name of a corpus */
  corpus: string;
  rows: number;
  speakers: number;
  /** score with its interval, by title of the metric */
  [metric: string]: string | number | undefined;
}

/**
 * Compares one model under several protocols: pooled scores and scores per corpus under each protocol, and the share of test rows
 * with a sibling in training or validation.
 *
 * @param options - `metrics`: default accuracy and UAR; `withDaggers`: marks intervals of few speakers with †, to be explained by
 *   `daggerNote`; default false
 * @param steps - from the loosest protocol to the strictest
 * @returns for each step the pooled row, then one row per corpus
 */
export function protocolTable(
  steps: readonly ProtocolStep[],
  {
    metrics: names = ['accuracy', 'uar'],
    withDaggers = false,
  }: { metrics?: readonly MetricName[]; withDaggers?: boolean } = {},
): ProtocolRow[] {
  const textOf = withDaggers ? scoreWithDagger : scoreText;
  return steps.flatMap(({ report, siblingShare: share, folds }) => {
    const line = ({ name, rows, speakers, scores }: GroupScores): ProtocolRow => ({
      protocol: protocolMark(report),
      corpus: name,
      rows,
      speakers,
      ...Object.fromEntries(names.map((metric) => [metrics[metric].title, textOf(metric, scores[metric]!)])),
    });
    const [pooled, ...corpora] = [report.pooled, ...report.perCorpus].map(line);
    const siblings = share === undefined ? 'unknown' : formatPercent(share);
    const part = folds && folds.done < folds.of ? { folds: `${folds.done} of ${folds.of} only` } : {};
    return [{ ...pooled, 'siblings in training or validation': siblings, ...part }, ...corpora];
  });
}

/** The table as text, with what a score under each protocol measures. */
export function formatProtocols(steps: readonly ProtocolStep[]): string {
  const rows = protocolTable(steps, { withDaggers: true });
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== 'protocol');
  const cell = (value: string | number | undefined): string =>
    typeof value === 'number' ? formatCount(value) : (value ?? '');
  const lines = rows.map((row) => [...columns.map((name) => cell(row[name])), row.protocol]);
  const spaced = lines.flatMap((line, i) => (i > 0 && rows[i].corpus === 'pooled' ? [[], line] : [line]));
  const note = daggerNote(lines.flat());
  return [
    ...steps.map(({ report }) => `Protocol: ${protocolText(report)}`),
    '',
    textTable([[...columns, 'protocol'], ...spaced], [0, -1]),
    ...(note === undefined ? [] : [note]),
    ...caveatsByProtocol(steps),
    '',
  ].join('\n');
}

/** What was left out and warnings; each line once, with its protocols unless it applies to all. */
function caveatsByProtocol(steps: readonly ProtocolStep[]): string[] {
  const protocolsOf = new Map<string, string[]>();
  for (const { report } of steps) {
    for (const line of caveatLines(report))
      protocolsOf.set(line, [...(protocolsOf.get(line) ?? []), report.protocol]);
  }
  return [...protocolsOf].map(([line, protocols]) =>
    protocols.length === steps.length ? line : `${line} (${protocols.join(', ')})`,
  );
}

/**
 * Share of test rows with a sibling (a version of the same clip) in training or validation, over all splits of a protocol; 0 to
 * 1.
 */
export function siblingShare(audits: readonly Audit[]): number {
  const findings = audits.map(({ findings: { siblings } }) => siblings);
  const sum = (key: 'count' | 'of'): number => findings.reduce((total, finding) => total + finding[key], 0);
  return sum('count') / sum('of');
}
