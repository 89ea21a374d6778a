import { type Clip, type Corpora, demoName } from '../corpora';
import { InvalidArgumentError } from '../errors';

/**
 * The clips of some corpora.
 *
 * @param names - of the corpora, or `all`; the name of an original takes its synthetic demo too, so that the same config runs
 *   on either
 * @throws {@link InvalidArgumentError} if there is no such corpus
 */
export function chooseClips({ clips }: Pick<Corpora, 'clips'>, names: readonly string[] | 'all'): Clip[] {
  if (names === 'all') return clips;
  const present = [...new Set(clips.map(({ corpus }) => corpus))];
  for (const name of names) {
    if (!present.includes(name) && !present.includes(demoName(name))) {
      throw new InvalidArgumentError('corpora', `all, or some of ${present.join(', ')}`, name);
    }
  }
  return clips.filter(({ corpus }) => names.some((name) => corpus === name || corpus === demoName(name)));
}
