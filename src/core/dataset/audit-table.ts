import { InvalidArgumentError } from '../base';
import {
  type Audit,
  type AuditCheck,
  auditChecks,
  type AuditFinding,
  type AuditStatement,
  type AuditVerdict,
} from './audit';
import { protocolCards } from './protocols';

/** A line of an audit, for `showTable`. */
export interface AuditRow {
  check: string;
  value: string;
  verdict: AuditVerdict | '';
}

/**
 * An audit as rows of a table; of several splits of one protocol, the counts added up, and what differs named.
 *
 * @throws {@link InvalidArgumentError} if there is none, or they are of different protocols
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
      return { check: auditChecks[check], value: findingText(findings), verdict: worst(findings) };
    }),
    { check: 'scaler fitted to', ...statement(all.map(({ scaler }) => scaler)) },
    { check: 'selection by', ...statement(all.map(({ selection }) => selection)) },
  ];
}

/**
 * An audit as text, aligned: what protocol it is and what a score under it says, a line a check with its verdict, then notes.
 *
 * @param audits - of a split, or of all splits of a protocol, whose counts are then added up
 * @throws {@link InvalidArgumentError} as {@link auditTable} does
 */
export function formatAudit(audits: Audit | readonly Audit[]): string {
  const all = listOf(audits);
  const { isLeaky, licence } = protocolCards[all[0].protocol];
  const splits = all.length === 1 ? all[0].split : `${all.length} splits`;
  const table = auditTable(all);
  const width = (column: 'check' | 'value'): number => Math.max(...table.map((row) => row[column].length));
  const [checkWidth, valueWidth] = [width('check'), width('value')];
  const notes = [...new Set(all.flatMap((audit) => audit.notes))];
  return [
    `protocol ${all[0].protocol}, ${splits}${isLeaky ? ': LEAKY' : ''}`,
    `a score measures ${licence}`,
    ...table.map(({ check, value, verdict }) =>
      `  ${check.padEnd(checkWidth)}  ${value.padEnd(valueWidth)}  ${verdict}`.trimEnd(),
    ),
    ...notes.map((note) => `  note: ${note}`),
  ].join('\n');
}

function listOf(audits: Audit | readonly Audit[]): readonly Audit[] {
  const all = 'protocol' in audits ? [audits] : audits;
  const protocols = new Set(all.map(({ protocol }) => protocol));
  if (protocols.size !== 1) throw new InvalidArgumentError('audits', 'of one protocol', [...protocols]);
  return all;
}

function findingText(findings: readonly AuditFinding[]): string {
  const sum = (key: 'count' | 'of'): number => findings.reduce((total, finding) => total + finding[key], 0);
  const [count, of, { unit }] = [sum('count'), sum('of'), findings[0]];
  if (findings.every(({ verdict }) => verdict === 'not checked')) return 'not looked for';
  if (of === 0) return `no ${unit}`;
  const part = `${shown(count)} of ${shown(of)} ${unit}`;
  return count > 0 ? `${part} (${((100 * count) / of).toFixed(1)} %)` : part;
}

const severity: readonly AuditVerdict[] = ['LEAK', 'not checked', 'by design', 'ok'];
const worst = (items: readonly { verdict: AuditVerdict }[]): AuditVerdict =>
  severity.find((verdict) => items.some((item) => item.verdict === verdict))!;

function statement(statements: readonly AuditStatement[]): AuditStatement {
  return { value: [...new Set(statements.map(({ value }) => value))].join('; '), verdict: worst(statements) };
}

function range(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? shown(least) : `${shown(least)}–${shown(most)}`;
}

const shown = (count: number): string => count.toLocaleString('en');
