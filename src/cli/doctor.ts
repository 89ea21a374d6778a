import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countOf, messageOf } from '../core/base';
import { formatLoadReport, isDemoCorpusCurrent, loadCorpora, locateData } from '../node/corpora';
import { loadEngine, readEngineRecord } from '../node/engine';
import { paths, projectRoot, userCacheDirectory } from '../node/files';
import {
  findJupyter,
  hasWidgets,
  installedKernels,
  jupyterPath,
  kernelName,
  missingWidgets,
} from '../notebook';
import { defineCommand } from './command';
import { cacheSizes, megabytes } from './data';
import { isLibraryStale } from '../node/build';
import { runAsProgram } from './program';

export const doctorCommand = defineCommand('npm run doctor', {
  summary: 'Check everything the workbench needs: Node, engine, kernel, library, Jupyter, data and caches.',
  details:
    'Prints the state of each part, and a remedy for each problem that prevents the workbench from running.',
  run: async (_, { print }) => {
    const findings = [
      node(),
      await engine(),
      kernel(),
      library(),
      jupyter(),
      kernels(),
      await data(),
      ...caches(),
    ];
    for (const { what, state, remedy } of findings) {
      print(`${remedy ? '✘' : '✔'} ${what.padEnd(11)} ${state.replaceAll('\n', `\n${' '.repeat(14)}`)}`);
      if (remedy) print(`  remedy      ${remedy}`);
    }
    return findings.some(({ remedy }) => remedy) ? 1 : 0;
  },
});
export const runDoctor = doctorCommand.run;

/** The state of one part. */
interface Finding {
  what: string;
  state: string;
  /** what to do; given only if the workbench cannot run without it */
  remedy?: string;
}

function node(): Finding {
  const { engines } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const required = engines.node.replace('>=', '');
  const isSupported = process.versions.node.localeCompare(required, 'en', { numeric: true }) >= 0;
  const state = `${process.versions.node} on ${process.platform} ${process.arch}`;
  return { what: 'Node', state, ...(!isSupported && { remedy: `install Node ${required} or newer` }) };
}

async function engine(): Promise<Finding> {
  try {
    const { name, version, threads } = await loadEngine();
    const attempts = readEngineRecord()?.attempts.join('; ');
    const state = `${name}, ${version}, ${countOf(threads, 'thread')}`;
    const notes = [
      state,
      ...(name === 'wasm' && attempts ? [`no native engine: ${attempts}`] : []),
      ...gpuNote(version),
    ];
    return { what: 'engine', state: notes.join('\n') };
  } catch (error) {
    return { what: 'engine', state: messageOf(error), remedy: 'npm install && npm run setup' };
  }
}

/** A line about a GPU, if there is one. */
function gpuNote(version: string): string[] {
  const { status, stdout } = spawnSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  if (status !== 0) return []; // no driver
  const gpu = stdout.split('\n')[0].trim();
  const use = version.endsWith('on a GPU')
    ? 'used; the workbench has not been tested on a GPU'
    : 'not used; see "Train on a GPU" in src/README.md';
  return [`GPU: ${gpu}, ${use}`];
}

function kernel(): Finding {
  try {
    const tslab = JSON.parse(readFileSync(require.resolve('tslab/package.json'), 'utf8')) as {
      version: string;
    };
    const specification = join(jupyterPath, 'kernels', kernelName, 'kernel.json');
    if (!existsSync(specification)) throw new Error(`${specification} is missing`);
    return { what: 'kernel', state: `tslab ${tslab.version}` };
  } catch (error) {
    return { what: 'kernel', state: messageOf(error), remedy: 'npm install' };
  }
}

function library(): Finding {
  return {
    what: 'library',
    state: isLibraryStale() ? 'not compiled yet; npm start and the notebooks compile it' : 'compiled',
  };
}

function jupyter(): Finding {
  const found = findJupyter('lab') ?? findJupyter('notebook');
  if (!found) return { what: 'Jupyter', state: 'not found; npm run lab installs JupyterLab into .venv' };
  const name = { lab: 'JupyterLab', notebook: 'Jupyter Notebook' }[found.application];
  const widgets = { true: 'with ipywidgets', false: missingWidgets(found), undefined: 'ipywidgets unknown' };
  const state = `${name} ${found.version ?? ''}, ${widgets[`${hasWidgets(found)}`]}\nfound: ${found.command.join(' ')}`;
  return { what: 'Jupyter', state };
}

/** Kernels installed for use outside npm run lab. */
function kernels(): Finding {
  const states = installedKernels().map(
    ({ name, isOwn, checkout, problem }) =>
      `${name}: ${problem ?? (isOwn ? 'this checkout' : `another checkout, ${checkout!}`)}`,
  );
  return {
    what: 'kernels',
    state: states.join('\n') || 'none for other programs; npm run kernel -- install adds this one',
  };
}

async function data(): Promise<Finding> {
  try {
    const { root } = locateData();
    if (root === paths.demo && !isDemoCorpusCurrent(paths.demo)) {
      return { what: 'data', state: 'no corpora; npm start creates the synthetic demo corpus' };
    }
    return { what: 'data', state: formatLoadReport((await loadCorpora()).report) };
  } catch (error) {
    return { what: 'data', state: messageOf(error), remedy: 'see data/README.md on where to place corpora' };
  }
}

function caches(): Finding[] {
  const size = (directory: string): string => {
    const entries = cacheSizes(directory).map(({ name, bytes }) => `${name} ${megabytes(bytes)}`);
    return entries.join(', ') || 'empty';
  };
  return [
    { what: 'data/cache', state: size(paths.cache) },
    { what: 'user cache', state: `${userCacheDirectory()}: ${size(userCacheDirectory())}` },
  ];
}

if (require.main === module) {
  runAsProgram(runDoctor);
}
