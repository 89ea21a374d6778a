import { countOf, firstOf, formatCount, printable } from './text';

/** Number of items with a name. A list rather than an object, because names come from files and may be `__proto__`. */
export interface Tally {
  name: string;
  count: number;
}

/** Items that a step left out, the reasons, and the classes and speakers affected. Plain data for reports, run records and JSON. */
export interface LeftOut {
  /** kind of item and step: `files not loaded`, `clips without features` */
  what: string;
  count: number;
  /** by emotion, most frequent first; items of unknown emotion are not counted */
  classes: Tally[];
  /** by speaker, most frequent first; items of unknown speaker are not counted */
  speakers: Tally[];
  /** most frequent first; reasons that differ only in numbers and quoted text are counted together, under the first of them */
  reasons: Tally[];
  /** names of the first three items */
  examples: string[];
}

/** Clips that are left out because of their labels. This is intended, so it needs no warning. */
export const leftOutByLabel = {
  other: 'clips with other labels',
  map: 'clips left out by the label map',
} as const;

/** One item that is left out. */
export interface LeftOutItem {
  /** path, or path and line */
  name: string;
  reason: string;
  emotion?: string;
  speaker?: string;
}

/**
 * Counts items that were left out.
 *
 * @param what - kind of item and step, as in `clips without features`
 * @returns one element, or none if there are no items; spread it into a list
 * @example
 * ```ts
 * leftOutOf('clips without features', [{ name: 'a.wav', reason: 'it is too short', emotion: 'sad' }])[0].count; // 1
 * ```
 */
export function leftOutOf(what: string, items: readonly LeftOutItem[]): LeftOut[] {
  if (items.length === 0) return [];
  const tally = (keyOf: (item: LeftOutItem) => string | undefined, nameOf = keyOf): Tally[] => {
    const tallies = new Map<string, Tally>();
    for (const item of items) {
      const key = keyOf(item);
      if (key === undefined) continue;
      const found = tallies.get(key);
      if (found) found.count++;
      else tallies.set(key, { name: nameOf(item)!, count: 1 });
    }
    return [...tallies.values()].sort((a, b) => b.count - a.count);
  };
  return [
    {
      what,
      count: items.length,
      classes: tally(({ emotion }) => emotion),
      speakers: tally(({ speaker }) => speaker),
      reasons: tally(
        ({ reason }) => reason.replace(/"[^"]*"|\d+(\.\d+)?/g, '#'),
        ({ reason }) => reason,
      ),
      examples: items.slice(0, 3).map(({ name }) => name),
    },
  ];
}

/** Whether a value read from a file is a list of {@link LeftOut}. */
export function isLeftOutList(value: unknown): value is LeftOut[] {
  const isObject = (item: unknown): item is Record<string, unknown> =>
    typeof item === 'object' && item !== null;
  const isTallies = (tallies: unknown): boolean =>
    Array.isArray(tallies) &&
    tallies.every((item) => isObject(item) && typeof item.name === 'string' && Number.isFinite(item.count));
  return (
    Array.isArray(value) &&
    value.every(
      (item) =>
        isObject(item) &&
        typeof item.what === 'string' &&
        Number.isFinite(item.count) &&
        [item.classes, item.speakers, item.reasons].every(isTallies) &&
        Array.isArray(item.examples) &&
        item.examples.every((name) => typeof name === 'string'),
    )
  );
}

/** Emotions of left-out items that no remaining clip has. */
export function lostClasses(leftOut: readonly LeftOut[], kept: readonly { emotion: string }[]): string[] {
  const present = new Set(kept.map(({ emotion }) => emotion));
  const lost = leftOut.flatMap(({ classes }) => classes.map(({ name }) => name));
  return [...new Set(lost)].filter((name) => !present.has(name));
}

/**
 * Formats what was left out, one line per element.
 *
 * @param maxLines - with more elements, the last line only counts the remaining ones; at least 1
 * @returns for example `12 clips without features (it is too short: it ends at 0.4 s …); sad 8, angry 4; 3 speakers`
 */
export function formatLeftOut(leftOut: readonly LeftOut[], maxLines = 3): string[] {
  const lines = leftOut.map(lineOf);
  if (lines.length <= maxLines) return lines;
  const rest = leftOut.slice(maxLines - 1);
  const texts = rest.map(counted);
  return [...lines.slice(0, maxLines - 1), texts.join('; ')];
}

/** `12 clips without features`, `1 clip without features`. */
function counted({ what, count }: Pick<LeftOut, 'what' | 'count'>): string {
  const singular = what.replace(
    /\b(clip|file|fold|recording)s\b|\bcopies\b/,
    (_, noun?: string) => noun ?? 'copy',
  );
  return `${formatCount(count)} ${count === 1 ? singular : what}`;
}

function lineOf({ what, count, classes, speakers, reasons, examples }: LeftOut): string {
  const parts = [
    `${counted({ what, count })} (${firstOf(reasons.map(reasonText), 2)})`,
    ...classesAndSpeakers({ classes, speakers }),
    `for example ${printable(examples[0])}`,
  ];
  return parts.join('; ');
}

/** The classes with their counts, and the number of speakers; either is missing if unknown. */
export function classesAndSpeakers({ classes, speakers }: Pick<LeftOut, 'classes' | 'speakers'>): string[] {
  const counts = classes.map(({ name, count }) => `${printable(name)} ${formatCount(count)}`);
  return [
    ...(counts.length > 0 ? [firstOf(counts, 7)] : []),
    ...(speakers.length > 0 ? [countOf(speakers.length, 'speaker')] : []),
  ];
}

/** Maximum length of a reason in a line; the record contains the full text. */
const maxReasonLength = 100;

function reasonText({ name, count }: Tally, _: number, all: readonly Tally[]): string {
  const text = printable(name);
  const short = text.length > maxReasonLength ? `${text.slice(0, maxReasonLength)}…` : text;
  return all.length > 1 ? `${short}: ${formatCount(count)}` : short;
}
