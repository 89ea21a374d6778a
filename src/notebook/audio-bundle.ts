import { encodeWav, type Waveform } from '../core/audio';
import type { MimeBundle } from './cell-host';
import { escapeHtml } from './escape-html';

/** Options of {@link showAudio}. */
export interface AudioOptions {
  /** a line above the player: which clip, and what was done to it */
  title?: string;
}

/** A player that carries its sound as a 16-bit WAV file, 43 kB a second at 16 kHz. */
export function audioBundle(waveform: Waveform, { title }: AudioOptions = {}): MimeBundle {
  const wav = Buffer.from(encodeWav(waveform)).toString('base64');
  const durationSec = (waveform.samples.length / waveform.sampleRate).toFixed(2);
  const about = `${durationSec} s, ${waveform.sampleRate} Hz`;
  const caption = title === undefined ? '' : `<figcaption>${escapeHtml(title)} (${about})</figcaption>`;
  return {
    'text/html':
      `<figure class="ser-audio" style="margin:0.5em 0">${caption}` +
      `<audio controls preload="metadata" src="data:audio/wav;base64,${wav}"></audio></figure>`,
    'text/plain': `[audio: ${title === undefined ? '' : `${title}, `}${about}]`,
  };
}
