import { type AudioData, decodeAudio, readAudioFormat, toMono, type Waveform } from '../../core/audio';

/** A recording that was opened for prediction. */
export interface OpenRecording {
  /** for `predict` */
  input: Uint8Array | Waveform;
  sampleRate: number;
  frames: number;
  /** @returns mono samples of a part */
  read: (firstFrame: number, endFrame: number) => Float32Array;
}

/**
 * Opens a recording: formats that the library decodes are read part by part, others are decoded by the browser.
 *
 * @param decodeOther - decodes a complete file
 * @throws Error with the reason if the file cannot be decoded
 */
export async function openRecording(
  input: Blob | Waveform,
  decodeOther: (bytes: Uint8Array<ArrayBuffer>) => Promise<AudioData>,
): Promise<OpenRecording> {
  if (!(input instanceof Blob)) return fromWaveform(input);
  const bytes = new Uint8Array(await input.arrayBuffer());
  if (!isPcm(bytes)) return fromWaveform(toMono(await decodeOther(bytes)));
  const { sampleRate, frames } = readAudioFormat(bytes);
  const read = (firstFrame: number, endFrame: number): Float32Array =>
    toMono(decodeAudio(bytes, { firstFrame, endFrame })).samples;
  return { input: bytes, sampleRate, frames, read };
}

function fromWaveform({ samples, sampleRate }: Waveform): OpenRecording {
  const read = (firstFrame: number, endFrame: number): Float32Array => samples.subarray(firstFrame, endFrame);
  return { input: { samples, sampleRate }, sampleRate, frames: samples.length, read };
}

/** Whether the file is WAV, Wave64 or AIFF, or too short to be any audio, so that the library states what is wrong with it. */
function isPcm(bytes: Uint8Array): boolean {
  const id = String.fromCharCode(...bytes.subarray(0, 4));
  return bytes.length < 12 || ['RIFF', 'RIFX', 'RF64', 'FORM', 'riff'].includes(id);
}

/** Number of parts of an envelope; more than a screen has pixels. */
const envelopeParts = 2000;

/** The largest magnitude of each of 2,000 equal parts of a recording, for drawing it. */
export function envelopeOf({ frames, read }: OpenRecording): Float32Array {
  const parts = Math.min(envelopeParts, frames);
  const envelope = new Float32Array(parts);
  for (let part = 0; part < parts; part++) {
    const samples = read(Math.floor((part / parts) * frames), Math.floor(((part + 1) / parts) * frames));
    let peak = 0;
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
    envelope[part] = peak;
  }
  return envelope;
}
