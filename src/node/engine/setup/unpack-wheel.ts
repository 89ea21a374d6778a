import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

/** TensorFlow's two shared libraries, and the headers that its C API includes. */
const wanted =
  /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2|include\/(?:tensorflow\/(?:c|core\/platform)|tsl|xla\/tsl|external\/local_\w+)\/.*\.h)$/;

/**
 * Unpacks what linking needs from a TensorFlow wheel: `libtensorflow_cc.so.2`, `libtensorflow_framework.so.2` and the
 * C API's headers below `include/`.
 */
export async function unpackWheel(wheel: string, directory: string): Promise<void> {
  const zip = await openPromise(wheel);
  try {
    for await (const entry of zip.eachEntry()) {
      const name = wanted.exec(entry.fileName)?.[1];
      if (!name) continue;
      const target = join(directory, name); // yauzl refuses names with `..` and absolute ones
      mkdirSync(dirname(target), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
    }
  } finally {
    zip.close();
  }
}
