import type { SplitTemperature } from './calibrate-by-split';
import type { Calibration } from './calibration';
import { percent } from './format-score';
import { protocolMark, protocolText } from './under-protocol';

/**
 * Whether a model is right as often as it says, before and after temperature scaling, as text; the protocol is in the first
 * line, and at the end of every line with a score.
 *
 * @param temperatures - of the models behind `after`
 */
export function formatCalibration(
  before: Calibration,
  after: Calibration,
  temperatures: readonly SplitTemperature[],
): string {
  const line = ({ ece, confidence, accuracy }: Calibration): string =>
    `ECE ${percent(ece)} points: ${percent(confidence)} % sure, ${percent(accuracy)} % right (${protocolMark(before)})`;
  const fitted = temperatures.filter(({ rows }) => rows > 0).map(({ temperature }) => temperature);
  const [lowest, highest] = [Math.min(...fitted), Math.max(...fitted)].map((value) => value.toFixed(2));
  const range = lowest === highest ? lowest : `${lowest} to ${highest}`;
  return [
    `Protocol: ${protocolText(before)}`,
    `as predicted ${line(before)}`,
    fitted.length === 0
      ? 'There are no validation rows to fit a temperature on.'
      : `at ${range.padEnd(9)} ${line(after)}; temperature fitted on validation rows`,
    '',
  ].join('\n');
}
