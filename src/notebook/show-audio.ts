import type { Waveform } from '../core/audio';
import { audioBundle, type AudioOptions } from './audio-bundle';
import { display } from './display';

/** Shows a player for a waveform. */
export function showAudio(waveform: Waveform, options: AudioOptions = {}): void {
  display(audioBundle(waveform, options));
}
