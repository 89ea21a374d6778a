import assert from 'node:assert/strict';
import { WorkbenchError } from '../../../src/core/base';
import { plainFrontEnd } from '../../../src/core/features';
import { cutWindow, decodeWindow } from '../../../src/core/features/windows';
import { encodeWav } from '../../../src/core/audio';

const config = { offsetSec: 0.25, durationSec: 0.5, sampleRate: 16_000 };

describe('the training window', () => {
  it('is the same from samples as from the bytes of a file', async () => {
    const samples = Float32Array.from({ length: 9000 }, (_, i) =>
      Math.fround(Math.round(9000 * Math.sin(i / 9)) / 32_768),
    );
    for (const sampleRate of [8000, 16_000]) {
      const waveform = { samples, sampleRate };
      assert.deepEqual(
        await decodeWindow(encodeWav(waveform), config, plainFrontEnd),
        cutWindow(waveform, config, plainFrontEnd),
      );
    }
  });

  it('rejects sample rates that no recording has, before it allocates memory', async () => {
    for (const sampleRate of [0, 1, 200e6, NaN, Infinity]) {
      assert.throws(
        () => cutWindow({ samples: new Float32Array(40_000), sampleRate }, config, plainFrontEnd),
        (error) =>
          error instanceof WorkbenchError && error.message.includes('sample rate must be 1000 to 768000 Hz'),
      );
      const wav = Buffer.from(encodeWav({ samples: new Float32Array(40_000), sampleRate: 8000 }));
      wav.writeUInt32LE(Number.isFinite(sampleRate) ? sampleRate : 0, 24);
      await assert.rejects(decodeWindow(wav, config, plainFrontEnd), /sample rate must be 1000 to 768000 Hz/);
    }
  });
});
