import { spawn, spawnSync } from 'node:child_process';
import { messageOf } from '../core/base';
import { projectRoot } from '../node/files';
import {
  findJupyter,
  type Jupyter,
  jupyterLaunch,
  kernelDisplayName,
  type Launch,
  pythonCommands,
  venvPython,
} from '../notebook';
import { runAsProgram } from './run-as-program';
import { ensureSetup } from './setup';

const help = `npm run lab [-- [--dry-run] [option of Jupyter …]]

  opens the notebooks in JupyterLab, which is installed into .venv if there is none.

  --dry-run   only says the command that would be run`;

const howToGetIt = `Jupyter is not installed, and could not be installed here. Any of these will do:
  python3 -m pip install jupyterlab        (or: pipx install jupyterlab)
  sudo apt install jupyter-notebook        (Debian, Ubuntu: the plain Notebook)
  SER_JUPYTER=/path/to/jupyter npm run lab (one that is installed elsewhere)
Without Jupyter, npm start runs all notebooks and writes them as HTML pages.`;

/** Opens the notebooks in JupyterLab, which is installed into the project's `.venv` if there is none. */
export async function runLab(argv: readonly string[]): Promise<number> {
  const isDry = argv.includes('--dry-run');
  const extra = argv.filter((argument) => argument !== '--dry-run');
  const jupyter = findJupyter('lab') ?? (isDry ? wouldInstall() : installLab()) ?? findJupyter('notebook');
  if (jupyter === undefined) {
    console.error(howToGetIt);
    return 1;
  }
  const launch = jupyterLaunch(jupyter, extra);
  if (isDry) {
    console.log(asCommandLine(launch));
    return 0;
  }
  try {
    await ensureSetup();
  } catch (error) {
    // A library that does not compile can be mended in JupyterLab; the first cell says what is wrong.
    console.error(messageOf(error));
  }
  console.log(`The kernel is "${kernelDisplayName}". Stop Jupyter with Ctrl+C.`);
  return start(launch);
}

const venvLab: Jupyter = { application: 'lab', command: [venvPython, '-m', 'jupyterlab'] };

function wouldInstall(): Jupyter {
  console.log('# JupyterLab is not installed; it would be put into .venv');
  return venvLab;
}

function installLab(): Jupyter | undefined {
  console.log('JupyterLab is not installed: putting it into .venv (about a minute) …');
  const hasVenv = pythonCommands.some((python) => succeeds(python, ['-m', 'venv', '.venv']));
  // A registry out of reach should be noticed soon.
  const pip = ['-m', 'pip', 'install', '--quiet', '--retries', '1', '--timeout', '10', 'jupyterlab'];
  return hasVenv && succeeds(venvPython, pip) ? venvLab : undefined;
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { cwd: projectRoot, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

function start({ program, args, env }: Launch): Promise<number> {
  const child = spawn(program, args, { cwd: projectRoot, env: { ...process.env, ...env }, stdio: 'inherit' });
  // Ctrl+C goes to Jupyter as well, which asks before it ends: this process waits for it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(messageOf(error));
      resolve(1);
    });
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

function asCommandLine({ program, args, env }: Launch): string {
  const quoted = [program, ...args].map((part) =>
    /^[\w@%+=:,./-]+$/.test(part) ? part : JSON.stringify(part),
  );
  return `JUPYTER_PATH=${JSON.stringify(env.JUPYTER_PATH)} ${quoted.join(' ')}`;
}

if (require.main === module) {
  runAsProgram(help, runLab);
}
