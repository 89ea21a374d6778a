import { type Clip, corpusNames } from '../../core/base';
import type { Split } from '../../core/dataset';
import { featureConfig } from '../../core/features';
import { manifestClips } from '../corpora';
import { experimentSplits } from '../experiment';
import { dataFingerprint, foldsHash, type FoldsRecord, splitSizes, type StoredRun } from '../runs';

type Run = Pick<StoredRun, 'file' | 'config' | 'data' | 'splits' | 'folds' | 'members'>;

/**
 * Finds the runs that the current code would split differently. The clips come from the committed manifests, so that no audio is
 * needed. Runs with other clips are skipped. Near duplicates come from the newest record that lists those of the same clips.
 *
 * Compares the hash of the folds or, for old records without one, the number of rows of each split. An ensemble without a hash is skipped,
 * because its members have their own records.
 *
 * @returns one line per run
 */
export function foldProblems(runs: readonly Run[]): string[] {
  const clips = corpusNames.flatMap((corpus) => manifestClips(corpus));
  const known = new Map<string, FoldsRecord['nearDuplicates']>();
  for (const { data, folds } of runs) {
    if (data && folds?.nearDuplicates) known.set(data.fingerprint, folds.nearDuplicates);
  }
  const pairs = [...known.values()].flatMap((list) => list ?? []);
  const computed = new Map<string, SplitClips>();
  return runs.flatMap((run) => {
    const key = JSON.stringify([run.config.corpora, run.config.dataset, run.config.features]);
    const now = computed.get(key) ?? splitsNow(run, clips, pairs);
    computed.set(key, now);
    const problem = problemOf(run, now);
    return problem === undefined ? [] : [`records/${run.file}: ${problem}`];
  });
}

interface SplitClips {
  clips: Clip[];
  versions: string[];
  splits: Split[];
}

/** The splits that the current code makes for the config of a run. */
function splitsNow({ config }: Run, all: readonly Clip[], pairs: readonly [string, string][]): SplitClips {
  const { corpora, features } = config;
  const clips = all.filter(({ corpus }) => corpora === 'all' || corpora.includes(corpus));
  const set = { clips, versions: Object.keys(featureConfig(features).versions) };
  const paths = new Set(clips.map(({ path }) => path));
  const own = pairs.filter((pair) => pair.every((path) => paths.has(path)));
  return { ...set, splits: experimentSplits(set, config, { pairs: own.map((pair) => ({ paths: pair })) }) };
}

function problemOf(run: Run, now: SplitClips): string | undefined {
  if (dataFingerprint(now.clips) !== run.data?.fingerprint) return undefined;
  const names = run.folds?.splits ?? run.splits.map(({ name }) => name);
  const byName = new Map(now.splits.map((split) => [split.name, split]));
  const missing = names.find((name) => !byName.has(name));
  if (missing !== undefined) return `the current code makes no split named ${JSON.stringify(missing)}`;
  const splits = names.map((name) => byName.get(name)!);
  if (run.folds) {
    if (foldsHash(now, splits) === run.folds.hash) return undefined;
    return 'the current code divides the clips into other folds; run it again';
  }
  const trainVersions = run.config.dataset.trainVersions;
  for (const [i, { name, rows }] of run.splits.entries()) {
    const sizes = splitSizes(splits[i]);
    // The oldest records count all versions of the training clips, even if only some are trained on.
    const perClip = trainVersions === 'all' ? 1 : now.versions.length / trainVersions.length;
    const isSame =
      (rows.train === sizes.train || rows.train === sizes.train * perClip) &&
      rows.validation === sizes.validation &&
      rows.test === sizes.test;
    if (!isSame) {
      const text = (count: typeof rows): string => `${count.train}/${count.validation}/${count.test}`;
      return `${name} has ${text(rows)} rows (training/validation/test), but ${text(sizes)} with the current code; run it again`;
    }
  }
  return undefined;
}
