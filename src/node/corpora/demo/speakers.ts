import type { CorpusName, Sex } from '../../../core/base';

/** A synthetic speaker: a place in a corpus's naming scheme and the eSpeak voice that fills it. */
export interface DemoSpeaker {
  corpus: CorpusName;
  /** as the corpus writes it in file names: `01`, `1001`, `OAF`, `DC` */
  id: string;
  sex: Sex;
  /** years; written to CREMA-D's table of speakers */
  age: number;
  /** eSpeak accent and variant, for example `en-us+m3` */
  voice: string;
}

/**
 * Twenty-two speakers, twelve of them men, no voice twice. Where a corpus fixes a speaker's sex (odd RAVDESS actors are men,
 * SAVEE is four men, TESS an older and a younger woman), the voice follows it.
 */
export const demoSpeakers: readonly DemoSpeaker[] = [
  { corpus: 'RAVDESS', id: '01', sex: 'male', age: 31, voice: 'en-us+m3' },
  { corpus: 'RAVDESS', id: '02', sex: 'female', age: 26, voice: 'en-us+f1' },
  { corpus: 'RAVDESS', id: '03', sex: 'male', age: 24, voice: 'en-us+Michael' },
  { corpus: 'RAVDESS', id: '04', sex: 'female', age: 29, voice: 'en-us+linda' },
  { corpus: 'RAVDESS', id: '05', sex: 'male', age: 33, voice: 'en-us+m1' },
  { corpus: 'RAVDESS', id: '06', sex: 'female', age: 22, voice: 'en-us+f4' },
  { corpus: 'CREMA-D', id: '1001', sex: 'male', age: 47, voice: 'en-us+m7' },
  { corpus: 'CREMA-D', id: '1002', sex: 'female', age: 23, voice: 'en-us+f2' },
  { corpus: 'CREMA-D', id: '1003', sex: 'female', age: 34, voice: 'en-us+Annie' },
  { corpus: 'CREMA-D', id: '1004', sex: 'female', age: 45, voice: 'en-us-nyc+shelby' },
  { corpus: 'CREMA-D', id: '1005', sex: 'male', age: 28, voice: 'en-us+Alex' },
  { corpus: 'CREMA-D', id: '1006', sex: 'female', age: 62, voice: 'en-us+belinda' },
  { corpus: 'CREMA-D', id: '1007', sex: 'female', age: 39, voice: 'en-us+f5' },
  { corpus: 'CREMA-D', id: '1011', sex: 'male', age: 36, voice: 'en-us-nyc+travis' },
  { corpus: 'CREMA-D', id: '1014', sex: 'male', age: 22, voice: 'en-us+Reed' },
  { corpus: 'CREMA-D', id: '1015', sex: 'male', age: 61, voice: 'en-us+Lee' },
  { corpus: 'TESS', id: 'OAF', sex: 'female', age: 64, voice: 'en-us+aunty' },
  { corpus: 'TESS', id: 'YAF', sex: 'female', age: 26, voice: 'en-us+steph' },
  { corpus: 'SAVEE', id: 'DC', sex: 'male', age: 27, voice: 'en+m2' },
  { corpus: 'SAVEE', id: 'JE', sex: 'male', age: 28, voice: 'en-gb-x-rp+m5' },
  { corpus: 'SAVEE', id: 'JK', sex: 'male', age: 31, voice: 'en-gb-scotland+m8' },
  { corpus: 'SAVEE', id: 'KL', sex: 'male', age: 30, voice: 'en-gb-x-gbcwmd+boris' },
];
