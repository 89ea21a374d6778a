import { type Waveform } from '../core/audio';
import { type Clip, countOf, formatCount, formatPercent, shorten } from '../core/base';
import {
  configDifferences,
  describeOption,
  type ExperimentConfig,
  formatConfig,
  optionsOf,
  valueText,
} from '../core/config';
import { type Audit, auditTable, formatAudit, protocolCards } from '../core/dataset';
import {
  type ConfusionMatrix,
  formatConfusionMatrix,
  formatScoreReport,
  type Predictions,
  predictionTable,
  protocolTable,
  type ProtocolStep,
  protocolText,
  rowShares,
} from '../core/evaluation';
import type { FeatureSet } from '../core/features';
import { type Figure, waveformFigure } from '../core/figures';
import type { ExperimentResult } from '../core/prediction';
import { runTable, type StoredRun } from '../node/runs';
import { escapeHtml, type MimeBundle } from './display';
import { audioBundle, maxPlayerSec } from './recordings';
import { leftOutTable, tableBundle } from './table';

/** Options of `show`. */
export interface ShowOptions {
  /** a line above a table or player, or the title of a plot */
  title?: string;
}

/** An output to display. Figures are drawn later. */
export type Content = MimeBundle | Figure;

/** Maximum number of rows of a table. */
export const maxRows = 10;

/** Text without columns, which may be wrapped. */
export const textContent = (text: string): MimeBundle => ({ 'text/plain': text });

/** Text in columns, which must not be wrapped: it scrolls if the page is too narrow. */
export function alignedContent(text: string): MimeBundle {
  return {
    'text/html': `<pre class="ser-text" style="white-space:pre;overflow-x:auto">${escapeHtml(text)}</pre>`,
    'text/plain': text,
  };
}

/**
 * A confusion matrix as a table with shaded cells: in an interactive cell a browser shows it ten times sooner than a figure. The shades
 * are translucent, so that they suit light and dark themes.
 */
export function confusionContent(matrix: ConfusionMatrix, { title }: ShowOptions): MimeBundle {
  const { classes, counts } = matrix;
  const shares = rowShares(matrix);
  const cell = (tag: string, text: string, style = ''): string =>
    `<${tag} style="text-align:center;white-space:nowrap${style}">${text}</${tag}>`;
  const rows = classes.map((actual, row) => {
    const at = row * classes.length;
    const own = counts.subarray(at, at + classes.length);
    const support = own.reduce((sum, count) => sum + count, 0);
    const cells = Array.from(own, (count, column) => {
      const share = shares[at + column];
      if (Number.isNaN(share)) return cell('td', '–');
      const shade = `;background:rgba(63,115,173,${(0.75 * share).toFixed(3)})`;
      return cell('td', `<b>${formatPercent(share)}</b><br>${formatCount(count)}`, shade);
    });
    return `<tr>${cell('th', `${actual}<br>${formatCount(support)}`)}${cells.join('')}</tr>`;
  });
  const rowCount = counts.reduce((sum, count) => sum + count, 0);
  const caption = `${title ?? 'Confusion matrix'}: ${countOf(rowCount, 'prediction')} · ${protocolText(matrix)}`;
  const head = ['actual ↓ predicted →', ...classes].map((text) => cell('th', text));
  return {
    'text/html':
      '<div class="ser-table" style="overflow-x:auto"><table>' +
      `<caption style="text-align:left">${escapeHtml(caption)}</caption>` +
      `<thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`,
    'text/plain': formatConfusionMatrix(matrix),
  };
}

export function waveformContent(audio: Waveform, { title = 'Waveform' }: ShowOptions): Content[] {
  const durationSec = audio.samples.length / audio.sampleRate;
  const about = `${durationSec.toFixed(2)} s, ${audio.sampleRate.toLocaleString('en')} Hz`;
  return [
    ...(durationSec <= maxPlayerSec ? [audioBundle(audio, { title })] : []),
    waveformFigure(audio, { title, source: about }),
  ];
}

const clipColumns = [
  'corpus',
  'emotion',
  'label',
  'speaker',
  'sex',
  'age',
  'sentence',
  'intensity',
  'take',
  'channel',
  'durationSec',
  'path',
  'remark',
] as const satisfies readonly (keyof Clip)[];

/** A table of clips without empty columns, and with file names instead of paths. */
export function clipsContent(all: readonly Clip[], options: ShowOptions): Content {
  const used = clipColumns.filter((column) => all.some((clip) => clip[column] !== undefined));
  const rows = all.map((clip) =>
    Object.fromEntries(
      used.map((column) =>
        column === 'path' ? ['file', clip.path.replace(/^.*\//, '')] : [column, clip[column]],
      ),
    ),
  );
  return tableBundle(rows, { maxRows, ...options });
}

export function featureSetContent(
  { shape, versions, columns, clips: all, frames, failed, leftOut, data }: FeatureSet,
  { title }: ShowOptions,
): Content[] {
  const [clipCount, versionCount, frameCount, coefficients] = shape;
  const size = `${countOf(clipCount, 'clip')} × ${countOf(versionCount, 'version')} × ${countOf(frameCount, 'frame')} × ${countOf(coefficients, 'coefficient')}`;
  const facts = {
    shape: size,
    versions: versions.join(', '),
    coefficients: shorten(columns.join(', '), 200),
    size: `${(data.byteLength / 1e6).toFixed(1)} MB`,
    ...(failed.length > 0 && { 'without features': countOf(failed.length, 'clip') }),
  };
  const rows = all.map(({ emotion, speaker, path }, clip) => ({
    clip: path.replace(/^.*\//, ''),
    emotion,
    speaker,
    ...Object.fromEntries(
      versions.map((version, i) => [
        versions.length > 1 ? `frames, ${version}` : 'frames',
        frames[clip * versions.length + i],
      ]),
    ),
  }));
  return [
    tableBundle(
      Object.entries(facts).map(([name, value]) => ({ features: name, value })),
      { title },
    ),
    tableBundle(rows, { maxRows }),
    ...(leftOut.length > 0 ? [tableBundle(leftOutTable(leftOut), { title: 'Left out' })] : []),
  ];
}

export function predictionsContent(all: Predictions, { title }: ShowOptions): Content {
  const rows = predictionTable(all, { count: all.clips.length });
  const about = `${countOf(rows.length, 'prediction')} under ${protocolText(all)}`;
  return tableBundle(rows, { maxRows, title: title ?? about });
}

export function stepsContent(all: readonly ProtocolStep[], options: ShowOptions): Content {
  return tableBundle(protocolTable(all), { maxRows: 100, ...options });
}

/** One table per protocol. The text is the one that commands print. */
export function auditsContent(all: readonly Audit[], { title }: ShowOptions): Content[] {
  return [...new Set(all.map(({ protocol }) => protocol))].map((protocol) => {
    const own = all.filter((audit) => audit.protocol === protocol);
    const { isLeaky, measures } = protocolCards[protocol];
    const splits = own.length === 1 ? own[0].split : `${own.length} splits`;
    const about = `Protocol ${protocol}, ${splits}${isLeaky ? ': LEAKY' : ''}; a score measures ${measures}`;
    const notes = [...new Set(own.flatMap((audit) => audit.notes))];
    const rows = [...auditTable(own), ...notes.map((value) => ({ check: 'note', value, verdict: '' }))];
    return {
      ...tableBundle(rows, { maxRows: rows.length, title: title ?? about }),
      'text/plain': formatAudit(own),
    };
  });
}

/** All options, as `formatConfig` prints them, with their descriptions. */
export function configContent(all: ExperimentConfig, { title }: ShowOptions): Content {
  const changed = new Map(configDifferences(all).map(({ option, from }) => [option, from]));
  const shown = [...optionsOf(all)].filter(([option]) => {
    const [group, name] = option.split('.');
    return group !== 'features' || Object.hasOwn(all.features, name) || changed.has(option);
  });
  const rows = shown.map(([option, value]) => ({
    '': changed.has(option) ? '*' : '',
    option,
    value: valueText(value),
    ...(changed.size > 0 && { 'in the preset': changed.has(option) ? valueText(changed.get(option)) : '' }),
    meaning: describeOption(option).description,
  }));
  const text = formatConfig(all);
  return {
    ...tableBundle(rows, { maxRows: rows.length, title: title ?? text.split('\n', 1)[0] }),
    'text/plain': text,
  };
}

export function experimentContent({ report, outcome, folds, leftOut }: ExperimentResult): Content[] {
  return [
    report
      ? alignedContent(formatScoreReport(report))
      : textContent(`${outcome}: ${formatCount(folds.length)} finished splits, no predictions`),
    ...(leftOut.length > 0 ? [tableBundle(leftOutTable(leftOut), { title: 'Left out' })] : []),
  ];
}

export function runsContent(all: readonly StoredRun[], options: ShowOptions): Content[] {
  // A record that was not read from a file has no name yet.
  const named = all.map((run) => ({ ...run, file: (run as Partial<StoredRun>).file ?? '' }));
  return [tableBundle(runTable(named), { maxRows, ...options })];
}
