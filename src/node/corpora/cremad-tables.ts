import { posix, relative, sep } from 'node:path';
import {
  type Clip,
  type ClipLabels,
  countOf,
  demoName,
  type Emotion,
  InvalidFileError,
  type VoiceVotes,
} from '../../core/base';
import { cremadEmotions } from './readers/paper-corpora';
import type { Remark, SkippedFile } from './load-report';
import { findInFolder, readTable, type TableLine } from './tables';

type Demographics = Pick<ClipLabels, 'sex' | 'age' | 'race' | 'ethnicity'>;

/** The contents of CREMA-D's tables. */
export interface CremadTables {
  /** by speaker, `CREMA-D-1001` */
  actors: Map<string, Demographics>;
  /** by file name without extension in upper case, `1001_DFA_ANG_XX` */
  votes: Map<string, VoiceVotes>;
  /** tables that cannot be used */
  rejected: SkippedFile[];
  /** invalid values, counted by column */
  remarks: Remark[];
}

const races = ['African American', 'Asian', 'Caucasian', 'Synthetic'];
const ethnicities = ['Hispanic', 'Not Hispanic', 'Synthetic'];
const actorColumns = ['ActorID', 'Age', 'Sex', 'Race', 'Ethnicity'];
const summaryColumns = ['FileName', 'VoiceVote', 'VoiceLevel'];

/**
 * Reads CREMA-D's `VideoDemographics.csv` and the votes of its listeners: `processedResults/tabulatedVotes.csv`, which counts every
 * vote, or else `processedResults/summaryTable.csv`, which has only the winners. Votes on the voice alone are used. Invalid values are
 * left undefined and counted in a remark.
 *
 * @param folder - contains the tables; a missing table gives an empty map
 * @param options.root - the data folder, for messages
 * @param options.corpus - `CREMA-D` or its demo
 */
export function readCremadTables(
  folder: string,
  { root, corpus }: { root: string; corpus: string },
): CremadTables {
  const tables: CremadTables = { actors: new Map(), votes: new Map(), rejected: [], remarks: [] };
  const results = findInFolder(folder, 'processedResults');

  read(
    findInFolder(folder, 'VideoDemographics.csv'),
    actorColumns,
    ({ cell }, { known, number, invalid }) => {
      const actor = `CREMA-D-${cell('ActorID')}`;
      if (!/^CREMA-D-\d{4}$/.test(actor) || tables.actors.has(actor)) {
        invalid('ActorID');
        return;
      }
      tables.actors.set(actor, {
        sex: known('Sex', ['female', 'male'] as const),
        age: number('Age', 120),
        race: known('Race', races, 'unknown'),
        ethnicity: known('Ethnicity', ethnicities, 'unknown'),
      });
    },
  );
  read(results && findInFolder(results, 'tabulatedVotes.csv'), voteColumns, ({ cell }, checks) => {
    // Rows 100001 to 107442 are the votes on the voice alone; votes on the face and on both follow.
    if (!/^1\d{5}$/.test(cell(''))) {
      if (!/^[23]\d{5}$/.test(cell(''))) checks.invalid('');
      return;
    }
    const clip = cell('fileName').toUpperCase();
    if (tables.votes.has(clip)) {
      checks.invalid('fileName');
      return;
    }
    const emotions = checks.winners('emoVote');
    if (emotions.length === 0) return;
    const counts = [...letters].map(([letter, emotion]) => [emotion, checks.number(letter, 1000)] as const);
    tables.votes.set(clip, {
      emotions,
      level: checks.number('meanEmoResp', 100),
      ...(counts.every(([, count]) => count !== undefined) && { counts: Object.fromEntries(counts) }),
    });
  });
  if (tables.votes.size > 0) return tables;
  read(results && findInFolder(results, 'summaryTable.csv'), summaryColumns, ({ cell }, checks) => {
    const clip = cell('FileName').toUpperCase();
    if (tables.votes.has(clip)) {
      checks.invalid('FileName');
      return;
    }
    const emotions = checks.winners('VoiceVote');
    if (emotions.length === 0) return;
    const level = checks.numbers('VoiceLevel', 100);
    tables.votes.set(clip, {
      emotions,
      level: level && level.reduce((sum, one) => sum + one) / level.length,
    });
  });
  return tables;

  function read(
    path: string | undefined,
    required: readonly string[],
    use: (line: TableLine, checks: Checks) => void,
  ): void {
    if (path === undefined) return;
    const name = posix.join(...relative(root, path).split(sep));
    const found = new Map<string, { count: number; example: string }>();
    try {
      const table = readTable(path, { name, required });
      for (const text of table.remarks) tables.remarks.push({ text, corpus });
      for (const line of table.lines) {
        const note = (column: string, text: string): void => {
          const before = found.get(column);
          found.set(column, { example: text, ...before, count: (before?.count ?? 0) + 1 });
        };
        if (line.problem === undefined) use(line, checksOf(line, note));
        else note('a line', line.problem);
      }
    } catch (error) {
      if (!(error instanceof InvalidFileError)) throw error;
      const reason = `${error.reason}; its values are missing`;
      tables.rejected.push({ path: name, reason, corpus, kind: 'table' });
    }
    for (const [column, { count, example }] of found) {
      const text = `${name}: ${column || 'row number'} is invalid or repeated in ${countOf(count, 'line')} and was ignored, for example ${example}`;
      tables.remarks.push({ text, corpus });
    }
  }
}

/** Returns the clip with the demographics of its actor and its votes, where the tables have them. */
export function withCremadTables(clip: Clip, { actors, votes }: CremadTables): Clip {
  const name = posix.basename(clip.path).replace(/\.[^.]*$/, '');
  const clipVotes = votes.get(name.toUpperCase());
  return {
    ...clip,
    ...actors.get(clip.speaker?.replace(demoName(''), '') ?? ''),
    ...(clipVotes && { votes: clipVotes }),
  };
}

const letters = new Map([...cremadEmotions].map(([code, emotion]) => [code[0], emotion]));
/** The first column, the row number, has no name. */
const voteColumns = ['', ...letters.keys(), 'fileName', 'emoVote', 'meanEmoResp'];

/** Readers of the cells of a line; they return undefined for invalid values. */
interface Checks {
  /** one of some values, in any letter case */
  known: <T extends string>(column: string, values: readonly T[], unknown?: string) => T | undefined;
  /** a number from 0 to `most` */
  number: (column: string, most: number) => number | undefined;
  /** numbers separated by colons */
  numbers: (column: string, most: number) => number[] | undefined;
  /** emotions by their letters, separated by colons; empty if none is valid */
  winners: (column: string) => Emotion[];
  /** counts the cell as invalid */
  invalid: (column: string) => void;
}

function checksOf({ cell }: TableLine, note: (column: string, text: string) => void): Checks {
  const invalid = (column: string): void => {
    note(column, JSON.stringify(cell(column).slice(0, 40)));
  };
  const checked = <T>(column: string, value: T | undefined): T | undefined => {
    if (value === undefined) invalid(column);
    return value;
  };
  const numbersIn = (column: string, most: number): number[] | undefined => {
    const values = cell(column)
      .split(':')
      .map((text) => (/^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : NaN));
    return values.every((value) => value <= most) ? values : undefined;
  };
  return {
    invalid,
    known: (column, values, unknown) => {
      const text = cell(column).toLowerCase();
      if (text === '' || text === unknown) return undefined;
      return checked(
        column,
        values.find((value) => value.toLowerCase() === text),
      );
    },
    number: (column, most) => {
      const values = numbersIn(column, most);
      return checked(column, values?.length === 1 ? values[0] : undefined);
    },
    numbers: (column, most) => checked(column, numbersIn(column, most)),
    winners: (column) => {
      const found = cell(column)
        .split(':')
        .map((letter) => letters.get(letter.trim().toUpperCase()));
      if (found.includes(undefined)) invalid(column);
      return [...new Set(found.filter((emotion) => emotion !== undefined))];
    },
  };
}
