import { formatCount, formatPercent, InvalidArgumentError } from '../base';
import {
  type Audit,
  type AuditCheck,
  auditChecks,
  type AuditFinding,
  type AuditStatement,
  type AuditVerdict,
} from './audit';
import { protocolCards } from './protocols';

/** One line of an audit, for `showTable`. */
export interface AuditRow {
  check: string;
  value: string;
  verdict: AuditVerdict | '';
}

/**
 * An audit as rows of a table. For several splits of one protocol, counts are added up and distinct values are listed.
 *
 * @throws {@link InvalidArgumentError} if there are none, or they are of different protocols
 */
export function auditTable(audits: Audit | readonly Audit[]): AuditRow[] {
  const all = listOf(audits);
  const rows = (['train', 'validation', 'test'] as const).map((part) =>
    range(all.map((audit) => audit.rows[part])),
  );
  return [
    { check: 'rows', value: `${rows[0]} training, ${rows[1]} validation, ${rows[2]} test`, verdict: '' },
    ...(Object.keys(auditChecks) as AuditCheck[]).map((check) => {
      const findings = all.map((audit) => audit.findings[check]);
      const remarks = new Set(findings.flatMap(({ remark }) => remark ?? []));
      const value = [findingText(findings), ...remarks].join('; ');
      return { check: auditChecks[check], value, verdict: worst(findings) };
    }),
    { check: 'scaler fitted to', ...statement(all.map(({ scaler }) => scaler)) },
    { check: 'selection by', ...statement(all.map(({ selection }) => selection)) },
  ];
}

/**
 * An audit as aligned text: the protocol and what a score under it measures, one line per check with its verdict, then notes.
 *
 * @param audits - of one split, or of all splits of a protocol, with counts added up
 * @throws {@link InvalidArgumentError} if there are none, or they are of different protocols
 * @example
 * ```ts
 * console.log(formatAudit(splits.map((split) => auditSplit(set, split, { protocol: 'speakers' }))));
 * ```
 */
export function formatAudit(audits: Audit | readonly Audit[]): string {
  const all = listOf(audits);
  const { isLeaky, measures } = protocolCards[all[0].protocol];
  const splits = all.length === 1 ? all[0].split : `${all.length} splits`;
  const table = auditTable(all);
  const width = (column: 'check' | 'value'): number => Math.max(...table.map((row) => row[column].length));
  const [checkWidth, valueWidth] = [width('check'), width('value')];
  const notes = [...new Set(all.flatMap((audit) => audit.notes))];
  return [
    `protocol ${all[0].protocol}, ${splits}${isLeaky ? ': LEAKY' : ''}`,
    `a score measures ${measures}`,
    ...table.map(({ check, value, verdict }) =>
      `  ${check.padEnd(checkWidth)}  ${value.padEnd(valueWidth)}  ${verdict}`.trimEnd(),
    ),
    ...notes.map((note) => `  note: ${note}`),
  ].join('\n');
}

function listOf(audits: Audit | readonly Audit[]): readonly Audit[] {
  const all = 'protocol' in audits ? [audits] : audits;
  const protocols = new Set(all.map(({ protocol }) => protocol));
  if (protocols.size !== 1)
    throw new InvalidArgumentError('audits', 'audits of one protocol', [...protocols]);
  return all;
}

function findingText(findings: readonly AuditFinding[]): string {
  const sum = (key: 'count' | 'of'): number => findings.reduce((total, finding) => total + finding[key], 0);
  const [count, of, { unit }] = [sum('count'), sum('of'), findings[0]];
  if (findings.every(({ verdict }) => verdict === 'not checked')) return 'not searched for';
  if (of === 0) return `no ${unit}`;
  const part = `${formatCount(count)} of ${formatCount(of)} ${unit}`;
  return count > 0 ? `${part} (${formatPercent(count / of)})` : part;
}

const severity: readonly AuditVerdict[] = ['LEAK', 'not checked', 'by design', 'ok'];
const worst = (items: readonly { verdict: AuditVerdict }[]): AuditVerdict =>
  severity.find((verdict) => items.some((item) => item.verdict === verdict))!;

function statement(statements: readonly AuditStatement[]): AuditStatement {
  return { value: [...new Set(statements.map(({ value }) => value))].join('; '), verdict: worst(statements) };
}

function range(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? formatCount(least) : `${formatCount(least)}–${formatCount(most)}`;
}
