import { copyFileSync, existsSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path';
import { isRecord, WorkbenchError } from '../core/base';
import {
  explainFileError,
  newFolder,
  projectRoot,
  removeTemporary,
  replaceFolder,
  writeInFolder,
} from '../node/files';
import { venvFolder } from './jupyter';
import { jupyterPath, kernelDisplayName, kernelName } from './runner/kernel-process';

/** An installed kernel of this project, from this checkout or another one. */
export interface InstalledKernel {
  /** name of the kernelspec, which notebooks refer to */
  name: string;
  /** folder of the kernelspec */
  folder: string;
  /** project folder that the kernel runs in; undefined if the kernelspec does not contain it */
  checkout?: string;
  /** path of Node */
  node: string;
  /** whether it runs in the checkout of this process */
  isOwn: boolean;
  /** why it cannot start */
  problem?: string;
}

/** The part of a `kernel.json` that is read here. */
interface KernelJson {
  argv?: string[];
  display_name?: string;
  metadata?: { speech_emotion_workbench?: { checkout?: string } };
}

/**
 * Jupyter's data folder of the current user. Every Jupyter of this user, and VS Code, finds the kernels in its subfolder `kernels`.
 *
 * @param env - `JUPYTER_DATA_DIR` if set; otherwise the default of the platform, as in `jupyter --data-dir`
 */
export function jupyterDataFolder(
  env: Readonly<NodeJS.ProcessEnv> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  // A kernelspec with a relative path would work in one folder only.
  if (env.JUPYTER_DATA_DIR)
    return isAbsolute(env.JUPYTER_DATA_DIR) ? env.JUPYTER_DATA_DIR : resolve(env.JUPYTER_DATA_DIR);
  const usesPlatformFolders = !/^(|no|n|false|off|0|0\.0)$/i.test(env.JUPYTER_PLATFORM_DIRS ?? '');
  if (platform === 'darwin')
    return join(home, 'Library', ...(usesPlatformFolders ? ['Application Support', 'Jupyter'] : ['Jupyter']));
  if (platform === 'win32') {
    if (usesPlatformFolders) return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Jupyter');
    return env.APPDATA ? join(env.APPDATA, 'jupyter') : join(home, '.jupyter', 'data');
  }
  const { XDG_DATA_HOME: dataHome = '' } = env;
  return join(dataHome === '' ? join(home, '.local', 'share') : dataHome, 'jupyter');
}

/** The kernels of this project that Jupyter can find: those of the user, of `JUPYTER_PATH`, of `.venv`, and of the system. */
export function installedKernels(): InstalledKernel[] {
  const folders = [
    ...(process.env.JUPYTER_PATH ?? '').split(delimiter).filter((folder) => folder !== ''),
    jupyterDataFolder(),
    join(venvFolder, 'share', 'jupyter'),
    ...(process.platform === 'win32' ? [] : ['/usr/local/share/jupyter', '/usr/share/jupyter']),
  ];
  // `npm run lab` adds the kernel of this folder to JUPYTER_PATH; it is not installed.
  return [...new Set(folders.filter((folder) => folder !== jupyterPath))].flatMap((folder) => {
    const kernels = join(folder, 'kernels');
    const names = existsSync(kernels) ? readdirSync(kernels).sort() : [];
    return names.flatMap((name) => readKernel(join(kernels, name)) ?? []);
  });
}

/** Reads a kernelspec; undefined if it does not belong to this project. */
function readKernel(folder: string): InstalledKernel | undefined {
  const { argv, display_name: title, metadata } = readKernelJson(folder) ?? {};
  const own = isRecord(metadata) ? metadata.speech_emotion_workbench : undefined;
  const checkout = isRecord(own) && typeof own.checkout === 'string' ? own.checkout : undefined;
  const isOfProject =
    checkout !== undefined || String(title).startsWith(kernelDisplayName.replace(/\)$/, ''));
  if (!isOfProject) return undefined;
  const node = Array.isArray(argv) && typeof argv[0] === 'string' ? argv[0] : '';
  const problem = problemOf(checkout, node);
  return {
    name: basename(folder),
    folder,
    ...(checkout !== undefined && { checkout }),
    node,
    isOwn: checkout !== undefined && isSameFolder(checkout, projectRoot),
    ...(problem !== undefined && { problem }),
  };
}

/** Kernelspecs of others may contain anything. */
function readKernelJson(folder: string): Record<string, unknown> | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(join(folder, 'kernel.json'), 'utf8'));
    return isRecord(content) ? content : undefined;
  } catch {
    return undefined; // not a kernelspec, or one that Jupyter cannot read either
  }
}

function problemOf(checkout: string | undefined, node: string): string | undefined {
  if (checkout === undefined) return 'it was not installed with npm run kernel';
  if (!existsSync(join(checkout, ...startFile))) return `${checkout} was moved or deleted`;
  if (!existsSync(join(checkout, 'node_modules', 'tsx')))
    return `npm install has not been run in ${checkout}`;
  return existsSync(node) ? undefined : `Node was moved or deleted: ${node}`;
}

function isSameFolder(a: string, b: string): boolean {
  const real = (folder: string): string => (existsSync(folder) ? realpathSync(folder) : folder);
  return real(a) === real(b);
}

/** The file of a checkout that starts its kernel. */
const startFile = ['src', 'notebook', 'jupyter', 'kernel.cjs'];

/** Result of {@link installKernel}. */
export interface Installation {
  kernel: InstalledKernel;
  displayName: string;
  /** the replaced kernel with the same name, if it had another checkout or another Node */
  replaced?: InstalledKernel;
}

/**
 * Installs the kernel of this checkout for the current user, with the Node of this process.
 *
 * @param options.name - of the kernelspec: lower-case letters, digits, `-`, `_` and `.`
 * @param options.force - replace the kernel of another checkout
 * @throws WorkbenchError if the name is invalid, if a kernel of another project or of another existing checkout has this name, or if the
 * folder cannot be written
 */
export function installKernel({ name = kernelName, force = false } = {}): Installation {
  checkName(name);
  const folder = join(jupyterDataFolder(), 'kernels', name);
  const replaced = readKernel(folder);
  if (existsSync(folder) && replaced === undefined)
    throw new WorkbenchError(`${folder} is not a kernel of this project; choose another --name`);
  if (replaced !== undefined && isOfOther(replaced) && !force) {
    const free = `${kernelName}-${basename(projectRoot)
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')}`;
    throw new WorkbenchError(
      `the kernel ${name} belongs to another checkout, ${replaced.checkout!}: ` +
        `install this one under another name (--name ${free}), or replace the other one (--force)`,
    );
  }
  const displayName =
    name === kernelName ? kernelDisplayName : kernelDisplayName.replace(/\)$/, `: ${name})`);
  writeKernel(folder, name, displayName);
  return { kernel: readKernel(folder)!, displayName, ...(replaced !== undefined && { replaced }) };
}

/** Whether a kernel runs in another checkout that exists. */
const isOfOther = ({ checkout, isOwn }: InstalledKernel): boolean =>
  checkout !== undefined && !isOwn && existsSync(join(checkout, ...startFile));

function checkName(name: string): void {
  // Jupyter converts names to lower case when it looks for them.
  if (/^[a-z0-9][a-z0-9._-]*$/.test(name)) return;
  throw new WorkbenchError(
    `--name must consist of lower-case letters, digits, "-", "_" and ".", got ${JSON.stringify(name)}`,
  );
}

/** Writes a kernelspec with absolute paths, the logos, and Plotly, which Jupyter servers serve to figures. */
function writeKernel(folder: string, name: string, displayName: string): void {
  const source = join(jupyterPath, 'kernels', kernelName);
  const own = JSON.parse(readFileSync(join(source, 'kernel.json'), 'utf8')) as Required<KernelJson> & {
    env: Record<string, string>;
  };
  const paths: Record<string, string> = {
    node: process.execPath,
    '{resource_dir}/../../kernel.cjs': join(folder, 'start.cjs'),
  };
  const spec = {
    ...own,
    argv: own.argv.map((argument) => paths[argument] ?? argument),
    display_name: displayName,
    env: { ...own.env, SER_KERNEL: name },
    metadata: { speech_emotion_workbench: { checkout: projectRoot } },
  };
  const unfinished = newFolder(folder);
  try {
    for (const file of readdirSync(source).filter((each) => each !== 'kernel.json'))
      copyFileSync(join(source, file), join(unfinished, file));
    writeInFolder(unfinished, 'kernel.json', `${JSON.stringify(spec, undefined, 2)}\n`);
    writeInFolder(unfinished, 'start.cjs', startScript(name));
    replaceFolder(folder, unfinished);
  } catch (error) {
    removeTemporary(unfinished);
    throw explainFileError(error, folder);
  }
}

/** A script that starts the kernel of the checkout. Jupyter reports only that a kernel died, so the script prints the reason to stderr. */
function startScript(name: string): string {
  return `'use strict';
// Written by "npm run kernel -- install" in the folder below.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const checkout = ${JSON.stringify(projectRoot)};
const kernel = join(checkout, ...${JSON.stringify(startFile)});

function problem() {
  if (!existsSync(kernel)) {
    return \`\${checkout} was moved or deleted. Run "npm run kernel -- install" in the folder where the project is now, or remove this kernel: jupyter kernelspec remove ${name}\`;
  }
  if (!existsSync(join(checkout, 'node_modules', 'tsx'))) return \`run "npm install" in \${checkout}\`;
  return undefined;
}

const reason = problem();
if (reason === undefined) {
  require(kernel);
} else {
  console.error('The kernel ${name} (Speech Emotion Workbench) cannot start: ' + reason);
  process.exitCode = 1;
}
`;
}

/**
 * Removes installed kernels of the current user: by default those of this checkout, otherwise the one with this name.
 *
 * @param options.force - remove the kernel with this name even if it belongs to another checkout
 * @returns the removed kernels
 * @throws WorkbenchError if there is no such kernel, or if it belongs to another checkout or project
 */
export function removeKernels({
  name,
  force = false,
}: { name?: string; force?: boolean } = {}): InstalledKernel[] {
  const folder = join(jupyterDataFolder(), 'kernels');
  const found = installedKernels().filter((kernel) => kernel.folder === join(folder, kernel.name));
  const chosen = found.filter((kernel) => (name === undefined ? kernel.isOwn : kernel.name === name));
  if (chosen.length === 0) {
    const which = name === undefined ? 'kernel of this checkout' : `kernel of this project named ${name}`;
    throw new WorkbenchError(`there is no ${which} in ${folder}; npm run kernel -- list shows all`);
  }
  const other = chosen.find(isOfOther);
  if (other !== undefined && !force)
    throw new WorkbenchError(
      `the kernel ${other.name} belongs to another checkout, ${other.checkout!}; remove it there, or with --force`,
    );
  for (const kernel of chosen) {
    try {
      rmSync(kernel.folder, { recursive: true });
    } catch (error) {
      throw explainFileError(error, kernel.folder);
    }
  }
  return chosen;
}
