import type { OggPage } from 'codec-parser';
import { ascii, AudioFormatError, checkSampleRate } from './audio-format';
import { type BlockStream, DamageCount, type Packet, release, withCountedFrames } from './block-stream';
import { joinSamples } from './decode';
import { areGranulesOrdered, type OggStream } from './ogg';
import type { WebmTrack } from './webm';

/** Packets per block, about half a second. */
const packetsPerBlock = 50;
/** Size of the decoder's input buffer, bytes. */
const maxPacketBytes = 131_072;

interface VorbisHeaders {
  identification: Packet;
  setup: Packet;
  channels: number;
  sampleRate: number;
  /** samples per packet, at most */
  longest: number;
}

/** Opens the packets of an Ogg file. @throws `AudioFormatError` if a header is damaged */
export async function openOggVorbis({ packets, granules, remarks }: OggStream): Promise<BlockStream> {
  const headers = readHeaders(packets);
  const pages = [...granules.keys()].filter((i) => i >= 3 && granules[i] >= 0);
  // Granule positions count samples, but do not start at 0 in a part of a longer recording.
  const longest = (upTo: number): number => (upTo - 2) * headers.longest;
  const start = pages.length > 1 ? Math.max(0, granules[pages[0]] - longest(pages[0])) : 0;
  const end = pages.length > 0 && areGranulesOrdered(granules, 3) ? granules[pages.at(-1)!] - start : 0;
  const most = longest(packets.length - 1);
  const stream = openVorbis(headers, packets.slice(3), end > 0 ? Math.min(end, most) : most, remarks);
  return end > 0 ? stream : withCountedFrames(stream);
}

/** Opens the audio track of a WebM file. @throws `AudioFormatError` if a header is damaged */
export function openWebmVorbis({ codecPrivate, packets, remarks }: WebmTrack): Promise<BlockStream> {
  const headers = readHeaders(splitXiph(codecPrivate));
  return withCountedFrames(openVorbis(headers, packets, packets.length * headers.longest, remarks));
}

/** The three headers in the private data of a track. */
function splitXiph(bytes: Uint8Array): Packet[] {
  if (bytes[0] !== 2) return [];
  let at = 1;
  const sizes = [0, 0];
  for (let i = 0; i < 2; i++) {
    while (bytes[at] === 255) sizes[i] += bytes[at++];
    sizes[i] += bytes[at++] ?? 0;
  }
  return [
    bytes.subarray(at, at + sizes[0]),
    bytes.subarray(at + sizes[0], at + sizes[0] + sizes[1]),
    bytes.subarray(at + sizes[0] + sizes[1]),
  ];
}

function readHeaders([identification, , setup]: readonly Packet[]): VorbisHeaders {
  const isHeader = (packet: Packet | undefined, type: number): packet is Packet =>
    packet?.[0] === type && ascii(packet, 1, 6) === 'vorbis' && packet.length <= maxPacketBytes;
  if (!isHeader(identification, 1) || !isHeader(setup, 5) || identification.length < 30) {
    throw new AudioFormatError('it is damaged: its Vorbis headers are missing or invalid');
  }
  const view = new DataView(identification.buffer, identification.byteOffset, identification.byteLength);
  const channels = identification[11];
  const sampleRate = view.getUint32(12, true);
  checkSampleRate(sampleRate);
  const [short, long] = [identification[28] & 15, identification[28] >> 4];
  if (channels === 0 || short < 6 || long > 13 || short > long) {
    throw new AudioFormatError('it is damaged: its Vorbis headers are missing or invalid');
  }
  return { identification, setup, channels, sampleRate, longest: 2 ** (long - 1) };
}

/**
 * The decoder's package only parses Ogg pages with `codec-parser`, which has another licence. It is not used here: the packets come from
 * this library's own readers, in the form that the package expects.
 */
function pageOf(start: Packet, packet: Packet, setup: Packet): OggPage {
  const codecFrames = [{ data: packet, header: { vorbisSetup: setup } }];
  return { data: start, codecFrames, isLastPage: false } as unknown as OggPage;
}

/** A packet that the decoder rejects, because its type is neither audio nor a header. */
const invalidPacket = Uint8Array.of(255);

function openVorbis(
  headers: VorbisHeaders,
  packets: readonly Packet[],
  frames: number,
  remarks: readonly string[],
): BlockStream {
  const { channels, sampleRate, identification, setup } = headers;
  return {
    codec: 'Vorbis',
    sampleRate,
    channels,
    frames,
    blocks: async function* (onRemark) {
      remarks.forEach(onRemark);
      const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
      const decoder = new OggVorbisDecoder();
      await decoder.ready;
      const damage = new DamageCount(packets.length, onRemark);
      const failure = new AudioFormatError('it is damaged: the Vorbis decoder failed');
      const decode = async (packet: Packet, isFirst: boolean): Promise<Float32Array[]> => {
        const isUsable = packet.length > 0 && packet.length <= maxPacketBytes;
        const page = pageOf(
          isFirst ? identification : invalidPacket,
          isUsable ? packet : invalidPacket,
          setup,
        );
        const decoding = damage.quietly(() => decoder.decodeOggPages([page]));
        const { channelData, errors } = await decoding.catch(() => {
          throw failure;
        });
        if (channelData.length !== channels) throw failure; // it did not accept the setup
        if (errors.length > 0) {
          damage.add();
          // For a damaged packet, the decoder returns the samples of the last one again.
          for (const samples of channelData) samples.fill(0);
        }
        return channelData;
      };
      try {
        let at = 0;
        for (let next = 0; next < packets.length && at < frames;) {
          const parts: Float32Array[][] = [];
          for (const end = Math.min(packets.length, next + packetsPerBlock); next < end; next++)
            parts.push(await decode(packets[next], next === 0));
          const block = Array.from({ length: channels }, (_, c) => joinSamples(parts.map((part) => part[c])));
          yield block.map((samples) => samples.subarray(0, frames - at));
          at += block[0].length;
        }
        damage.report();
      } finally {
        release(decoder);
      }
    },
  };
}
