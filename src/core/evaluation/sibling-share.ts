import type { Audit } from '../dataset';

/** Share of the test rows whose clip is in training or validation too, over all splits of a protocol; 0 to 1. */
export function siblingShare(audits: readonly Audit[]): number {
  const findings = audits.map(({ findings: { siblings } }) => siblings);
  const sum = (key: 'count' | 'of'): number => findings.reduce((total, finding) => total + finding[key], 0);
  return sum('count') / sum('of');
}
