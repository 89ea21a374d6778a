import { protocolMark } from '../../core/evaluation';
import type { Corpora } from '../corpora';
import { dataFingerprint, type Environment, recordSource } from '../runs';
import type { FoundRun } from './choose-runs';
import { textsOf } from './drawing-texts';
import type { Drawing, GalleryItem } from './gallery-item';

/** Which recordings a figure shows: the same fingerprint, the same recordings under the same labels. */
export interface CorporaFacts {
  source: string;
  clips: number;
  fingerprint: string;
}

/** A run record that a figure was drawn from, and what it says. */
export interface RecordFacts {
  /** in the gallery's folder `records` */
  file: string;
  sha256: string;
  /** of the config */
  hash: string;
  preset: string;
  seed: number;
  protocol: string;
  rows: number;
  accuracy: number;
  uar: number;
}

/** What is kept beside a figure or table: all that it takes to make it again, and to check it. */
export interface Sidecar {
  figure: string;
  title?: string;
  source?: string;
  /** of the gallery; absent for a picture that was made by hand */
  item?: string;
  /** all that were made with it, its own name first */
  files: string[];
  command: string;
  /** of what was drawn or trained by chance; null where nothing was */
  seed: number | null;
  /** null where it shows no recordings */
  corpora: CorporaFacts | null;
  /** none where it shows no scores */
  protocols: string[];
  records: RecordFacts[];
  commit?: string;
  /** the code differed from the commit */
  changed?: boolean;
}

/** What an item was drawn from. */
export interface DrawnFrom {
  corpora?: Pick<Corpora, 'source' | 'clips'>;
  runs?: readonly FoundRun[];
}

/** The facts of a drawing, but for the commit, which alone may differ when it is made again. */
export function factsOf(
  item: GalleryItem,
  drawing: Drawing,
  { corpora, runs = [] }: DrawnFrom,
): Omit<Sidecar, 'commit' | 'changed'> {
  const { figure, table } = drawing;
  const texts = Object.keys(textsOf(item.name, drawing));
  const files = figure ? [`${item.name}.png`, ...texts] : texts;
  const records = runs.map(recordFacts);
  return {
    figure: files[0],
    title: figure ? figure.layout.title?.text : table.title,
    source: figure ? figure.layout.title?.subtitle?.text.replaceAll('<br>', ' ') : table.source,
    item: item.name,
    files,
    command: `npm run figures -- --only ${item.name}`,
    seed: item.from === 'clips' ? (item.seed ?? null) : (records.at(0)?.seed ?? null),
    corpora: corporaFacts(item, corpora, runs),
    protocols: [...new Set(records.map(({ protocol }) => protocol))],
    records,
  };
}

function corporaFacts(
  item: GalleryItem,
  corpora: DrawnFrom['corpora'],
  [run]: readonly FoundRun[],
): CorporaFacts | null {
  if (item.from === 'clips' && corpora) {
    const { source, clips } = corpora;
    return { source, clips: clips.length, fingerprint: dataFingerprint(clips) };
  }
  if (item.from !== 'runs') return null;
  const { config, data } = run;
  return {
    source: recordSource({ config, data: data! }),
    clips: data!.clips,
    fingerprint: data!.fingerprint,
  };
}

function recordFacts({ file, sha256, hash, config, report }: FoundRun): RecordFacts {
  const { rows, scores } = report!.pooled;
  return {
    ...{ file, sha256, hash, preset: config.name, seed: config.seed },
    ...{ protocol: protocolMark(report!), rows },
    ...{ accuracy: scores.accuracy!.value, uar: scores.uar!.value },
  };
}

/** The facts with the code's state, as the file holds them. */
export function withCommit(
  facts: Omit<Sidecar, 'commit' | 'changed'>,
  { commit, changed }: Pick<Environment, 'commit' | 'changed'>,
): Sidecar {
  return { ...facts, ...(commit !== undefined && { commit, changed }) };
}
