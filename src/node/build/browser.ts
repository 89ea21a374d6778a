import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { paths, projectRoot } from '../files';
import { buildKernel } from './kernel';

/** Output folder: the browser bundle and the files that it fetches. */
export const browserFolder: string = join(paths.dist, 'browser');

/**
 * Bundles `src/browser.ts` as `dist/browser/index.js`, an ES module, with the licences of its packages in `LICENSES.txt`, and copies
 * the SIMD kernel and TensorFlow.js's WebAssembly backend to the same folder.
 *
 * @returns size of each file, bytes
 * @throws the bundler's message if the sources cannot be bundled
 */
export async function buildBrowser(): Promise<{ file: string; bytes: number }[]> {
  mkdirSync(browserFolder, { recursive: true });
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: projectRoot,
    metafile: true,
    alias: { ...browserAlias },
    entryPoints: [join(projectRoot, 'src', 'browser.ts')],
    outfile: join(browserFolder, 'index.js'),
    bundle: true,
    minify: true,
    sourcemap: 'linked',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'warning',
    // tfjs names Node modules that it uses in Node only.
    logOverride: { 'ignored-bare-import': 'silent' },
  });
  const notices = licenceNotices(bundledPackages(Object.keys(metafile.inputs)));
  writeFileSync(join(browserFolder, 'LICENSES.txt'), notices);
  const backend = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm'));
  for (const name of readdirSync(backend).filter((file) => file.endsWith('.wasm')))
    copyFileSync(join(backend, name), join(browserFolder, name));
  copyFileSync(paths.kernel, join(browserFolder, 'kernel.wasm'));
  return readdirSync(browserFolder)
    .filter((file) => !file.endsWith('.map'))
    .map((file) => ({ file, bytes: statSync(join(browserFolder, file)).size }));
}

const source = join(projectRoot, 'src', 'web');

/**
 * The files of the live page by name, in memory: `index.html`, its scripts and style sheet, the licences of the packages in them, the
 * SIMD kernel, and TensorFlow.js's WebAssembly backend. All addresses in them are relative.
 *
 * @throws the bundler's message if the sources cannot be bundled
 */
export async function buildPage(): Promise<Map<string, Uint8Array>> {
  await buildKernel();
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: projectRoot,
    metafile: true,
    alias: { ...browserAlias },
    entryPoints: {
      page: join(source, 'page', 'main.tsx'),
      style: join(source, 'page', 'style.css'),
      worker: join(source, 'worker', 'worker.ts'),
      capture: join(source, 'speak', 'capture-processor.ts'),
    },
    outdir: projectRoot,
    write: false,
    bundle: true,
    minify: true,
    // The licences are in one file.
    legalComments: 'none',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
    // tfjs names Node modules that it uses in Node only.
    logOverride: { 'ignored-bare-import': 'silent' },
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  const notices = licenceNotices(bundledPackages(Object.keys(metafile.inputs)));
  files.set('LICENSES.txt', Buffer.from(notices));
  for (const name of ['index.html', 'icon.svg']) files.set(name, readFileSync(join(source, 'page', name)));
  for (const { name, path } of wasmFiles()) files.set(name, readFileSync(path));
  return files;
}

/** The SIMD kernel, and TensorFlow.js's backend for one thread: several need cross-origin isolation, which few web hosts offer. */
function wasmFiles(): { name: string; path: string }[] {
  const backend = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm'));
  return [
    { name: 'kernel.wasm', path: paths.kernel },
    ...readdirSync(backend)
      .filter((name) => name.endsWith('.wasm') && !name.includes('threaded'))
      .map((name) => ({ name, path: join(backend, name) })),
  ];
}

/** A package that is part of a bundle. */
export interface BundledPackage {
  name: string;
  version: string;
  /** SPDX expression, from its package.json */
  licence: string;
  /** text of its licence file; empty if it has none */
  text: string;
}

/** Libraries in C that packages contain as WebAssembly, under licences of their own. */
const compiledIn: Readonly<Record<string, string>> = {
  'mpg123-decoder':
    'Contains libmpg123 (https://www.mpg123.org), LGPL-2.1, compiled to WebAssembly. Its source and the build script are in ' +
    'https://github.com/eshaz/wasm-audio-decoders; to use a modified version, build this bundle with it.',
  'opus-decoder': 'Contains libopus (https://opus-codec.org), BSD-3-Clause, compiled to WebAssembly.',
  '@wasm-audio-decoders/ogg-vorbis':
    'Contains libvorbis and libogg (https://xiph.org/vorbis), BSD-3-Clause, compiled to WebAssembly.',
};

/**
 * Lists the packages of a bundle.
 *
 * @param inputs - paths of the bundled files relative to the project, as in esbuild's metafile
 * @returns sorted by name
 */
export function bundledPackages(inputs: Iterable<string>): BundledPackage[] {
  const folders = new Set<string>();
  for (const input of inputs) {
    // Replaced by an empty module, because a package does not need it in a browser.
    if (input.startsWith('(disabled):')) continue;
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  const packages = [...folders].map((folder): BundledPackage => {
    const absolute = join(projectRoot, folder);
    const { name, version, license } = JSON.parse(readFileSync(join(absolute, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      license?: string;
    };
    return { name, version, licence: license ?? 'unknown', text: licenceText(absolute) };
  });
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function licenceText(folder: string): string {
  if (!existsSync(folder)) return '';
  const file = readdirSync(folder).find((name) => /^(?:licen[cs]e|copying)(?:\.|$)/i.test(name));
  return file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
}

/** The notices that must accompany a bundle, as text. */
export function licenceNotices(packages: readonly BundledPackage[]): string {
  const parts = packages.map(({ name, version, licence, text }) =>
    [`${name} ${version} (${licence})`, compiledIn[name] ?? [], text || []].flat().join('\n\n'),
  );
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return `This bundle contains the following packages.${rule}${parts.join(rule)}\n`;
}

/** Modules that take the place of packages in bundles for browsers, by package name: esbuild's option `alias`. */
export const browserAlias: Readonly<Record<string, string>> = {
  'codec-parser': join(projectRoot, 'src', 'web', 'no-ogg-parser.ts'),
};

if (require.main === module) {
  buildBrowser().then(
    (files) => {
      for (const { file, bytes } of files)
        console.log(`dist/browser/${file.padEnd(40)} ${(bytes / 1e6).toFixed(2).padStart(6)} MB`);
    },
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
