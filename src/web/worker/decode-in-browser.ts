import type { AudioData } from '../../core/audio';

/** Rate to which the browser converts, Hz; it does not tell the rate of the file. */
const sampleRate = 48_000;

/**
 * Decodes a file with the browser's own decoder, which workers cannot use. It knows formats that this library does not decode, such as
 * AAC.
 *
 * @throws Error if the browser cannot decode the file
 */
export async function decodeInBrowser(bytes: Uint8Array<ArrayBuffer>): Promise<AudioData> {
  const context = new OfflineAudioContext(1, 1, sampleRate);
  const copy = bytes.slice().buffer;
  const decoded = await context.decodeAudioData(copy).catch(() => {
    throw new Error('this browser cannot decode it; convert it to WAV or MP3 first');
  });
  const channels = Array.from({ length: decoded.numberOfChannels }, (_, channel) =>
    decoded.getChannelData(channel).slice(),
  );
  return { channels, sampleRate: decoded.sampleRate };
}
