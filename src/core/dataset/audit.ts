import { type Clip, formatCount, InvalidArgumentError, WorkbenchError } from '../base';
import type { FeatureSet } from '../features';
import { sentenceOf } from './labels';
import { type DuplicateSearch, searchNotes } from './duplicate-search';
import type { NearDuplicate, NearDuplicateList } from './near-duplicates';
import { protocolCards, type ProtocolName, protocolNames } from './protocols';
import type { Split } from './splits';

/** `by design`: shared data that the protocol's card allows. */
export type AuditVerdict = 'ok' | 'by design' | 'LEAK' | 'not checked';

/** Result of one check: how much of the test data also occurs elsewhere. */
export interface AuditFinding {
  count: number;
  /** number checked */
  of: number;
  unit: string;
  verdict: AuditVerdict;
  /** up to three names */
  examples: string[];
  /** what was not checked */
  remark?: string;
}

/** How a model is prepared or selected. */
export interface AuditStatement {
  value: string;
  verdict: AuditVerdict;
}

/** Description of each check, in the order of the printed audit. */
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

/** Overlap between the test set of a split and the data that the model is fitted to (training and validation). */
export interface Audit {
  protocol: ProtocolName;
  /** the split's name */
  split: string;
  rows: { train: number; validation: number; test: number };
  /**
   * - `siblings`: test rows of clips that are in training or validation, in any version
   * - `speakers`, `sentences`: test speakers or sentences that also occur there; unknown ones are not counted
   * - `byteDuplicates`, `nearDuplicates`: test clips with the same bytes or nearly the same audio as another clip there
   * - `validation`: validation clips that are in training
   * - `augmented`: augmented rows in validation and test
   */
  findings: Record<AuditCheck, AuditFinding>;
  /** rows that the scaler was fitted to */
  scaler: AuditStatement;
  /** how epochs and hyperparameters are selected */
  selection: AuditStatement;
  /** notes of the split */
  notes: readonly string[];
  /** whether no check found a leak */
  ok: boolean;
}

type FoundDuplicates = readonly Pick<NearDuplicate, 'paths'>[] & Pick<NearDuplicateList, 'notComparedPaths'>;

export interface AuditOptions {
  protocol: ProtocolName;
  /** results of `findNearDuplicates` or of a search that lists what it left out; without them the audit reports `not checked` */
  nearDuplicates?: FoundDuplicates | DuplicateSearch;
  /** rows that the scaler was fitted to, `per speaker` or `none`; default the training rows */
  scaler?: Int32Array | 'per speaker' | 'none';
  /**
   * rows that epochs and hyperparameters are selected by; `last epoch`: nothing is selected; default validation, or none without
   * validation rows
   */
  selection?: 'validation' | 'training' | 'test' | 'last epoch' | 'none';
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
 * const audit = auditSplit(set, split, { protocol: 'speakers', nearDuplicates: findNearDuplicates(set) });
 * console.log(formatAudit(audit));
 * ```
 */
export function auditSplit(
  set: Pick<FeatureSet, 'clips' | 'versions'>,
  split: Split,
  { protocol, nearDuplicates, scaler = split.train, selection }: AuditOptions,
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
    const finding = sharedValues(clips, sides, valueOf, `test ${what}`);
    return finding.count > 0 && mayShare.includes(what) ? { ...finding, verdict: 'by design' } : finding;
  };
  const findings: Audit['findings'] = {
    siblings: findSiblings(set, split, sides),
    speakers: findShared('speakers', ({ speaker }) => speaker),
    sentences: findShared('sentences', sentenceOf),
    byteDuplicates: findByteDuplicates(clips, sides),
    nearDuplicates: findSharedNearDuplicates(clips, sides, nearDuplicates),
    validation: findingOf(
      pathsOf(
        clips,
        [...validation].filter((i) => train.has(i)),
      ),
      validation.size,
      'validation clips',
    ),
    augmented: findAugmented(set, split),
  };
  const audit: Audit = {
    protocol,
    split: split.name,
    rows: { train: split.train.length, validation: split.validation.length, test: split.test.length },
    findings,
    scaler: scalerStatement(scaler, split, mayShare.includes('clips') ? 1 : set.versions.length),
    selection: selectionStatement(selection ?? (validation.size > 0 ? 'validation' : 'none')),
    notes: [...(split.notes ?? []), ...(isSearch(nearDuplicates) ? searchNotes(nearDuplicates) : [])],
    ok: false,
  };
  audit.ok = [...Object.values(findings), audit.scaler, audit.selection].every(
    ({ verdict }) => verdict !== 'LEAK',
  );
  if (!audit.ok && !isLeaky) throw new WorkbenchError(leakMessage(audit));
  return audit;
}

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
  unit: string,
): AuditFinding {
  const valuesOf = (indices: ReadonlySet<number>): Set<string> =>
    new Set([...indices].flatMap((i) => valueOf(clips[i]) ?? []));
  const [known, tested] = [valuesOf(fitted), valuesOf(test)];
  return findingOf([...tested].filter((value) => known.has(value)).sort(), tested.size, unit);
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
  for (const {
    paths: [a, b],
  } of isSearch(nearDuplicates) ? nearDuplicates.pairs : (nearDuplicates ?? [])) {
    if (tested.has(a) && known.has(b)) found.set(a, `${a} ≈ ${b}`);
    if (tested.has(b) && known.has(a)) found.set(b, `${b} ≈ ${a}`);
  }
  const missed = new Set(nearDuplicates?.notComparedPaths);
  const compared = [...tested].filter((path) => !missed.has(path)).length;
  const finding = findingOf([...found.values()], compared, 'test clips');
  if (!nearDuplicates) return { ...finding, verdict: 'not checked' };
  if (missed.size === 0) return finding;
  const remark = `${formatCount(missed.size)} ${missed.size === 1 ? 'clip' : 'clips'} could not be compared`;
  return { ...finding, remark, ...(compared === 0 && tested.size > 0 && { verdict: 'not checked' }) };
}

const isSearch = (found: AuditOptions['nearDuplicates']): found is DuplicateSearch =>
  found !== undefined && 'pairs' in found;

function findAugmented(
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  { validation, test }: Split,
): AuditFinding {
  const original = versions.indexOf('original');
  const rows = [...validation, ...test].filter((row) => row % versions.length !== original);
  const names = rows.map(
    (row) => `${clips[Math.floor(row / versions.length)].path} (${versions[row % versions.length]})`,
  );
  return findingOf(names, validation.length + test.length, 'rows held out');
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

function findingOf(found: readonly string[], of: number, unit: string): AuditFinding {
  const verdict = found.length === 0 ? 'ok' : 'LEAK';
  return { count: found.length, of, unit, verdict, examples: found.slice(0, 3) };
}

/** Lists what leaks, with examples. */
function leakMessage({ protocol, split, findings, scaler, selection }: Audit): string {
  const lines = (Object.keys(auditChecks) as AuditCheck[]).flatMap((check) => {
    const { count, of, unit, verdict, examples } = findings[check];
    if (verdict !== 'LEAK') return [];
    return [
      `${auditChecks[check]}: ${formatCount(count)} of ${formatCount(of)} ${unit} (${examples.join('; ')}${count > examples.length ? '; …' : ''})`,
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
