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
import { cremadEmotions } from './cremad';

type Demographics = Pick<ClipLabels, 'sex' | 'age' | 'race' | 'ethnicity'>;

/** CREMA-D's side files, as far as they lie beside the audio. */
export interface CremadTables {
  /** by speaker, `CREMA-D-1001` */
  actors: Map<string, Demographics>;
  /** by file name without ending, `1001_DFA_ANG_XX` */
  votes: Map<string, VoiceVotes>;
}

/**
 * Reads CREMA-D's `VideoDemographics.csv` and its listeners' votes: `processedResults/tabulatedVotes.csv`, which counts
 * every vote, else `processedResults/summaryTable.csv`, which names the winners. Only votes on the voice alone are taken.
 *
 * @param folder - where the side files lie; absent ones give empty maps
 * @throws {@link InvalidFileError} if one is there but cannot be read, or lacks a column
 */
export function readCremadTables(folder: string): CremadTables {
  const actors = new Map<string, Demographics>();
  for (const row of readTable(join(folder, 'VideoDemographics.csv'), actorColumns)) {
    actors.set(`CREMA-D-${row.ActorID}`, {
      sex: row.Sex.toLowerCase() as Sex,
      age: Number(row.Age),
      race: known(row.Race),
      ethnicity: known(row.Ethnicity),
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
      // Rows 100001 to 107442 are the votes on the voice alone; those on the face and on both follow.
      ...tabulated
        .filter((row) => row[''].startsWith('1'))
        .map((row) => [row.fileName, tabulatedVotes(row)] as const),
      ...summary.map((row) => [row.FileName, summarisedVotes(row)] as const),
    ]),
  };
}

/** Adds what the tables know of a clip to it. */
export function withCremadTables(clip: Clip, { actors, votes }: CremadTables): Clip {
  const name = clip.path.replace(/^.*\//, '').replace(/\.wav$/i, '');
  const heard = votes.get(name);
  return {
    ...clip,
    ...actors.get(clip.speaker?.replace(demoName(''), '') ?? ''),
    ...(heard && { votes: heard }),
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
/** The first has no name: it is the row's number. */
const voteColumns = ['', ...letters.keys(), 'fileName', 'emoVote', 'meanEmoResp'];

/** @throws {@link InvalidFileError} if it is no table with these columns, as one that another program saved anew may be */
function readTable(path: string, columns: readonly string[]): Record<string, string>[] {
  if (!existsSync(path)) return [];
  let rows: Record<string, string>[];
  try {
    rows = parse(readFileSync(path), { columns: true, skip_empty_lines: true, bom: true });
  } catch (error) {
    throw new InvalidFileError(path, `it is no CSV table: ${messageOf(error)}`);
  }
  const missing = columns.filter((column) => rows.length > 0 && !(column in rows[0]));
  if (missing.length > 0) {
    const named = (names: readonly string[]): string =>
      names.map((name) => name || '"" (the first)').join(', ');
    throw new InvalidFileError(
      path,
      `it must have the columns ${named(columns)}; missing: ${named(missing)}`,
    );
  }
  return rows;
}

const known = (text: string): string | undefined => (text === 'Unknown' || text === '' ? undefined : text);
