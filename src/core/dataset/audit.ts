import type { ProtocolName } from './protocols';

/** `by design`: shared, and the protocol's card says so. */
export type AuditVerdict = 'ok' | 'by design' | 'LEAK' | 'not checked';

/** How much of the test was found where it should not be. */
export interface AuditFinding {
  /** so many … */
  count: number;
  /** … of so many */
  of: number;
  unit: string;
  verdict: AuditVerdict;
  /** names of some that were found */
  examples: string[];
}

/** How a model is prepared or chosen, in a few words. */
export interface AuditStatement {
  value: string;
  verdict: AuditVerdict;
}

/** What each check looks for, in the order of the printed audit. */
export const auditChecks = {
  siblings: 'siblings in training or validation',
  speakers: 'shared speakers',
  sentences: 'shared sentences',
  byteDuplicates: 'byte duplicates',
  nearDuplicates: 'near duplicates',
  validation: 'validation in training',
  augmented: 'augmented and held out',
} as const;
export type AuditCheck = keyof typeof auditChecks;

/** What a split's test has in common with what a model is fitted to, its training and its validation. */
export interface Audit {
  protocol: ProtocolName;
  /** the split's name */
  split: string;
  rows: { train: number; validation: number; test: number };
  /**
   * - `siblings`: test rows of a clip that is, in any version, in training or validation
   * - `speakers`, `sentences`: those of the test that are there; where they are not known, they do not count
   * - `byteDuplicates`, `nearDuplicates`: test clips with the same bytes, or by fingerprint the same sound, as another there
   * - `validation`: validation clips that are in training
   * - `augmented`: rows of validation and test that were augmented
   */
  findings: Record<AuditCheck, AuditFinding>;
  /** what the scaler was fitted to */
  scaler: AuditStatement;
  /** what epochs and hyperparameters are chosen by */
  selection: AuditStatement;
  /** the split's own */
  notes: readonly string[];
  /** nothing leaks */
  ok: boolean;
}
