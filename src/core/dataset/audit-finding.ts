/** `by design`: shared data that the protocol's card allows; `warning`: no leak, but it affects what the scores mean. */
export type AuditVerdict = 'ok' | 'by design' | 'LEAK' | 'warning' | 'not checked';

/** Result of one check: how much of the test data also occurs elsewhere. */
export interface AuditFinding {
  count: number;
  /** number checked */
  of: number;
  unit: string;
  verdict: AuditVerdict;
  /** up to three names; all names of classes */
  examples: string[];
  /** what was not checked */
  remark?: string;
}

/** How a model is prepared or selected. */
export interface AuditStatement {
  value: string;
  verdict: AuditVerdict;
}

/** A finding that counts a leak for each of the names found. */
export function findingOf(found: readonly string[], of: number, unit: string): AuditFinding {
  const verdict = found.length === 0 ? 'ok' : 'LEAK';
  return { count: found.length, of, unit, verdict, examples: found.slice(0, 3) };
}

/**
 * Names of the items behind the counts of a finding, if the same item may be counted in several splits. Not part of the finding,
 * because audits are written as JSON and the lists can be long.
 */
const namesOfFinding = new WeakMap<AuditFinding, { found: Iterable<string>; checked: Iterable<string> }>();

/** Registers the names behind the counts of a finding. */
export function withNames(
  finding: AuditFinding,
  found: Iterable<string>,
  checked: Iterable<string>,
): AuditFinding {
  namesOfFinding.set(finding, { found, checked });
  return finding;
}

/** Counts of one check over several splits; an item that was checked in several splits counts once, where its name is known. */
export function totalCounts(findings: readonly AuditFinding[]): Pick<AuditFinding, 'count' | 'of'> {
  const [found, checked] = [new Set<string>(), new Set<string>()];
  const sums = { count: 0, of: 0 };
  for (const finding of findings) {
    const names = namesOfFinding.get(finding);
    if (!names) {
      sums.count += finding.count;
      sums.of += finding.of;
    }
    for (const name of names?.found ?? []) found.add(name);
    for (const name of names?.checked ?? []) checked.add(name);
  }
  return { count: sums.count + found.size, of: sums.of + checked.size };
}
