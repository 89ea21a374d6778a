import { AudioFormatError, checkStreamLength } from './audio-format';

/** Compressed audio that is decoded from the start, block by block, so that only some blocks are in memory. */
export interface BlockStream {
  /** for messages, for example `Opus` */
  codec: string;
  /** Hz */
  sampleRate: number;
  channels: number;
  /** samples per channel, without the encoder's delay and padding */
  frames: number;
  /**
   * Decodes the stream from the start.
   *
   * @param onRemark - called with findings on damaged or missing parts, which are replaced by silence
   * @returns consecutive blocks: one array per channel, all of the same length
   */
  blocks: (onRemark: (remark: string) => void) => Iterable<Float32Array[]> | AsyncIterable<Float32Array[]>;
}

/** Decodes a stream to find its length, which the file does not state. @throws `AudioFormatError` if it is too long */
export async function withCountedFrames(stream: BlockStream): Promise<BlockStream> {
  let frames = 0;
  for await (const [samples] of stream.blocks(() => undefined)) {
    frames += samples.length;
    checkStreamLength(frames, stream.channels);
  }
  return { ...stream, frames };
}

/** A compressed packet: a view of the file's bytes, or a copy if it is stored in pieces. */
export type Packet = Uint8Array;

const emptyPacket = new Uint8Array(0);

/** The bytes from `start` to before `end`. Empty packets share one array, because a view needs 100 bytes of memory. */
export function packetAt(bytes: Uint8Array, start: number, end: number): Packet {
  return start < end ? bytes.subarray(start, end) : emptyPacket;
}

/** Maximum number of packets in a file: 11 hours of 20 ms each. */
const maxPackets = 2_000_000;

/** @throws `AudioFormatError` if a file has too many packets */
export function checkPacketCount(count: number): void {
  if (count > maxPackets)
    throw new AudioFormatError(`it has more than ${maxPackets} packets: it is damaged, or split it first`);
}

/** If more than this part of a file is damaged, it is rejected. */
export const maxDamagedShare = 0.2;

/** Counts damaged packets, which are replaced by silence. */
export class DamageCount {
  private count = 0;

  constructor(
    private readonly total: number,
    private readonly onRemark: (remark: string) => void,
  ) {}

  /** @throws `AudioFormatError` if too many packets are damaged */
  add(): void {
    this.count++;
    if (this.count > Math.max(1, maxDamagedShare * this.total)) {
      throw new AudioFormatError(`it is damaged: ${this.count} of its first packets cannot be decoded`);
    }
  }

  report(): void {
    if (this.count > 0) {
      const verb = this.count === 1 ? 'is' : 'are';
      this.onRemark(`${this.count} of its ${this.total} packets ${verb} damaged and replaced by silence`);
    }
  }

  /**
   * Calls a decoder and discards the messages that it prints. Some decoders repeat a message endlessly.
   *
   * @throws `AudioFormatError` after a hundred messages, or if the decoder crashes
   */
  quietly<T>(decode: () => T): T {
    const { error: print } = console;
    let messages = 0;
    console.error = () => {
      if (++messages > maxMessages) throw new Error('too many messages');
    };
    try {
      return decode();
    } catch {
      throw new AudioFormatError('it is damaged: the decoder failed');
    } finally {
      console.error = print;
    }
  }
}

/** Messages in one call of a decoder. */
const maxMessages = 100;

/** Frees a decoder's memory. A damaged file can make that fail; then the memory is freed with the decoder itself. */
export function release(decoder: { free: () => void }): void {
  try {
    decoder.free();
  } catch {
    // WebAssembly is a sandbox: nothing else is affected.
  }
}
