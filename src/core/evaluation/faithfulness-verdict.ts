import type { Faithfulness } from './faithfulness';
import { percent } from './format-score';

/** Above this, chance explains the difference as well. */
const level = 0.05;

/** What a check of explanations says, in words: whether the pictures may be believed. */
export function faithfulnessVerdict({
  meanArea,
  pValue,
  areas,
}: Pick<Faithfulness, 'meanArea' | 'pValue' | 'areas'>): string {
  const rows = areas.length === 1 ? 'one row' : `${areas.length} rows`;
  const p = pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`;
  if (pValue > level) {
    return `Not shown to be faithful (${p}, ${rows}): covering what the maps call important lowers the probability no faster than covering at random can. Do not read the maps.`;
  }
  return `Faithful (${p}, ${rows}): with what the maps call important covered first, the probability lies ${percent(meanArea)} points lower on average than with parts covered at random.`;
}
