import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import { paths, projectRoot } from '../node/files';
import { jupyterPath } from './runner/kernel-process';

/** A program to start, with environment variables. */
export interface Launch {
  program: string;
  args: string[];
  env: Record<string, string>;
}

/** Folder for `JUPYTER_CONFIG_PATH`: raises the message limits for uploads and figures. The user's own settings still apply. */
const configPath = jupyterPath;

/**
 * The command that starts Jupyter with the project's kernel, which runs on the same Node as this process. Jupyter serves only the folder of
 * the notebooks, not the corpora.
 *
 * @param extra - further arguments for Jupyter
 * @param root - the folder to serve
 */
export function jupyterLaunch(
  { application, command }: Jupyter,
  extra: readonly string[] = [],
  root: string = paths.notebooks,
): Launch {
  const [program, ...args] = command;
  const own = application === 'lab' ? [`--ServerApp.root_dir=${root}`] : [`--notebook-dir=${root}`];
  return {
    program,
    args: [...args, ...own, ...extra],
    env: {
      JUPYTER_PATH: prepended(jupyterPath, process.env.JUPYTER_PATH),
      JUPYTER_CONFIG_PATH: prepended(configPath, process.env.JUPYTER_CONFIG_PATH),
      PATH: prepended(dirname(process.execPath), process.env.PATH),
    },
  };
}

function prepended(folder: string, list: string | undefined): string {
  return list ? folder + delimiter + list : folder;
}

/** An installed Jupyter application. */
export interface Jupyter {
  /** JupyterLab or Jupyter Notebook */
  application: 'lab' | 'notebook';
  /** program and first arguments */
  command: readonly [string, ...string[]];
  /** as printed by the command: `4.6.4` */
  version?: string;
}

/** The project's virtual environment. */
export const venvFolder: string = join(projectRoot, '.venv');

const venv = join(venvFolder, process.platform === 'win32' ? 'Scripts' : 'bin');

/** Python of the project's virtual environment, which `npm run lab` creates if Jupyter is not installed. */
export const venvPython: string = join(venv, 'python');

/** Commands that may start Python 3. */
export const pythonCommands: readonly string[] =
  process.platform === 'win32' ? ['py', 'python'] : ['python3', 'python'];

/**
 * Finds a Jupyter application: the `jupyter` command at `SER_JUPYTER`, else one on PATH, in the project's `.venv`, or as a module of the
 * Python on PATH.
 *
 * @returns undefined if there is none
 */
export function findJupyter(application: Jupyter['application']): Jupyter | undefined {
  const module = application === 'lab' ? 'jupyterlab' : 'notebook';
  const chosen = process.env.SER_JUPYTER;
  const candidates: Jupyter['command'][] = [
    ...(chosen ? [[chosen, application] as const] : []),
    [`jupyter-${application}`],
    ['jupyter', application],
    [join(venv, `jupyter-${application}`)],
    ...pythonCommands.map((python) => [python, '-m', module] as const),
  ];
  for (const command of candidates) {
    const version = versionOf(command);
    if (version !== undefined) return { application, command, version };
  }
  return undefined;
}

/** The version that the command prints; undefined if it is not installed. */
function versionOf([program, ...args]: Jupyter['command']): string | undefined {
  const { status, stdout } = spawnSync(program, [...args, '--version'], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return status === 0 ? /^\D*(\d+\.\d\S*)/.exec(stdout)?.at(1) : undefined;
}

/**
 * Whether ipywidgets, which interactive cells need, is installed for a JupyterLab or Jupyter Notebook 7.
 *
 * @returns undefined if this cannot be determined
 */
export function hasWidgets(jupyter: Jupyter): boolean | undefined {
  const [program, ...args] = pathsCommand(jupyter);
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 30_000 });
  if (status !== 0) return undefined;
  try {
    const { data } = JSON.parse(stdout) as { data: string[] };
    return data.some((folder) => existsSync(join(folder, 'labextensions', ...widgetsExtension)));
  } catch {
    return undefined;
  }
}

/** How to add ipywidgets to a Jupyter without it. */
export function missingWidgets({ command: [program, ...args] }: Jupyter): string {
  const pip = '-m pip install ipywidgets';
  const how =
    args[0] === '-m'
      ? `${program} ${pip}`
      : `python ${pip}, with the Python of ${program} (pipx: pipx inject jupyterlab ipywidgets)`;
  return `ipywidgets is not installed. To add it: ${how}`;
}

const widgetsExtension = ['@jupyter-widgets', 'jupyterlab-manager', 'package.json'];

/** The command that prints the folders of a Jupyter as JSON. */
function pathsCommand({ command: [program, ...args] }: Jupyter): [string, ...string[]] {
  const ask = ['--paths', '--json'];
  if (args[0] === '-m') return [program, '-m', 'jupyter_core', ...ask];
  if (args.length > 0) return [program, ...ask];
  // jupyter-lab may be a link into another environment, which has its own `jupyter`.
  const folders = isAbsolute(program) ? [dirname(program)] : (process.env.PATH ?? '').split(delimiter);
  const file = folders.map((folder) => join(folder, basename(program))).find((path) => existsSync(path));
  const jupyter = file === undefined ? 'jupyter' : join(dirname(realpathSync(file)), 'jupyter');
  return [existsSync(jupyter) ? jupyter : 'jupyter', ...ask];
}
