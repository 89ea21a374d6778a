import { parse } from 'csv-parse/sync';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Clip,
  type ClipLabels,
  demoName,
  type Emotion,
  InvalidFileError,
  messageOf,
  type Sex,
  type VoiceVotes,
} from '../../core/base';
import { cremadEmotions } from './file-names';

type Demographics = Pick<ClipLabels, 'sex' | 'age' | 'race' | 'ethnicity'>;

/** The contents of CREMA-D's tables. */
export interface CremadTables {
  /** by speaker, `CREMA-D-1001` */
  actors: Map<string, Demographics>;
  /** by file name without extension, `1001_DFA_ANG_XX` */
  votes: Map<string, VoiceVotes>;
}

/**
 * Reads CREMA-D's `VideoDemographics.csv` and the votes of its listeners: `processedResults/tabulatedVotes.csv`, which counts every
 * vote, else `processedResults/summaryTable.csv`, which has only the winners. Votes on the voice alone are used.
 *
 * @param folder - contains the tables; a missing table gives an empty map
 * @throws {@link InvalidFileError} if a table cannot be read or lacks a column
 */
export function readCremadTables(folder: string): CremadTables {
  const actors = new Map<string, Demographics>();
  for (const row of readTable(join(folder, 'VideoDemographics.csv'), actorColumns)) {
    actors.set(`CREMA-D-${row.ActorID}`, {
      sex: row.Sex.toLowerCase() as Sex,
      age: Number(row.Age),
      race: knownOrUndefined(row.Race),
      ethnicity: knownOrUndefined(row.Ethnicity),
    });
  }
  const results = join(folder, 'processedResults');
  const tabulated = readTable(join(results, 'tabulatedVotes.csv'), voteColumns);
  const summary =
    tabulated.length > 0
      ? []
      : readTable(join(results, 'summaryTable.csv'), ['FileName', 'VoiceVote', 'VoiceLevel']);
  return {
    actors,
    votes: new Map([
      // Rows 100001 to 107442 are the votes on the voice alone; votes on the face and on both follow.
      ...tabulated
        .filter((row) => row[''].startsWith('1'))
        .map((row) => [row.fileName, tabulatedVotes(row)] as const),
      ...summary.map((row) => [row.FileName, summarisedVotes(row)] as const),
    ]),
  };
}

/** Returns the clip with the demographics of its actor and its votes, where the tables have them. */
export function withCremadTables(clip: Clip, { actors, votes }: CremadTables): Clip {
  const name = clip.path.replace(/^.*\//, '').replace(/\.wav$/i, '');
  const clipVotes = votes.get(name);
  return {
    ...clip,
    ...actors.get(clip.speaker?.replace(demoName(''), '') ?? ''),
    ...(clipVotes && { votes: clipVotes }),
  };
}

function tabulatedVotes(row: Record<string, string>): VoiceVotes {
  const counts: Partial<Record<Emotion, number>> = {};
  for (const [letter, emotion] of letters) counts[emotion] = Number(row[letter]);
  return { emotions: winners(row.emoVote), level: Number(row.meanEmoResp), counts };
}

function summarisedVotes(row: Record<string, string>): VoiceVotes {
  const levels = row.VoiceLevel.split(':').map(Number);
  return {
    emotions: winners(row.VoiceVote),
    level: levels.reduce((sum, level) => sum + level) / levels.length,
  };
}

const letters = new Map(Object.entries(cremadEmotions).map(([code, emotion]) => [code[0], emotion!]));
const winners = (votes: string): Emotion[] => votes.split(':').flatMap((letter) => letters.get(letter) ?? []);

const actorColumns = ['ActorID', 'Age', 'Sex', 'Race', 'Ethnicity'];
/** The first column, the row number, has no name. */
const voteColumns = ['', ...letters.keys(), 'fileName', 'emoVote', 'meanEmoResp'];

/** @throws {@link InvalidFileError} if the file is not a CSV table with these columns, for example after a spreadsheet program saved it */
function readTable(path: string, columns: readonly string[]): Record<string, string>[] {
  if (!existsSync(path)) return [];
  let rows: Record<string, string>[];
  try {
    rows = parse(readFileSync(path), { columns: true, skip_empty_lines: true, bom: true });
  } catch (error) {
    throw new InvalidFileError(path, `it is not a CSV table: ${messageOf(error)}`);
  }
  const missing = columns.filter((column) => rows.length > 0 && !(column in rows[0]));
  if (missing.length > 0) {
    const listed = (names: readonly string[]): string =>
      names.map((name) => name || '"" (the first)').join(', ');
    throw new InvalidFileError(
      path,
      `it must have the columns ${listed(columns)}; missing: ${listed(missing)}`,
    );
  }
  return rows;
}

const knownOrUndefined = (text: string): string | undefined =>
  text === 'Unknown' || text === '' ? undefined : text;
