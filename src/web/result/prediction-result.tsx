import { useMemo } from 'preact/hooks';
import { formatPercent } from '../../core/base';
import type { ModelSummary, Predicted } from '../worker/protocol';
import { piecesOf } from './pieces';
import { ProbabilityBars } from './probability-bars';
import { SegmentTable } from './segment-table';
import { PlayableTimeline } from './timeline';
import { byClass, formatTime, verdictOf } from './verdict';

/** A prediction that is shown with its recording. */
export interface ShownPrediction extends Predicted {
  /** the model that made it */
  model: ModelSummary;
}

/** The prediction for a recording: verdict, warnings, probabilities, timeline with player, and a table of the pieces. */
export function PredictionResult({
  name,
  result: { prediction, envelope, sampleRate, computeMs, model },
  threshold,
  audio,
}: {
  /** of the recording */
  name: string;
  result: ShownPrediction;
  threshold: number;
  audio: Blob;
}) {
  const { classes } = model;
  const { durationSec, probabilities } = prediction;
  const overall = useMemo(() => byClass(classes, probabilities), [classes, probabilities]);
  const pieces = useMemo(() => piecesOf(prediction, classes), [prediction, classes]);
  const verdict = verdictOf(classes, overall, threshold);
  const warnings = [...prediction.notes, ...warningsOf(envelope, sampleRate, model)];
  const summary = `Timeline of ${name}: ${pieces
    .slice(0, 12)
    .map(
      ({ startSec, endSec, probabilities: own }) =>
        `${formatTime(startSec)} to ${formatTime(endSec)} ${own ? verdictOf(classes, own, threshold).label : 'silence'}`,
    )
    .join(', ')}${pieces.length > 12 ? ` and ${pieces.length - 12} more parts; see the table` : ''}`;
  return (
    <div class="result stack">
      <div class="verdict-row">
        <p class={verdict.isUnsure ? 'verdict unsure' : 'verdict'}>
          <span class="verdict-label">{verdict.label}</span>
          <span class="quiet">
            {verdict.isUnsure
              ? `${verdict.best} is most probable with ${formatPercent(verdict.confidence)}, below ${formatPercent(threshold)}`
              : formatPercent(verdict.confidence)}
          </span>
        </p>
        <p class="quiet small">
          {formatTime(durationSec)}, {sampleRate.toLocaleString('en')} Hz. Model {model.name}, computed in{' '}
          {(computeMs / 1000).toFixed(computeMs < 10_000 ? 2 : 0)} s. Score under {model.protocolText}:{' '}
          {model.scores.join(', ') || 'not in its card'}.
        </p>
      </div>
      {warnings.length > 0 && (
        <ul class="message warning">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <ProbabilityBars classes={classes} probabilities={overall} threshold={threshold} />
      <PlayableTimeline {...{ classes, pieces, envelope, durationSec, threshold, audio, summary }} />
      <details>
        <summary>Timeline as a table</summary>
        <SegmentTable {...{ classes, pieces, threshold }} caption={`Timeline of ${name}`} />
      </details>
    </div>
  );
}

const quietPeak = 0.02;
const clippedPeak = 0.999;

/** What is easy to change in the recording. The notes of a model with known ranges include level and bandwidth. */
function warningsOf(
  envelope: Float32Array,
  sampleRate: number,
  { knowsRanges }: Pick<ModelSummary, 'knowsRanges'>,
): string[] {
  const peak = envelope.reduce((most, value) => Math.max(most, value), 0);
  const clipped = envelope.reduce((count, value) => count + Number(value >= clippedPeak), 0);
  return [
    ...(peak < quietPeak && !knowsRanges
      ? [`very quiet: its peak is ${formatLevel(peak)}; speak closer to the microphone or raise its level`]
      : []),
    ...(clipped > 2 ? ['clipped: parts of it are at full scale; lower the level of the microphone'] : []),
    ...(sampleRate < 16_000 && !knowsRanges
      ? [`its sample rate of ${sampleRate.toLocaleString('en')} Hz removes high frequencies that models use`]
      : []),
  ];
}

/** A magnitude in decibels of full scale. */
export function formatLevel(magnitude: number): string {
  return magnitude > 0 ? `${(20 * Math.log10(magnitude)).toFixed(0)} dBFS` : 'no signal';
}
