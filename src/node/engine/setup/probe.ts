import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../files';

/**
 * Tries the native engine in a process of its own, because an addon built for another processor ends the process that
 * loads it. It trains one step of a small convolution, so that a broken library is noticed here.
 *
 * @returns the engine's version, or the reason why it does not work
 */
export async function probeNative(): Promise<{ version: string } | { reason: string }> {
  const typescript = __filename.endsWith('.ts');
  const script = `
    const { loadNative } = require(${JSON.stringify(join(__dirname, '..', typescript ? 'native.ts' : 'native.js'))});
    const { tf, version } = loadNative();
    const gradient = tf.grad((w) => tf.conv2d(tf.ones([1, 1, 4, 1]), w, 1, 'same').sum())(tf.ones([1, 3, 1, 1]));
    if (String(gradient.dataSync()) !== '3,4,3') throw new Error('wrong gradient ' + gradient.dataSync());
    console.log('engine: ' + version);`;
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...(typescript ? ['--import', 'tsx'] : []), '-e', script],
      { cwd: projectRoot, timeout: 60_000 },
    );
    const version = /^engine: (.*)$/m.exec(stdout)?.[1];
    return version ? { version } : { reason: 'it printed no version' };
  } catch (error) {
    const { signal, stderr = '' } = error as { signal?: string; stderr?: string };
    if (signal) return { reason: `the process ended with ${signal}` };
    return { reason: /^\w*Error: (.*)$/m.exec(stderr)?.[1]?.trim() ?? 'it did not load' };
  }
}
