import { formatPercent } from '../../core/base';
import type { Piece } from './pieces';
import { formatTime, verdictOf } from './verdict';

/** Maximum number of rows; more would slow the page down. */
const maxRows = 400;

/** The pieces of a recording as a table: time, prediction and the next probable classes. */
export function SegmentTable({
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
