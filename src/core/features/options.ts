import * as z from 'zod/mini';
import { InvalidArgumentError, nearestName, shorten } from '../base';

/** Values of an option to try in a sweep: a list, or a range of numbers. */
export type SweepAxis =
  | readonly unknown[]
  | { uniform: readonly [low: number, high: number] }
  /** uniform in the logarithm */
  | { logUniform: readonly [low: number, high: number] }
  /** both ends included */
  | { integer: readonly [low: number, high: number] };

/** Parts of an option's declaration besides its type and range. */
export interface OptionDetails<T> {
  default: T;
  /** one line, for help texts, tables and controls */
  description: string;
  unit?: string;
  /** values that a sweep tries by default */
  sweep?: SweepAxis;
}

/** One option, declared once: its validation, parsing, help text, sweep range and notebook control are derived from this. */
export interface Option<T> extends OptionDetails<T> {
  type: 'integer' | 'number' | 'choice' | 'name' | 'list' | 'object';
  /** the rule for a value, in words: `an integer from 1 to 10000` */
  rule: string;
  schema: OptionSchema<T>;
  /** smallest and largest number */
  min?: number;
  max?: number;
  /** allowed values of the option, or of the items of a list */
  choices?: readonly (string | number)[];
  /** an additional allowed value: `all`, `scale` or null */
  or?: string | null;
}

/** The part of a zod schema that is used. Public declarations must not import zod, because its types slow down notebooks. */
export interface OptionSchema<T> {
  safeParse(value: unknown): { data?: T; error?: { issues: readonly OptionIssue[] } };
}

/** Why a value was rejected; the message is the rule of the part at `path`. */
export interface OptionIssue {
  path: readonly PropertyKey[];
  message: string;
}

/** Types of the values of declared options, by name. */
export type OptionTypes<Options> = { [K in keyof Options]: Options[K] extends Option<infer T> ? T : never };

/** True if two types are the same: `true satisfies Equal<A, B>` fails to compile otherwise. */
export type Equal<A, B> = [A, B] extends [B, A] ? true : false;

/** An unknown name. The message suggests the nearest known name, or lists all of them. */
export class UnknownNameError extends InvalidArgumentError {
  override name = 'UnknownNameError';

  /**
   * @param kind - the kind of name, for example `option`
   * @param known - the known names
   * @param nearest - the name to suggest, null for none; default the most similar of `known`
   */
  constructor(
    kind: string,
    name: string,
    known: readonly string[],
    nearest: string | null | undefined = nearestName(name, known),
  ) {
    super(kind, `one of ${known.join(', ')}`, name);
    const remedy = nearest ? `did you mean ${nearest}?` : `known: ${known.join(', ')}`;
    const shown = /^[\w.+-]+$/.test(name) ? name : JSON.stringify(name);
    this.message = `unknown ${kind} ${shorten(shown, 200)}: ${remedy}`;
  }
}

/**
 * Checks a value against an option's declaration.
 *
 * @param path - the option's name in the message
 * @throws {@link InvalidArgumentError} that names the option or its invalid part, the rule and the value
 */
export function checkOption(path: string, option: Option<unknown>, value: unknown): void {
  const { error } = option.schema.safeParse(value);
  if (!error) return;
  const [{ path: inner, message }] = error.issues;
  const part = inner.reduce<unknown>((outer, key) => (outer as Record<PropertyKey, unknown>)[key], value);
  const where =
    path + inner.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const words = option.choices?.filter((choice) => typeof choice === 'string') ?? [];
  const nearest = typeof part === 'string' ? nearestName(part, words) : undefined;
  throw new InvalidArgumentError(
    where,
    inner.length === 0 ? option.rule : message,
    part,
    nearest && `did you mean ${nearest}?`,
  );
}

/** Defaults of declared options by name, in the order of declaration. */
export function defaultsOf<Options extends Record<string, Option<unknown>>>(
  options: Options,
): OptionTypes<Options> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { default: value }]) => [name, value]),
  ) as OptionTypes<Options>;
}

/** A number option that also allows a word such as `all`, or null. */
interface OrWord<Word extends string | null> extends OptionDetails<number | Word> {
  or: Word;
}

/** Declares an integer from `min` to `max`, or the word `details.or`. */
export function integer(min: number, max: number, details: OptionDetails<number>): Option<number>;
export function integer<const Word extends string | null>(
  min: number,
  max: number,
  details: OrWord<Word>,
): Option<number | Word>;
export function integer(min: number, max: number, details: NumberDetails): Option<number | string | null> {
  // The limits of a seed, which may be any integer, are left out of the message.
  const rule = max === Number.MAX_SAFE_INTEGER ? 'an integer' : `an integer from ${min} to ${max}`;
  return numeric({ type: 'integer', rule, min, max }, z.int(), details);
}

/** Declares a finite number from `min` to `max`, both included, or the word `details.or`. */
export function number(min: number, max: number, details: OptionDetails<number>): Option<number>;
export function number<const Word extends string | null>(
  min: number,
  max: number,
  details: OrWord<Word>,
): Option<number | Word>;
export function number(min: number, max: number, details: NumberDetails): Option<number | string | null> {
  return numeric({ type: 'number', rule: `a number from ${min} to ${max}`, min, max }, z.number(), details);
}

/** Declares a power of two from `min` to `max`. */
export function powerOfTwo(min: number, max: number, details: OptionDetails<number>): Option<number> {
  const choices: number[] = [];
  for (let power = min; power <= max; power *= 2) choices.push(power);
  const rule = withUnit(`a power of two from ${min} to ${max}`, details);
  return { ...details, type: 'integer', rule, schema: z.literal(choices), min, max, choices };
}

/** Declares a choice of one of several names. */
export function choice<const T extends string>(choices: readonly T[], details: OptionDetails<T>): Option<T> {
  return {
    ...details,
    type: 'choice',
    rule: `one of ${choices.join(', ')}`,
    schema: z.enum(choices),
    choices,
  };
}

/** Declares a non-empty list of names from a fixed set, each at most once. */
export function choices<const T extends string>(
  names: readonly T[],
  details: OptionDetails<T[]>,
): Option<T[]> {
  const item = z.enum(names, `one of ${names.join(', ')}`);
  const schema = z.array(item).check(z.minLength(1), distinct());
  return {
    ...details,
    type: 'list',
    rule: `a list of some of ${names.join(', ')}, each once`,
    schema,
    choices: names,
  };
}

const anyName = () => z.string().check(z.minLength(1), z.maxLength(200));

/** Declares an arbitrary name or number, as text, or a word such as `all`. */
export function name(details: OptionDetails<string> & { or: string }): Option<string> {
  const rule = `a name, a number from 1, or ${details.or}`;
  return { ...details, type: 'name', rule, schema: anyName() };
}

/** Declares a list of 1 to 1000 arbitrary names, or a word that means all or none of them. */
export function names<const Word extends string>(
  details: OptionDetails<string[] | Word> & { or: Word },
): Option<string[] | Word> {
  const list = z.array(anyName()).check(z.minLength(1), z.maxLength(1000), distinct());
  return {
    ...details,
    type: 'list',
    rule: `a list of names, each once, or ${details.or}`,
    schema: z.union([z.literal(details.or), list]),
  };
}

/** Declares a structured value with its own schema; the schema's messages are the rules of its parts. */
export function structure<T>(rule: string, schema: OptionSchema<T>, details: OptionDetails<T>): Option<T> {
  return { ...details, type: 'object', rule, schema };
}

type NumberDetails = OptionDetails<number | string | null> & { or?: string | null };

function numeric(
  range: Required<Pick<Option<number>, 'type' | 'rule' | 'min' | 'max'>>,
  type: z.ZodMiniNumber,
  details: NumberDetails,
): Option<number | string | null> {
  const { or } = details;
  const rule = withUnit(range.rule, details);
  const schema = type.check(z.gte(range.min), z.lte(range.max));
  if (or === undefined) return { ...details, ...range, rule, schema };
  return { ...details, ...range, rule: `${rule}, or ${or}`, schema: z.union([z.literal(or), schema]) };
}

const withUnit = (rule: string, { unit }: { unit?: string }): string => (unit ? `${rule} (${unit})` : rule);

const distinct = () => z.refine<readonly unknown[]>((items) => new Set(items).size === items.length);
