import { type BlockStream, DamageCount, release } from './block-stream';
import { checkMpegBitRate, readMpeg } from './mpeg';

/** Frames per block, about a second. */
const framesPerBlock = 40;

/**
 * Opens MP3 or MPEG audio of layers 1 and 2. Delay and padding are removed if the encoder states them.
 *
 * @param start - offset of the first frame
 * @throws `AudioFormatError` if it contains no audio
 */
export function openMpeg(bytes: Uint8Array, start: number): BlockStream {
  checkMpegBitRate(bytes, start);
  const { layer, sampleRate, channels, samplesPerFrame, starts, sizes, delay, padding, remarks } = readMpeg(
    bytes,
    start,
  );
  const end = starts.length * samplesPerFrame - padding;
  return {
    codec: layer === 3 ? 'MP3' : `MPEG audio layer ${layer}`,
    sampleRate,
    channels,
    frames: Math.max(0, end - delay),
    blocks: async function* (onRemark) {
      remarks.forEach(onRemark);
      const { MPEGDecoder } = await import('mpg123-decoder');
      const decoder = new MPEGDecoder({ enableGapless: false });
      await decoder.ready;
      const damage = new DamageCount(starts.length, onRemark);
      try {
        let at = 0;
        for (let next = 0; next < starts.length && at < end; next += framesPerBlock) {
          const count = Math.min(framesPerBlock, starts.length - next);
          const length = count * samplesPerFrame;
          const out = Array.from({ length: channels }, () => new Float32Array(length));
          for (let i = 0; i < count; i++) {
            const frame = bytes.subarray(starts[next + i], starts[next + i] + sizes[next + i]);
            // The decoder always returns two channels.
            const { channelData, errors } = damage.quietly(() => decoder.decodeFrame(frame));
            const usable = errors.length === 0 && channelData[0].length === samplesPerFrame;
            if (!usable) damage.add();
            else
              for (const [channel, samples] of out.entries())
                samples.set(channelData[channel], i * samplesPerFrame);
          }
          yield out.map((samples) => samples.subarray(Math.max(0, delay - at), end - at));
          at += length;
        }
        damage.report();
      } finally {
        release(decoder);
      }
    },
  };
}
