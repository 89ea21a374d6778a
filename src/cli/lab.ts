import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
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
import { defineCommand } from './command';
import { flag } from './options';
import { ensureSetup } from './setup';
import { runAsProgram } from './program';

export const labCommand = defineCommand('npm run lab', {
  summary: 'Open the notebooks in JupyterLab. If JupyterLab is not installed, install it into .venv.',
  arguments: { '[JUPYTER-OPTION...]': { help: 'passed on to Jupyter, for example --port 8889' } },
  options: { dryRun: flag('only print the command that would be run') },
  allowUnknownOptions: true,
  run: async ({ dryRun }, { args, print }) => {
    const jupyter = findJupyter('lab') ?? (dryRun ? wouldInstall() : installLab()) ?? findJupyter('notebook');
    if (jupyter === undefined) {
      console.error(howToInstall);
      return 1;
    }
    const launch = jupyterLaunch(jupyter, args);
    if (dryRun) {
      print(asCommandLine(launch));
      return 0;
    }
    try {
      await ensureSetup();
    } catch (error) {
      // A library that does not compile can be repaired in JupyterLab; the first cell shows the error.
      console.error(messageOf(error));
    }
    print(`The kernel is "${kernelDisplayName}". Stop Jupyter with Ctrl+C.`);
    return start(launch);
  },
});
export const runLab = labCommand.run;

const howToInstall = `Jupyter is not installed and could not be installed here. Use one of these:
  python3 -m pip install jupyterlab        (or: pipx install jupyterlab)
  sudo apt install jupyter-notebook        (Debian, Ubuntu: the classic Notebook)
  SER_JUPYTER=/path/to/jupyter npm run lab (an installation elsewhere)
Without Jupyter, npm start runs all notebooks and writes them as HTML pages.`;

const venvLab: Jupyter = { application: 'lab', command: [venvPython, '-m', 'jupyterlab'] };

function wouldInstall(): Jupyter {
  console.log('# JupyterLab is not installed; it would be installed into .venv');
  return venvLab;
}

function installLab(): Jupyter | undefined {
  console.log('JupyterLab is not installed: installing it into .venv (about a minute) …');
  const hasVenv = pythonCommands.some((python) => succeeds(python, ['-m', 'venv', '.venv']));
  // Fail quickly when the registry cannot be reached.
  const pip = ['-m', 'pip', 'install', '--quiet', '--retries', '1', '--timeout', '10', 'jupyterlab'];
  return hasVenv && succeeds(venvPython, pip) ? venvLab : undefined;
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { cwd: projectRoot, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

function start({ program, args, env }: Launch): Promise<number> {
  const child = spawn(program, args, { cwd: projectRoot, env: { ...process.env, ...env }, stdio: 'inherit' });
  // Jupyter also receives Ctrl+C and prompts for confirmation: wait until it exits.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(messageOf(error));
      resolve(1);
    });
    child.once('exit', (code, signal) => {
      resolve(code ?? (signal ? 128 + constants.signals[signal] : 1));
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
  // Jupyter handles the signals.
  runAsProgram(runLab, { signal: new AbortController().signal });
}
