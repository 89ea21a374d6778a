import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../node/files';

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
