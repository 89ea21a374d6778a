import { formatCount, formatLeftOut, formatPercent, InvalidArgumentError, type LeftOut } from '../base';
import { type Audit, type AuditCheck, auditChecks } from './audit';
import { type AuditStatement, type AuditVerdict, totalCounts } from './audit-finding';
import { listOf } from './coverage';
import { protocolCards } from './protocols';

/** One line of an audit, for `showTable`. */
export interface AuditRow {
  check: string;
  value: string;
  verdict: AuditVerdict | '';
}

/**
 * An audit as rows of a table. For several splits of one protocol, each item counts once and distinct values are listed. What was left
 * out and warnings are the last rows, if there are any.
 *
 * @throws {@link InvalidArgumentError} if there are none, or they are of different protocols
 */
export function auditTable(audits: Audit | readonly Audit[]): AuditRow[] {
  const all = auditsOf(audits);
  const { leftOut, warnings } = lossesOf(all);
  return [
    ...checkRows(all),
    ...formatLeftOut(leftOut).map((value): AuditRow => ({ check: 'left out', value, verdict: '' })),
    ...warnings.map((value): AuditRow => ({ check: 'warning', value, verdict: 'warning' })),
  ];
}

function checkRows(all: readonly Audit[]): AuditRow[] {
  const rows = (['train', 'validation', 'test'] as const).map((part) =>
    range(all.map((audit) => audit.rows[part])),
  );
  return [
    { check: 'rows', value: `${rows[0]} training, ${rows[1]} validation, ${rows[2]} test`, verdict: '' },
    { check: 'validation share', value: shareText(all), verdict: '' },
    ...(Object.keys(auditChecks) as AuditCheck[]).map((check) => {
      const findings = all.map((audit) => audit.findings[check]);
      const remarks = new Set(findings.flatMap(({ remark }) => remark ?? []));
      const value = [findingText(check, all), ...remarks].join('; ');
      return { check: auditChecks[check], value, verdict: worst(findings) };
    }),
    { check: 'scaler fitted to', ...statement(all.map(({ scaler }) => scaler)) },
    { check: 'selection by', ...statement(all.map(({ selection }) => selection)) },
  ];
}

/**
 * An audit as aligned text: the protocol and what a score under it measures, one line per check with its verdict, then notes, what was
 * left out (at most three lines) and warnings.
 *
 * @param audits - of one split, or of all splits of a protocol; a speaker or clip that is checked in several splits counts once
 * @throws {@link InvalidArgumentError} if there are none, or they are of different protocols
 * @example
 * ```ts
 * console.log(formatAudit(splits.map((split) => auditSplit(set, split, { protocol: 'speakers' }))));
 * ```
 */
export function formatAudit(audits: Audit | readonly Audit[]): string {
  const all = auditsOf(audits);
  const { isLeaky, measures } = protocolCards[all[0].protocol];
  const splits = all.length === 1 ? all[0].split : `${all.length} splits`;
  const table = checkRows(all);
  const width = (column: 'check' | 'value'): number => Math.max(...table.map((row) => row[column].length));
  const [checkWidth, valueWidth] = [width('check'), width('value')];
  const notes = [...new Set(all.flatMap((audit) => audit.notes))];
  const { leftOut, warnings } = lossesOf(all);
  return [
    `protocol ${all[0].protocol}, ${splits}${isLeaky ? ': LEAKY' : ''}`,
    `a score measures ${measures}`,
    ...table.map(({ check, value, verdict }) =>
      `  ${check.padEnd(checkWidth)}  ${value.padEnd(valueWidth)}  ${verdict}`.trimEnd(),
    ),
    ...notes.map((note) => `  note: ${note}`),
    ...formatLeftOut(leftOut).map((line) => `  left out: ${line}`),
    ...warnings.map((warning) => `  warning: ${warning}`),
  ].join('\n');
}

function auditsOf(audits: Audit | readonly Audit[]): readonly Audit[] {
  const all = 'protocol' in audits ? [audits] : audits;
  const protocols = new Set(all.map(({ protocol }) => protocol));
  if (protocols.size !== 1)
    throw new InvalidArgumentError('audits', 'audits of one protocol', [...protocols]);
  return all;
}

/** What was left out and the warnings of all splits, each once. */
function lossesOf(all: readonly Audit[]): { leftOut: LeftOut[]; warnings: string[] } {
  const entries = all.flatMap(({ leftOut }) => leftOut);
  return {
    leftOut: [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()],
    warnings: [...new Set(all.flatMap(({ warnings }) => warnings))],
  };
}

function shareText(all: readonly Audit[]): string {
  const shares = all.map(({ validationShare }) => validationShare);
  const [least, most] = [Math.min(...shares), Math.max(...shares)].map((share) => formatPercent(share));
  const unit = protocolCards[all[0].protocol].mayShare.includes('clips') ? 'rows' : 'clips';
  return `${least === most ? least : `${least.replace(' %', '')}–${most}`} of the ${unit} outside test`;
}

function findingText(check: AuditCheck, all: readonly Audit[]): string {
  const findings = all.map((audit) => audit.findings[check]);
  const { count, of } = totalCounts(findings);
  const { unit } = findings.find((finding) => finding.of > 0) ?? findings[0];
  if (findings.every(({ verdict }) => verdict === 'not checked')) return 'not searched for';
  if (of === 0) return `no ${unit}`;
  const part = `${formatCount(count)} of ${formatCount(of)} ${unit}`;
  if (count === 0) return part;
  if (!unit.endsWith('classes')) return `${part} (${formatPercent(count / of)})`;
  const names = new Set(findings.flatMap(({ examples }) => examples));
  const affected = findings.filter((finding) => finding.count > 0).length;
  const where = all.length > 1 ? `, in ${affected} of ${all.length} splits` : '';
  return `${part} (${listOf([...names])})${where}`;
}

const severity: readonly AuditVerdict[] = ['LEAK', 'warning', 'not checked', 'by design', 'ok'];
const worst = (items: readonly { verdict: AuditVerdict }[]): AuditVerdict =>
  severity.find((verdict) => items.some((item) => item.verdict === verdict))!;

function statement(statements: readonly AuditStatement[]): AuditStatement {
  return { value: [...new Set(statements.map(({ value }) => value))].join('; '), verdict: worst(statements) };
}

function range(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? formatCount(least) : `${formatCount(least)}–${formatCount(most)}`;
}
