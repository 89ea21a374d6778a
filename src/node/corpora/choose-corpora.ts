import { demoName, InvalidArgumentError } from '../../core/base';
import type { Corpora } from './load-corpora';
import { describeSource } from './load-report';

/**
 * Some of the corpora that were loaded, with a report and a source text that speak of these alone, and of files whose names are
 * not understood: nobody knows of which corpus they are.
 *
 * @param names - of the corpora, or `all`; the name of an original takes its synthetic demo too, so that the same config runs
 *   on either
 * @throws {@link InvalidArgumentError} if there is no such corpus
 */
export function chooseCorpora(corpora: Corpora, names: readonly string[] | 'all'): Corpora {
  if (names === 'all') return corpora;
  const present = [...new Set(corpora.clips.map(({ corpus }) => corpus))];
  for (const name of names) {
    if (!present.includes(name) && !present.includes(demoName(name))) {
      throw new InvalidArgumentError('corpora', `all, or some of ${present.join(', ')}`, name);
    }
  }
  const isChosen = ({ corpus }: { corpus: string }): boolean =>
    names.some((name) => corpus === name || corpus === demoName(name));
  const clips = corpora.clips.filter(isChosen);
  const paths = new Set(clips.map(({ path }) => path));
  const { report: all } = corpora;
  const report = {
    ...all,
    clips: clips.length,
    corpora: all.corpora.filter(isChosen),
    copies: all.copies.filter(({ kept }) => isChosen(kept)),
    identical: all.identical.filter((group) => group.some(isChosen)),
    conflicting: all.conflicting.filter((group) => group.some(isChosen)),
    unreadable: all.unreadable.filter(isChosen),
    silent: all.silent.filter((path) => paths.has(path)),
  };
  return { ...corpora, clips, report, source: describeSource(report) };
}
