import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../files';

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
    'https://github.com/eshaz/wasm-audio-decoders; a changed version takes effect by building this bundle with another version of the package.',
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
    if (input.startsWith('(disabled):')) continue; // modules that are left out in browsers
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
