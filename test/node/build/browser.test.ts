import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { browserAlias, bundledPackages, licenceNotices } from '../../../src/node/build/browser';
import { projectRoot } from '../../../src/node/files';

/** Licences of what a bundle may contain. */
const permissive = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'MIT AND ISC',
  'BSD',
]);

/** The GNU General Public License or the Affero one, but not the Lesser one. */
const isGpl = (licence: string): boolean => /(?:^|[^L])GPL/.test(licence);

describe('licences', () => {
  it('of everything in the bundle for browsers are permissive', async function () {
    this.timeout(120_000);
    const { build } = await import('esbuild');
    const { metafile } = await build({
      absWorkingDir: projectRoot,
      entryPoints: [join(projectRoot, 'src', 'browser.ts')],
      alias: { ...browserAlias },
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'error',
    });
    const packages = bundledPackages(Object.keys(metafile.inputs));
    const names = packages.map(({ name }) => name);
    for (const name of [
      '@tensorflow/tfjs-core',
      'mpg123-decoder',
      'opus-decoder',
      '@wasm-audio-decoders/ogg-vorbis',
    ])
      assert.ok(names.includes(name), `${name} is not in the bundle`);
    assert.deepEqual(
      packages
        .filter(({ licence }) => !licence.split(' AND ').every((part) => permissive.has(part)))
        .map(({ name, licence }) => `${name}: ${licence}`),
      [],
    );
    assert.ok(!names.includes('codec-parser'));
    const notices = licenceNotices(packages);
    for (const { name, version } of packages) assert.ok(notices.includes(`${name} ${version}`));
    assert.match(notices, /libmpg123 .* LGPL-2\.1/);
  });

  it('of the packages installed for use do not include the GPL', () => {
    const { packages } = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { license?: string; dev?: boolean; optional?: boolean }>;
    };
    const used = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
    assert.ok(used.length > 100);
    // eSpeak NG, which makes the demo corpus, is optional: users may leave it out, and nothing contains it.
    const gpl = used.filter(([, { license }]) => isGpl(license ?? ''));
    assert.deepEqual(
      gpl.filter(([, { optional }]) => !optional).map(([path]) => path),
      [],
    );
    // The only package under the LGPL is loaded by Node from its own folder, and takes no part in the bundle.
    const lesser = used.filter(([, { license }]) => license?.includes('LGPL')).map(([path]) => path);
    assert.deepEqual(lesser, ['node_modules/codec-parser']);
  });
});
