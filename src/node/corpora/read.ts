import { readFile } from 'node:fs/promises';
import { InvalidFileError, messageOf } from '../../core/base';
import { decodeAudio, type Waveform } from '../../core/audio';

/**
 * Reads a WAV or AIFF file as a mono waveform at its own rate.
 *
 * @param path - the file; what it is, its content decides, not its name
 * @returns the mean of the channels (librosa 0.11 `to_mono`), shape [frames]
 * @throws {@link InvalidFileError} with the file and the reason if it is missing, broken, empty or not audio
 */
export async function readAudio(path: string): Promise<Waveform> {
  try {
    return toMono(decodeAudio(await readFile(path)));
  } catch (error) {
    throw new InvalidFileError(path, messageOf(error));
  }
}

/**
 * The mean of the channels.
 *
 * @see librosa 0.11 `to_mono`
 */
export function toMono({ channels, sampleRate }: { channels: Float32Array[]; sampleRate: number }): Waveform {
  if (channels.length === 1) return { samples: channels[0], sampleRate };
  const samples = new Float32Array(channels[0].length);
  for (const channel of channels) for (let i = 0; i < samples.length; i++) samples[i] += channel[i];
  for (let i = 0; i < samples.length; i++) samples[i] /= channels.length;
  return { samples, sampleRate };
}
