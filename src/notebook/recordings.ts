import { encodeWav, type Waveform } from '../core/audio';
import { type Matrix, melBandCentres } from '../core/dsp';
import { type Mistake, protocolMark, type UnderProtocol } from '../core/evaluation';
import { type PredictedProbabilities, predictionFigure, predictionTimelineFigure } from '../core/figures';
import { type Corpora, readAudio } from '../node/corpora';
import { loadFrontEnd } from '../node/extraction';
import { display, escapeHtml, type MimeBundle, showMarkdown } from './display';
import { showFigure } from './figure';

/** Shows a player for a waveform. */
export function showAudio(waveform: Waveform, options: AudioOptions = {}): void {
  display(audioBundle(waveform, options));
}

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

export interface ShowPredictionOptions {
  /** which recording it is; default the file's name */
  title?: string;
}

/** A player carries its sound: that of a longer recording would make the notebook too large. */
const longestSec = 60;

/**
 * Shows what a model said of a recording: a player, the probabilities as bars, and for a long one how they go through it.
 *
 * @param recording - the path that was asked about, or the samples
 * @param prediction - what the predictor answered
 */
export async function showPrediction(
  recording: string | Waveform,
  prediction: PredictedProbabilities & { notes?: readonly string[]; reason?: string },
  { title }: ShowPredictionOptions = {},
): Promise<void> {
  const isFile = typeof recording === 'string';
  const source = title ?? (isFile ? recording.replace(/^.*[\\/]/, '') : 'recording');
  if (prediction.durationSec <= longestSec)
    showAudio(isFile ? await readAudio(recording) : recording, { title: source });
  await showFigure(predictionFigure(prediction, { source }));
  if (prediction.timeline.length > 1) await showFigure(predictionTimelineFigure(prediction, { source }));
  const remarks = [prediction.reason ?? [], prediction.notes ?? []].flat();
  if (remarks.length > 0) showMarkdown(remarks.map((remark) => `- ${remark}`).join('\n'));
}

/** A mistake to be heard and seen. */
export interface HeardMistake {
  /** what it is and what it was taken for */
  title: string;
  /** with how sure the model was, who speaks, and the protocol */
  caption: string;
  waveform: Waveform;
  /** log-mel spectrogram, dB below its loudest cell; shape [frames, bands] */
  matrix: Matrix;
}

/** Mistakes as a grid of spectrograms takes them. */
export interface HeardMistakes {
  panels: HeardMistake[];
  scale: { sampleRate: number; frequenciesHz: Float64Array };
}

const [sampleRate, nMels, fMax] = [22_050, 96, 8000];

/**
 * Reads the recordings of mistakes, to be played and drawn.
 *
 * @param under - the predictions that they come from
 * @throws InvalidFileError if a recording cannot be read
 */
export async function hearMistakes(
  mistakes: readonly Mistake[],
  { fileOf }: Pick<Corpora, 'fileOf'>,
  under: UnderProtocol,
): Promise<HeardMistakes> {
  const { logMel, resample } = await loadFrontEnd();
  const panels = await Promise.all(
    mistakes.map(async (mistake): Promise<HeardMistake> => {
      const waveform = await readAudio(fileOf(mistake.clip));
      const samples = resample(waveform.samples, waveform.sampleRate, sampleRate);
      return {
        title: `${mistake.actual}, taken for ${mistake.predicted}`,
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
  return `${actual}, taken for ${predicted} (${(100 * confidence).toFixed(0)} % sure; ${speaker}; ${protocolMark(under)})`;
}
