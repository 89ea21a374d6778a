import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { paths, projectRoot } from '../files';
import { browserAlias, bundledPackages, licenceNotices } from './licences';

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
