import type { Emotion } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import { classesOf, type Audit, type Split } from '../../core/dataset';
import type { FeatureSet } from '../../core/features';
import { inputWithoutRows, modelInput, type ExperimentResult } from '../../core/prediction';
import { chooseCorpora, loadCorpora } from '../corpora';
import { loadEngine } from '../engine';
import { experimentFeatures, nearDuplicatesOf } from '../extraction';
import { dataFingerprint } from '../runs';
import { auditedSplits } from './audited-splits';
import type { ExperimentOptions } from './run-experiment';
import type { SplitsContext } from './train-splits';

/** An experiment as it is before anything is trained. */
export interface PreparedExperiment extends SplitsContext {
  set: FeatureSet;
  classNames: Emotion[];
  splits: Split[];
  audits: Audit[];
  data: ExperimentResult['data'];
  /** when it was begun, of `performance.now()`, and how long the features took */
  begun: number;
  featureSeconds: number;
}

/** Loads what an experiment is about: engine, features, labels, and the splits, audited. */
export async function prepareExperiment(
  config: ExperimentConfig,
  options: Pick<ExperimentOptions, 'corpora' | 'engine' | 'set' | 'signal' | 'onFeatures' | 'onAudit'>,
): Promise<PreparedExperiment> {
  const { signal, onFeatures, onAudit } = options;
  // A model that cannot read its features is better refused before they are made.
  inputWithoutRows(config);
  const begun = performance.now();
  const corpora = chooseCorpora(options.corpora ?? (await loadCorpora()), config.corpora);
  const engine = options.engine ?? (await loadEngine());
  const set = options.set ?? (await experimentFeatures(corpora, config, { signal, onFeatures }));
  const nearDuplicates = await nearDuplicatesOf(set, corpora, { signal, onFeatures });
  const featureSeconds = (performance.now() - begun) / 1000;
  const classNames = classesOf(set.clips);
  const { splits, audits } = auditedSplits(set, config, nearDuplicates);
  onAudit?.(audits);
  const fingerprint = dataFingerprint(set.clips);
  return {
    config,
    engine,
    set,
    input: modelInput(set, config.model.kind),
    labels: labelsOf(set, classNames),
    classNames,
    classes: classNames.length,
    splits,
    audits,
    fingerprint,
    data: { source: corpora.source, clips: set.clips.length, fingerprint },
    begun,
    featureSeconds,
  };
}

/** Index of each row's class; shape [rows]. */
function labelsOf(
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  classes: readonly Emotion[],
): Int32Array {
  const ofClip = clips.map(({ emotion }) => classes.indexOf(emotion));
  return Int32Array.from(
    { length: clips.length * versions.length },
    (_, row) => ofClip[Math.floor(row / versions.length)],
  );
}
