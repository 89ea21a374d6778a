import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { paths, projectRoot } from '../files';
import { buildKernel } from './kernel';
import { browserAlias, bundledPackages, licenceNotices } from './licences';

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
