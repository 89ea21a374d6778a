import type { Clip, CorpusName } from '../../core/base';
import { labelByName } from './label-files';
import { readManifest } from './manifest';

/**
 * The clips of a whole original corpus as its manifest lists them, without having a single file: the labels that names tell,
 * in path order. What only CREMA-D's tables know (sex, age, votes) is not there, nor is `remark`.
 *
 * @param directory - where the manifests lie
 * @throws InvalidFileError when the manifest is absent or damaged
 */
export function manifestClips(corpus: CorpusName, directory?: string): Clip[] {
  return readManifest(corpus, directory).map(({ path, sampleRate, channels, frames, sha256 }) => ({
    ...labelByName(path)!.labels,
    path,
    corpus,
    sampleRate,
    channels,
    durationSec: frames / sampleRate,
    sha256,
  }));
}
