import { channelByName, encodeWav, type Waveform } from '../core/audio';
import { formatPercent } from '../core/base';
import { type Matrix, melBandCentres } from '../core/dsp';
import { type Mistake, protocolMark, type UnderProtocol } from '../core/evaluation';
import {
  emotionTimelineFigure,
  type Figure,
  type PredictedProbabilities,
  predictionFigure,
} from '../core/figures';
import { type Corpora, readAudio } from '../node/corpora';
import { loadFrontEnd } from '../node/extraction';
import { display, escapeHtml, markdownBundle, type MimeBundle } from './display';
import { isFigure, showFigure } from './figure';

/**
 * Shows an audio player for a waveform. Outside a notebook, prints its title and length.
 *
 * @example
 * ```ts
 * ser.showAudio(await ser.readAudio('speech.wav'), { title: 'speech.wav' });
 * ```
 */
export function showAudio(waveform: Waveform, options: AudioOptions = {}): void {
  display(audioBundle(waveform, options));
}

/** Options of {@link showAudio}. */
export interface AudioOptions {
  /** a line above the player, for example the clip and its augmentation */
  title?: string;
}

/** An audio player that contains the sound as 16-bit WAV: about 43 kB per second at 16 kHz. */
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

/** Options of {@link showPrediction}. */
export interface ShowPredictionOptions {
  /** name of the recording; default the file name, or `recording` */
  title?: string;
}

/** Longer recordings get no player, because it would make the notebook too large. */
export const maxPlayerSec = 60;
/** The waveform of longer files is not drawn, because the file would have to be in memory. */
const maxWaveformSec = 600;

/**
 * Shows the prediction for a recording: a player (up to 60 s, with the channel that was predicted), the class probabilities as bars, the
 * course of a long recording (with its waveform up to 10 minutes), and notes.
 *
 * @param recording - path or bytes of an audio file, or samples
 * @param prediction - from `predictor.predict`
 */
export async function showPrediction(
  recording: string | Uint8Array | Waveform,
  prediction: PredictedProbabilities & { channel?: string; notes?: readonly string[]; reason?: string },
  { title }: ShowPredictionOptions = {},
): Promise<void> {
  const isFile = typeof recording === 'string' || recording instanceof Uint8Array;
  const { channel } = prediction;
  const name = title ?? (typeof recording === 'string' ? recording.replace(/^.*[\\/]/, '') : 'recording');
  const source = channel === undefined ? name : `${name}, channel ${channel}`;
  const isDrawn = prediction.durationSec <= maxWaveformSec;
  const waveform = isFile
    ? isDrawn
      ? await readAudio(recording, { channel: channelByName(channel ?? 'mix'), name })
      : undefined
    : recording;
  const player = waveform && prediction.durationSec <= maxPlayerSec;
  if (player) showAudio(waveform, { title: source });
  for (const content of predictionContents(prediction, { source, ...(waveform && { waveform }) })) {
    if (isFigure(content)) await showFigure(content);
    else display(content);
  }
}

/**
 * The outputs for a prediction, besides the recording: class probabilities as bars, the timeline of a long recording, and notes.
 *
 * @param recording - its name, and its waveform if that is drawn
 */
export function predictionContents(
  prediction: PredictedProbabilities & { notes?: readonly string[]; reason?: string },
  { source, waveform }: { source: string; waveform?: Waveform },
): (Figure | MimeBundle)[] {
  const remarks = [prediction.reason ?? [], prediction.notes ?? []].flat();
  return [
    predictionFigure(prediction, { source }),
    ...(prediction.timeline.length > 1
      ? [emotionTimelineFigure(prediction, { source, ...(waveform && { waveform }) })]
      : []),
    ...(remarks.length > 0 ? [markdownBundle(remarks.map((remark) => `- ${remark}`).join('\n'))] : []),
  ];
}

/** A wrongly classified recording with its spectrogram. */
export interface MistakePanel {
  /** actual and predicted emotion */
  title: string;
  /** the title with confidence, speaker and protocol */
  caption: string;
  waveform: Waveform;
  /** log-mel spectrogram, dB relative to its maximum; shape [frames, bands] */
  matrix: Matrix;
}

/** Mistakes as arguments for `spectrogramGridFigure`. */
export interface MistakePanels {
  panels: MistakePanel[];
  scale: { sampleRate: number; frequenciesHz: Float64Array };
}

const [sampleRate, nMels, fMax] = [22_050, 96, 8000];

/**
 * Loads the recordings of mistakes with their log-mel spectrograms, to play and draw them.
 *
 * @param under - protocol of the predictions
 * @throws InvalidFileError if a recording cannot be read
 */
export async function loadMistakes(
  mistakes: readonly Mistake[],
  { fileOf }: Pick<Corpora, 'fileOf'>,
  under: UnderProtocol,
): Promise<MistakePanels> {
  const { logMel, resample } = await loadFrontEnd();
  const panels = await Promise.all(
    mistakes.map(async (mistake): Promise<MistakePanel> => {
      const waveform = await readAudio(fileOf(mistake.clip), { channel: mistake.clip.channel });
      const samples = resample(waveform.samples, waveform.sampleRate, sampleRate);
      return {
        title: `${mistake.actual}, predicted ${mistake.predicted}`,
        caption: captionOf(mistake, under),
        waveform,
        matrix: logMel(samples, { sampleRate, nMels, fMax, ref: 'max' }),
      };
    }),
  );
  return { panels, scale: { sampleRate, frequenciesHz: melBandCentres(nMels, { fMax }) } };
}

function captionOf({ clip, actual, predicted, confidence }: Mistake, under: UnderProtocol): string {
  const speaker = clip.speaker ?? clip.corpus;
  return `${actual}, predicted ${predicted} (confidence ${formatPercent(confidence, 0)}; ${speaker}; ${protocolMark(under)})`;
}
