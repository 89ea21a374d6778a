import { InvalidArgumentError, notStated } from '../../core/base';
import { type Control, described, numberIn } from './controls';
import type { Widget } from './widget';

/** Options of {@link drillDown}. */
export interface DrillDownOptions<T> {
  /** the initial item; default the first one */
  value?: T;
}

/**
 * Chooses one of many items by their properties, with one list per property. Each list contains only the values that are possible with
 * the choices in the lists before it. When an earlier list changes, a choice that is still possible is kept.
 *
 * @param items - for example clips
 * @param properties - by label: a function that returns the text of an item in this list. If several items have the same texts, the
 *   first one is chosen; a last property such as the file name can distinguish them
 * @throws {@link InvalidArgumentError} if there is no item or no property, or `value` is none of the items
 * @example
 * ```ts
 * ser.controls.drillDown(corpora.clips, { corpus: (clip) => clip.corpus, speaker: (clip) => clip.speaker });
 * ```
 */
export function drillDown<T>(
  items: readonly T[],
  properties: Readonly<Record<string, (item: T) => string | undefined>>,
  { value = items[0] }: DrillDownOptions<T> = {},
): Control<T> {
  const names = Object.keys(properties);
  if (items.length === 0) throw new InvalidArgumentError('items', 'at least one item', items);
  if (names.length === 0) throw new InvalidArgumentError('properties', 'at least one property', properties);
  if (!items.includes(value)) throw new InvalidArgumentError('value', 'one of the items', value);
  const textsOf = (item: T): string[] => names.map((name) => properties[name](item) ?? notStated);
  return {
    initial: value,
    create: (factory, _label, changed) => {
      let levels = narrow(items, textsOf, textsOf(value));
      const widgets = levels.map(({ texts, text }, at): Widget => {
        const state = { _options_labels: texts, index: texts.indexOf(text), ...described({}, names[at]) };
        return factory.control({ model: 'DropdownModel', style: 'Description' }, state, () => {
          update();
          changed();
        });
      });
      const update = (): void => {
        const wanted = levels.map(({ texts, text }, at) => {
          const index = numberIn(widgets[at].state.index, 0, texts.length - 1, texts.indexOf(text));
          return texts[Math.trunc(index)];
        });
        const before = levels;
        levels = narrow(items, textsOf, wanted);
        for (const [at, { texts, text }] of levels.entries()) {
          if (texts.join('\n') === before[at].texts.join('\n') && text === wanted[at]) continue;
          widgets[at].set({ _options_labels: texts, index: texts.indexOf(text) });
        }
      };
      const read = (): T => {
        const { items: left } = levels[levels.length - 1];
        return left.includes(value) ? value : left[0];
      };
      return { widget: factory.box('VBox', widgets), read };
    },
  };
}

/** One list: its texts, the chosen one, and the items that have it and the texts chosen before. */
interface Level<T> {
  texts: string[];
  text: string;
  items: readonly T[];
}

const byName = new Intl.Collator('en', { numeric: true });

function narrow<T>(
  items: readonly T[],
  textsOf: (item: T) => string[],
  wanted: readonly string[],
): Level<T>[] {
  let rest = items.map((item) => ({ item, texts: textsOf(item) }));
  return wanted.map((want, at) => {
    const texts = [...new Set(rest.map((one) => one.texts[at]))].sort((a, b) => byName.compare(a, b));
    const text = texts.includes(want) ? want : texts[0];
    rest = rest.filter((one) => one.texts[at] === text);
    return { texts, text, items: rest.map(({ item }) => item) };
  });
}
