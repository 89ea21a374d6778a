import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants, hostname, userInfo } from 'node:os';
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
import { flag } from './options';
import { runAsProgram } from './program';
import { ensureSetup } from './setup';
import { notebookFiles } from './start';

/** Properties of the session in which Jupyter is started. */
export interface LaunchEnvironment {
  isRoot: boolean;
  isContainer: boolean;
  /** set in a session over SSH: user and address of this machine */
  ssh?: { user: string; host: string };
  /** whether a browser can be opened here */
  hasScreen: boolean;
}

/** The environment of this process. */
export function launchEnvironment(env: Readonly<NodeJS.ProcessEnv> = process.env): LaunchEnvironment {
  // SSH_CONNECTION: client address, client port, server address, server port
  const address = env.SSH_CONNECTION?.split(' ').at(2);
  const isRemote = address !== undefined || (env.SSH_CLIENT ?? env.SSH_TTY) !== undefined;
  const hasDisplay = Boolean(env.DISPLAY ?? env.WAYLAND_DISPLAY);
  return {
    isRoot: process.getuid?.() === 0,
    isContainer: Boolean(env.container) || containerFiles.some((file) => existsSync(file)),
    ...(isRemote && { ssh: { user: userInfo().username, host: address ?? hostname() } }),
    hasScreen: process.platform === 'linux' ? hasDisplay : !isRemote,
  };
}

/** Created by Docker, Podman and Kubernetes. */
const containerFiles = ['/.dockerenv', '/run/.containerenv', '/var/run/secrets/kubernetes.io'];

/**
 * The options that Jupyter needs in this environment and that the user has not given, and notes on how to open it in a browser.
 *
 * @param args - options for Jupyter that the user has given
 */
export function jupyterOptions(
  args: readonly string[],
  { isRoot, isContainer, ssh, hasScreen }: LaunchEnvironment,
): { options: string[]; notes: string[] } {
  const given = (pattern: RegExp): boolean => args.some((arg) => pattern.test(arg));
  const options = [
    ...(isRoot && !given(/^--(allow-root|\w+\.allow_root)\b/) ? ['--allow-root'] : []),
    ...(!hasScreen && !given(/^--(no-)?browser\b|\.open_browser\b/) ? ['--no-browser'] : []),
  ];
  const port = portOf(args);
  const notes: string[] = [];
  if (ssh) {
    notes.push(
      `Over SSH: run "ssh -N -L ${port}:localhost:${port} ${ssh.user}@${ssh.host}" on your own computer, then open the address that Jupyter prints in a browser there. If it prints another port, use that one in the command.`,
    );
  }
  if (isContainer && !given(/^--(ip|\w+\.ip)\b/)) {
    notes.push(
      `In a container: to open the address from outside, publish the port (docker run -p 127.0.0.1:${port}:${port} …) and run "npm run lab -- --ip=0.0.0.0".`,
    );
  }
  if (!hasScreen && notes.length === 0) notes.push('Jupyter prints an address: open it in a browser.');
  return { options, notes };
}

/** The port in the options, or Jupyter's default. */
function portOf(args: readonly string[]): string {
  const at = args.findIndex((arg) => /^--(port|\w+\.port)(=|$)/.test(arg));
  if (at === -1) return '8888';
  return args[at].split('=').at(1) ?? args.at(at + 1) ?? '8888';
}

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
