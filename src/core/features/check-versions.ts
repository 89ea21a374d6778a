import { InvalidArgumentError } from '../base';
import type { Augmentation } from '../dsp';

/** Parameter of each kind of augmentation and its rule. */
const rules: Record<
  Augmentation['kind'],
  [name: string, rule: string, holds: (value: number) => boolean] | undefined
> = {
  paperNoise: undefined,
  noise: ['snrDb', 'a finite number of decibels', Number.isFinite],
  stretch: ['rate', 'a positive number', (rate) => rate > 0 && rate < Infinity],
  pitch: ['nSteps', 'within ten octaves (±120 semitones)', (steps) => Math.abs(steps) <= 120],
  shift: ['maxSec', 'a number of at least 0 (seconds)', (sec) => sec >= 0 && sec < Infinity],
};

/**
 * Checks the `versions` of a configuration.
 *
 * @throws {@link InvalidArgumentError} that names the version and the parameter
 */
export function checkVersions(
  versions: unknown,
): asserts versions is Record<string, readonly Augmentation[]> {
  const rule = 'an object with at least one list of augmentations, by name';
  if (typeof versions !== 'object' || versions === null || Array.isArray(versions)) {
    throw new InvalidArgumentError('versions', rule, versions);
  }
  const entries = Object.entries(versions as Record<string, unknown>);
  if (entries.length === 0) throw new InvalidArgumentError('versions', rule, versions);
  for (const [name, list] of entries) {
    if (!Array.isArray(list))
      throw new InvalidArgumentError(`versions.${name}`, 'a list of augmentations', list);
    for (const [i, item] of (list as unknown[]).entries()) checkOne(`versions.${name}[${i}]`, item);
  }
}

function checkOne(where: string, augmentation: unknown): void {
  const { kind, ...rest } = (augmentation ?? {}) as Record<string, unknown>;
  if (typeof kind !== 'string' || !Object.hasOwn(rules, kind)) {
    throw new InvalidArgumentError(`${where}.kind`, `one of ${Object.keys(rules).join(', ')}`, kind);
  }
  const parameter = rules[kind as Augmentation['kind']];
  for (const key of Object.keys(rest)) {
    if (key !== parameter?.[0]) {
      throw new InvalidArgumentError(
        `${where}.${key}`,
        `left out: ${kind} takes ${parameter?.[0] ?? 'nothing'}`,
        rest[key],
      );
    }
  }
  if (!parameter) return;
  const [name, rule, holds] = parameter;
  const value = rest[name];
  if (typeof value !== 'number' || !holds(value))
    throw new InvalidArgumentError(`${where}.${name}`, rule, value);
}
