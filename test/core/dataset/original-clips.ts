import { type Clip, type CorpusName, corpusNames } from '../../../src/core/base';
import { manifestClips } from '../../../src/node/corpora/committed-files';

/** All clips of the original corpora, from their manifests. */
export const originalClips = (...corpora: CorpusName[]): Clip[] =>
  (corpora.length > 0 ? corpora : corpusNames).flatMap((corpus) => manifestClips(corpus));

/** A minimal clip for tests of protocols. */
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
