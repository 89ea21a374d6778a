import { ascii, AudioFormatError, UnsupportedAudioError } from './audio-format';
import { type BlockStream, DamageCount, type Packet, release } from './block-stream';
import { areGranulesOrdered, type OggStream } from './ogg';
import type { WebmTrack } from './webm';

/** Opus is always decoded at this rate, Hz. */
const sampleRate = 48_000;
/** Longest packet: 120 ms. */
const maxPacketFrames = 5760;
/** Usual packet: 20 ms. */
const usualFrames = 960;
/** Samples per channel in one block. */
const blockFrames = 48_000;

/** Content of the identification header (RFC 7845). */
interface OpusHead {
  channels: number;
  preSkip: number;
  /** factor of the output */
  gain: number;
  streams: number;
  coupled: number;
  mapping: number[];
}

/** Opens the packets of an Ogg file. @throws `AudioFormatError` if the header is damaged */
export function openOggOpus({ packets, granules, remarks }: OggStream): BlockStream {
  const head = readHead(packets[0]);
  const audio = packets.slice(2);
  const lengths = packetLengths(audio);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  // Granule positions count samples, but do not start at 0 in a part of a longer recording.
  let [before, end] = [0, total];
  const firstPage = granules.findIndex((granule, i) => i >= 2 && granule >= 0);
  for (let i = 2; i <= firstPage; i++) before += lengths[i - 2];
  if (firstPage >= 0 && areGranulesOrdered(granules, 2)) {
    const isOnlyPage = granules.findLastIndex((granule) => granule >= 0) === firstPage;
    const start = isOnlyPage ? 0 : Math.max(0, granules[firstPage] - before);
    end = granules.findLast((granule) => granule >= 0)! - start;
  }
  return openOpus(head, audio, lengths, {
    skip: head.preSkip,
    end: end > head.preSkip ? Math.min(end, total) : total,
    remarks,
  });
}

/** Opens the audio track of a WebM file. @throws `AudioFormatError` if the header is damaged */
export function openWebmOpus({
  codecPrivate,
  packets,
  delaySec,
  paddingSec,
  remarks,
}: WebmTrack): BlockStream {
  const head = readHead(codecPrivate);
  const lengths = packetLengths(packets);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  // ffmpeg writes a wrong delay into the container for other rates than 48,000 Hz.
  const skip = head.preSkip || Math.round(delaySec * sampleRate);
  const end = Math.max(0, total - Math.round(paddingSec * sampleRate));
  return openOpus(head, packets, lengths, { skip, end, remarks });
}

function readHead(packet: Packet): OpusHead {
  if (packet.length < 19 || ascii(packet, 0, 8) !== 'OpusHead' || packet[8] >> 4 !== 0) {
    throw new AudioFormatError('it is damaged: its Opus header is invalid');
  }
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const channels = packet[9];
  const family = packet[18];
  const isPlain = family === 0;
  if (channels < 1 || (isPlain && channels > 2) || (!isPlain && packet.length < 21 + channels)) {
    throw new AudioFormatError('it is damaged: its Opus header is invalid');
  }
  if (channels > 8) throw new UnsupportedAudioError(`Opus with ${channels} channels`);
  const mapping = isPlain ? [0, 1].slice(0, channels) : [...packet.subarray(21, 21 + channels)];
  const [streams, coupled] = isPlain ? [1, channels - 1] : [packet[19], packet[20]];
  if (
    streams < 1 ||
    coupled > streams ||
    streams + coupled > channels ||
    mapping.some((index) => index !== 255 && index >= streams + coupled)
  ) {
    throw new AudioFormatError('it is damaged: its Opus header is invalid');
  }
  return {
    channels,
    preSkip: view.getUint16(10, true),
    gain: 10 ** (view.getInt16(16, true) / (20 * 256)),
    streams,
    coupled,
    mapping,
  };
}

/** Samples per channel in a packet, from its first bytes (RFC 6716, section 3); 0 if it is invalid. */
function packetFrames(packet: Packet): number {
  if (packet.length === 0) return 0;
  const config = packet[0] >> 3;
  const size =
    config < 12
      ? [480, 960, 1920, 2880][config & 3]
      : config < 16
        ? [480, 960][config & 1]
        : 120 << (config & 3);
  const code = packet[0] & 3;
  const count = code === 0 ? 1 : code < 3 ? 2 : packet.length > 1 ? packet[1] & 63 : 0;
  const frames = size * count;
  return frames > maxPacketFrames ? 0 : frames;
}

/** Samples per channel of each packet. An invalid one is as long as the one before, so that the times after it are right. */
function packetLengths(packets: readonly Packet[]): Uint16Array {
  let length = usualFrames;
  return Uint16Array.from(packets, (packet) => (length = packetFrames(packet) || length));
}

interface Trim {
  /** samples to remove from the start */
  skip: number;
  /** position after the last sample, counted with the start */
  end: number;
  remarks: readonly string[];
}

function openOpus(
  head: OpusHead,
  packets: readonly Packet[],
  lengths: Uint16Array,
  { skip, end, remarks }: Trim,
): BlockStream {
  const frames = Math.max(0, end - skip);
  return {
    codec: 'Opus',
    sampleRate,
    channels: head.channels,
    frames,
    blocks: async function* (onRemark) {
      remarks.forEach(onRemark);
      const { OpusDecoder } = await import('opus-decoder');
      const decoder = new OpusDecoder({
        channels: head.channels,
        streamCount: head.streams,
        coupledStreamCount: head.coupled,
        channelMappingTable: head.mapping,
      });
      await decoder.ready;
      const damage = new DamageCount(packets.length, onRemark);
      try {
        let at = 0;
        for (let next = 0; next < packets.length && at < end;) {
          const first = next;
          let length = 0;
          while (next < packets.length && length < blockFrames) length += lengths[next++];
          const out = Array.from({ length: head.channels }, () => new Float32Array(length));
          for (let i = first, offset = 0; i < next; offset += lengths[i++]) {
            if (packetFrames(packets[i]) === 0 || packets[i].length > maxPacketBytes(head.channels)) {
              damage.add();
              continue;
            }
            const { channelData, errors } = damage.quietly(() => decoder.decodeFrame(packets[i]));
            if (errors.length > 0 || channelData[0].length !== lengths[i]) damage.add();
            else for (const [channel, samples] of channelData.entries()) out[channel].set(samples, offset);
          }
          if (head.gain !== 1)
            for (const samples of out) for (let i = 0; i < length; i++) samples[i] *= head.gain;
          yield out.map((samples) => samples.subarray(Math.max(0, skip - at), end - at));
          at += length;
        }
        damage.report();
      } finally {
        release(decoder);
      }
    },
  };
}

/** Size of the decoder's input buffer, bytes. */
const maxPacketBytes = (channels: number): number => 3840 * channels;
