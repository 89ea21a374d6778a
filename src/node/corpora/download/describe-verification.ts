import type { ManifestComparison } from '../manifest';
import type { Verification } from './verify-corpora';

/** Names shown of each kind; the rest is counted. */
const shown = 10;

/**
 * A verification in words: a line for each corpus, the names that matter, and the total.
 *
 * @returns the lines, and whether every corpus that is present is whole and unaltered
 */
export function describeVerification({ corpora, other, unreadable }: Verification): {
  lines: string[];
  sound: boolean;
} {
  const lines = corpora.flatMap(({ corpus, clips, comparison }) => [
    `${corpus.padEnd(8)} ${sentence(comparison, clips)}`,
    ...names(
      'altered',
      comparison.altered.map(({ path }) => path),
    ),
    ...names('unknown', comparison.unknown),
    // Of a sample, the rest is not worth a list.
    ...(comparison.missing.length <= clips / 10 ? names('missing', comparison.missing) : []),
  ]);
  const matching = sum(corpora.map(({ comparison }) => comparison.matching.length));
  const clips = sum(corpora.map((corpus) => corpus.clips));
  if (corpora.length === 0) lines.push('none of the four corpora is here');
  if (corpora.length > 1) {
    const state = matching === clips ? 'complete' : 'a sample';
    lines.push(`together ${count(matching)} of ${count(clips)} clips: ${state}`);
  }
  if (other.length > 0) lines.push(`audio of none of the four corpora: ${count(other.length)} files`);
  lines.push(
    ...names(
      'unreadable',
      unreadable.map(({ path, reason }) => `${path}: ${reason}`),
    ),
  );
  const sound = corpora.every(({ comparison }) => comparison.complete && comparison.altered.length === 0);
  return { lines, sound: sound && corpora.length > 0 && unreadable.length === 0 };
}

function sentence(
  { matching, missing, altered, duplicates, complete }: ManifestComparison,
  clips: number,
): string {
  const parts = [];
  if (complete) parts.push('complete');
  else if (missing.length > clips / 10) parts.push('a sample');
  else if (missing.length > 0) parts.push(`${count(missing.length)} missing`);
  if (altered.length > 0) parts.push(`${count(altered.length)} altered`);
  if (duplicates.length > 0) parts.push(`${count(duplicates.length)} further copies`);
  return `${count(matching.length)} of ${count(clips)} clips: ${parts.join(', ')}`;
}

function names(kind: string, paths: readonly string[]): string[] {
  const rest = paths.length - shown;
  const listed = paths.slice(0, shown).map((path) => `  ${kind}: ${path}`);
  return rest > 0 ? [...listed, `  … and ${count(rest)} more ${kind}`] : listed;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
