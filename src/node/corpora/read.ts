import { readFile } from 'node:fs/promises';
import { decodeAudio, toMono, type Waveform } from '../../core/audio';
import { InvalidFileError, messageOf } from '../../core/base';

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
