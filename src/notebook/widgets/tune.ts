import { InvalidArgumentError } from '../../core/base';
import {
  describeOption,
  experimentConfig,
  type ExperimentConfig,
  type OptionDescription,
  type OptionPath,
  optionsOf,
  valueText,
} from '../../core/config';
import {
  type Control,
  type ControlOptions,
  type Controls,
  type ControlValues,
  dropdown,
  text,
} from './controls';
import { hidden } from '../show';
import { logSlider, slider } from './sliders';
import { interact, type RenderContext } from './interact';

/** Computes what a cell of {@link tune} displays, from the changed config. */
export type RenderConfig<Values> = (
  config: ExperimentConfig,
  context: RenderContext & { values: Values },
) => unknown;

/** Options of {@link tune}. */
export interface TuneOptions<C extends Controls> {
  /** further controls by name, for example a button; a control named like an option replaces that of the option */
  controls?: C;
  /** name of a button among `controls`: only a click on it runs `render` */
  on?: keyof C & string;
}

/** The state of a cell of {@link tune}. */
export interface Tuning {
  /** the config with the current values of the controls */
  readonly config: ExperimentConfig;
}

/**
 * Shows controls for options of a config, made from their declarations (type, range, choices, description), and below them the result
 * of `render`, as {@link interact} does.
 *
 * @param paths - options, for example `features.nMels` or `training.learningRate`
 * @param render - gets the changed config; a combination that is not allowed is shown as an error instead
 * @returns the current config, for use in other cells
 * @throws `UnknownNameError` with the nearest option, or {@link InvalidArgumentError} for an option that needs a control in `controls`
 * @example
 * ```ts
 * const tuned = await ser.tune(config, ['features.nMels', 'features.hopLength'], ({ features }) =>
 *   ser.figures.spectrogram(ser.dsp.logMel(voice, features), { title: 'Log-mel', source, sampleRate }),
 * );
 * await ser.runExperiment(tuned.config, { corpora });
 * ```
 */
export async function tune<C extends Controls = Controls>(
  config: ExperimentConfig,
  paths: readonly OptionPath[],
  render: RenderConfig<ControlValues<C>>,
  { controls, on }: TuneOptions<C> = {},
): Promise<Tuning> {
  if (paths.length === 0) throw new InvalidArgumentError('paths', 'at least one option', paths);
  const values = optionsOf(config);
  const all: Record<string, Control<unknown>> = {};
  for (const path of paths) {
    const option = describeOption(path);
    all[path] = (controls as Controls | undefined)?.[path] ?? controlOf(option, values.get(path));
  }
  Object.assign(all, controls);
  const changed = (some: Record<string, unknown>): ExperimentConfig =>
    experimentConfig(config, Object.fromEntries(paths.map((path) => [path, some[path]])));
  const cell = await interact<Controls>(
    all,
    (some, context) => render(changed(some), { ...context, values: some as ControlValues<C> }),
    on === undefined ? {} : { on },
  );
  return hidden({
    get config() {
      return changed(cell.values);
    },
  });
}

/** The control of an option. */
function controlOf(option: OptionDescription, value: unknown): Control<unknown> {
  const { path, type, rule, choices, sweep, or } = option;
  const about: ControlOptions = {
    label: path.slice(path.indexOf('.') + 1),
    description: `${option.description}: ${rule}`,
  };
  if (type === 'object')
    throw new InvalidArgumentError(
      'paths',
      'options with a single value, unless their control is in controls',
      path,
    );
  if (type === 'list') {
    if (Array.isArray(sweep)) return oneOf([value, ...(sweep as unknown[])], value, about);
    return listOfNames(value, or, about);
  }
  if (choices)
    return oneOf(type === 'integer' ? near(choices as number[], value as number) : choices, value, about);
  if (or !== undefined) return oneOf([or, ...candidates(option), value], value, about);
  return numberControl(option, value as number, about);
}

/** A list of distinct values. */
function oneOf(values: readonly unknown[], value: unknown, about: ControlOptions): Control<unknown> {
  const texts = new Map(values.map((one) => [JSON.stringify(one), one]));
  const isSorted = [...texts.values()].every((one) => typeof one === 'number' || one === null);
  const distinct = [...texts.values()];
  if (isSorted) distinct.sort((a, b) => ((a ?? -Infinity) as number) - ((b ?? -Infinity) as number));
  const current = texts.get(JSON.stringify(value));
  const name = (one: unknown): string =>
    one === null ? 'none' : Array.isArray(one) ? one.join(', ') : valueText(one);
  return dropdown(distinct, { value: current, text: name, ...about });
}

function listOfNames(value: unknown, word: unknown, about: ControlOptions): Control<unknown> {
  const line = text({ value: Array.isArray(value) ? value.join(', ') : String(value), ...about });
  const parsed = (names: string): unknown => {
    if (names.trim() === word) return word;
    return names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
  };
  return {
    initial: value,
    create: (...given) => {
      const { widget, read } = line.create(...given);
      return { widget, read: () => parsed(read()) };
    },
  };
}

/** The choices within a factor of 16 around a number. */
function near(choices: readonly number[], value: number): number[] {
  return choices.filter((one) => one >= value / 16 && one <= value * 16);
}

/** Some numbers to choose from, for an option that is a number or a keyword. */
function candidates({ sweep, min = 0, max = 10 }: OptionDescription): unknown[] {
  if (Array.isArray(sweep)) return sweep as unknown[];
  const { low, high, isLog } = sweepRange(sweep) ?? { low: min, high: Math.min(max, min + 9), isLog: false };
  const isInteger = sweep === undefined;
  const count = isInteger ? high - low + 1 : 5;
  return Array.from({ length: count }, (_, i) => {
    const share = i / Math.max(1, count - 1);
    const value = isLog ? low * (high / low) ** share : low + (high - low) * share;
    return isInteger ? Math.round(value) : Number(value.toPrecision(2));
  });
}

function sweepRange(sweep: unknown): { low: number; high: number; isLog: boolean } | undefined {
  if (typeof sweep !== 'object' || sweep === null) return undefined;
  const [[kind, range]] = Object.entries(sweep as Record<string, [number, number]>);
  return { low: range[0], high: range[1], isLog: kind === 'logUniform' };
}

/** A slider over the range of a sweep, or a range around the value, that contains the value and obeys the option's limits. */
function numberControl(
  { type, min = -Infinity, max = Infinity, sweep }: OptionDescription,
  value: number,
  about: ControlOptions,
): Control<number> {
  const isInteger = type === 'integer';
  const known = Array.isArray(sweep) ? (sweep as number[]) : undefined;
  const fromSweep = known ? undefined : sweepRange(sweep);
  if (fromSweep?.isLog && value > 0)
    return logSlider({
      min: Math.min(fromSweep.low, value),
      max: Math.max(fromSweep.high, value),
      value,
      ...about,
    });
  const [low, high] = fromSweep
    ? [fromSweep.low, fromSweep.high]
    : known
      ? [Math.min(...known) / 4, Math.max(...known) * 2]
      : [Math.min(0, value * 2), Math.max(1, Math.abs(value) * 2)];
  const step = isInteger ? (high - low > 5000 ? 10 : 1) : undefined;
  const bound = (limit: number): number => {
    const within = Math.min(max, Math.max(min, limit));
    return isInteger ? Math.round(within) : within;
  };
  return slider({
    min: Math.min(value, bound(low)),
    max: Math.max(value, bound(high)),
    value,
    ...(step !== undefined && { step }),
    ...about,
  });
}
