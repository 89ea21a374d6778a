import {
  type Clip,
  countOf,
  formatCount,
  InvalidArgumentError,
  type LeftOut,
  printable,
  WorkbenchError,
} from '../base';
import type { FeatureSet } from '../features';
import { type AuditFinding, type AuditStatement, findingOf, withNames } from './audit-finding';
import { coverageFindings, lossWarnings } from './coverage';
import { sentenceOf } from './labels';
import { type KnownDuplicates, searchNotes } from './duplicate-search';
import { protocolCards, type ProtocolName, protocolNames } from './protocols';
import type { Split } from './splits';

/** Description of each check, in the order of the printed audit. */
export const auditChecks = {
  siblings: 'siblings in training or validation',
  speakers: 'shared speakers',
  sentences: 'shared sentences',
  byteDuplicates: 'byte duplicates',
  nearDuplicates: 'near duplicates',
  validation: 'validation in training',
  augmented: 'augmented and held out',
  untrained: 'tested but not trained on',
  untested: 'trained on but not tested',
  unvalidated: 'trained on but not in validation',
} as const;
export type AuditCheck = keyof typeof auditChecks;

/** Overlap between the test set of a split and the data that the model is fitted to (training and validation). */
export interface Audit {
  protocol: ProtocolName;
  /** the split's name */
  split: string;
  rows: { train: number; validation: number; test: number };
  /** share of the clips that are not tested (of the rows, under a protocol that divides rows) used for validation; 0 to 1 */
  validationShare: number;
  /**
   * - `siblings`: test rows of clips that are in training or validation, in any version
   * - `speakers`, `sentences`: test speakers or sentences that also occur there; unknown ones are not counted
   * - `byteDuplicates`, `nearDuplicates`: test clips with the same bytes or nearly the same audio as another clip there
   * - `validation`: validation clips that are in training
   * - `augmented`: augmented rows in validation and test
   * - `untrained`: test classes without training clips
   * - `untested`, `unvalidated`: training classes without test clips, or without validation clips if there is validation
   */
  findings: Record<AuditCheck, AuditFinding>;
  /** rows that the scaler was fitted to */
  scaler: AuditStatement;
  /** how epochs and hyperparameters are selected */
  selection: AuditStatement;
  /** notes of the split */
  notes: readonly string[];
  /** what was left out before the split */
  leftOut: readonly LeftOut[];
  /** classes, speakers and corpora without clips */
  warnings: readonly string[];
  /** whether no check found a leak */
  ok: boolean;
}

export interface AuditOptions {
  protocol: ProtocolName;
  /** result of `findNearDuplicates`; without it the audit reports `not checked` */
  nearDuplicates?: KnownDuplicates;
  /** rows that the scaler was fitted to, `per speaker` or `none`; without it the audit reports `not declared` */
  scaler?: Int32Array | 'per speaker' | 'none';
  /**
   * rows used to select epochs and hyperparameters; `last epoch` or `none` if nothing is selected; without it the audit reports
   * `not declared`
   */
  selection?: 'validation' | 'training' | 'test' | 'last epoch' | 'none';
  /** what was left out before the split; default: the clips without features, if the set lists them */
  leftOut?: readonly LeftOut[];
  /** warnings about what was left out; default: classes and speakers in `leftOut` without clips in the set */
  warnings?: readonly string[];
}

/** Indices of the clips in each part. */
interface Sides {
  train: Set<number>;
  validation: Set<number>;
  test: Set<number>;
  /** training and validation */
  fitted: Set<number>;
}

/**
 * Checks a split for leakage before a model is trained on it.
 *
 * @param set - the feature set that the split divides
 * @returns the finding of each check
 * @throws {@link WorkbenchError} with examples, if something leaks and the protocol is not leaky
 * @throws {@link InvalidArgumentError} if the protocol is unknown, or a row is out of range
 * @example
 * ```ts
 * const audit = auditSplit(set, split, { protocol: 'speakers', nearDuplicates: await findNearDuplicates(set, corpora) });
 * console.log(formatAudit(audit));
 * ```
 */
export function auditSplit(
  set: Pick<FeatureSet, 'clips' | 'versions'> & Partial<Pick<FeatureSet, 'leftOut'>>,
  split: Split,
  {
    protocol,
    nearDuplicates,
    scaler,
    selection,
    leftOut = set.leftOut ?? [],
    warnings = lossWarnings(leftOut, set.clips),
  }: AuditOptions,
): Audit {
  if (!protocolNames.includes(protocol)) {
    throw new InvalidArgumentError('protocol', `one of ${protocolNames.join(', ')}`, protocol);
  }
  const { clips } = set;
  const [train, validation, test] = [split.train, split.validation, split.test].map((rows) =>
    clipsOf(rows, set),
  );
  const sides = { train, validation, test, fitted: new Set([...train, ...validation]) };
  const { mayShare, isLeaky } = protocolCards[protocol];
  const findShared = (
    what: 'speakers' | 'sentences',
    valueOf: (clip: Clip) => string | undefined,
  ): AuditFinding => {
    return sharedValues(clips, sides, valueOf, { unit: `test ${what}`, isAllowed: mayShare.includes(what) });
  };
  const findings: Audit['findings'] = {
    siblings: findSiblings(set, split, sides),
    speakers: findShared('speakers', ({ speaker }) => speaker),
    sentences: findShared('sentences', sentenceOf),
    byteDuplicates: findByteDuplicates(clips, sides),
    nearDuplicates: findSharedNearDuplicates(clips, sides, nearDuplicates),
    validation: findTrainedValidation(clips, sides),
    augmented: findAugmented(set, split),
    ...coverageFindings(clips, sides),
  };
  const dividesRows = mayShare.includes('clips');
  const audit: Audit = {
    protocol,
    split: split.name,
    rows: { train: split.train.length, validation: split.validation.length, test: split.test.length },
    validationShare: dividesRows
      ? shareOf(split.validation.length, split.train.length)
      : shareOf(validation.size, train.size),
    findings,
    scaler: scaler ? scalerStatement(scaler, split, dividesRows ? 1 : set.versions.length) : notDeclared,
    selection: selection ? selectionStatement(selection) : notDeclared,
    notes: [...(split.notes ?? []), ...(nearDuplicates ? searchNotes(nearDuplicates) : [])],
    leftOut,
    warnings,
    ok: false,
  };
  audit.ok = [...Object.values(findings), audit.scaler, audit.selection].every(
    ({ verdict }) => verdict !== 'LEAK',
  );
  if (!audit.ok && !isLeaky) throw new WorkbenchError(leakMessage(audit));
  return audit;
}

const notDeclared: AuditStatement = { value: 'not declared', verdict: 'not checked' };

const shareOf = (part: number, others: number): number => (part === 0 ? 0 : part / (part + others));

function findSiblings(
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  split: Split,
  { test, fitted }: Sides,
): AuditFinding {
  const rows = split.test.filter((row) => fitted.has(Math.floor(row / versions.length)));
  const siblings = [...test].filter((i) => fitted.has(i));
  return { ...findingOf(pathsOf(clips, siblings), split.test.length, 'test rows'), count: rows.length };
}

function sharedValues(
  clips: readonly Clip[],
  { test, fitted }: Sides,
  valueOf: (clip: Clip) => string | undefined,
  { unit, isAllowed }: { unit: string; isAllowed: boolean },
): AuditFinding {
  const valuesOf = (indices: ReadonlySet<number>): Set<string> =>
    new Set([...indices].flatMap((i) => valueOf(clips[i]) ?? []));
  const [known, tested] = [valuesOf(fitted), valuesOf(test)];
  const shared = [...tested].filter((value) => known.has(value)).sort();
  const finding = findingOf(shared, tested.size, unit);
  if (isAllowed && shared.length > 0) finding.verdict = 'by design';
  return withNames(finding, shared, tested);
}

function findByteDuplicates(clips: readonly Clip[], { test, fitted }: Sides): AuditFinding {
  const pathsOfHash = new Map<string, string[]>();
  for (const i of fitted) {
    const { sha256, path } = clips[i];
    pathsOfHash.set(sha256, [...(pathsOfHash.get(sha256) ?? []), path]);
  }
  const found = [...test].flatMap((i) => {
    const other = pathsOfHash.get(clips[i].sha256)?.find((path) => path !== clips[i].path);
    return other === undefined ? [] : [`${clips[i].path} = ${other}`];
  });
  return findingOf(found, test.size, 'test clips');
}

function findSharedNearDuplicates(
  clips: readonly Clip[],
  { test, fitted }: Sides,
  nearDuplicates: AuditOptions['nearDuplicates'],
): AuditFinding {
  const [tested, known] = [new Set(pathsOf(clips, test)), new Set(pathsOf(clips, fitted))];
  const found = new Map<string, string>();
  for (const { paths } of nearDuplicates?.pairs ?? []) {
    const [a, b] = paths;
    if (tested.has(a) && known.has(b)) found.set(a, `${a} ≈ ${b}`);
    if (tested.has(b) && known.has(a)) found.set(b, `${b} ≈ ${a}`);
  }
  const missed = new Set(nearDuplicates?.notComparedPaths);
  const compared = [...tested].filter((path) => !missed.has(path)).length;
  const finding = findingOf([...found.values()], compared, 'test clips');
  if (!nearDuplicates) return { ...finding, verdict: 'not checked' };
  if (missed.size === 0) return finding;
  const remark = `${countOf(missed.size, 'clip')} could not be compared`;
  return { ...finding, remark, ...(compared === 0 && tested.size > 0 && { verdict: 'not checked' }) };
}

function findTrainedValidation(clips: readonly Clip[], { train, validation }: Sides): AuditFinding {
  const [checked, trained] = [pathsOf(clips, validation), new Set(pathsOf(clips, train))];
  const found = checked.filter((path) => trained.has(path));
  return withNames(findingOf(found, checked.length, 'validation clips'), found, checked);
}

function findAugmented(
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  { validation, test }: Split,
): AuditFinding {
  const original = versions.indexOf('original');
  const heldOut = [...validation, ...test];
  const nameOf = (row: number): string =>
    `${clips[Math.floor(row / versions.length)].path} (${versions[row % versions.length]})`;
  const found = heldOut.filter((row) => row % versions.length !== original).map(nameOf);
  return withNames(findingOf(found, heldOut.length, 'rows held out'), found, heldOut.map(nameOf));
}

/** @param versions - number of rows that count as one clip; 1 under a protocol that divides rows */
function scalerStatement(
  scaler: NonNullable<AuditOptions['scaler']>,
  { train, test }: Split,
  versions: number,
): AuditStatement {
  if (scaler === 'none') return { value: 'none', verdict: 'ok' };
  if (scaler === 'per speaker') {
    return { value: 'each speaker, test speakers too (transductive)', verdict: 'by design' };
  }
  const unitOf = (row: number): number => Math.floor(row / versions);
  const [trained, tested] = [train, test].map((rows) => new Set(Array.from(rows, unitOf)));
  const fromTest = scaler.filter((row) => tested.has(unitOf(row))).length;
  if (fromTest > 0) {
    const what = versions === 1 ? 'test rows' : 'rows of test clips';
    return { value: `${formatCount(fromTest)} ${what} among others`, verdict: 'LEAK' };
  }
  const isTraining = scaler.every((row) => trained.has(unitOf(row)));
  return { value: isTraining ? 'training rows' : 'training and validation rows', verdict: 'ok' };
}

function selectionStatement(selection: NonNullable<AuditOptions['selection']>): AuditStatement {
  if (selection === 'none') return { value: 'nothing is selected', verdict: 'ok' };
  if (selection === 'last epoch') return { value: 'no rows: the last epoch is kept', verdict: 'ok' };
  return { value: `${selection} rows`, verdict: selection === 'test' ? 'LEAK' : 'ok' };
}

/** Lists what leaks, with examples. */
function leakMessage({ protocol, split, findings, scaler, selection }: Audit): string {
  const lines = (Object.keys(auditChecks) as AuditCheck[]).flatMap((check) => {
    const { count, of, unit, verdict, examples } = findings[check];
    if (verdict !== 'LEAK') return [];
    return [
      `${auditChecks[check]}: ${formatCount(count)} of ${formatCount(of)} ${unit} (${examples.map(printable).join('; ')}${count > examples.length ? '; …' : ''})`,
    ];
  });
  if (scaler.verdict === 'LEAK') lines.push(`the scaler is fitted to ${scaler.value}`);
  if (selection.verdict === 'LEAK')
    lines.push(`epochs and hyperparameters are selected by ${selection.value}`);
  const hint =
    findings.nearDuplicates.verdict === 'LEAK'
      ? '\npass nearDuplicates to makeSplits to keep them together'
      : '';
  return `the split ${JSON.stringify(split)} breaks the rules of the protocol ${protocol}:\n  ${lines.join('\n  ')}${hint}`;
}

/** @throws {@link InvalidArgumentError} if a row is not in the set */
function clipsOf(rows: Int32Array, { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>): Set<number> {
  const indices = new Set<number>();
  for (const row of rows) {
    const clip = Math.floor(row / versions.length);
    if (!(row >= 0 && clip < clips.length)) {
      throw new InvalidArgumentError(
        'split',
        `a division of rows 0 to ${clips.length * versions.length - 1}`,
        row,
      );
    }
    indices.add(clip);
  }
  return indices;
}

const pathsOf = (clips: readonly Clip[], indices: Iterable<number>): string[] =>
  Array.from(indices, (i) => clips[i].path);
