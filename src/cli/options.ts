import { resolve } from 'node:path';
import { InvalidArgumentError, nearestName } from '../core/base';
import {
  type ExperimentConfig,
  experimentConfig,
  type OptionValues,
  parseSettings,
  type PresetName,
  presetNames,
  settingsFromEnvironment,
} from '../core/config';

/** One option of a command. `Value` is the type that the command receives. */
export interface CommandOption<Value> {
  kind: 'flag' | 'single' | 'repeated' | 'variadic';
  /** shown after the name in the help: `NAME` */
  placeholder?: string;
  help: string;
  parse: Parser<unknown>;
  default?: Value;
  /** the command fails without this option */
  isRequired?: boolean;
}

/** Options by their camelCase name: `testVersions` is `--test-versions` on the command line. */
export type OptionTable = Readonly<Record<string, CommandOption<unknown>>>;

/** The parsed values of a table of options. */
export type OptionValuesOf<Options extends OptionTable> = {
  [Name in keyof Options]: Options[Name] extends CommandOption<infer Value> ? Value : never;
};

/** Turns text into a value, or throws {@link InvalidValue}. */
export type Parser<Value> = ((text: string) => Value) & { choices?: readonly string[] };

/** An option without a value. */
export const flag = (help: string): CommandOption<boolean> => ({
  kind: 'flag',
  help,
  parse: text,
  default: false,
});

/** An option with a value; undefined when it is not given and has no default. */
export function option<Value>(
  placeholder: string,
  help: string,
  parse: Parser<Value>,
): CommandOption<Value | undefined>;
export function option<Value>(
  placeholder: string,
  help: string,
  parse: Parser<Value>,
  defaultValue: NoInfer<Value>,
): CommandOption<Value>;
export function option<Value>(
  placeholder: string,
  help: string,
  parse: Parser<Value>,
  defaultValue?: Value,
): CommandOption<Value | undefined> {
  return { kind: 'single', placeholder, help, parse, default: defaultValue };
}

/** An option that may be given several times. */
export const repeated = (placeholder: string, help: string): CommandOption<readonly string[]> => ({
  kind: 'repeated',
  placeholder,
  help: `${help} (repeatable)`,
  parse: text,
  default: [],
});

/** An option followed by several values: `<RUN...>`, or `[RUN...]` if there may be none; undefined when it is not given. */
export const variadic = (
  placeholder: string,
  help: string,
): CommandOption<readonly string[] | undefined> => ({
  kind: 'variadic',
  placeholder,
  help,
  parse: text,
});

/** Any text. */
export const text: Parser<string> = (value) => value;

/** A path, relative to the folder in which the user called npm. */
export const userPath: Parser<string> = (value) => resolve(process.env.INIT_CWD ?? process.cwd(), value);

/** Parses an integer in a range; by default, any safe integer. */
export const integer =
  (minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER): Parser<number> =>
  (value) => {
    const number = toNumber(value);
    if (Number.isSafeInteger(number) && number >= minimum && number <= maximum) return number;
    const isAny = minimum === Number.MIN_SAFE_INTEGER;
    const range =
      maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
    throw new InvalidValue(isAny ? 'an integer' : `an integer ${range}`, value);
  };

/** A number, `Infinity` included. */
export const number: Parser<number> = (value) => {
  const parsed = toNumber(value);
  if (!Number.isNaN(parsed)) return parsed;
  throw new InvalidValue('a number', value);
};

/** One of several names. Names are case-sensitive unless `normalise` changes the case. */
export function oneOf<const Name extends string>(
  names: readonly Name[],
  normalise: (name: string) => string = text,
): Parser<Name> {
  const parse = (value: string): Name => {
    const found = names.find((name) => normalise(name) === normalise(value));
    if (found !== undefined) return found;
    throw new InvalidValue(`one of ${names.join(', ')}`, value, nearestName(value, names));
  };
  return Object.assign(parse, { choices: names });
}

/** A comma-separated list: `A,B`. */
export const listOf =
  <Value>(parse: Parser<Value>): Parser<Value[]> =>
  (value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map(parse);

const toNumber = (value: string): number => (value.trim() === '' ? NaN : Number(value));

/** The value of an option is invalid. */
export class InvalidValue extends Error {
  constructor(
    readonly rule: string,
    readonly text: string,
    readonly suggestion?: string,
  ) {
    super(rule);
  }
}

/** The options that choose an experiment, in every command that trains. */
export const experimentOptions = {
  preset: option('NAME', `start from this preset: ${presetNames.join(', ')}`, text, 'compact'),
  set: repeated('OPTION=VALUE', 'change an option of the experiment, for example training.epochs=10'),
  corpora: option('A,B,…', 'corpora to use; default: all that are installed', listOf(text)),
  trainOn: option(
    'A,B,…',
    'with --test-on: train on these corpora (protocol cross-corpus); default: all others that are installed',
    listOf(text),
  ),
  testOn: option(
    'A,B,…',
    'test on these corpora, which are not trained on (protocol cross-corpus)',
    listOf(text),
  ),
};

/** The last paragraph of the help of every command that trains. */
export const experimentNotes =
  'The environment variable SER_SET="OPTION=VALUE …" works like --set; --set takes precedence. All options of an experiment: npm run train -- --options.';

/**
 * The experiment config of a command line: the preset, then `SER_SET`, then `--set`, then options such as `--corpora`.
 *
 * @throws InvalidArgumentError if the preset or an option is unknown, or a value breaks its rule
 */
export function configFrom(
  { preset, set, corpora, trainOn, testOn }: OptionValuesOf<typeof experimentOptions>,
  others: OptionValues = {},
): ExperimentConfig {
  return experimentConfig(
    preset as PresetName,
    settingsFromEnvironment(process.env),
    parseSettings(set),
    { ...(corpora !== undefined && { corpora }) },
    crossCorpus(trainOn, testOn, corpora),
    others,
  );
}

/** The options that `--train-on` and `--test-on` set. */
function crossCorpus(trainOn?: string[], testOn?: string[], corpora?: string[]): OptionValues {
  if (testOn === undefined) {
    if (trainOn === undefined) return {};
    throw new InvalidArgumentError('--train-on', 'given together with --test-on', trainOn);
  }
  return {
    'dataset.protocol': 'cross-corpus',
    'dataset.fold': 'all',
    'dataset.testOn': testOn,
    'dataset.trainOn': trainOn ?? 'others',
    ...(trainOn && corpora === undefined && { corpora: [...new Set([...trainOn, ...testOn])] }),
  };
}
