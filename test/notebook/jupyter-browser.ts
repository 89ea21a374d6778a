import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { findJupyter, hasWidgets, type Jupyter, jupyterLaunch, kernelDisplayName } from '../../src/notebook';
import { chromiumPath } from '../chromium';

/** JupyterLab and Chromium take seconds to start, and the kernel may have to compile the library. */
export const patienceMs = 120_000;

type Application = Jupyter['application'];

/** The applications of the tests: JupyterLab 4 and Jupyter Notebook 7 have the same cells and menus. */
export const applications: Readonly<Record<Application, string>> = {
  lab: 'JupyterLab',
  notebook: 'Jupyter Notebook 7',
};

/** A missing requirement of browser tests; undefined if all are met. */
export function missingFor(application: Application, { needsWidgets = false } = {}): string | undefined {
  const jupyter = findJupyter(application);
  const { version = '' } = jupyter ?? {};
  const isOld = parseInt(version) < { lab: 4, notebook: 7 }[application];
  if (version === '' || isOld) return `${applications[application]} (SER_JUPYTER)`;
  if (needsWidgets && jupyter && hasWidgets(jupyter) === false) return 'ipywidgets';
  return chromiumPath === undefined ? 'Chromium (SER_CHROMIUM)' : undefined;
}

/** A running Jupyter server. */
export interface JupyterServer {
  readonly application: Application;
  readonly url: string;
  readonly token: string;
  /** stops the server and its kernels, and deletes its settings */
  stop(): Promise<void>;
}

/** Settings for tests: every cell is in the page, not only those on the screen, and nothing is fetched from the network. */
const settings = {
  '@jupyterlab/notebook-extension/tracker': { windowingMode: 'none' },
  '@jupyterlab/apputils-extension/notification': {
    fetchNews: 'false',
    checkForUpdates: false,
    doNotDisturbMode: true,
  },
};

/**
 * Starts Jupyter as `npm run lab` does, with separate settings.
 *
 * @param root - the folder to serve
 * @param env - added to the environment
 */
export async function startJupyter(
  application: Application,
  root: string,
  env: Readonly<Record<string, string>> = {},
): Promise<JupyterServer> {
  const scratch = mkdtempSync(join(tmpdir(), 'ser-jupyter-'));
  const own = Object.fromEntries(
    [
      'JUPYTER_CONFIG_DIR',
      'JUPYTER_DATA_DIR',
      'JUPYTER_RUNTIME_DIR',
      'JUPYTERLAB_SETTINGS_DIR',
      'JUPYTERLAB_WORKSPACES_DIR',
    ].map((name) => [name, join(scratch, name)]),
  );
  for (const [plugin, values] of Object.entries(settings)) {
    const file = join(own.JUPYTERLAB_SETTINGS_DIR, `${plugin}.jupyterlab-settings`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(values));
  }
  const options = ['--no-browser', '--allow-root', '--port=0'];
  const launch = jupyterLaunch(findJupyter(application)!, options, root);
  const process_ = spawn(launch.program, launch.args, {
    cwd: scratch,
    env: { ...process.env, ...launch.env, ...own, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  process_.stderr.on('data', (data: Buffer) => (log += data.toString()));
  const stop = async (): Promise<void> => {
    await stopProcess(process_);
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    const { url, token } = await serverInfo(own.JUPYTER_RUNTIME_DIR, process_);
    return { application, url, token, stop };
  } catch (error) {
    await stop();
    throw new Error(`Jupyter did not start:\n${log}`, { cause: error });
  }
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Jupyter writes its address to a file when it is ready. */
async function serverInfo(runtime: string, server: ChildProcess): Promise<{ url: string; token: string }> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline && server.exitCode === null) {
    const names = existsSync(runtime) ? readdirSync(runtime) : [];
    const file = names.find((name) => /^jpserver-\d+\.json$/.test(name));
    if (file !== undefined) {
      try {
        return JSON.parse(readFileSync(join(runtime, file), 'utf8')) as { url: string; token: string };
      } catch {
        // not written completely yet
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('no file with its address');
}

/** A notebook in a browser. Cells are counted from 0, Markdown cells included. */
export interface NotebookPage {
  readonly page: Page;
  /** errors of the page and of its console */
  readonly problems: string[];
  cell: (index: number) => Locator;
  /** the outputs of a cell */
  outputs: (index: number) => Locator;
  /** chooses an item of the menu bar */
  menu: (title: string, item: RegExp) => Promise<void>;
  runAll: () => Promise<void>;
  /** starts a cell without waiting for its end */
  startCell: (index: number) => Promise<void>;
  /** runs a cell to its end */
  runCell: (index: number) => Promise<void>;
  interrupt: () => Promise<void>;
  /** restarts the kernel and waits until it is ready */
  restart: () => Promise<void>;
  /** waits until the kernel is connected and runs no cell */
  idle: () => Promise<void>;
}

/** Errors of JupyterLab and Notebook themselves: the kernel has no debugger; settings arrive before their schema. */
const ofJupyter = /No active debugger session|reading 'schema'/;

/** Opens a notebook and waits for its kernel. */
export async function openNotebook(
  browser: Browser,
  { application, url, token }: JupyterServer,
  name: string,
): Promise<NotebookPage> {
  const page = await browser.newPage({ viewport: { width: 1300, height: 1500 } });
  page.setDefaultTimeout(patienceMs);
  const problems: string[] = [];
  page.on('pageerror', (error) => {
    if (!ofJupyter.test(error.message)) problems.push(error.stack ?? String(error));
  });
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${message.text()} (${message.location().url})`);
  });
  const path = { lab: `lab/tree/${name}?reset&`, notebook: `notebooks/${name}?` }[application];
  await page.goto(`${url}${path}token=${token}`);
  const cell = (index: number): Locator => page.locator('.jp-Notebook .jp-Cell').nth(index);
  const idle = async (): Promise<void> => {
    // Before the kernel is connected, it has no name and may count as idle.
    await page.locator('.jp-Toolbar-kernelName', { hasText: kernelDisplayName }).first().waitFor();
    await page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first().waitFor();
  };
  const menu = async (title: string, item: RegExp): Promise<void> => {
    await page.locator('.lm-MenuBar-itemLabel', { hasText: new RegExp(`^${title}$`) }).click();
    await page.locator('.lm-Menu-itemLabel', { hasText: item }).first().click();
  };
  const startCell = async (index: number): Promise<void> => {
    await cell(index).locator('.cm-content').first().click();
    await page.keyboard.press('Control+Enter');
  };
  await cell(0).waitFor();
  await idle();
  return {
    page,
    problems,
    cell,
    outputs: (index) => cell(index).locator('.jp-OutputArea-output'),
    menu,
    runAll: () => menu('Run', /^Run All Cells$/),
    startCell,
    runCell: async (index) => {
      const prompt = cell(index).locator('.jp-InputPrompt').first();
      const before = await prompt.textContent();
      await startCell(index);
      // `[*]:` while it is waiting or running, then a new number.
      await page.waitForFunction(
        ([element, old]) => /\d/.test(element.textContent) && element.textContent !== old,
        [await prompt.elementHandle(), before] as const,
      );
    },
    interrupt: () => menu('Kernel', /^Interrupt Kernel/),
    restart: async () => {
      await menu('Kernel', /^Restart Kernel…$/);
      await page.locator('.jp-Dialog button', { hasText: /^Restart$/ }).click();
      await page.locator('.jp-Notebook-ExecutionIndicator:not([data-status="idle"])').first().waitFor();
      await idle();
    },
    idle,
  };
}
