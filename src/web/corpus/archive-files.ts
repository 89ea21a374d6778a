import * as z from 'zod/mini';
import {
  corpusFolder,
  countOf,
  csvCell,
  fileNamePart,
  groupBy,
  InvalidFileError,
  messageOf,
  nameKey,
  uniqueName,
  withoutFormula,
} from '../../core/base';
import type { Session, Take } from './session';
import {
  type CorpusSetup,
  otherLabels,
  type Prompt,
  promptId,
  setupLimits,
  setupProblems,
  tidySetup,
} from './setup';

/** A take and its file. */
interface NamedTake {
  take: Take;
  /** relative to `clips.csv` */
  path: string;
}

/** The takes that an export contains: the kept ones, in the order of speaker, emotion, sentence and take. */
export function exportedTakes(session: Session, onlySpeaker?: string): Take[] {
  const { setup } = session;
  const place = (names: readonly string[], name: string): number => {
    const index = names.indexOf(name);
    return index < 0 ? names.length : index;
  };
  const speakers = setup.speakers.map(({ name }) => name);
  const keyOf = ({ prompt }: Take): number[] => [
    place(speakers, prompt.speaker),
    place(setup.emotions, prompt.emotion),
    place(setup.sentences, prompt.sentence),
    prompt.take,
  ];
  return [...session.takes.values()]
    .filter(({ kept, prompt }) => kept && (onlySpeaker === undefined || prompt.speaker === onlySpeaker))
    .map((take) => ({ take, key: keyOf(take) }))
    .sort((a, b) => a.key.map((value, i) => value - b.key[i]).find((difference) => difference !== 0) ?? 0)
    .map(({ take }) => take);
}

/**
 * Names the files: `anna/angry-Kids-are-talking-1.wav`. The folder is the speaker, and no two names differ only in letter case.
 */
export function nameTakes(takes: readonly Take[]): NamedTake[] {
  const folders = new Map<string, string>();
  const takenFolders = new Set<string>();
  const takenFiles = new Set<string>();
  return takes.map((take) => {
    const { speaker, emotion, sentence, take: number } = take.prompt;
    const folder =
      folders.get(speaker) ??
      uniqueName(fileNamePart(speaker, { longest: 40, fallback: 'speaker' }), takenFolders);
    folders.set(speaker, folder);
    const words = [
      fileNamePart(emotion, { longest: 24, fallback: 'emotion' }),
      fileNamePart(sentence, { longest: 40, fallback: 'sentence' }),
      number,
    ];
    return { take, path: uniqueName(`${folder}/${words.join('-')}.wav`, takenFiles) };
  });
}

/** The columns of `clips.csv`. The workbench uses `session` and `recorded` when it merges archives. */
const columns = ['path', 'emotion', 'speaker', 'sex', 'sentence', 'take', 'session', 'recorded'] as const;

/**
 * Formats `clips.csv`, which the workbench reads: UTF-8 with a byte order mark, so that spreadsheet programs recognise it.
 *
 * @param id - see {@link Session.id}
 */
export function clipsCsv(
  { id, setup }: { id: string; setup: Pick<CorpusSetup, 'speakers'> },
  clips: readonly NamedTake[],
): string {
  const sexOf = new Map(setup.speakers.map(({ name, sex }) => [nameKey(name), sex]));
  const lines = clips.map(({ path, take: { prompt, recordedAt } }) => {
    const { speaker, emotion, sentence, take } = prompt;
    const sex = sexOf.get(nameKey(speaker)) ?? '';
    const texts = [path, emotion, speaker, sex, sentence, String(take), id, recordedAt];
    return texts.map((text) => csvCell(withoutFormula(text))).join(',');
  });
  return `\uFEFF${[columns.join(','), ...lines].join('\n')}\n`;
}

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

/** What everybody should know before the first recording; shown on the page and packed into each archive. */
export const consentRules: readonly string[] = [
  'A voice identifies a person. Recordings of people are personal data, even under a code name.',
  'Ask everyone before recording: say what the recordings are for, who will hear them, where they are kept and when they are deleted. Nobody has to take part, and anyone may stop at any time and have their recordings deleted.',
  'For minors, the parents or guardians must agree as well, in writing. Many schools and universities have their own rules and forms: ask first.',
  'Use codes such as S1 for the speakers, not full names, and keep the list of names elsewhere. Do not publish or upload the recordings without a separate agreement.',
  'The emotions are acted. Nobody has to act an emotion that makes them uncomfortable: skip the prompt.',
];

/** The text of `README.txt` in an archive. */
export function consentText({ setup }: Session, clips: readonly NamedTake[]): string {
  const folder = corpusFolder(setup.name);
  const bySpeaker = groupBy(clips, ({ take }) => take.prompt.speaker);
  const { classes, leftOut } = otherLabels(recordedLabels(clips));
  return [
    `${setup.name}: ${countOf(clips.length, 'recording')} of acted emotions`,
    '',
    ...[...bySpeaker].map(([speaker, own]) => `  ${speaker}: ${countOf(own.length, 'recording')}`),
    '',
    'Recordings of people',
    '',
    ...consentRules.map((rule) => `- ${rule}`),
    '',
    'Use in the Speech Emotion Workbench',
    '',
    `  npm run data -- add ARCHIVE.zip`,
    `  npm run train -- --preset quick --corpora ${folder} --set dataset.protocol=leave-one-speaker-out`,
    '',
    'Archives of several people with the same corpus name are merged: npm run data -- add A.zip B.zip',
    'clips.csv lists the recordings and their labels; corpus.json lets the page continue on another device.',
    ...(classes.length > 0
      ? [`labels.json maps labels other than the seven emotions to classes: ${classes.join(', ')}`]
      : []),
    ...(leftOut.length > 0
      ? ['', `Labels without a class, left out by the workbench: ${leftOut.join(', ')}`]
      : []),
    '',
  ].join('\n');
}

/** `labels.json` of an archive: labels other than the seven emotions are classes of their own. Undefined if there are none. */
export function labelMapFile(clips: readonly NamedTake[]): string | undefined {
  const { classes } = otherLabels(recordedLabels(clips));
  if (classes.length === 0) return undefined;
  return `${JSON.stringify(Object.fromEntries(classes.map((label) => [label, label])), undefined, 2)}\n`;
}

const recordedLabels = (clips: readonly NamedTake[]): { emotions: string[] } => ({
  emotions: [...new Set(clips.map(({ take }) => take.prompt.emotion))],
});
