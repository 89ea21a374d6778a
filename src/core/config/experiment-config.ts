import { canonicalHash, canonicalJson, InvalidArgumentError } from '../base';
import { UnknownNameError } from '../features';
import type { ExperimentChanges, ExperimentConfig, OptionPath, OptionValues } from './experiment';
import { checkPath, checkValue, declarationOf, defaultConfig, optionPaths, setOption } from './options';
import { checkedFeatures, checkTogether } from './option-rules';
import { isPreset, type PresetName, presetNames, presets } from './presets';

/**
 * Makes the config of an experiment from a preset or another config, with changes, and checks it.
 *
 * @param start - name of a preset, or a config; options missing in a config have their defaults
 * @param changes - nested like a config, or by path: `{ 'training.epochs': 10 }`; later changes override earlier ones
 * @returns a new config
 * @throws {@link InvalidArgumentError} that names the option, its rule and the value; an unknown preset or option with the
 *   nearest name
 * @example
 * ```ts
 * const config = experimentConfig('compact', { training: { epochs: 10 } }, settingsFromEnvironment());
 * ```
 */
export function experimentConfig(
  start: PresetName | ExperimentConfig = 'compact',
  ...changes: readonly (ExperimentChanges | OptionValues)[]
): ExperimentConfig {
  if (typeof start === 'object') {
    const { name, ...options } = start;
    if (!isPreset(name)) throw new UnknownNameError('preset', name, presetNames);
    // Not from the preset: a config that was stored must not change when its preset does.
    return changed({ name, ...defaultConfig }, [storedOptions(options), ...changes]);
  }
  if (!isPreset(start)) throw new UnknownNameError('preset', start, presetNames);
  return changed(presets[start], changes);
}

/** A config with changes, checked. */
function changed(
  base: ExperimentConfig,
  changes: readonly (ExperimentChanges | OptionValues)[],
): ExperimentConfig {
  const config = structuredClone(base);
  for (const change of changes) {
    for (const [path, value] of optionsIn(change)) {
      const own = path === 'dataset.fold' ? foldText(value) : value;
      checkValue(path, own);
      setOption(config, path, structuredClone(own));
    }
  }
  checkTogether(config);
  return config;
}

/** Version 0.1 stored the number of a fold as a number, counted from 0. */
function storedOptions(options: Omit<ExperimentConfig, 'name'>): ExperimentChanges {
  const { fold } = (options as { dataset?: { fold?: unknown } }).dataset ?? {};
  return typeof fold === 'number' ? { ...options, dataset: { ...options.dataset, fold: fold + 1 } } : options;
}

/** A fold in one spelling: 2, `2` and `fold 2` are `2`. */
function foldText(fold: unknown): unknown {
  if (typeof fold === 'number') return String(fold);
  return typeof fold === 'string' ? fold.replace(/^fold (?=[1-9]\d*$)/i, '') : fold;
}

/** The options that a change sets, by path; undefined leaves an option unchanged. */
function optionsIn(change: object, group = ''): [OptionPath, unknown][] {
  return Object.entries(change as Record<string, unknown>).flatMap(([key, value]) => {
    const path = group + key;
    if (value === undefined) return [];
    if (!optionPaths.some((known) => known.startsWith(`${path}.`))) {
      checkPath(path);
      return [[path, value] as [OptionPath, unknown]];
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InvalidArgumentError(path, 'an object of options', value);
    }
    return optionsIn(value, `${path}.`);
  });
}

/** All options of a config with their values, including features that are the paper's. */
export function optionsOf(config: Omit<ExperimentConfig, 'name'>): Map<OptionPath, unknown> {
  const whole = { ...config, features: checkedFeatures(config.features) };
  const valueAt = (path: OptionPath) =>
    path.split('.').reduce<unknown>((group, key) => (group as Record<string, unknown>)[key], whole);
  return new Map(optionPaths.map((path) => [path, valueAt(path)]));
}

/** An option with different values in two configs. */
export interface ConfigDifference {
  option: OptionPath;
  value: unknown;
  /** its value in the other config */
  from: unknown;
}

/**
 * Compares a config with another one, by default with its preset.
 *
 * @returns the differing options in their order; empty if both are the same experiment
 */
export function configDifferences(
  config: ExperimentConfig,
  base: ExperimentConfig = presets[config.name as PresetName],
): ConfigDifference[] {
  const from = optionsOf(base);
  return [...optionsOf(config)]
    .map(([option, value]) => ({ option, value, from: from.get(option) }))
    .filter((difference) => canonicalJson(difference.value) !== canonicalJson(difference.from));
}

/**
 * Identifies an experiment: configs with the same option values have the same hash. The preset does not matter, nor whether a
 * default is given or left out.
 *
 * @returns 32 hex digits
 */
export function configHash(config: ExperimentConfig): string {
  const options = optionsOf(config);
  const { fold } = config.dataset;
  if (/^[1-9]\d*$/.test(fold)) options.set('dataset.fold', Number(fold) - 1); // as version 0.1 stored it
  for (const [option, value] of laterOptions) if (options.get(option) === value) options.delete(option);
  return canonicalHash(Object.fromEntries(options));
}

/** Options added after the first records were committed: at these values they do not change the hash. */
const laterOptions: readonly [OptionPath, unknown][] = [
  ['dataset.testVersions', 'original'],
  ['dataset.trainOn', 'others'],
  ['dataset.testOn', 'none'],
  ['labels', null],
  ['features.levelDb', null],
  ['features.trimDb', null],
  ['training.versionsPerEpoch', null],
  ['training.originalShare', null],
  ['training.target', 'intended'],
];

/**
 * A config as text, one option per line. Lines that differ from the preset start with `*` and show the preset's value; features
 * equal to the paper's are left out.
 */
export function formatConfig(config: ExperimentConfig): string {
  const changed = new Map(configDifferences(config).map((difference) => [difference.option, difference]));
  const lines = [`experiment from preset ${config.name}, hash ${configHash(config).slice(0, 8)}`];
  let openGroup = '';
  for (const [option, value] of optionsOf(config)) {
    const difference = changed.get(option);
    const [first, ...rest] = option.split('.');
    const isPaperFeature = first === 'features' && !Object.hasOwn(config.features, rest[0]);
    if (isPaperFeature && !difference) continue;
    if (rest.length > 0 && first !== openGroup) lines.push(`  ${first}`);
    openGroup = first;
    const name = rest.length > 0 ? `  ${rest.join('.')}` : first;
    const note = difference ? ` (preset: ${valueText(difference.from)})` : '';
    lines.push(`${difference ? '*' : ' '} ${name}: ${valueText(value)}${note}`);
  }
  return lines.join('\n');
}

/**
 * All options as text, for `--help`: path and value, then description and rule, on two lines.
 *
 * @param config - values to show; default the declared defaults
 */
export function formatOptions(config: Omit<ExperimentConfig, 'name'> = defaultConfig): string {
  return [...optionsOf(config)]
    .map(([path, value]) => {
      const { description, rule } = declarationOf(path);
      return `${path}=${valueText(value)}\n    ${sentence(description)} ${sentence(rule)}`;
    })
    .join('\n');
}

const sentence = (text: string): string => `${text[0].toUpperCase()}${text.slice(1)}.`;

/** A value as it is written after `--set option=`. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(',');
  return JSON.stringify(value);
}

/**
 * Parses settings as written on a command line: `training.epochs=10`, `corpora=RAVDESS,SAVEE`, `model.svmGamma=scale`,
 * `training.clipNorm=null`; structures are written as JSON.
 *
 * @param texts - each `option=value`; the last one for an option wins
 * @param source - where the texts come from, for error messages
 * @throws {@link InvalidArgumentError} if there is no `=`, the option is unknown, or the value breaks its rule
 */
export function parseSettings(texts: readonly string[], source = '--set'): OptionValues {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      if (equals < 1) throw new InvalidArgumentError(source, 'of the form training.epochs=10', text);
      const path = text.slice(0, equals).trim();
      checkPath(path);
      return [path, parseValue(path, text.slice(equals + 1).trim())];
    }),
  );
}

/**
 * Parses settings from the environment variable `SER_SET`, separated by spaces: `SER_SET="training.epochs=3 model.width=64"`.
 * They change the config of a notebook without editing it.
 *
 * @param environment - such as `process.env`
 * @throws {@link InvalidArgumentError} as {@link parseSettings} does
 */
export function settingsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): OptionValues {
  const text = environment.SER_SET?.trim();
  if (text !== undefined && text.length > maxSettings)
    throw new InvalidArgumentError('SER_SET', `at most ${maxSettings} characters long`, text.length);
  // A space inside a value, as in the name of a corpus, is not followed by `option=`.
  return text ? parseSettings(text.split(/\s+(?=[\w.+-]+\s*=)/), 'SER_SET') : {};
}

/** Longer texts would take quadratic time. */
const maxSettings = 10_000;

/** The first interpretation of a text that is valid for the option: JSON or a number, plain text, a list. */
function parseValue(path: OptionPath, text: string): unknown {
  const plain = parsePlain(text);
  const list = text.split(',').map((item) => item.trim());
  const { schema, type } = declarationOf(path);
  const value = [plain, text, list].find((reading) => !schema.safeParse(reading).error);
  if (value === undefined) checkValue(path, type === 'list' && typeof plain === 'string' ? list : plain);
  return value;
}

function parsePlain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Numbers that JSON does not allow: .5
    return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  }
}
