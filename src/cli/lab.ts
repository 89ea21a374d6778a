import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '../core/base';
import { paths, projectRoot, writeFileAtomicSync } from '../node/files';
import {
  findJupyter,
  hasWidgets,
  type Jupyter,
  jupyterLaunch,
  kernelDisplayName,
  type Launch,
  missingWidgets,
  pythonCommands,
  venvPython,
} from '../notebook';
import { defineCommand } from './command';
import { jupyterOptions, launchEnvironment } from './lab-options';
import { flag } from './options';
import { runAsProgram } from './program';
import { ensureSetup } from './setup';
import { notebookFiles } from './start';

export const labCommand = defineCommand('npm run lab', {
  summary: 'Open the notebooks in JupyterLab. If JupyterLab is not installed, install it into .venv.',
  details:
    'Jupyter serves the folder notebooks/ to this machine only. For root, over SSH, in a container or without a screen, the command adds the options that Jupyter needs, or prints what to add. Cells run in the folder of the project.',
  arguments: { '[JUPYTER-OPTION...]': { help: 'passed on to Jupyter, for example --port 8889' } },
  options: { dryRun: flag('only print the command that would be run') },
  allowUnknownOptions: true,
  run: async ({ dryRun }, { args, print }) => {
    const jupyter = findJupyter('lab') ?? (dryRun ? wouldInstall() : installLab()) ?? findJupyter('notebook');
    if (jupyter === undefined) {
      console.error(howToInstall);
      return 1;
    }
    const { options, notes } = jupyterOptions(args, launchEnvironment());
    const launch = jupyterLaunch(jupyter, [...options, ...args]);
    if (dryRun) {
      print(asCommandLine(launch));
      return 0;
    }
    ensureWidgets(jupyter);
    copyLinkedPages();
    try {
      await ensureSetup();
    } catch (error) {
      // A library that does not compile can be repaired in JupyterLab; the first cell shows the error.
      console.error(messageOf(error));
    }
    for (const note of notes) print(note);
    print(`The kernel is "${kernelDisplayName}". Stop Jupyter with Ctrl+C.`);
    return start(launch);
  },
});
export const runLab = labCommand.run;

const howToInstall = `Jupyter is not installed and could not be installed here. Use one of these:
  python3 -m pip install jupyterlab ipywidgets (or: pipx install jupyterlab && pipx inject jupyterlab ipywidgets)
  sudo apt install jupyter-notebook            (Debian, Ubuntu: the classic Notebook)
  SER_JUPYTER=/path/to/jupyter npm run lab     (an installation elsewhere)
Without Jupyter, npm start runs all notebooks and writes them as HTML pages.`;

const venvLab: Jupyter = { application: 'lab', command: [venvPython, '-m', 'jupyterlab'] };

function wouldInstall(): Jupyter {
  console.log('# JupyterLab is not installed; it would be installed into .venv with ipywidgets');
  return venvLab;
}

function installLab(): Jupyter | undefined {
  console.log('JupyterLab is not installed: installing it into .venv with ipywidgets (about a minute) …');
  const hasVenv = pythonCommands.some((python) => succeeds(python, ['-m', 'venv', '.venv']));
  return hasVenv && pipInstalls('jupyterlab', 'ipywidgets') ? venvLab : undefined;
}

/** Installs packages into .venv; fails quickly when the registry cannot be reached. */
function pipInstalls(...packages: string[]): boolean {
  return succeeds(venvPython, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--retries',
    '1',
    '--timeout',
    '10',
    ...packages,
  ]);
}

/** Adds ipywidgets to a JupyterLab in .venv; for another one, prints how to add it. */
function ensureWidgets(jupyter: Jupyter): void {
  if (hasWidgets(jupyter) !== false) return;
  const [program] = jupyter.command;
  if (program.startsWith(dirname(venvPython)) && pipInstalls('ipywidgets')) return;
  console.log(`Interactive cells show only their first result: ${missingWidgets(jupyter)}`);
}

/**
 * Copies the pages outside the notebooks folder that notebooks link to, such as `../data/README.md`, into this folder. Jupyter serves
 * only this folder and resolves the links inside it.
 */
export function copyLinkedPages(notebooks: string = paths.notebooks): string[] {
  const linked = notebookFiles(notebooks).flatMap((file) => {
    const text = readFileSync(join(notebooks, file), 'utf8');
    return [...text.matchAll(/\]\(\.\.\/((?:[\w-]+\/)+[\w-]+\.md)\b/g)].map(([, page]) => page);
  });
  const pages = [...new Set(linked)].filter((page) => existsSync(join(notebooks, '..', page)));
  for (const page of pages) {
    const note = `> Copy of \`${page}\` in the project folder, made by \`npm run lab\`. Paths on this page refer to the project folder.\n\n`;
    writeFileAtomicSync(join(notebooks, page), note + readFileSync(join(notebooks, '..', page), 'utf8'));
  }
  return pages;
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
  const variables = ['JUPYTER_PATH', 'JUPYTER_CONFIG_PATH'].map(
    (name) => `${name}=${JSON.stringify(env[name])}`,
  );
  return [...variables, ...quoted].join(' ');
}

if (require.main === module) {
  // Jupyter handles the signals.
  runAsProgram(runLab, { signal: new AbortController().signal });
}
