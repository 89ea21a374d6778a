import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError } from '../../core/base';
import { type ExperimentConfig, type PresetName, presets } from '../../core/config';
import type { ProtocolName } from '../../core/dataset';
import { comparedProtocols } from '../experiment';
import {
  differingOptions,
  isWholeRun,
  type MemberRecord,
  readRunRecords,
  runNamed,
  type StoredRun,
} from '../runs';

/** A run record, and what tells its file from any other. */
export interface FoundRun extends StoredRun {
  path: string;
  sha256: string;
}

/** The runs that a gallery shows. */
export interface ChosenRuns {
  /** under the paper's protocol: its Table II and III, Fig. 9 and 10 */
  paper?: FoundRun;
  /** its honest twin, under `speakers` */
  twin?: FoundRun;
  /** one model under each protocol, from the loosest to the strictest */
  steps: FoundRun[];
  /** trained on one corpus and tested on speakers of it: of each corpus the newest, and those that differ in their seed alone */
  alone: FoundRun[];
  /**
   * of other models, such as the paper's and the baselines, of each the newest under each protocol, whole or of one fold; and the
   * twin's under protocols that are no steps
   */
  others: FoundRun[];
  /** several models as one, the preset's among them: the newest of the same kinds under each protocol, on the same recordings; and on one corpus */
  ensembles: FoundRun[];
  /** why a run is not there */
  missing: string[];
}

/** The options of {@link chooseRuns}. */
export interface ChooseRunsOptions {
  /** parts of the names of records, each of which is taken for its protocol whatever the rules say */
  named?: readonly string[];
  /** of the honest protocols, and of the waterfall */
  preset?: string;
  /** under the paper's protocol, the one to be preferred first; by default `paper-fast`, then `preset` */
  paperPresets?: readonly string[];
}

/** Reads the run records of folders; of two of one name the first is taken. */
export async function findRuns(folders: readonly string[]): Promise<FoundRun[]> {
  const found = new Map<string, FoundRun>();
  for (const folder of folders) {
    for (const record of (await readRunRecords(folder)).records) {
      const path = join(folder, record.file);
      const sha256 = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      if (!found.has(record.file)) found.set(record.file, { ...record, path, sha256 });
    }
  }
  return [...found.values()].sort((a, b) => (a.started < b.started ? -1 : 1));
}

/**
 * Chooses which runs to show: finished ones, of all folds of their protocol, all of them of the same recordings, which are
 * those that the run of the most recordings has (of several such, the newest).
 *
 * - the twin: the newest of `preset` under `speakers`; of several seeds rather that of the preset's
 * - the steps: under each protocol the newest that differs from the twin in nothing but protocol and folds, else in its seed too
 * - alone: of one corpus each, under `speakers` or `leave-one-speaker-out`
 * - ensembles: of the preset, alone or with others, under each protocol on the same recordings, and on one corpus each; nothing else
 *   is one
 * - others: of the same recordings, of another preset, kind of model, width or normalisation than the twin, or under a protocol that
 *   is no step; rather whole than of one fold
 * - the paper's: of the first of `paperPresets` that has runs under `paper-rows` the step, else the newest
 *
 * @param runs - the oldest first
 * @throws {@link InvalidArgumentError} if a name is of no scored run, or of two under one protocol
 */
export function chooseRuns(
  runs: readonly FoundRun[],
  { named = [], preset = 'compact', paperPresets = ['paper-fast', preset] }: ChooseRunsOptions = {},
): ChosenRuns {
  const found = runs.filter(({ report, figures, data }) => report && figures && data).reverse();
  const scored = found.filter(({ members }) => !members);
  const byName = namedRuns(scored, named);
  const whole = scored.filter(({ status, config }) => status === 'finished' && isWholeRun(config.dataset));
  const ofPresets = whole.filter(({ config }) => [preset, ...paperPresets].includes(config.name));
  const most = Math.max(...ofPresets.map(({ data }) => data!.clips));
  const fingerprint = (byName.values().next().value ?? ofPresets.find(({ data }) => data!.clips === most))
    ?.data!.fingerprint;
  const same = whole.filter(({ data }) => data!.fingerprint === fingerprint);
  const under = (protocol: ProtocolName): FoundRun[] =>
    same.filter(({ config }) => config.dataset.protocol === protocol);

  const ofSpeakers = under('speakers').filter((run) => isOfPreset(run, preset));
  const usualSeed = presetNamed(preset)?.seed;
  const twin =
    byName.get('speakers') ??
    ofSpeakers.find(
      (run) => run.config.seed === usualSeed && modelDifferences([ofSpeakers[0], run]).length === 0,
    ) ??
    ofSpeakers.at(0);
  const ofTwin = (protocol: ProtocolName): FoundRun | undefined => {
    if (!twin) return undefined;
    const model = under(protocol).filter((run) => modelDifferences([twin, run]).length === 0);
    return model.find(({ config }) => config.seed === twin.config.seed) ?? model.at(0);
  };
  const step = (protocol: ProtocolName): FoundRun | undefined => {
    if (protocol === 'speakers') return twin;
    const own = byName.get(protocol);
    // What stands for the paper, if it is named, may be another model than the twin.
    const isOther = protocol === 'paper-rows' && own && twin && modelDifferences([twin, own]).length > 0;
    return own && !isOther ? own : ofTwin(protocol);
  };
  const paper =
    byName.get('paper-rows') ??
    paperPresets
      .map((name) => {
        const own = under('paper-rows').filter((run) => isOfPreset(run, name));
        const asTwin = step('paper-rows');
        return own.find((run) => run === asTwin) ?? own.at(0);
      })
      .find((run) => run !== undefined);
  const steps = comparedProtocols.flatMap((protocol) => step(protocol) ?? []);
  const alone = aloneRuns(whole.filter((run) => isOfPreset(run, preset)));
  const others = twin
    ? otherModels(
        scored.filter(({ status, data }) => status === 'finished' && data!.fingerprint === fingerprint),
        twin,
        paper ? [paper, ...steps] : steps,
      )
    : [];
  const ensembles = twin ? ensemblesBeside(twin, found) : [];
  const without = comparedProtocols.filter((protocol) => !step(protocol));
  return {
    ...(paper && { paper }),
    ...(twin && { twin }),
    steps,
    alone,
    others,
    ensembles,
    missing: [
      ...(paper ? [] : [`there is no whole run of preset ${paperPresets.join(' or ')} under paper-rows`]),
      ...(twin ? [] : [`there is no whole run of preset ${preset} under speakers`]),
      ...(twin ? without.map((protocol) => `there is no run of the twin's model under ${protocol}`) : []),
    ],
  };
}

export const presetNamed = (name: string): ExperimentConfig | undefined => presets[name as PresetName];

/** Whether a model is of its preset's own kind, and not of another that was put in its place, as baselines are. */
export const isOwnKind = ({ name, kind }: Pick<MemberRecord, 'name' | 'kind'>): boolean =>
  (presetNamed(name)?.model.kind ?? kind) === kind;

/** A run of the preset's own kind of model, normalised as in the preset. */
function isOfPreset({ config: { name, model, dataset } }: FoundRun, preset: string): boolean {
  const own = presetNamed(preset)?.dataset ?? dataset;
  return (
    name === preset && isOwnKind({ name, kind: model.kind }) && dataset.normalisation === own.normalisation
  );
}

const isStep = (protocol: ProtocolName): boolean =>
  (comparedProtocols as readonly ProtocolName[]).includes(protocol);

/** @param finished - the newest first */
function otherModels(finished: readonly FoundRun[], twin: FoundRun, shown: readonly FoundRun[]): FoundRun[] {
  const model = ({ config: { name, model, dataset } }: FoundRun): string =>
    [name, model.kind, model.width, dataset.normalisation].join();
  const key = (run: FoundRun): string => `${run.config.dataset.protocol},${model(run)}`;
  const isPart = ({ config }: FoundRun): boolean => !isWholeRun(config.dataset);
  const chosen = new Map(shown.map((run) => [key(run), run]));
  for (const run of [...finished].sort((a, b) => Number(isPart(a)) - Number(isPart(b)))) {
    const isTwinElsewhere =
      !isStep(run.config.dataset.protocol) && modelDifferences([twin, run]).length === 0;
    const isTrial = run.config.name === 'quick' || (model(run) === model(twin) && !isTwinElsewhere);
    if (!isTrial && !chosen.has(key(run))) chosen.set(key(run), run);
  }
  return [...chosen.values()].filter((run) => !shown.includes(run));
}

/** @param found - the newest first */
function ensemblesBeside(twin: FoundRun, found: readonly FoundRun[]): FoundRun[] {
  const chosen = new Map<string, FoundRun>();
  for (const run of found) {
    const { config, members = [], data } = run;
    const isSame = data!.fingerprint === twin.data!.fingerprint;
    const hasPreset = members.some((member) => member.name === twin.config.name && isOwnKind(member));
    if (!hasPreset || !isWholeRun(config.dataset)) continue;
    if (!isSame && !isOfOneCorpus(run)) continue;
    const kinds = new Set(members.map(({ name, kind }) => `${name} ${kind}`).sort());
    const key = [config.dataset.protocol, config.corpora, ...kinds].join();
    if (!chosen.has(key)) chosen.set(key, run);
  }
  return [...chosen.values()];
}

/** Trained on one corpus, and tested on speakers of it that were not trained on. */
function isOfOneCorpus(run: FoundRun): boolean {
  const { corpora } = run.config;
  return corpora !== 'all' && corpora.length === 1 && isOfNewSpeakers(run);
}

/** Tested on speakers of the same corpora that were not trained on. */
export const isOfNewSpeakers = ({ config: { dataset } }: Pick<StoredRun, 'config'>): boolean =>
  ['speakers', 'leave-one-speaker-out'].includes(dataset.protocol);

/** @param whole - the newest first */
function aloneRuns(whole: readonly FoundRun[]): FoundRun[] {
  const ofSpeakers = whole.filter(isOfOneCorpus);
  const experiments: FoundRun[][] = [];
  for (const run of ofSpeakers) {
    const seeds = experiments.find(([{ config }]) => config.corpora[0] === run.config.corpora[0]);
    if (!seeds) experiments.push([run]);
    else if (isOtherSeed(run, seeds)) seeds.push(run);
  }
  return experiments.flat();
}

const isOtherSeed = (run: FoundRun, seeds: readonly FoundRun[]): boolean =>
  differingOptions([seeds[0], run]).every((option) => option === 'seed') &&
  seeds.every(({ config }) => config.seed !== run.config.seed) &&
  seeds[0].data!.fingerprint === run.data!.fingerprint;

/** The options that make two runs different models, whatever they were tested on. */
export function modelDifferences(runs: readonly Pick<StoredRun, 'config'>[]): string[] {
  const apart = ['dataset.protocol', 'dataset.fold', 'dataset.folds', 'seed'];
  return differingOptions(runs).filter((option) => !apart.includes(option));
}

function namedRuns(scored: readonly FoundRun[], names: readonly string[]): Map<ProtocolName, FoundRun> {
  const found = new Map<ProtocolName, FoundRun>();
  for (const name of names) {
    const run = runNamed(scored, name);
    const { protocol } = run.config.dataset;
    if (found.has(protocol)) throw new InvalidArgumentError('RUN', `one a protocol, here ${protocol}`, names);
    found.set(protocol, run);
  }
  return found;
}
