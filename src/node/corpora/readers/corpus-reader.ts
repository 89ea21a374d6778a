import { type ClipLabels, type Emotion, emotionOf, type Intensity, type Sex } from '../../../core/base';

/** What is known about a published corpus: the machine-readable form of data/README.md. */
export interface CorpusDescription {
  name: string;
  fullName: string;
  language: string;
  publisher: string;
  url: string;
  licence: { name: string; url: string };
  citation: string;
  /** as published */
  clips: number;
  speakers: number;
  /** description of the speakers */
  voices: string;
  /** what the reader was checked against: the recordings, a published list of all file names, or nothing but the publisher's rule */
  checked: 'recordings' | 'file names' | 'rule only';
}

/** The named groups of a pattern; missing groups are undefined. */
export type Groups = Readonly<Partial<Record<string, string>>>;

/** How the labels of a published corpus are read from the names of its files. */
export interface CorpusReader {
  name: string;
  /**
   * Matches the end of a path without extension, from the start of a file or folder name, in any letter case. Named groups: `emotion`, and
   * if the names have them `speaker`, `sex`, `sentence`, `intensity`, `take` (a number or a letter) and `fold`. Others are for `more`.
   */
  pattern: RegExp;
  /** the letter case of all groups but `emotion`, so that copies with other names have the same labels; default `lower` */
  letterCase?: 'lower' | 'upper';
  /**
   * What the codes in group `emotion` mean: the published label, or this label and the emotion that it counts as. Labels that are none of
   * the seven emotions are left out, unless a label map keeps them.
   */
  emotions: Readonly<Record<string, string | readonly [label: string, emotion: Emotion]>>;
  /** what the codes in group `intensity` mean */
  intensities?: Readonly<Record<string, Intensity>>;
  /** labels that the groups do not state directly; a speaker is given without the name of the corpus */
  more?: (groups: Groups) => Partial<ClipLabels>;
  /** for corpora whose file names do not contain the emotion */
  sideFiles?: SideFiles;
}

/** The tables of a corpus with the labels of its clips. */
export interface SideFiles {
  /** matches their paths below the data folder */
  pattern: RegExp;
  /** what a clip without a table lacks, for messages */
  missing: string;
  /** the key of a clip in the tables */
  keyOf: (groups: Groups) => string;
  /**
   * Reads one table.
   *
   * @param file - its path below `root`
   * @returns groups by the key of the clip, and how it was read
   * @throws InvalidFileError if it cannot be read
   */
  read: (root: string, file: string) => { groups: ReadonlyMap<string, Groups>; remarks: string[] };
}

/** The labels of a clip, or why its name cannot be read. */
export type NameLabels = { corpus: string } & ({ labels: ClipLabels } | { problem: string });

/** A {@link CorpusReader}, ready to read many names. */
export interface CompiledReader {
  reader: CorpusReader;
  /** the groups of a name; undefined if it does not follow the pattern */
  match: (path: string) => Groups | undefined;
  labelsOf: (groups: Groups) => NameLabels;
}

export function compileReader(reader: CorpusReader): CompiledReader {
  const { name: corpus, pattern, letterCase, intensities, more } = reader;
  const anchored = new RegExp(`(?:^|/)(?:${pattern.source})$`, 'iu');
  const emotions = new Map(
    Object.entries(reader.emotions).map(([code, meaning]) => {
      const [label, emotion] =
        typeof meaning === 'string' ? [meaning, emotionOf(meaning) ?? meaning.toLowerCase()] : meaning;
      return [code.toLowerCase(), { label, emotion }];
    }),
  );
  return {
    reader,
    match: (path) => {
      const groups = anchored.exec(path)?.groups;
      if (!groups) return undefined;
      const recase = (text?: string) => (letterCase === 'upper' ? text?.toUpperCase() : text?.toLowerCase());
      return Object.fromEntries(
        Object.entries(groups).map(([group, text]) => [group, group === 'emotion' ? text : recase(text)]),
      );
    },
    labelsOf: (groups) => {
      const meaning = emotions.get((groups.emotion ?? '').toLowerCase());
      if (!meaning) {
        const codes = Object.keys(reader.emotions).join(', ');
        return {
          corpus,
          problem: `"${groups.emotion}" is no label of ${corpus}, which has ${codes}; list the file in a clips.csv to give it a label`,
        };
      }
      const others = more?.(groups) ?? {};
      const speaker = others.speaker ?? groups.speaker;
      const labels: ClipLabels = {
        label: meaning.label, // not spread, see loadCorpora
        emotion: meaning.emotion,
        sex: sexOf(groups.sex),
        sentence: groups.sentence,
        intensity: intensities?.[groups.intensity ?? ''],
        take: takeOf(groups.take),
        fold: groups.fold,
        ...others,
        speaker: speaker && `${corpus}-${speaker}`,
      };
      return { corpus, labels };
    },
  };
}

function sexOf(text = ''): Sex | undefined {
  if (/^f/i.test(text)) return 'female';
  return /^m/i.test(text) ? 'male' : undefined;
}

/** 2 for `2`, `02` and `b` */
function takeOf(text?: string): number | undefined {
  if (!text) return undefined;
  return /^\d+$/.test(text) ? Number(text) : text.toLowerCase().charCodeAt(0) - 96;
}
