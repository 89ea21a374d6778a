import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, formatCount, InvalidFileError, WorkbenchError } from '../../core/base';
import {
  configDifferences,
  configHash,
  type ExperimentConfig,
  experimentConfig,
  type OptionValues,
  isPreset,
  valueText,
} from '../../core/config';
import type { ConditionsReport } from '../../core/evaluation';
import type { Engine } from '../../core/network';
import { singlesOf } from '../../core/prediction';
import { chooseCorpora, type Corpora, corporaFor } from '../corpora';
import { paths } from '../files';
import { loadModel } from '../models';
import { dataFingerprint, type MemberRecord } from '../runs';
import { recordsIn } from './committed-predictions';
import { type FigureRuns, findRuns, type FoundRun, listedRuns, modelDifferences } from './figure-runs';

/** Groups of published results. */
export const reproductionTargets = ['paper', 'speakers', 'all'] as const;
export type ReproductionTarget = (typeof reproductionTargets)[number];

/** A published result, or a member of a published ensemble without a record of its own. */
export interface PublishedResult {
  kind: 'run' | 'ensemble' | 'conditions';
  /** identifies what is computed */
  key: string;
  /** preset and changed options, or the members */
  name: string;
  /** of the run; of an ensemble that of its record; of conditions that of the model's first member */
  config: ExperimentConfig;
  /** what must be there before: the members of an ensemble, in order, or the model under conditions */
  needs: PublishedResult[];
  /** the published record */
  record?: FoundRun;
  /** the published scores of the model under recording conditions, and its folder */
  conditions?: ConditionsReport & { model: string };
}

/** Where the published results are. Replaced in tests. */
export interface PublishedPlaces {
  /** folder with `figures.json` and `records`; default `figures` */
  gallery?: string;
  /** folder of the published model; default `data/models/speakers` */
  model?: string;
}

/** The published results of a target. */
export interface PublishedResults {
  /** the most important first, members before their ensemble */
  results: PublishedResult[];
  /** all published records, also those of other targets; oldest first */
  records: FoundRun[];
  /** ensembles with a member that no record, model or preset describes */
  unknown: { name: string; reason: string }[];
}

/**
 * The results that a target reproduces, from `figures/figures.json`, the published records and the published model:
 *
 * - `paper`: the runs of the paper's figures and tables and of the waterfall, all runs under `paper-rows`, and their networks under the
 *   other protocols
 * - `speakers`: the published model, its scores, and its scores under recording conditions
 * - `all`: both, then the rows of the results tables, then the other records
 *
 * @throws the errors of reading these files
 */
export async function publishedResults(
  target: ReproductionTarget,
  engine: Engine,
  { gallery = paths.figures, model = join(paths.models, 'speakers') }: PublishedPlaces = {},
): Promise<PublishedResults> {
  const records = await findRuns([recordsIn(gallery)], {
    onSkipped: ([{ file, reason }]) => {
      throw new InvalidFileError(join(recordsIn(gallery), file), reason);
    },
  });
  const list = await listedRuns(join(gallery, 'figures.json'), records);
  const scored = records.filter(({ status, report }) => status === 'finished' && report);
  const published =
    target === 'paper' || !existsSync(model) ? undefined : await publishedModel(engine, model);
  const { results, unknown, addRecord, addModel } = collectResults(scored, published?.configs ?? []);
  if (target !== 'speakers') paperRuns(list).forEach(addRecord);
  if (published) addModel(published);
  if (target === 'all') [...list.results, ...list.resultsByCorpus, ...scored].forEach(addRecord);
  return {
    results: [...results.values()],
    records,
    unknown: [...unknown].map(([name, reason]) => ({ name, reason })),
  };
}

/** What the computation of published results depends on. */
export interface ReproductionInputs extends PublishedResults {
  engine: Engine;
  /** only the published corpora */
  corpora: Corpora;
  /** folder of the run records */
  runs: string;
}

/** Options of {@link reproductionInputs}. */
export interface InputsOptions extends PublishedPlaces {
  engine: Engine;
  corpora: Corpora;
  /** folder of the run records; default `runs` */
  runs?: string;
}

/**
 * Finds the published results of a target, and checks that the recordings are those that they were computed on.
 *
 * @throws {@link WorkbenchError} if corpora are missing or their clips differ, with the remedy
 */
export async function reproductionInputs(
  target: ReproductionTarget,
  { engine, corpora, runs = paths.runs, ...places }: InputsOptions,
): Promise<ReproductionInputs> {
  const published = await publishedResults(target, engine, places);
  const { results, records } = published;
  if (results.length === 0) throw new WorkbenchError(`there are no published results of ${target}`);
  const names = [
    ...new Set(records.flatMap(({ report }) => report?.perCorpus.map(({ name }) => name) ?? [])),
  ];
  const loaded = new Set(corpora.clips.map(({ corpus }) => corpus));
  const missing = names.filter((name) => !loaded.has(name));
  if (missing.length > 0)
    throw new WorkbenchError(
      `published results need the original recordings of ${names.join(', ')}; missing: ${missing.join(', ')}` +
        `${corpora.synthetic ? ' (only the synthetic demo is there)' : ''}. Get them with: npm run data -- download (data/README.md explains it), or set SER_DATA to their folder; then run this command again`,
    );
  const chosen = chooseCorpora(corpora, names);
  for (const { config, record } of results) {
    const { clips } = corporaFor(chosen, config);
    if (!record?.data || record.data.fingerprint === dataFingerprint(clips)) continue;
    throw new WorkbenchError(
      `the recordings are not those of the published results: ${formatCount(clips.length)} clips, fingerprint ${dataFingerprint(clips)}; ` +
        `${record.file} has ${formatCount(record.data.clips)} clips, fingerprint ${record.data.fingerprint}. npm run data -- verify lists missing and altered clips`,
    );
  }
  return { ...published, engine, corpora: chosen, runs };
}

function paperRuns({ paper, speakers, waterfall, headline, results }: FigureRuns): FoundRun[] {
  const steps = [...(paper ? [paper] : []), ...waterfall];
  const others = [...headline, ...results].filter(
    (run) =>
      !run.members &&
      (run.config.dataset.protocol === 'paper-rows' ||
        steps.some((step) => modelDifferences([step, run]).length === 0)),
  );
  return [...steps, ...(speakers ? [speakers] : []), ...others];
}

interface PublishedModel {
  configs: ExperimentConfig[];
  conditions?: PublishedResult['conditions'];
}

async function publishedModel(engine: Engine, folder: string): Promise<PublishedModel> {
  const model = await loadModel(engine, folder);
  const { conditions } = model.card;
  return {
    configs: singlesOf(model).map(({ config }) => config),
    ...(conditions && { conditions: { ...conditions, model: folder } }),
  };
}

/** Collects results without duplicates, in the order in which they are added. */
function collectResults(records: readonly FoundRun[], modelConfigs: readonly ExperimentConfig[]) {
  const results = new Map<string, PublishedResult>();
  const unknown = new Map<string, string>();

  const add = (result: PublishedResult): PublishedResult => {
    const known = results.get(result.key);
    if (!known) results.set(result.key, result);
    return known ?? result;
  };
  const addRun = (config: ExperimentConfig): PublishedResult => {
    const key = configHash(config);
    const record = records.findLast((one) => !one.members && configHash(one.config) === key);
    return add({ kind: 'run', key, name: runName(config), config, needs: [], ...(record && { record }) });
  };
  const addEnsemble = (configs: readonly ExperimentConfig[], record?: FoundRun): PublishedResult => {
    const hashes = configs.map(configHash);
    const needs = configs.map((config, i) => {
      const isPublished = records.some((one) => !one.members && one.hash === hashes[i]);
      // The versions of the test clips do not matter for training.
      return addRun(
        isPublished ? config : experimentConfig(config, { dataset: { testVersions: 'original' } }),
      );
    });
    const [config] = configs;
    const key = ensembleKey(hashes);
    const name = ensembleName(configs);
    return add({
      kind: 'ensemble',
      key,
      name,
      config: record?.config ?? config,
      needs,
      ...(record && { record }),
    });
  };
  return {
    results,
    unknown,
    addRecord: (record: FoundRun): void => {
      const { file, config, members } = record;
      if (!members) {
        addRun(config);
        return;
      }
      const known = [...records.map((one) => one.config), ...modelConfigs];
      const configs = members.map((member) => memberConfig(member, config, known));
      const missing = members.find((_, i) => !configs[i]);
      if (!missing) addEnsemble(configs as ExperimentConfig[], record);
      else
        unknown.set(
          file,
          `no record, model or preset has the config of its member ${missing.name}, seed ${missing.seed}, hash ${missing.hash.slice(0, 8)}`,
        );
    },
    addModel: ({ configs, conditions }: PublishedModel): void => {
      const key = ensembleKey(configs.map(configHash));
      const record = records.findLast(
        ({ members }) => members && ensembleKey(members.map(({ hash }) => hash)) === key,
      );
      const [config] = configs;
      const model = configs.length === 1 ? addRun(config) : addEnsemble(configs, record);
      if (!conditions) return;
      const name = `${model.name}: recording conditions`;
      add({ kind: 'conditions', key: `conditions ${model.key}`, name, config, needs: [model], conditions });
    },
  };
}

/** The config of a member of an ensemble, recognised by its hash. @param known - configs that it may be derived from */
function memberConfig(
  { name, kind, seed, hash }: MemberRecord,
  ensemble: ExperimentConfig,
  known: readonly ExperimentConfig[],
): ExperimentConfig | undefined {
  const bases = [
    ...known.filter((config) => config.name === name && config.model.kind === kind),
    ...(isPreset(name) ? [experimentConfig(name)] : []),
  ];
  const changes = configDifferences(ensemble).filter(({ option }) => option !== 'model.kind');
  const withoutModel = changes.filter(({ option }) => !option.startsWith('model.'));
  for (const base of bases) {
    for (const variant of [[], changes, withoutModel]) {
      const options = Object.fromEntries(variant.map(({ option, value }) => [option, value])) as OptionValues;
      const config = experimentConfig(base, options, { seed });
      if (configHash(config) === hash) return config;
    }
  }
  return undefined;
}

/** The key of an ensemble with these config hashes of its members, in any order. */
export const ensembleKey = (hashes: readonly string[]): string =>
  `ensemble ${canonicalJson([...hashes].sort())}`;

/** Preset and changed options, without protocol, fold and seed. */
const runName = (config: ExperimentConfig): string => [config.name, changesOf(config)].join(' ').trim();

const changesOf = (config: ExperimentConfig): string =>
  configDifferences(config)
    .filter(({ option }) => !['dataset.protocol', 'dataset.fold', 'seed'].includes(option))
    .map(({ option, value }) => `${option}=${valueText(value)}`)
    .join(' ');

function ensembleName(configs: readonly ExperimentConfig[]): string {
  const counts = new Map<string, number>();
  for (const { name } of configs) counts.set(name, (counts.get(name) ?? 0) + 1);
  const members = [...counts].map(([name, count]) => (count > 1 ? `${count} ${name}` : name)).join(' + ');
  return `ensemble of ${members} ${changesOf(configs[0])}`.trim();
}
