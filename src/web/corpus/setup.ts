import {
  corpusFolder,
  corpusNames,
  createRandom,
  emotionOf,
  emotions,
  nameKey,
  type Sex,
} from '../../core/base';
import { canBeClass } from '../../core/dataset';

/** A person who is recorded. */
export interface Speaker {
  /** name or code; becomes the column `speaker` of `clips.csv` */
  name: string;
  sex?: Sex;
}

/** What is to be recorded: each speaker says each sentence in each emotion, `takes` times. */
export interface CorpusSetup {
  /** becomes the name of the folder, and thereby of the corpus in the workbench */
  name: string;
  speakers: readonly Speaker[];
  /** 2 to 20 labels, see {@link otherLabels} */
  emotions: readonly string[];
  sentences: readonly string[];
  /** 1 to 20 */
  takes: number;
  order: 'fixed' | 'shuffled';
  /** for the shuffled order */
  seed: number;
}

/** One thing to record. */
export interface Prompt {
  /** the same for the same speaker, emotion, sentence and take, whatever else is in the setup */
  id: string;
  speaker: string;
  emotion: string;
  sentence: string;
  /** from 1 */
  take: number;
}

/** Limits of a {@link CorpusSetup}. */
export const setupLimits = {
  emotions: { min: 2, max: 20 },
  speakers: { min: 1, max: 200 },
  sentences: { min: 1, max: 200 },
  takes: { min: 1, max: 20 },
  prompts: 20_000,
  /** characters of a name or a label */
  nameLength: 60,
  /** characters */
  sentenceLength: 300,
} as const;

/** The setup that a new corpus starts with: the seven emotions, and the two sentences of RAVDESS. */
export function defaultSetup(): CorpusSetup {
  return {
    name: '',
    speakers: [],
    emotions: [...emotions],
    sentences: ['Kids are talking by the door', 'Dogs are sitting by the door'],
    takes: 1,
    order: 'fixed',
    seed: 42,
  };
}

/** A field of the setup that breaks a rule. */
export interface SetupProblem {
  field: keyof CorpusSetup;
  /** what must be changed */
  message: string;
}

/** Text as it is stored: Unicode form NFC, single spaces, none at the ends, no control characters. */
export const tidyText = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** A copy with tidy texts, and without empty speakers, emotions and sentences. */
export function tidySetup(setup: CorpusSetup): CorpusSetup {
  const tidy = (texts: readonly string[]): string[] => texts.map(tidyText).filter((text) => text !== '');
  return {
    ...setup,
    name: tidyText(setup.name),
    speakers: setup.speakers
      .map((speaker) => ({ ...speaker, name: tidyText(speaker.name) }))
      .filter(({ name }) => name !== ''),
    emotions: tidy(setup.emotions).map((label) => label.toLowerCase()),
    sentences: tidy(setup.sentences),
  };
}

/** The rules that a tidy setup breaks; empty if recording can start. */
export function setupProblems(setup: CorpusSetup): SetupProblem[] {
  const problems: SetupProblem[] = [];
  const add = (field: keyof CorpusSetup, message: string): void => {
    problems.push({ field, message });
  };
  const nameProblem = corpusNameProblem(setup.name);
  if (nameProblem) add('name', nameProblem);
  const list = (
    field: 'speakers' | 'emotions' | 'sentences',
    texts: readonly string[],
    longest: number,
  ): void => {
    const { min, max } = setupLimits[field];
    if (texts.length < min || texts.length > max)
      add(field, `There must be ${min} to ${max} ${field}; there are ${texts.length}.`);
    const long = texts.find((text) => text.length > longest);
    if (long !== undefined)
      add(field, `Use at most ${longest} characters; “${long.slice(0, 20)}…” has ${long.length}.`);
    const twice = firstRepeated(texts);
    if (twice)
      add(field, `“${twice[0]}” and “${twice[1]}” cannot be told apart; change or remove one of them.`);
  };
  const speakers = setup.speakers.map(({ name }) => name);
  list('speakers', speakers, setupLimits.nameLength);
  list('emotions', setup.emotions, setupLimits.nameLength);
  list('sentences', setup.sentences, setupLimits.sentenceLength);
  const { min, max } = setupLimits.takes;
  if (!Number.isInteger(setup.takes) || setup.takes < min || setup.takes > max)
    add('takes', `Use a whole number from ${min} to ${max}.`);
  if (!Number.isSafeInteger(setup.seed)) add('seed', 'Use a whole number.');
  const count = promptCount(setup);
  if (problems.length === 0 && count > setupLimits.prompts)
    add('takes', `There may be at most ${setupLimits.prompts} recordings; this setup needs ${count}.`);
  return problems;
}

function corpusNameProblem(name: string): string | undefined {
  if (name === '') return 'Give the corpus a name, for example class-7b.';
  if (name.length > setupLimits.nameLength) return `Use at most ${setupLimits.nameLength} characters.`;
  if (!/[\p{L}\p{N}]/u.test(name)) return 'Use at least one letter or digit.';
  const known = corpusNames.find((corpus) => nameKey(corpus) === nameKey(corpusFolder(name)));
  return known && `${known} is the name of a published corpus; choose another one.`;
}

/** Two texts that differ at most in letter case or in the Unicode form of their characters. */
function firstRepeated(texts: readonly string[]): [string, string] | undefined {
  const seen = new Map<string, string>();
  for (const text of texts) {
    const before = seen.get(nameKey(text));
    if (before !== undefined) return [before, text];
    seen.set(nameKey(text), text);
  }
  return undefined;
}

/**
 * The labels of a setup that are none of the seven emotions.
 *
 * @returns those that become classes of their own, and those that cannot be the name of a class: their clips are left out
 */
export function otherLabels({ emotions: labels }: Pick<CorpusSetup, 'emotions'>): {
  classes: string[];
  leftOut: string[];
} {
  const others = labels.filter((label) => emotionOf(label) === undefined);
  return { classes: others.filter(canBeClass), leftOut: others.filter((label) => !canBeClass(label)) };
}

/** The number of recordings that a setup needs. */
export const promptCount = ({ speakers, emotions: labels, sentences, takes }: CorpusSetup): number =>
  speakers.length * labels.length * sentences.length * takes;

/**
 * The prompts of a setup, speaker by speaker. In the fixed order, a speaker stays in one emotion: emotion, sentence, take. In the shuffled
 * order, each speaker has another order, which depends only on the seed and the speaker's name.
 *
 * @param setup - without problems
 * @returns shape [speakers · emotions · sentences · takes]
 * @example
 * ```ts
 * planPrompts({ ...defaultSetup(), name: 'class', speakers: [{ name: 'Anna' }] }).length; // 14
 * ```
 */
export function planPrompts(setup: CorpusSetup): Prompt[] {
  const takes = Array.from({ length: setup.takes }, (_, i) => i + 1);
  return setup.speakers.flatMap(({ name: speaker }) => {
    const own = setup.emotions.flatMap((emotion) =>
      setup.sentences.flatMap((sentence) =>
        takes.map((take): Prompt => {
          const labels = { speaker, emotion, sentence, take };
          return { id: promptId(labels), ...labels };
        }),
      ),
    );
    return setup.order === 'fixed' ? own : createRandom(`prompts/${setup.seed}/${speaker}`).shuffle(own);
  });
}

/** Identifies a prompt by its labels. */
export const promptId = ({ speaker, emotion, sentence, take }: Omit<Prompt, 'id'>): string =>
  JSON.stringify([speaker, emotion, sentence, take]);
