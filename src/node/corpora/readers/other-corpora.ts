import type { CorpusDescription, CorpusReader } from './corpus-reader';

/** A published corpus that is read from the names of its files, and perhaps tables of its publisher. */
export type KnownCorpus = CorpusDescription & CorpusReader;

const isOdd = (text?: string): boolean => Number(text) % 2 === 1;

/** Ages of EMO-DB's speakers, years. */
const emodbAges: Readonly<Record<string, number>> = {
  ...{ '03': 31, '08': 34, '09': 21, 10: 32, 11: 26, 12: 30, 13: 32, 14: 35, 15: 25, 16: 31 },
};
/** Ages of CaFE's actors 1 to 12, years. */
const cafeAges = [46, 64, 18, 50, 22, 34, 15, 25, 42, 20, 35, 37];

/** Corpora with all labels in the names of their files, by their publishers' naming rules. */
export const namedCorpora: readonly KnownCorpus[] = [
  // 03a01Fa: speaker, text, emotion (initial of the German word), version
  {
    name: 'EMO-DB',
    fullName: 'Berlin Database of Emotional Speech',
    language: 'German',
    publisher: 'Technical University of Berlin',
    url: 'http://emodb.bilderbar.info/docu/',
    licence: { name: 'see the publisher', url: 'http://emodb.bilderbar.info/docu/' },
    citation:
      'Burkhardt F, Paeschke A, Rolfes M, Sendlmeier W, Weiss B (2005). A Database of German Emotional Speech. Proc. Interspeech, 1517-1520. https://doi.org/10.21437/Interspeech.2005-446',
    clips: 535,
    speakers: 10,
    voices: '10 actors, 5 women and 5 men, aged 21 to 35, German',
    checked: 'rule only',
    pattern: /(?<speaker>03|08|09|1[0-6])(?<sentence>[ab]\d\d)(?<emotion>[A-Z])(?<take>[a-g])/,
    emotions: {
      W: 'anger',
      L: 'boredom',
      E: 'disgust',
      A: 'fear',
      F: 'happiness',
      T: 'sadness',
      N: 'neutral',
    },
    more: ({ speaker = '' }) => ({
      sex: ['03', '10', '11', '12', '15'].includes(speaker) ? 'male' : 'female',
      age: emodbAges[speaker],
    }),
  },
  // dis-f1-b1: emotion (first letters of the Italian word), sex and number of the actor, sentence
  {
    name: 'EMOVO',
    fullName: 'EMOVO Corpus: an Italian Emotional Speech Database',
    language: 'Italian',
    publisher: 'Fondazione Ugo Bordoni',
    url: 'http://voice.fub.it/activities/corpora/emovo/index.html',
    licence: { name: 'see the publisher', url: 'http://voice.fub.it/activities/corpora/emovo/index.html' },
    citation:
      'Costantini G, Iaderola I, Paoloni A, Todisco M (2014). EMOVO Corpus: an Italian Emotional Speech Database. Proc. LREC, 3501-3504. http://lrec-conf.org/proceedings/lrec2014/summaries/591.html',
    clips: 588,
    speakers: 6,
    voices: '6 actors, 3 women and 3 men, Italian',
    checked: 'file names',
    pattern: /(?<emotion>[a-z]{3})-(?<speaker>(?<sex>[fm])[123])-(?<sentence>b[123]|l[1-4]|n[1-5]|d[12])/,
    emotions: {
      ...{
        dis: 'disgust',
        gio: 'joy',
        neu: 'neutral',
        pau: 'fear',
        rab: 'anger',
        sor: 'surprise',
        tri: 'sadness',
      },
    },
  },
  // 01-C-1-1: actor, emotion (initial of the French word), intensity, sentence; actors with odd numbers are men
  {
    name: 'CaFE',
    fullName: 'Canadian French Emotional speech dataset',
    language: 'French (Canada)',
    publisher: 'Zenodo, record 1478765 (Université de Sherbrooke)',
    url: 'https://zenodo.org/records/1478765',
    licence: { name: 'CC BY-NC-SA 4.0', url: 'https://creativecommons.org/licenses/by-nc-sa/4.0/' },
    citation:
      'Gournay P, Lahaie O, Lefebvre R (2018). A Canadian French Emotional Speech Dataset. Proc. ACM Multimedia Systems Conference, 399-402. https://doi.org/10.1145/3204949.3208121',
    clips: 936,
    speakers: 12,
    voices: '12 actors, 6 women and 6 men, aged 15 to 64, Canadian French',
    checked: 'file names',
    pattern: /(?<speaker>0[1-9]|1[0-2])-(?<emotion>[A-Z])-(?<intensity>[12])-(?<sentence>[1-6])/,
    emotions: { C: 'anger', D: 'disgust', J: 'joy', N: 'neutral', P: 'fear', S: 'surprise', T: 'sadness' },
    intensities: { 1: 'low', 2: 'high' },
    more: ({ speaker }) => ({ sex: isOdd(speaker) ? 'male' : 'female', age: cafeAges[Number(speaker) - 1] }),
  },
  // SM1_F12_A012: sex and number of the speaker, file of the speaker, emotion and file of the emotion
  {
    name: 'URDU',
    fullName: 'URDU Dataset: utterances from Urdu talk shows',
    language: 'Urdu',
    publisher: 'GitHub, siddiquelatif/URDU-Dataset',
    url: 'https://github.com/siddiquelatif/URDU-Dataset',
    licence: { name: 'research use', url: 'https://github.com/siddiquelatif/URDU-Dataset' },
    citation:
      'Latif S, Qayyum A, Usman M, Qadir J (2018). Cross Lingual Speech Emotion Recognition: Urdu vs. Western Languages. Proc. Int. Conf. on Frontiers of Information Technology (FIT), 88-93. https://arxiv.org/abs/1812.10411',
    clips: 400,
    speakers: 29,
    voices:
      'guests of talk shows; the publisher states 38 speakers, the file names 29 (11 women and 18 men), Urdu',
    checked: 'recordings',
    pattern: /S(?<speaker>(?<sex>[MF])\d+)_F\d+_(?<emotion>[A-Z])\d+/,
    letterCase: 'upper',
    emotions: { A: 'Angry', H: 'Happy', N: 'Neutral', S: 'Sad' },
  },
  // female1_angry_1a_1: sex and number of the speaker, emotion, sentence, session
  {
    name: 'JL-Corpus',
    fullName: 'JL corpus: emotional speech in New Zealand English',
    language: 'English (New Zealand)',
    publisher: 'Kaggle, tli725/jl-corpus (University of Auckland)',
    url: 'https://www.kaggle.com/datasets/tli725/jl-corpus',
    licence: { name: 'see the publisher', url: 'https://www.kaggle.com/datasets/tli725/jl-corpus' },
    citation:
      'James J, Tian L, Watson C (2018). An Open Source Emotional Speech Corpus for Human Robot Interaction Applications. Proc. Interspeech, 2768-2772. https://doi.org/10.21437/Interspeech.2018-1349',
    clips: 2400,
    speakers: 4,
    voices: '4 speakers, 2 women and 2 men, New Zealand English',
    checked: 'file names',
    pattern: /(?<speaker>(?<sex>female|male)[12])_(?<emotion>[a-z]+)_(?<sentence>\d+[ab])_(?<take>[12])/,
    emotions: {
      ...{
        angry: 'angry',
        happy: 'happy',
        neutral: 'neutral',
        sad: 'sad',
        excited: 'excited',
        anxious: 'anxious',
      },
      ...{
        apologetic: 'apologetic',
        assertive: 'assertive',
        concerned: 'concerned',
        encouraging: 'encouraging',
      },
    },
  },
  // F01A01: sex and number of the speaker, emotion, number of the utterance
  {
    name: 'ShEMO',
    fullName: 'Sharif Emotional Speech Database',
    language: 'Persian',
    publisher: 'GitHub, mansourehk/ShEMO',
    url: 'https://github.com/mansourehk/ShEMO',
    licence: { name: 'academic research use', url: 'https://github.com/mansourehk/ShEMO' },
    citation:
      'Mohamad Nezami O, Jamshid Lou P, Karami M (2019). ShEMO: a large-scale validated database for Persian speech emotion detection. Language Resources and Evaluation 53(1): 1-16. https://doi.org/10.1007/s10579-018-9427-x',
    clips: 3000,
    speakers: 87,
    voices: '87 speakers of radio plays, 31 women and 56 men, Persian',
    checked: 'file names',
    pattern: /(?<speaker>(?<sex>[FM])\d\d)(?<emotion>[A-Z])\d\d/,
    letterCase: 'upper',
    emotions: { A: 'anger', F: 'fear', H: 'happiness', N: 'neutral', S: 'sadness', W: 'surprise' },
  },
  // f18 (5)b: emotion, utterance, speaker, and a letter if there are several takes
  {
    name: 'AESDD',
    fullName: 'Acted Emotional Speech Dynamic Database',
    language: 'Greek',
    publisher: 'Aristotle University of Thessaloniki, M3C',
    url: 'http://m3c.web.auth.gr/research/aesdd-speech-emotion-recognition/',
    licence: {
      name: 'see the publisher',
      url: 'http://m3c.web.auth.gr/research/aesdd-speech-emotion-recognition/',
    },
    citation:
      'Vryzas N, Kotsakis R, Liatsou A, Dimoulas CA, Kalliris G (2018). Speech Emotion Recognition for Performance Interaction. Journal of the Audio Engineering Society 66(6): 457-467. https://doi.org/10.17743/jaes.2018.0036',
    clips: 604,
    speakers: 6,
    voices: '6 actors, Greek',
    checked: 'file names',
    // Five names have speaker (01) instead of (1).
    pattern: /(?<emotion>[adfhs])(?<sentence>\d\d) \(0?(?<speaker>\d{1,2})\)(?<take>[a-z])?/,
    emotions: { a: 'anger', d: 'disgust', f: 'fear', h: 'happiness', s: 'sadness' },
  },
  // F_02_MONIKA_S_1_NEUTRAL_5: sex, number and name of the speaker, sentence, emotion, take
  {
    name: 'SUBESCO',
    fullName: 'SUST Bangla Emotional Speech Corpus',
    language: 'Bangla',
    publisher: 'Zenodo, record 4526477 (Shahjalal University of Science and Technology)',
    url: 'https://zenodo.org/records/4526477',
    licence: { name: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' },
    citation:
      'Sultana S, Rahman MS, Selim MR, Iqbal MZ (2021). SUST Bangla Emotional Speech Corpus (SUBESCO): An audio-only emotional speech corpus for Bangla. PLoS ONE 16(4): e0250173. https://doi.org/10.1371/journal.pone.0250173',
    clips: 7000,
    speakers: 20,
    voices: '20 actors, 10 women and 10 men, Bangla',
    checked: 'rule only',
    // One name ends with a bracket: F_02_MONIKA_S_2_SURPRISE_3]
    pattern: /(?<sex>[FM])_(?<number>\d\d)_[A-Z]+_S_(?<sentence>\d+)_(?<emotion>[A-Z]+)_(?<take>\d)\]?/,
    letterCase: 'upper',
    emotions: {
      ...{ ANGRY: 'angry', DISGUST: 'disgust', FEAR: 'fear', HAPPY: 'happy', NEUTRAL: 'neutral', SAD: 'sad' },
      SURPRISE: 'surprise',
    },
    more: ({ sex, number }) => ({ speaker: `${sex}${number}` }),
  },
  // Anger_C_A_abajo: emotion, voice (women, men or children), list of words, word
  {
    name: 'MESD',
    fullName: 'Mexican Emotional Speech Database',
    language: 'Spanish (Mexico)',
    publisher: 'Mendeley Data, doi 10.17632/cy34mh68j9 (Tecnológico de Monterrey)',
    url: 'https://data.mendeley.com/datasets/cy34mh68j9',
    licence: { name: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' },
    citation:
      'Duville MM, Alonso-Valerdi LM, Ibarra-Zarate DI (2021). Mexican Emotional Speech Database Based on Semantic, Frequency, Familiarity, Concreteness, and Cultural Shaping of Affective Prosody. Data 6(12): 130. https://doi.org/10.3390/data6120130',
    clips: 862,
    speakers: 3,
    voices:
      '3 women, 2 men and 6 children, Mexican Spanish; the file names only state the group, which counts as one speaker, so that no voice is in both training and test set',
    checked: 'file names',
    pattern: /(?<emotion>[a-z]+)_(?<voice>[CFM])_[AB]_(?<word>.+)/,
    emotions: {
      ...{ anger: 'anger', disgust: 'disgust', fear: 'fear', happiness: 'happiness', neutral: 'neutral' },
      sadness: 'sadness',
    },
    more: ({ voice, word }) => ({
      ...(voice === 'c'
        ? { speaker: 'children' }
        : voice === 'f'
          ? { speaker: 'women', sex: 'female' }
          : { speaker: 'men', sex: 'male' }),
      sentence: word?.replaceAll('_', ' '),
    }),
  },
  // 0011/Angry/0011_000351: speaker, emotion (folder), number; perhaps with a folder train, evaluation or test between them
  {
    name: 'ESD',
    fullName: 'Emotional Speech Dataset',
    language: 'Mandarin and English',
    publisher: 'GitHub, HLTSingapore/Emotional-Speech-Data',
    url: 'https://github.com/HLTSingapore/Emotional-Speech-Data',
    licence: { name: 'research use', url: 'https://github.com/HLTSingapore/Emotional-Speech-Data' },
    citation:
      'Zhou K, Sisman B, Liu R, Li H (2022). Emotional voice conversion: Theory, databases and ESD. Speech Communication 137: 1-18. https://doi.org/10.1016/j.specom.2021.11.006',
    clips: 35_000,
    speakers: 20,
    voices: '20 speakers, 10 of Mandarin (0001 to 0010) and 10 of English, 5 women and 5 men each',
    checked: 'file names',
    pattern:
      /(?<speaker>00(?:0[1-9]|1\d|20))\/(?<emotion>[^/]+)\/(?:(?:train|evaluation|test)\/)?\k<speaker>_(?<number>\d{6})/,
    emotions: { Angry: 'Angry', Happy: 'Happy', Neutral: 'Neutral', Sad: 'Sad', Surprise: 'Surprise' },
    // The 350 sentences of a language are numbered in the same order for each emotion.
    more: ({ speaker = '', number }) => ({
      sex: /0004|0005|0006|0008|001[0-4]|0020/.test(speaker) ? 'male' : 'female',
      sentence: `${Number(speaker) <= 10 ? 'zh' : 'en'} ${((Number(number) - 1) % 350) + 1}`,
    }),
  },
];
