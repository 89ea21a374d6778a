import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Clip } from '../../core/base';
import { projectRoot } from '../files';

/** Where a run took place. Nothing of it says whose machine it was. */
export interface Environment {
  node: string;
  /** operating system, its release and the architecture */
  platform: string;
  cpu: string;
  /** that this process may use */
  processors: number;
  memoryGb: number;
  /** versions of this project and of the packages that numbers depend on */
  packages: Record<string, string>;
  /** of the project's repository, if it is one */
  commit?: string;
  /** files differ from the commit, other than pictures */
  changed?: boolean;
}

const packages = ['@tensorflow/tfjs', '@tensorflow/tfjs-node', '@tensorflow/tfjs-backend-wasm', 'libsvm-js'];

/** The environment of this process. */
export async function environmentNow(): Promise<Environment> {
  return {
    node: process.versions.node,
    platform: `${platform()} ${release()} ${arch()}`,
    cpu: cpus().at(0)?.model.trim() ?? 'unknown',
    processors: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    packages: packageVersions(),
    ...(await commitOf(projectRoot)),
  };
}

/** Versions of this project and of the packages that numbers depend on. */
export function packageVersions(): Record<string, string> {
  const folders = [projectRoot, ...packages.map((name) => join(projectRoot, 'node_modules', name))];
  return Object.fromEntries(folders.flatMap(versionIn));
}

function versionIn(folder: string): [name: string, version: string][] {
  try {
    const text = readFileSync(join(folder, 'package.json'), 'utf8');
    const { name, version } = JSON.parse(text) as { name: string; version: string };
    return [[name, version]];
  } catch {
    return []; // not installed, or elsewhere
  }
}

/**
 * The commit of a repository, and whether files differ from it.
 *
 * @param parts - which files count, as paths below the folder; by default all but the figures
 * @returns nothing where there is no git, or the folder is not a repository of its own
 */
export async function commitOf(
  folder: string,
  parts: readonly string[] = ['.', ':!figures'],
): Promise<Pick<Environment, 'commit' | 'changed'>> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', ['-C', folder, ...args], { encoding: 'utf8' })).stdout.trim();
  try {
    if (realpathSync(await git('rev-parse', '--show-toplevel')) !== realpathSync(folder)) return {};
    return {
      commit: await git('rev-parse', 'HEAD'),
      changed: (await git('status', '--porcelain', '--untracked-files=no', '--', ...parts)) !== '',
    };
  } catch {
    return {};
  }
}

/** Which recordings an experiment is made of, and under which labels, whatever their order: 16 hex digits of a SHA-256. */
export function dataFingerprint(clips: readonly Pick<Clip, 'sha256' | 'emotion'>[]): string {
  const lines = clips.map(({ sha256, emotion }) => `${sha256} ${emotion}`).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}

/** A text with the last part of each absolute path only: records are passed on. */
export function withoutFolders(text: string): string {
  const absolute = /(?<![^\s"'(])(?:[A-Za-z]:)?(?:[\\/][^\\/\s"':()]+){2,}/g;
  return text.replace(absolute, (path) => `…/${basename(path.replaceAll('\\', '/'))}`);
}
