import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../../core/base';
import { userCacheDirectory } from '../../files';
import { nativeAddonPath, tfjsNodeDirectory, tfjsNodeVersion } from '../tfjs-node';
import type { TensorFlowLibrary } from './find-tensorflow';

/**
 * Compiles tfjs-node's own binding against a TensorFlow library and puts it where tfjs-node looks for it. N-API's
 * headers come from npm, so a C++ compiler is all it needs. The result (0.1 MB) is kept in the user's cache: after a
 * reinstall it is only copied.
 *
 * @returns undefined if the addon is in place, else the reason why not
 */
export async function buildAddon(
  library: TensorFlowLibrary,
  say: (line: string) => void,
): Promise<string | undefined> {
  const identity = [tfjsNodeVersion(), library.version, library.directory, process.arch].join('\n');
  const key = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const cached = join(userCacheDirectory(), 'addon', `tfjs_binding-${key}.node`);
  if (!existsSync(cached)) {
    say(`compiling tfjs-node's binding against TensorFlow ${library.version} …`);
    const reason = await compile(library, cached);
    if (reason) return reason;
  }
  mkdirSync(dirname(nativeAddonPath()), { recursive: true });
  copyFileSync(cached, nativeAddonPath());
  return undefined;
}

async function compile(library: TensorFlowLibrary, target: string): Promise<string | undefined> {
  const source = join(tfjsNodeDirectory(), 'binding');
  const nodeApi = join(dirname(require.resolve('node-api-headers/package.json')), 'include');
  const compiler = process.env.CXX ?? 'g++';
  const unfinished = `${target}.${String(process.pid)}`;
  mkdirSync(dirname(target), { recursive: true });
  const args = [
    '-std=c++17 -O2 -fPIC -shared -DNAPI_VERSION=8'.split(' '),
    [nodeApi, tfjsNodeDirectory(), join(library.directory, 'include')].map((directory) => `-I${directory}`),
    [join(source, 'tfjs_backend.cc'), join(source, 'tfjs_binding.cc')],
    [
      join(library.directory, 'libtensorflow_cc.so.2'),
      join(library.directory, 'libtensorflow_framework.so.2'),
    ],
    [`-Wl,-rpath,${library.directory}`, '-o', unfinished],
  ].flat();
  try {
    await promisify(execFile)(compiler, args, { timeout: 300_000, maxBuffer: 1 << 26 });
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return missing
      ? `there is no C++ compiler (${compiler})`
      : `${compiler} failed: ${messageOf(error).slice(-300)}`;
  }
  renameSync(unfinished, target);
  return undefined;
}
