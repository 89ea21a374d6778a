import { useMemo } from 'preact/hooks';
import { formatPercent } from '../../core/base';
import type { ModelSummary, Predicted } from '../worker/protocol';
import { byClass, formatTime, type Piece, piecesOf, verdictOf } from './classes';
import { classColor } from '../../core/figures';
import { PlayableTimeline } from './timeline';

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
      ? [
          `its sample rate of ${sampleRate.toLocaleString('en')} Hz removes high frequencies that models use; record at 16,000 Hz or more, without a telephone or Bluetooth headset`,
        ]
      : []),
  ];
}

/** A magnitude in decibels of full scale. */
export function formatLevel(magnitude: number): string {
  return magnitude > 0 ? `${(20 * Math.log10(magnitude)).toFixed(0)} dBFS` : 'no signal';
}

/**
 * The probability of each class as a bar with its number, and a line at the threshold.
 *
 * @param props.probabilities - in the order of the classes; undefined: no prediction
 * @param props.threshold - 0 to 1
 */
export function ProbabilityBars({
  classes,
  probabilities,
  threshold,
}: {
  classes: readonly string[];
  probabilities: readonly number[] | undefined;
  threshold: number;
}) {
  const best = probabilities?.indexOf(Math.max(...probabilities));
  return (
    <ul class="bars">
      {classes.map((name, k) => {
        const share = probabilities?.[k] ?? 0;
        return (
          <li key={name} class={k === best ? 'best' : ''}>
            <span class="bar-name">{name}</span>
            <span class="bar-track" aria-hidden="true">
              <span
                class="bar-fill"
                style={{ width: `${100 * share}%`, background: classColor(name, classes) }}
              />
              {threshold > 0 && threshold < 1 && (
                <span class="bar-threshold" style={{ left: `${100 * threshold}%` }} />
              )}
            </span>
            <span class="bar-value">{probabilities ? formatPercent(share) : '–'}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** Maximum number of rows; more would slow the page down. */
const maxRows = 400;

/** The pieces of a recording as a table: time, prediction and the next probable classes. */
function SegmentTable({
  classes,
  pieces,
  threshold,
  caption,
}: {
  classes: readonly string[];
  pieces: readonly Piece[];
  threshold: number;
  caption: string;
}) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Prediction</th>
            {classes.map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pieces.slice(0, maxRows).map(({ startSec, endSec, probabilities }) => (
            <tr key={startSec}>
              <td class="number">{formatTime(startSec)}</td>
              <td class="number">{formatTime(endSec)}</td>
              <th scope="row">
                {probabilities ? verdictOf(classes, probabilities, threshold).label : 'silence'}
              </th>
              {classes.map((name, k) => (
                <td key={name} class="number">
                  {probabilities ? formatPercent(probabilities[k], 0) : '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {pieces.length > maxRows && (
        <p class="quiet small">
          The first {maxRows} of {pieces.length} rows; npm run predict -- FILE --csv - prints all.
        </p>
      )}
    </div>
  );
}
