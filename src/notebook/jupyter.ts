import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join, relative } from 'node:path';
import { paths, projectRoot } from '../node/files';
import { jupyterPath } from './runner/kernel-process';

/** A program to start, with environment variables. */
export interface Launch {
  program: string;
  args: string[];
  env: Record<string, string>;
}

/**
 * The command that starts Jupyter. Its root is the project folder, so that notebooks find Plotly; it opens the folder of the notebooks; and
 * it finds the project's kernel, which runs on the same Node as this process.
 *
 * @param extra - further arguments for Jupyter
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

/** An installed Jupyter application. */
export interface Jupyter {
  /** JupyterLab or Jupyter Notebook */
  application: 'lab' | 'notebook';
  /** program and first arguments */
  command: readonly [string, ...string[]];
}

const venv = join(projectRoot, '.venv', process.platform === 'win32' ? 'Scripts' : 'bin');

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
  const command = candidates.find(isInstalled);
  return command && { application, command };
}

/** Whether the command prints a version. */
function isInstalled([program, ...args]: Jupyter['command']): boolean {
  const { status, stdout } = spawnSync(program, [...args, '--version'], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return status === 0 && /^\D*\d+\.\d/.test(stdout);
}
