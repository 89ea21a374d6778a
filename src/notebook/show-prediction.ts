import type { Waveform } from '../core/audio';
import { type PredictedProbabilities, predictionFigure, predictionTimelineFigure } from '../core/figures';
import { readAudio } from '../node/corpora';
import { showAudio } from './show-audio';
import { showFigure } from './show-figure';
import { showMarkdown } from './show-text';

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
