import { formatPercent } from '../../core/base';
import { colorOf } from './class-colors';

/**
 * The probability of each class as a bar with its number, and a line at the threshold.
 *
 * @param props.probabilities - in the order of the classes; undefined: no prediction
 * @param props.threshold - 0 to 1
 */
export function ProbabilityBars({
  classes,
  probabilities,
  threshold,
}: {
  classes: readonly string[];
  probabilities: readonly number[] | undefined;
  threshold: number;
}) {
  const best = probabilities?.indexOf(Math.max(...probabilities));
  return (
    <ul class="bars">
      {classes.map((name, k) => {
        const share = probabilities?.[k] ?? 0;
        return (
          <li key={name} class={k === best ? 'best' : ''}>
            <span class="bar-name">{name}</span>
            <span class="bar-track" aria-hidden="true">
              <span
                class="bar-fill"
                style={{ width: `${100 * share}%`, background: colorOf(name, classes) }}
              />
              {threshold > 0 && threshold < 1 && (
                <span class="bar-threshold" style={{ left: `${100 * threshold}%` }} />
              )}
            </span>
            <span class="bar-value">{probabilities ? formatPercent(share) : '–'}</span>
          </li>
        );
      })}
    </ul>
  );
}
