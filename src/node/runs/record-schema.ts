import * as z from 'zod/mini';
import { InvalidArgumentError, isLeftOutList, type LeftOut, shorten } from '../../core/base';
import { type ModelKind, modelLayouts } from '../../core/config';
import { scoreProtocolNames } from '../../core/dataset';
import { metricNames, sliceNames } from '../../core/evaluation';

/** JSON has neither NaN nor Infinity: a record stores NaN as `"NaN"`, which is read as NaN, and Infinity as null. */
const number = z.custom<number>((value) => typeof value === 'number', 'a number');
const numberOrNull = z.nullable(number);
const count = z.number('a count').check(z.int('a count'), z.gte(0, 'a count of at least 0'));
const text = z.string('a string').check(z.maxLength(20_000, 'a string of at most 20,000 characters'));
const flag = z.boolean('true or false');
const emotion = z
  .string('a class')
  .check(z.minLength(1), z.maxLength(40, 'a class of at most 40 characters'));
const list = <Item extends z.ZodMiniType>(item: Item) =>
  z.array(item, 'a list').check(z.maxLength(1_000_000, 'a list of at most 1,000,000 items'));
const group = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.looseObject(shape, 'an object');

const under = {
  protocol: z.enum(scoreProtocolNames, 'the name of a protocol'),
  protocolLabel: text,
  isLeaky: flag,
};

const caveats = {
  leftOut: z.optional(z.custom<LeftOut[]>(isLeftOutList, 'a list of left-out items')),
  warnings: z.optional(list(text)),
};

const score = group({
  value: number,
  interval: group({ low: number, high: number, level: number, method: text, by: text, count }),
});
const metricName = z.enum(metricNames, 'the name of a metric');
const scores = group({
  ...Object.fromEntries(metricNames.map((name) => [name, z.optional(score)])),
  // in every table
  accuracy: score,
  uar: score,
});
const spread = group({
  mean: number,
  deviation: number,
  lowest: number,
  highest: number,
  count,
});
const spreads = z.partialRecord(metricName, spread, 'an object');
const groupScores = group({
  name: text,
  rows: count,
  clips: count,
  speakers: count,
  seed: z.optional(number),
  scores,
});

const report = group({
  ...under,
  ...caveats,
  metrics: list(metricName),
  pooled: groupScores,
  perCorpus: list(groupScores),
  perSplit: list(groupScores),
  overSplits: z.optional(spreads),
  overSeeds: z.optional(spreads),
  level: number,
  resamples: number,
}).check(
  z.refine(
    ({ metrics: names, pooled, perCorpus, perSplit }) =>
      [pooled, ...perCorpus, ...perSplit].every((one) => names.every((name) => one.scores[name])),
    'scores of every metric in each group',
  ),
);

const slice = group({
  name: text,
  rows: count,
  clips: count,
  speakers: count,
  accuracy: score,
  uar: score,
  isTooSmall: flag,
});
const slices = group({
  ...under,
  by: z.enum(sliceNames, 'the name of a property'),
  rankedBy: z.enum(['accuracy', 'uar'], 'accuracy or uar'),
  minimumClips: number,
  overall: slice,
  groups: list(slice),
  worst: z.optional(text),
  gap: z.optional(number),
});

const calibration = group({
  ...under,
  binning: z.enum(['equal-width', 'equal-mass'], 'equal-width or equal-mass'),
  bins: list(
    group({
      ...{ from: number, to: number, rows: count, confidence: number, accuracy: number },
      interval: z.tuple([number, number], 'two numbers'),
    }),
  ),
  ...{ ece: number, confidence: number, accuracy: number, rows: count },
});

const figures = group({
  clips: z.partialRecord(emotion, count, 'counts by emotion'),
  classes: z.array(emotion, 'a list').check(z.minLength(1, 'at least one class')),
  confusion: list(count),
  first: group({
    ...{ right: count, of: count },
    rows: z.optional(
      list(
        group({
          ...{ clip: text, actual: emotion, predicted: emotion },
          ...{ right: flag, probability: number, protocol: text },
        }),
      ),
    ),
  }),
  siblingShare: number,
}).check(
  z.refine(
    ({ classes, confusion }) =>
      new Set(classes).size === classes.length && confusion.length === classes.length ** 2,
    'distinct classes and one count per pair of classes',
  ),
);

const epoch = group({
  ...{ epoch: count, loss: numberOrNull, accuracy: number },
  ...{ valLoss: z.optional(numberOrNull), valAccuracy: z.optional(number), valUar: z.optional(number) },
  ...{ learningRate: number, seconds: number },
});
const outcomes = ['finished', 'stopped early', 'interrupted', 'failed'] as const;
const statuses = ['finished', 'interrupted', 'failed'] as const;

const kind = z.enum(Object.keys(modelLayouts) as ModelKind[], 'a kind of model');

const record = group({
  ...caveats,
  format: z.literal(1, '1'),
  started: z.string('a date').check(
    z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:[\d.]{2,12}Z$/, 'a date (ISO 8601, UTC)'),
    z.refine((date) => !Number.isNaN(Date.parse(date)), 'a date that exists'),
  ),
  status: z.enum(statuses, `one of ${statuses.join(', ')}`),
  reason: z.optional(text),
  hash: z.string('a hash').check(z.regex(/^[\da-f]{8,64}$/, 'a hash of hexadecimal digits')),
  // its options are checked with those of a new config
  config: group({ name: text }),
  members: z.optional(list(group({ name: text, kind, seed: number, hash: text }))),
  engine: z.optional(group({ name: text, version: text, threads: z.optional(count) })),
  data: z.optional(group({ source: text, clips: count, fingerprint: text })),
  folds: z.optional(
    group({
      hash: z.string('a hash').check(z.regex(/^[\da-f]{64}$/, 'a hash of 64 hexadecimal digits')),
      splits: list(text),
      nearDuplicates: z.optional(list(z.tuple([text, text], 'two paths'))),
    }),
  ),
  splits: list(
    group({
      name: text,
      rows: group({ train: count, validation: count, test: count }),
      outcome: z.enum(outcomes, `one of ${outcomes.join(', ')}`),
      history: list(epoch),
      bestEpoch: count,
    }),
  ),
  validation: z.optional(group({ accuracy: number, uar: number })),
  report: z.optional(report),
  calibration: z.optional(group({ before: calibration, after: calibration })),
  slices: z.optional(list(slices)),
  figures: z.optional(figures),
  seconds: z.optional(group({ features: number, training: number, prediction: number, all: number })),
  predictions: z.optional(
    group({
      file: text,
      sha256: z.string('a hash').check(z.regex(/^[\da-f]{64}$/, 'a hash of 64 hexadecimal digits')),
      rows: count,
    }),
  ),
  environment: group({ node: z.optional(text), platform: z.optional(text), commit: z.optional(text) }),
});

/**
 * The first part of a run record that is invalid: `splits must be a list`.
 *
 * @returns undefined if the value is a run record, apart from the options in its config
 */
export function recordProblem(value: unknown): string | undefined {
  const { error } = record.safeParse(value);
  if (!error) return undefined;
  const [{ path, message }] = error.issues;
  const where = path.map(String).join('.') || 'it';
  const got = path.reduce<unknown>(
    (outer, key) => (outer as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  return new InvalidArgumentError(shorten(where, 100), message, got).message;
}
