import {
  type Clip,
  emotionOf,
  InvalidArgumentError,
  isDemoName,
  demoName,
  isStandardEmotion,
  shorten,
} from '../base';

/**
 * Which class a label becomes, by corpus: `{ RAVDESS: { calm: 'calm' }, '*': { angry: 'negative', happy: 'positive', '*': null } }`.
 *
 * The corpus `*` stands for all corpora; rules for a corpus come first. A label is the corpus's own (`calm`, `HAP`, `boredom`) or the
 * emotion that it means by default (`angry`), in any letter case; `*` stands for all other labels. Null leaves the clips out.
 * Labels without a rule keep their default: one of the seven emotions, or left out.
 */
export type LabelMap = Readonly<Record<string, Readonly<Record<string, string | null>>>>;

/** Maximum number of classes of a label map. */
export const maxClasses = 20;

/** Rule of the names of classes, which appear in tables, figures and pages. */
export const classNameRule = 'a class of at most 40 lower-case letters, digits, spaces, +, - and _';
export const isClassName = (name: string): boolean =>
  /^[\p{L}\p{N}](?:[\p{L}\p{N} _+-]{0,38}[\p{L}\p{N}])?$/u.test(name) && name === name.toLowerCase();

/** Names that predictions use for parts without a class. */
const reserved = ['unsure', 'silence'];

/** Whether a label map may have a class of this name. */
export const canBeClass = (name: string): boolean => isClassName(name) && !reserved.includes(name);

/**
 * Checks a label map.
 *
 * @throws {@link InvalidArgumentError} that names the rule
 */
export function checkLabelMap(map: LabelMap): void {
  const classes = new Set<string>();
  for (const [corpus, rules] of Object.entries(map)) {
    for (const [label, name] of Object.entries(rules)) {
      if (name === null) continue;
      const parameter = `labels.${shorten(corpus, 40)}.${shorten(label, 40)}`;
      if (!isClassName(name)) throw new InvalidArgumentError(parameter, `null or ${classNameRule}`, name);
      if (reserved.includes(name))
        throw new InvalidArgumentError(parameter, `a class other than ${reserved.join(' and ')}`, name);
      classes.add(name);
    }
  }
  if (classes.size > maxClasses)
    throw new InvalidArgumentError('labels', `a map to at most ${maxClasses} classes`, classes.size);
}

/** The class of a clip by the rules of a map: undefined if none applies, null if the clip is left out. */
export type ClassOf = (clip: Pick<Clip, 'corpus' | 'label' | 'emotion'>) => string | null | undefined;

/**
 * Creates a function that applies a label map.
 *
 * @throws {@link InvalidArgumentError} as for {@link checkLabelMap}
 * @example
 * ```ts
 * const classOf = labelMapper({ RAVDESS: { calm: 'calm' } });
 * classOf({ corpus: 'RAVDESS', label: 'calm', emotion: 'neutral' }); // 'calm'
 * ```
 */
export function labelMapper(map: LabelMap): ClassOf {
  checkLabelMap(map);
  const scopes = new Map(
    Object.entries(map).map(([corpus, rules]) => [
      corpus.toLowerCase(),
      new Map(Object.entries(rules).map(([label, name]) => [label.toLowerCase(), name])),
    ]),
  );
  return ({ corpus, label, emotion }) => {
    const original = isDemoName(corpus) ? [corpus.slice(demoName('').length)] : [];
    const own = [corpus, ...original, '*'].flatMap((name) => scopes.get(name.toLowerCase()) ?? []);
    const standard = isStandardEmotion(emotion) ? emotion : emotionOf(label);
    for (const rules of own) {
      for (const key of [label.toLowerCase(), standard, '*']) {
        const name = key === undefined ? undefined : rules.get(key);
        if (name !== undefined) return name;
      }
    }
    return undefined;
  };
}
