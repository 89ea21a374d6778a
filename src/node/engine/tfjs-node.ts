import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the installed tfjs-node package. */
export function tfjsNodeDirectory(): string {
  return dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
}

export function tfjsNodeVersion(): string {
  const text = readFileSync(join(tfjsNodeDirectory(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Where tfjs-node looks for its native addon: for N-API 8, which every supported Node has. */
export function nativeAddonPath(): string {
  return join(tfjsNodeDirectory(), 'lib', 'napi-v8', 'tfjs_binding.node');
}
