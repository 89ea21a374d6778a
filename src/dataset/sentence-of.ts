import { type Clip, demoName } from '../corpora';

const savee: readonly string[] = ['SAVEE', demoName('SAVEE')];

/**
 * What is said in a clip, as far as it can be told, unique across corpora: the text of RAVDESS's two statements, CREMA-D's
 * twelve sentences and TESS's 200 words; a user's own column. In SAVEE, whose names only number the sentences of each
 * emotion, numbers 01 to 03 are the same sentence in every emotion and all others are one of their own.
 *
 * @returns undefined if it is not known
 */
export function sentenceOf({ corpus, sentence }: Pick<Clip, 'corpus' | 'sentence'>): string | undefined {
  if (!sentence) return undefined;
  const common = savee.includes(corpus) ? /^[a-z]+(0[1-3])$/.exec(sentence)?.[1] : undefined;
  return `${corpus}: ${common === undefined ? sentence : `common ${common}`}`;
}
