import type { Waveform } from '../core/audio';
import { type Matrix, melBandCentres } from '../core/dsp';
import { type Mistake, protocolMark, type UnderProtocol } from '../core/evaluation';
import { type Corpora, readAudio } from '../node/corpora';
import { loadFrontEnd } from '../node/extraction';

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
