import { type Clip, demoName } from '../base';

const savee: readonly string[] = ['SAVEE', demoName('SAVEE')];

/** What SAVEE's neutral sentences from the 19th on say: the two sentences of each other emotion that are its own. */
const saveeNeutral = 'a04 a05 d04 d05 f04 f05 su04 su05 sa04 sa05 h04 h05'.split(' ');

/**
 * What is said in a clip, as far as it can be told, unique across corpora: RAVDESS's two statements, CREMA-D's twelve
 * sentences, TESS's 200 words; a user's own column.
 *
 * SAVEE's names only number the sentences of each emotion. Which numbers say the same was found by aligning the recordings
 * of all four speakers with each other (data/README.md): 01 to 03 are the same in every emotion, and neutral repeats
 * them as 16 to 18 and the other emotions' 04 and 05 as 19 to 30.
 *
 * @returns undefined if it is not known
 */
export function sentenceOf({ corpus, sentence }: Pick<Clip, 'corpus' | 'sentence'>): string | undefined {
  if (!sentence) return undefined;
  return `${corpus}: ${savee.includes(corpus) ? saveeSentence(sentence) : sentence}`;
}

function saveeSentence(code: string): string {
  const [, emotion, digits] = /^([a-z]+)(\d\d)$/.exec(code) ?? [];
  const number = Number(digits);
  if (number >= 1 && number <= 3) return `common ${number}`;
  if (emotion !== 'n' || number < 16) return code;
  return number <= 18 ? `common ${number - 15}` : (saveeNeutral[number - 19] ?? code);
}
