import { type CorpusName, corpusNames } from '../../core/base';
import type { CorpusDescription } from './readers/corpus-reader';
import { knownCorpora } from './readers/read-names';

/** Description and download sources of a corpus of the paper: the machine-readable form of data/README.md. */
export interface CorpusCard extends CorpusDescription {
  name: CorpusName;
  /** folder name in the canonical layout, and name of the manifest */
  folder: string;
  /** the corpus's own labels, as spelt in its file names */
  labels: readonly string[];
  /** tried in order */
  sources: readonly Source[];
  /** tables of the corpus: speakers, listeners' votes */
  sideFiles: readonly SideFile[];
}

/** A download source. */
export type Source = ArchiveSource | FilesSource;

/** A zip archive of the whole corpus. */
export interface ArchiveSource {
  kind: 'archive';
  /** for messages: `Zenodo`, `Kaggle` */
  name: string;
  url: string;
  /** published size */
  bytes?: number;
  /** published digest */
  digest?: { algorithm: 'md5' | 'sha256'; hex: string };
}

/** A folder on a server with one file per clip, named as in the manifest. */
export interface FilesSource {
  kind: 'files';
  name: string;
  /** ends with `/`; the clip's file name is appended */
  baseUrl: string;
}

/** A table of a corpus, downloaded separately from the audio. */
export interface SideFile {
  /** canonical path, starting with the corpus folder */
  path: string;
  url: string;
  /** lower-case hex */
  sha256: string;
}

/** Kaggle serves public datasets without an account, see https://www.kaggle.com/discussions/product-feedback/485439 */
function kaggle(slug: string): Source {
  return { kind: 'archive', name: 'Kaggle', url: `https://www.kaggle.com/api/v1/datasets/download/${slug}` };
}

const cremadRepository = 'CheyneyComputerScience/CREMA-D';
/** The tables are pinned to a commit, because their hashes below must match. They have not changed since 2018. */
const cremadTables = `https://raw.githubusercontent.com/${cremadRepository}/1658cd342dff90010aa843eaeebd53610a08b1dc`;

/** The cards of the four corpora, in the order of the paper's tables. */
export const corpusCards: Readonly<Record<CorpusName, CorpusCard>> = {
  RAVDESS: {
    name: 'RAVDESS',
    fullName: 'Ryerson Audio-Visual Database of Emotional Speech and Song (speech, audio only)',
    language: 'English',
    folder: 'ravdess',
    publisher: 'Zenodo, record 1188976',
    url: 'https://zenodo.org/records/1188976',
    licence: { name: 'CC BY-NC-SA 4.0', url: 'https://creativecommons.org/licenses/by-nc-sa/4.0/' },
    citation:
      'Livingstone SR, Russo FA (2018). The Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS): ' +
      'A dynamic, multimodal set of facial and vocal expressions in North American English. ' +
      'PLoS ONE 13(5): e0196391. https://doi.org/10.1371/journal.pone.0196391',
    clips: 1440,
    speakers: 24,
    voices: '24 professional actors, 12 women and 12 men, North American English',
    checked: 'recordings',
    labels: ['neutral', 'calm', 'happy', 'sad', 'angry', 'fearful', 'disgust', 'surprised'],
    sources: [
      {
        kind: 'archive',
        name: 'Zenodo',
        url: 'https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip?download=1',
        bytes: 208_468_073,
        // from the record's page
        digest: { algorithm: 'md5', hex: 'bc696df654c87fed845eb13823edef8a' },
      },
      kaggle('uwrfkaggler/ravdess-emotional-speech-audio'),
    ],
    sideFiles: [],
  },
  'CREMA-D': {
    name: 'CREMA-D',
    fullName: 'Crowd-sourced Emotional Multimodal Actors Dataset',
    language: 'English',
    folder: 'cremad',
    publisher: `GitHub, ${cremadRepository}`,
    url: `https://github.com/${cremadRepository}`,
    licence: { name: 'ODbL 1.0', url: 'https://opendatacommons.org/licenses/odbl/1-0/' },
    citation:
      'Cao H, Cooper DG, Keutmann MK, Gur RC, Nenkova A, Verma R (2014). CREMA-D: Crowd-sourced Emotional ' +
      'Multimodal Actors Dataset. IEEE Transactions on Affective Computing 5(4): 377-390. ' +
      'https://doi.org/10.1109/TAFFC.2014.2336244',
    clips: 7442,
    speakers: 91,
    voices: '91 actors, 43 women and 48 men, aged 20 to 74, English',
    checked: 'recordings',
    labels: ['ANG', 'DIS', 'FEA', 'HAP', 'NEU', 'SAD'],
    sources: [
      // One resumable archive is faster than 7,442 requests. Every clip is checked by its hash in both cases.
      kaggle('ejlok1/cremad'),
      {
        kind: 'files',
        name: 'GitHub',
        baseUrl: `https://media.githubusercontent.com/media/${cremadRepository}/master/AudioWAV/`,
      },
    ],
    sideFiles: [
      {
        path: 'cremad/VideoDemographics.csv',
        url: `${cremadTables}/VideoDemographics.csv`,
        sha256: 'e33ddc8b60bedf98541735801127cbb67098b5957271adbdd5dea8a44294eec3',
      },
      {
        path: 'cremad/processedResults/summaryTable.csv',
        url: `${cremadTables}/processedResults/summaryTable.csv`,
        sha256: 'fb0e382700d32c0d9adc0c6815292215a36bcf912f2657048862c91e3bd2b317',
      },
      {
        path: 'cremad/processedResults/tabulatedVotes.csv',
        url: `${cremadTables}/processedResults/tabulatedVotes.csv`,
        sha256: '774d9d759cb5caf2542758a39eca8c0f1d2777f9987ff5d5adf8066d192f377b',
      },
    ],
  },
  TESS: {
    name: 'TESS',
    fullName: 'Toronto Emotional Speech Set',
    language: 'English',
    folder: 'tess',
    publisher: 'Borealis (University of Toronto), doi 10.5683/SP2/E8H2MF',
    url: 'https://doi.org/10.5683/SP2/E8H2MF',
    licence: { name: 'CC BY-NC-ND 4.0', url: 'https://creativecommons.org/licenses/by-nc-nd/4.0/' },
    citation:
      'Pichora-Fuller MK, Dupuis K (2020). Toronto emotional speech set (TESS). Borealis, V1. ' +
      'https://doi.org/10.5683/SP2/E8H2MF',
    clips: 2800,
    speakers: 2,
    voices: '2 actresses, aged 26 (YAF) and 64 (OAF), Toronto English',
    checked: 'recordings',
    labels: ['angry', 'disgust', 'fear', 'happy', 'neutral', 'ps', 'sad'],
    sources: [kaggle('ejlok1/toronto-emotional-speech-set-tess')],
    sideFiles: [],
  },
  SAVEE: {
    name: 'SAVEE',
    fullName: 'Surrey Audio-Visual Expressed Emotion database',
    language: 'English',
    folder: 'savee',
    publisher: 'University of Surrey, CVSSP',
    url: 'http://kahlan.eps.surrey.ac.uk/savee/',
    licence: {
      name: 'research use, after registration with the publisher',
      url: 'http://kahlan.eps.surrey.ac.uk/savee/Download.html',
    },
    citation:
      'Haq S, Jackson PJB (2010). Multimodal Emotion Recognition. In: Wang W (ed.), Machine Audition: Principles, ' +
      'Algorithms and Systems, IGI Global, 398-423. Haq S, Jackson PJB (2009). Speaker-Dependent Audio-Visual ' +
      'Emotion Recognition. Proc. Int. Conf. on Auditory-Visual Speech Processing (AVSP), 53-58',
    clips: 480,
    speakers: 4,
    voices: '4 men (DC, JE, JK, KL), aged 27 to 31, British English',
    checked: 'recordings',
    labels: ['a', 'd', 'f', 'h', 'n', 'sa', 'su'],
    sources: [kaggle('ejlok1/surrey-audiovisual-expressed-emotion-savee')],
    sideFiles: [],
  },
};

/** All corpora that are recognised by their file names: those of the paper, then the others by name. */
export const corpusDescriptions: readonly CorpusDescription[] = [
  ...corpusNames.map((name) => corpusCards[name]),
  ...knownCorpora.values(),
];

/** The description of a corpus; undefined for the user's own corpora. */
export const describeCorpus = (name: string): CorpusDescription | undefined =>
  corpusDescriptions.find((corpus) => corpus.name === name);
