import { posix } from 'node:path';
import { InvalidFileError, type Sex } from '../../../core/base';
import { fileErrorReason } from '../../files';
import { decodeText, readSmallFile, readTable } from '../tables';
import type { Groups, SideFiles } from './corpus-reader';
import type { KnownCorpus } from './other-corpora';

/** A table of IEMOCAP has one line for each turn: `[6.2901 - 8.2357]	Ses01F_impro01_F000	neu	[2.5000, 2.5000, 2.5000]`. */
const iemocapTurn = /^\[[\d.]+ - [\d.]+\]\s+(\w+)\s+(\w+)/;

const iemocapTables: SideFiles = {
  pattern: /(?:^|\/)EmoEvaluation\/Ses\d\d[FM]_\w+\.txt$/i,
  missing: 'its dialogue in dialog/EmoEvaluation/ of its session',
  keyOf: ({ turn = '' }) => turn,
  read: (root, file) => {
    let text: string | undefined;
    try {
      text = decodeText(readSmallFile(posix.join(root, file), 2 ** 24))?.text;
    } catch (error) {
      throw new InvalidFileError(file, fileErrorReason(error));
    }
    const turns = (text ?? '').split('\n').flatMap((line) => {
      const found = iemocapTurn.exec(line);
      return found ? [[found[1].toLowerCase(), { emotion: found[2] }] as const] : [];
    });
    if (turns.length === 0)
      throw new InvalidFileError(
        file,
        'it must contain lines such as "[6.2901 - 8.2357]	Ses01F_impro01_F000	neu	[2.5000, 2.5000, 2.5000]"; copy it from the corpus again',
      );
    return { groups: new Map(turns), remarks: [] };
  },
};

const meldTables: SideFiles = {
  pattern: /(?:^|\/)(?:train|dev|test)_sent_emo\.csv$/i,
  missing: 'train_sent_emo.csv, dev_sent_emo.csv or test_sent_emo.csv',
  keyOf: ({ fold = '', dialogue = '', utterance = '' }) => [foldOfMeld(fold), dialogue, utterance].join(' '),
  read: (root, file) => {
    const fold = foldOfMeld(posix.basename(file));
    const { lines, remarks } = readTable(posix.join(root, file), {
      name: file,
      required: ['Speaker', 'Emotion', 'Dialogue_ID', 'Utterance_ID'],
    });
    const groups = lines.map(({ cell }): [string, Groups] => [
      [fold, cell('Dialogue_ID'), cell('Utterance_ID')].join(' '),
      { emotion: cell('Emotion'), speaker: cell('Speaker') },
    ]);
    return { groups: new Map(groups), remarks };
  },
};

/** The folder of the test clips has several names in the publisher's archives. */
function foldOfMeld(text: string): string {
  if (/^train/i.test(text)) return 'train';
  return /^dev/i.test(text) ? 'dev' : 'test';
}

/** The main characters; the sex of the others is not stated. */
const meldSexes: Readonly<Record<string, Sex>> = {
  ...{ Chandler: 'male', Joey: 'male', Ross: 'male' },
  ...{ Monica: 'female', Phoebe: 'female', Rachel: 'female' },
};

/** Corpora of conversations; their publishers state the emotions in tables. */
export const dialogueCorpora: readonly KnownCorpus[] = [
  // Ses01F_impro01_M003: session, scene (which counts as the sentence), sex of the speaker and number of the turn; the letter after the session is not the speaker
  {
    name: 'IEMOCAP',
    fullName: 'Interactive Emotional Dyadic Motion Capture database',
    language: 'English',
    publisher: 'University of Southern California, SAIL',
    url: 'https://sail.usc.edu/iemocap/',
    licence: {
      name: 'research use, after registration with the publisher',
      url: 'https://sail.usc.edu/iemocap/iemocap_release.htm',
    },
    citation:
      'Busso C, Bulut M, Lee CC, Kazemzadeh A, Mower E, Kim S, Chang JN, Lee S, Narayanan SS (2008). IEMOCAP: Interactive emotional dyadic motion capture database. Language Resources and Evaluation 42(4): 335-359. https://doi.org/10.1007/s10579-008-9076-6',
    clips: 10_039,
    speakers: 10,
    voices: '10 actors, 5 women and 5 men, in 5 sessions of two, English',
    checked: 'rule only',
    pattern: /(?<turn>Ses0(?<session>[1-5])[FM]_(?<sentence>(?:impro|script)\w+)_(?<sex>[FM])\w*\d)/,
    emotions: {
      ...{ ang: 'anger', dis: 'disgust', fea: 'fear', hap: 'happiness', neu: 'neutral', sad: 'sadness' },
      ...{ sur: 'surprise', exc: 'excited', fru: 'frustrated', oth: 'other', xxx: 'no agreement' },
    },
    more: ({ session, sex }) => ({ speaker: `${session}${sex?.toUpperCase()}` }),
    sideFiles: iemocapTables,
  },
  // train_splits/dia0_utt3: part of the corpus, dialogue, utterance; as MP4, which needs ffmpeg, or converted
  {
    name: 'MELD',
    fullName: 'Multimodal EmotionLines Dataset',
    language: 'English',
    publisher: 'GitHub, declare-lab/MELD',
    url: 'https://github.com/declare-lab/MELD',
    licence: {
      name: 'GPL-3.0 for the tables; for the recordings, see the publisher',
      url: 'https://github.com/declare-lab/MELD',
    },
    citation:
      'Poria S, Hazarika D, Majumder N, Naik G, Cambria E, Mihalcea R (2019). MELD: A Multimodal Multi-Party Dataset for Emotion Recognition in Conversations. Proc. ACL, 527-536. https://doi.org/10.18653/v1/P19-1050',
    clips: 13_708,
    speakers: 304,
    voices: 'characters of the television series Friends, English; six of them speak most utterances',
    checked: 'file names',
    pattern:
      /(?<fold>train|dev|test|output_repeated)[^/]*\/(?:[^/]+\/)?dia(?<dialogue>\d+)_utt(?<utterance>\d+)/,
    emotions: {
      ...{
        anger: 'anger',
        disgust: 'disgust',
        fear: 'fear',
        joy: 'joy',
        neutral: 'neutral',
        sadness: 'sadness',
      },
      surprise: 'surprise',
    },
    more: ({ fold = '', speaker = '' }) => ({ fold: foldOfMeld(fold), sex: meldSexes[speaker] }),
    sideFiles: meldTables,
  },
];
