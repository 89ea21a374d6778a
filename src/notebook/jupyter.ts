import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join, relative } from 'node:path';
import { paths, projectRoot } from '../node/files';
import { jupyterPath } from './runner/kernel-process';

/** A program to start, with what it needs in its environment. */
export interface Launch {
  program: string;
  args: string[];
  env: Record<string, string>;
}

/**
 * How to start Jupyter for this project: its root is the project's, so that pages find Plotly; it opens the notebooks;
 * and the project's kernel is listed, run by the same Node as this process.
 *
 * @param extra - passed through, after the project's own arguments
 */
export function jupyterLaunch({ application, command }: Jupyter, extra: readonly string[] = []): Launch {
  const [program, ...args] = command;
  const folder = relative(projectRoot, paths.notebooks);
  const own =
    application === 'lab'
      ? [`--ServerApp.root_dir=${projectRoot}`, `--LabApp.default_url=/lab/tree/${folder}`]
      : [`--notebook-dir=${projectRoot}`];
  return {
    program,
    args: [...args, ...own, ...extra],
    env: {
      JUPYTER_PATH: prepended(jupyterPath, process.env.JUPYTER_PATH),
      PATH: prepended(dirname(process.execPath), process.env.PATH),
    },
  };
}

function prepended(folder: string, list: string | undefined): string {
  return list ? folder + delimiter + list : folder;
}

/** A Jupyter that runs on this machine. */
export interface Jupyter {
  /** JupyterLab, or the plain Notebook application */
  application: 'lab' | 'notebook';
  /** program and first arguments; further ones are those of the application */
  command: readonly [string, ...string[]];
}

const venv = join(projectRoot, '.venv', process.platform === 'win32' ? 'Scripts' : 'bin');

/** Python of the project's own environment, made by `npm run lab` where no Jupyter is installed. */
export const venvPython: string = join(venv, 'python');

/** The commands that may start Python 3. */
export const pythonCommands: readonly string[] =
  process.platform === 'win32' ? ['py', 'python'] : ['python3', 'python'];

/**
 * Looks for an application of Jupyter: the one that `SER_JUPYTER` names (path of the `jupyter` command), then PATH, then
 * the project's `.venv`, then the modules of the Python on PATH.
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
  const command = candidates.find(answers);
  return command && { application, command };
}

/** Does it say which version it is? */
function answers([program, ...args]: Jupyter['command']): boolean {
  const { status, stdout } = spawnSync(program, [...args, '--version'], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return status === 0 && /^\D*\d+\.\d/.test(stdout);
}
