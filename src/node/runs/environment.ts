import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Clip } from '../../core/base';
import { projectRoot } from '../files';

/** Software and hardware of a run; nothing in it identifies the user. */
export interface Environment {
  node: string;
  /** operating system, its release and the architecture */
  platform: string;
  cpu: string;
  /** processors available to this process */
  processors: number;
  memoryGb: number;
  /** versions of this project and of the packages that affect results */
  packages: Record<string, string>;
  /** of the project, if it is a git repository */
  commit?: string;
  /** there are uncommitted changes outside figures/ */
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

/** Versions of this project and of the packages that affect results. */
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
    return []; // not installed, or not in node_modules
  }
}

/**
 * The current commit of a repository, and whether files differ from it.
 *
 * @param parts - pathspecs of the files to compare; default all except figures/
 * @returns an empty object if git is missing or the folder is not the root of a repository
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

/** Identifies a data set: the first 16 hex digits of a SHA-256 over recordings and labels, independent of their order. */
export function dataFingerprint(clips: readonly Pick<Clip, 'sha256' | 'emotion'>[]): string {
  const lines = clips.map(({ sha256, emotion }) => `${sha256} ${emotion}`).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}

/** Shortens each absolute path in a text to its last part, because run records are shared: `/home/me/a.wav` becomes `…/a.wav`. */
export function redactPaths(text: string): string {
  const absolute = /(?<![^\s"'(])(?:[A-Za-z]:)?(?:[\\/][^\\/\s"':()]+){2,}/g;
  return text.replace(absolute, (path) => `…/${basename(path.replaceAll('\\', '/'))}`);
}
