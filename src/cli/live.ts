import { spawn } from 'node:child_process';
import { WorkbenchError } from '../core/base';
import { exportSite, liveSite, serveSite, type Site, siteBytes } from '../node/live';
import { findModels } from '../node/models';
import { modelByDefault, modelByName } from './models';
import { type CommandTools, defineCommand } from './command';
import { flag, integer, option, repeated, userPath } from './options';
import { displayPath } from './output';
import { runAsProgram, stopSignal } from './program';

/** Replaced in tests. */
export interface LiveContext {
  /** opens an address in the browser */
  openAddress?: (address: string) => void;
}

export const liveCommand = defineCommand('npm run live', {
  summary: 'Open the live page: speak, choose files, or record a corpus, and see predictions in the browser.',
  details:
    'The page is served to this machine only; recordings do not leave it. Stop the server with Ctrl+C. With --export, the page is written as static files for any web host instead (HTTPS is needed for the microphone).',
  options: {
    port: option('N', 'port of the server; default: any free port', integer(1, 65_535)),
    model: repeated(
      'DIR',
      'model folder, or the name of a published model or a run; the page offers all that are named, the first one at the start; default: all published models',
    ),
    noOpen: flag('only print the address'),
    export: option('DIR', 'write the page as static files (at most 12 MB) and exit', userPath),
  },
  conflicts: { export: ['port', 'noOpen'] },
  run: async (options, { print, signal, openAddress = openInBrowser }: CommandTools & LiveContext) => {
    const models = options.model.length > 0 ? options.model.map(modelByName) : publishedModels();
    const site = await liveSite({ models: models.map(({ path }) => path) });
    print(
      `model${models.length === 1 ? '' : 's'}: ${models.map(({ path }) => displayPath(path)).join(', ')}`,
    );
    if (!hasExamples(site))
      print('no example clips: make the demo corpus with npm run data -- demo, then start again');
    if (options.export !== undefined) {
      const bytes = exportSite(site, options.export);
      print(`${displayPath(options.export)}/: ${site.size} files, ${(bytes / 1e6).toFixed(1)} MB`);
      return 0;
    }
    const { address, close } = await serveSite(site, { port: options.port });
    print(`live page: ${address} (${(siteBytes(site) / 1e6).toFixed(1)} MB). Stop it with Ctrl+C.`);
    if (!options.noOpen) openAddress(address);
    await stopped(signal);
    await close();
    return 0;
  },
});
export const runLive = liveCommand.run;

const hasExamples = (site: Site): boolean => [...site.keys()].some((name) => name.startsWith('examples/'));

/** The published models, in the order of `npm run models`; without any, the default model. */
function publishedModels(): { path: string }[] {
  const published = findModels().filter(({ origin, isOfDemo }) => origin === 'published' && !isOfDemo);
  return published.length > 0 ? published : [modelByDefault()];
}

function stopped(signal: AbortSignal | undefined): Promise<void> {
  if (!signal) throw new WorkbenchError('npm run live needs a signal that stops it');
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener('abort', () => {
        resolve();
      });
  });
}

/** Opens the address in the default browser. A machine without a browser is no error: the address has been printed. */
function openInBrowser(address: string): void {
  const [program, ...args] = {
    darwin: ['open'],
    win32: ['cmd', '/c', 'start', ''],
  }[process.platform as string] ?? ['xdg-open'];
  const child = spawn(program, [...args, address], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

if (require.main === module) {
  runAsProgram(runLive, { signal: stopSignal() });
}
