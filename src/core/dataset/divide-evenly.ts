import type { Random } from '../base';

export interface DivideOptions {
  /** items with the same key stay together */
  keyOf: (item: number) => string;
  /** what is to be spread evenly: names of the strata that an item counts in */
  strataOf: (item: number) => readonly string[];
  /** the part of the whole that each part is to have; they add up to 1 */
  shares: readonly number[];
  random: Random;
}

interface Unit {
  items: number[];
  counts: Map<string, number>;
}

/**
 * Divides items into parts of given shares, so that what belongs together stays together and every stratum is spread over
 * the parts as evenly as that allows.
 *
 * Greedy: the largest unit first (equal ones in a seeded order), each to the part where it adds least to the sum, over the
 * strata, of (count − target)² / target. The order of the items does not matter.
 *
 * @returns the items of each part; a part may be empty where there are fewer units than parts
 * @see the same idea in scikit-learn's StratifiedGroupKFold
 */
export function divideEvenly(
  items: readonly number[],
  { keyOf, strataOf, shares, random }: DivideOptions,
): number[][] {
  const totals = new Map<string, number>();
  const units = new Map<string, Unit>();
  for (const item of items) {
    const key = keyOf(item);
    const unit = units.get(key) ?? { items: [], counts: new Map<string, number>() };
    units.set(key, unit);
    unit.items.push(item);
    for (const stratum of strataOf(item)) {
      unit.counts.set(stratum, (unit.counts.get(stratum) ?? 0) + 1);
      totals.set(stratum, (totals.get(stratum) ?? 0) + 1);
    }
  }
  const byKey = [...units].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, unit]) => unit);
  const queue = random.shuffle(byKey).sort((a, b) => b.items.length - a.items.length);

  const parts = shares.map((share) => ({ share, items: [] as number[], counts: new Map<string, number>() }));
  const candidates = random.shuffle(parts); // so that ties do not always go to the first part
  for (const unit of queue) {
    let best = candidates[0];
    let least = Infinity;
    for (const part of candidates) {
      let cost = 0;
      for (const [stratum, count] of unit.counts) {
        const target = part.share * totals.get(stratum)!;
        cost += (count * (count + 2 * ((part.counts.get(stratum) ?? 0) - target))) / target;
      }
      // Costs that differ only in rounding are equal.
      if (cost < least - 1e-9) [best, least] = [part, cost];
    }
    best.items.push(...unit.items);
    for (const [stratum, count] of unit.counts)
      best.counts.set(stratum, (best.counts.get(stratum) ?? 0) + count);
  }
  return parts.map((part) => part.items);
}

/** So many equal shares. */
export const equalShares = (count: number): number[] => Array.from({ length: count }, () => 1 / count);
