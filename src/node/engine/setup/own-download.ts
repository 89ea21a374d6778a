import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../../../core/base';
import { tfjsNodeDirectory } from '../tfjs-node';

/**
 * Runs tfjs-node's own install script, which downloads TensorFlow 2.9.1 and a prebuilt addon, if its host answers.
 *
 * @param timeoutMs - how long the host may take to answer before the download is given up
 * @returns undefined if the script ran, else the reason why not
 */
export async function runOwnDownload(timeoutMs = 5_000): Promise<string | undefined> {
  const host = process.env.TFJS_NODE_CDN_STORAGE ?? 'https://storage.googleapis.com/';
  try {
    await fetch(host, { method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    return `${new URL(host).hostname} is not reached`;
  }
  try {
    // Through npm, so that the script finds node-pre-gyp on its PATH.
    await promisify(execFile)('npm', ['rebuild', '@tensorflow/tfjs-node', '--ignore-scripts=false'], {
      cwd: tfjsNodeDirectory().replace(/[\\/]node_modules[\\/].*$/, ''),
      shell: process.platform === 'win32',
      timeout: 600_000,
    });
    return undefined;
  } catch (error) {
    return `its install script failed: ${messageOf(error).split('\n').slice(0, 2).join(' ')}`;
  }
}
