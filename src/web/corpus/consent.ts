import { corpusFolder, groupBy } from '../../core/base';
import type { Session } from './session';
import type { NamedTake } from './table';
import { unknownEmotions } from './setup';

/** What everybody should know before the first recording; shown on the page and packed into each archive. */
export const consentRules: readonly string[] = [
  'A voice identifies a person. Recordings of people are personal data, even under a code name.',
  'Ask everyone before recording: say what the recordings are for, who will hear them, where they are kept and when they are deleted. Nobody must take part, and anyone may stop at any time and have their recordings deleted.',
  'For minors, the parents or guardians must agree as well, in writing. Many schools and universities have their own rules and forms: ask first.',
  'Use codes such as S1 for the speakers, not full names, and keep the list of names elsewhere. Do not publish or upload the recordings without a separate agreement.',
  'The emotions are acted. Nobody has to act an emotion that makes them uncomfortable: skip the prompt.',
];

/** The text of `README.txt` in an archive. */
export function consentText({ setup }: Session, clips: readonly NamedTake[]): string {
  const folder = corpusFolder(setup.name);
  const bySpeaker = groupBy(clips, ({ take }) => take.prompt.speaker);
  const unknown = unknownEmotions({ emotions: [...new Set(clips.map(({ take }) => take.prompt.emotion))] });
  return [
    `${setup.name}: ${clips.length} recordings of acted emotions`,
    '',
    ...[...bySpeaker].map(([speaker, own]) => `  ${speaker}: ${own.length} recordings`),
    '',
    'Recordings of people',
    '',
    ...consentRules.map((rule) => `- ${rule}`),
    '',
    'Use in the Speech Emotion Workbench',
    '',
    `  npm run data -- add ARCHIVE.zip`,
    `  npm run train -- --preset quick --corpora ${folder} --set dataset.protocol=leave-one-speaker-out`,
    '',
    'Archives of several people with the same corpus name are merged: npm run data -- add A.zip B.zip',
    'clips.csv lists the recordings and their labels; corpus.json lets the page continue on another device.',
    ...(unknown.length > 0
      ? ['', `The workbench has no class for: ${unknown.join(', ')}. It skips these recordings and says so.`]
      : []),
    '',
  ].join('\n');
}
