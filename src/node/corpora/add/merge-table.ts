import { csvCell, nameKey, uniqueName } from '../../../core/base';
import type { ArchivedClip, ArchivedCorpus } from './read-archive';

/** A line of the merged table. */
export interface MergedClip {
  path: string;
  /** the other cells by column */
  cells: Map<string, string>;
  sha256: string;
  /** archive or folder that the line is from */
  source: string;
}

/** What happened to a recording of an archive. */
export type MergeAction = 'added' | 'present' | 'replaced' | 'outdated';

/** A speaker of that name is in several sources. */
export interface SharedSpeaker {
  speaker: string;
  sources: string[];
  /** the name that the speaker of the last source was given to keep them apart */
  renamedTo?: string;
}

/** Merges the lines of archives into one table. Paths stay unique, also where letter case is ignored. */
export interface TableMerger {
  /**
   * Adds a recording.
   *
   * @returns what happened; for `added` and `replaced` the path to write, and for `replaced` the path to delete
   */
  add: (
    corpus: Pick<ArchivedCorpus, 'archive'>,
    clip: ArchivedClip,
    sha256: string,
  ) => { action: MergeAction; path?: string; obsolete?: string };
  shared: () => SharedSpeaker[];
  /** the table as CSV */
  csv: () => string;
}

const labelColumns = ['speaker', 'emotion', 'sentence', 'take'];

/**
 * Creates a {@link TableMerger}.
 *
 * A recording is present already if bytes and labels are the same. The same prompt of the same recording session with other bytes is a
 * newer or an older version of it (column `recorded`), and the newer one stays. Everything else is added.
 *
 * Speakers with the same name in different sessions count as one person, so that no voice is in both training and test set, or are kept
 * apart under different names.
 *
 * @param before - lines and columns of the existing corpus
 */
export function mergeTables(
  before: { clips: readonly MergedClip[]; columns: readonly string[] },
  archives: readonly ArchivedCorpus[],
  { keepSpeakersApart }: { keepSpeakersApart: boolean },
): TableMerger {
  const columns = [...new Set([...before.columns, ...archives.flatMap((archive) => archive.columns)])];
  let clips = [...before.clips];
  const takenPaths = new Set(clips.map(({ path }) => nameKey(path)));
  const byContent = new Map<string, MergedClip>();
  const byPrompt = new Map<string, MergedClip>();
  /** name in the table of a speaker of a session */
  const names = new Map<string, string>();
  const shared = new Map<string, SharedSpeaker>();
  const cell = ({ cells }: Pick<MergedClip, 'cells'>, column: string): string => cells.get(column) ?? '';
  const key = (clip: Pick<MergedClip, 'cells'>, ...others: string[]): string =>
    JSON.stringify([...labelColumns.map((column) => cell(clip, column)), ...others]);
  /** The session, or the archive of a table without this column. */
  const sourceOf = (clip: Pick<MergedClip, 'cells'>, source: string): string =>
    cell(clip, 'session') || `in ${source}`;
  const enter = (clip: MergedClip): void => {
    byContent.set(key(clip, clip.sha256), clip);
    const session = cell(clip, 'session');
    if (session !== '') byPrompt.set(key(clip, session), clip);
  };
  /** sources of each speaker of the merged table: session or archive → name of the source for messages */
  const sources = new Map<string, Map<string, string>>();
  const enterSpeaker = (clip: MergedClip): void => {
    const speaker = cell(clip, 'speaker');
    const own = sources.get(speaker) ?? new Map<string, string>();
    sources.set(speaker, own.set(sourceOf(clip, clip.source), clip.source));
  };
  for (const clip of before.clips) {
    enter(clip);
    enterSpeaker(clip);
  }
  // A speaker of a session who was given another name earlier keeps it: the recordings are recognised by their bytes.
  const known = new Map(before.clips.map((clip) => [`${cell(clip, 'session')} ${clip.sha256}`, clip]));

  const nameOf = (clip: ArchivedClip, sha256: string, archive: string): string => {
    const speaker = cell(clip, 'speaker');
    if (speaker === '') return '';
    const source = sourceOf(clip, archive);
    const id = JSON.stringify([speaker, source]);
    const given = names.get(id);
    if (given !== undefined) return given;
    const session = cell(clip, 'session');
    const earlier = session === '' ? undefined : known.get(`${session} ${sha256}`);
    const others = sources.get(speaker);
    let name = earlier ? cell(earlier, 'speaker') : speaker;
    if (!earlier && others && !others.has(source)) {
      if (keepSpeakersApart) {
        for (let number = 2; sources.has(name); number++) name = `${speaker} (${number})`;
      }
      shared.set(id, {
        speaker,
        sources: [...new Set([...others.values(), archive])],
        ...(name !== speaker && { renamedTo: name }),
      });
    }
    names.set(id, name);
    return name;
  };

  return {
    add: ({ archive }, incoming, sha256) => {
      const cells = new Map(incoming.cells).set('speaker', nameOf(incoming, sha256, archive));
      const clip: MergedClip = { path: incoming.path, cells, sha256, source: archive };
      if (byContent.has(key(clip, sha256))) return { action: 'present' };
      const session = cell(clip, 'session');
      const version = session === '' ? undefined : byPrompt.get(key(clip, session));
      if (version) {
        if (cell(version, 'recorded') >= cell(clip, 'recorded')) return { action: 'outdated' };
        clips = clips.filter((other) => other !== version);
        byContent.delete(key(version, version.sha256));
      }
      clip.path = uniqueName(incoming.path, takenPaths);
      clips.push(clip);
      enter(clip);
      enterSpeaker(clip);
      return version
        ? { action: 'replaced', path: clip.path, obsolete: version.path }
        : { action: 'added', path: clip.path };
    },
    shared: () => [...shared.values()],
    csv: () => {
      const used = ['path', ...columns];
      const lines = clips.map((clip) =>
        used.map((column) => csvCell(column === 'path' ? clip.path : cell(clip, column))).join(','),
      );
      return `\uFEFF${[used.map(csvCell).join(','), ...lines].join('\n')}\n`;
    },
  };
}
