import { csvCell, fileNamePart, nameKey, uniqueName, withoutFormula } from '../../core/base';
import type { CorpusSetup } from './setup';

import type { Session, Take } from './session';

/** A take and its file. */
export interface NamedTake {
  take: Take;
  /** relative to `clips.csv` */
  path: string;
}

/** The takes that an export contains: the kept ones, in the order of speaker, emotion, sentence and take. */
export function exportedTakes(session: Session, onlySpeaker?: string): Take[] {
  const { setup } = session;
  const place = (names: readonly string[], name: string): number => {
    const index = names.indexOf(name);
    return index < 0 ? names.length : index;
  };
  const speakers = setup.speakers.map(({ name }) => name);
  const keyOf = ({ prompt }: Take): number[] => [
    place(speakers, prompt.speaker),
    place(setup.emotions, prompt.emotion),
    place(setup.sentences, prompt.sentence),
    prompt.take,
  ];
  return [...session.takes.values()]
    .filter(({ kept, prompt }) => kept && (onlySpeaker === undefined || prompt.speaker === onlySpeaker))
    .map((take) => ({ take, key: keyOf(take) }))
    .sort((a, b) => a.key.map((value, i) => value - b.key[i]).find((difference) => difference !== 0) ?? 0)
    .map(({ take }) => take);
}

/**
 * Names the files: `anna/angry-Kids-are-talking-1.wav`. The folder is the speaker, and no two names differ only in letter case.
 */
export function nameTakes(takes: readonly Take[]): NamedTake[] {
  const folders = new Map<string, string>();
  const takenFolders = new Set<string>();
  const takenFiles = new Set<string>();
  return takes.map((take) => {
    const { speaker, emotion, sentence, take: number } = take.prompt;
    const folder =
      folders.get(speaker) ??
      uniqueName(fileNamePart(speaker, { longest: 40, fallback: 'speaker' }), takenFolders);
    folders.set(speaker, folder);
    const words = [
      fileNamePart(emotion, { longest: 24, fallback: 'emotion' }),
      fileNamePart(sentence, { longest: 40, fallback: 'sentence' }),
      number,
    ];
    return { take, path: uniqueName(`${folder}/${words.join('-')}.wav`, takenFiles) };
  });
}

/** The columns of `clips.csv`. The workbench uses `session` and `recorded` when it merges archives. */
const columns = ['path', 'emotion', 'speaker', 'sex', 'sentence', 'take', 'session', 'recorded'] as const;

/**
 * Formats `clips.csv`, which the workbench reads: UTF-8 with a byte order mark, so that spreadsheet programs recognise it.
 *
 * @param id - see {@link Session.id}
 */
export function clipsCsv(
  { id, setup }: { id: string; setup: Pick<CorpusSetup, 'speakers'> },
  clips: readonly NamedTake[],
): string {
  const sexOf = new Map(setup.speakers.map(({ name, sex }) => [nameKey(name), sex]));
  const lines = clips.map(({ path, take: { prompt, recordedAt } }) => {
    const { speaker, emotion, sentence, take } = prompt;
    const sex = sexOf.get(nameKey(speaker)) ?? '';
    const texts = [path, emotion, speaker, sex, sentence, String(take), id, recordedAt];
    return texts.map((text) => csvCell(withoutFormula(text))).join(',');
  });
  return `\uFEFF${[columns.join(','), ...lines].join('\n')}\n`;
}
