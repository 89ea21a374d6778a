import * as z from 'zod/mini';
import { InvalidFileError, messageOf } from '../../core/base';
import type { Session } from './session';
import { type CorpusSetup, type Prompt, promptId, setupLimits, setupProblems, tidySetup } from './setup';
import type { NamedTake } from './table';

const text = z.string('text').check(z.maxLength(1000, 'text of at most 1,000 characters'));
const list = <Item extends z.ZodMiniType>(item: Item) =>
  z.array(item, 'a list').check(z.maxLength(setupLimits.prompts, `a list of at most ${setupLimits.prompts}`));
const time = z.string('a time').check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, 'a time in UTC'));
const prompt = z.object({
  speaker: text,
  emotion: text,
  sentence: text,
  take: z
    .number('a number')
    .check(z.int('a whole number'), z.gte(1, 'at least 1'), z.lte(1000, 'at most 1,000')),
});
const sex = z.optional(z.enum(['female', 'male'], 'female or male'));

/** `corpus.json` of an archive: what another device needs to continue. */
const planSchema = z.object(
  {
    format: z.literal('speech-emotion-workbench/corpus', 'speech-emotion-workbench/corpus'),
    version: z.literal(1, '1; a newer page is needed to read it'),
    /** missing in a file that contains a setup only */
    id: z.optional(z.string('text').check(z.regex(/^[\w-]{1,64}$/, 'letters, digits and hyphens'))),
    createdAt: z.optional(time),
    setup: z.object({
      name: text,
      speakers: list(z.object({ name: text, sex })),
      emotions: list(text),
      sentences: list(text),
      takes: z.number('a number'),
      order: z.enum(['fixed', 'shuffled'], 'fixed or shuffled'),
      seed: z.number('a number'),
    }),
    skipped: z._default(list(prompt), []),
    takes: z._default(list(z.extend(prompt, { path: text, recordedAt: time })), []),
  },
  'an object',
);

/** The contents of a plan file. */
export interface PlanFile {
  id?: string;
  createdAt?: string;
  setup: CorpusSetup;
  skipped: string[];
  takes: { path: string; prompt: Prompt; recordedAt: string }[];
}

const withoutId = ({ speaker, emotion, sentence, take }: Prompt) => ({ speaker, emotion, sentence, take });

/** Formats `corpus.json`. Without `clips`, it contains the setup only, to be used on other devices. */
export function planFile(session: Pick<Session, 'setup'>): string;
export function planFile(session: Session, clips: readonly NamedTake[]): string;
export function planFile(
  session: Pick<Session, 'setup'> & Partial<Session>,
  clips?: readonly NamedTake[],
): string {
  const { setup, id, createdAt, skipped = new Set() } = session;
  const head = { format: 'speech-emotion-workbench/corpus', version: 1 };
  if (clips === undefined) return `${JSON.stringify({ ...head, setup }, undefined, 2)}\n`;
  const parsed = [...skipped].map((one) => JSON.parse(one) as [string, string, string, number]);
  const content = {
    ...head,
    id,
    createdAt,
    setup,
    skipped: parsed.map(([speaker, emotion, sentence, take]) => ({ speaker, emotion, sentence, take })),
    takes: clips.map(({ path, take }) => ({
      path,
      ...withoutId(take.prompt),
      recordedAt: take.recordedAt,
    })),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/**
 * Reads a plan file.
 *
 * @param name - of the file, for messages
 * @throws {@link InvalidFileError} if it is not a plan file, or its setup breaks a rule
 */
export function parsePlanFile(name: string, content: string): PlanFile {
  const refuse = (reason: string): InvalidFileError => new InvalidFileError(name, reason);
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    throw refuse(`it is not JSON: ${messageOf(error)}`);
  }
  const result = z.safeParse(planSchema, json);
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    const field = path.length === 0 ? 'it' : path.map(String).join('.');
    throw refuse(`${field} must be ${message.replace(/^Invalid input.*/, 'valid')}`);
  }
  const { setup: stored, skipped, takes, id, createdAt } = result.data;
  const setup = tidySetup(stored);
  // A file with a setup only may leave out name and speakers: each device has its own.
  const problems = setupProblems(setup).filter(
    ({ field }) => takes.length > 0 || !['name', 'speakers'].includes(field),
  );
  if (problems.length > 0) throw refuse(`${problems[0].field}: ${problems[0].message}`);
  const withId = (labels: Omit<Prompt, 'id'>): Prompt => ({ id: promptId(labels), ...labels });
  return {
    ...(id !== undefined && { id }),
    ...(createdAt !== undefined && { createdAt }),
    setup,
    skipped: skipped.map(promptId),
    takes: takes.map(({ path, recordedAt, ...labels }) => ({ path, recordedAt, prompt: withId(labels) })),
  };
}
