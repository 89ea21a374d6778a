import { type Clip, type CorpusName, corpusNames } from '../../../src/core/base';
import { manifestClips } from '../../../src/node/corpora/manifest';

/** The clips of whole corpora, from their manifests. */
export const originalClips = (...corpora: CorpusName[]): Clip[] =>
  (corpora.length > 0 ? corpora : corpusNames).flatMap((corpus) => manifestClips(corpus));

/** A clip with as little as a protocol needs. */
export const madeClip = (path: string, labels: Partial<Clip> = {}): Clip => ({
  path,
  corpus: 'own',
  label: 'happy',
  emotion: 'happy',
  sampleRate: 16_000,
  channels: 1,
  durationSec: 2,
  sha256: path,
  ...labels,
});
