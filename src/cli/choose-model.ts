import { existsSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { nearestName, printable, WorkbenchError } from '../core/base';
import { paths } from '../node/files';
import { defaultModel, findModels, type FoundModel, modelScoreText } from '../node/models';
import { userPath } from './options';
import { displayPath } from './output';

/** A model to predict with, and why. */
export interface ChosenModel {
  path: string;
  reason: string;
  /** `UAR 54.2 % [49.0, 61.9] under speakers`, if its card has a score */
  score?: string;
}

/** The first model that `npm run models` lists. */
export function modelByDefault(): ChosenModel {
  const model = defaultModel();
  return { path: model.path, reason: model.reason, score: modelScoreText(model) };
}

/**
 * Finds the model for `--model`: a folder, or the name of a published model or a run.
 *
 * @throws WorkbenchError if there is none, or the folder contains several
 */
export function modelByName(name: string): ChosenModel {
  const reason = 'chosen with --model';
  const given = userPath(name);
  const found = findModels();
  const isSame = (folder: string) => (model: FoundModel) => resolve(model.path) === resolve(folder);
  const known =
    found.find(isSame(given)) ??
    found.find(isSame(join(paths.models, name))) ??
    // For a run with several splits, use the first: the choice must not depend on the scores.
    found.find(({ run }) => run !== undefined && run === name.replace(/\.json$/, ''));
  if (known) return { path: known.path, reason, score: modelScoreText(known) };
  const below = existsSync(given) ? findModels([given]) : [];
  if (below.length === 1 || (below.length > 0 && resolve(below[0].path) === resolve(given)))
    return { path: below[0].path, reason, score: modelScoreText(below[0]) };
  if (below.length > 1) {
    const names = below.map(({ path }) => relative(given, path)).join(', ');
    throw new WorkbenchError(
      `--model ${printable(name)}: this folder contains several models; choose one of ${names}`,
    );
  }
  if (existsSync(given)) return { path: given, reason }; // loading it reports what is missing
  const names = found.flatMap(({ path, origin, run }) => [
    displayPath(path),
    ...(origin === 'published' ? [basename(path)] : []),
    ...(run === undefined ? [] : [run]),
  ]);
  const nearest = nearestName(name, [...new Set(names)]);
  throw new WorkbenchError(
    `--model ${printable(name)}: there is no such folder, published model or run; ` +
      (nearest === undefined ? 'npm run models lists them' : `did you mean ${printable(nearest)}?`),
  );
}
