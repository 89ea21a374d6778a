import type { Waveform } from '../audio';
import type { Emotion } from '../corpora';
import { InvalidArgumentError } from '../errors';
import { waveformEnvelope } from './envelope';
import type { Annotation, Axis, Figure } from './figure';
import { baseLayout, emotionColors, inks, valueAxis } from './theme';
import { amplitudeLimit } from './waveform';

/** One panel of {@link waveformGridFigure}. */
export interface WaveformPanel {
  title: string;
  waveform: Waveform;
  /** colours the line */
  emotion?: Emotion;
}

/** The options of {@link waveformGridFigure}. */
export interface WaveformGridOptions {
  /** which clips these are, shown below the title */
  source: string;
  title?: string;
  /** panels side by side; 2 by default */
  columns?: number;
}

const panelHeight = 112;
const headHeight = 104;
const footHeight = 56;

/**
 * Waveforms side by side on the same time and amplitude axes, so that lengths and levels can be compared by eye.
 *
 * @throws {@link InvalidArgumentError} if there are no panels, or `columns` is not a positive integer
 */
export function waveformGridFigure(
  panels: readonly WaveformPanel[],
  { source, title = 'Waveforms', columns = 2 }: WaveformGridOptions,
): Figure {
  if (panels.length === 0) throw new InvalidArgumentError('panels', 'a list with at least one waveform', []);
  if (!Number.isInteger(columns) || columns < 1) {
    throw new InvalidArgumentError('columns', 'a positive integer', columns);
  }
  const across = Math.min(columns, panels.length);
  const rows = Math.ceil(panels.length / across);
  const envelopes = panels.map(({ waveform }) => waveformEnvelope(waveform, Math.floor(1600 / across)));
  const limit = amplitudeLimit(envelopes.map(({ amplitude }) => amplitude));
  const duration = Math.max(...panels.map(({ waveform }) => waveform.samples.length / waveform.sampleRate));

  const gapX = across > 1 ? 0.04 : 0;
  const gapY = rows > 1 ? 24 / (panelHeight * rows) : 0;
  const width = (1 - gapX * (across - 1)) / across;
  const height = (1 - gapY * (rows - 1)) / rows;
  const axes: Record<string, Axis> = {};
  const annotations: Annotation[] = [];

  const data = panels.map(({ title: name, emotion }, i) => {
    const column = i % across;
    const row = Math.floor(i / across);
    const id = i === 0 ? '' : String(i + 1);
    const left = column * (width + gapX);
    const top = 1 - row * (height + gapY);
    const lowest = i + across >= panels.length;
    axes[`xaxis${id}`] = valueAxis(lowest ? 'Time (s)' : '', {
      domain: [left, left + width],
      anchor: `y${id}`,
      range: [0, duration],
      showgrid: false,
      showticklabels: lowest,
    });
    axes[`yaxis${id}`] = valueAxis('', {
      domain: [Math.max(0, top - height), top],
      anchor: `x${id}`,
      range: [-limit, limit],
      nticks: 5,
      showticklabels: column === 0,
      zeroline: true,
      zerolinecolor: inks.axis,
      zerolinewidth: 1,
    });
    annotations.push({
      text: name,
      x: left,
      y: top,
      xref: 'paper',
      yref: 'paper',
      xanchor: 'left',
      yanchor: 'bottom',
      showarrow: false,
      font: { size: 12.5, weight: 600 },
    });
    return {
      type: 'scatter',
      mode: 'lines',
      name,
      x: envelopes[i].timeSec,
      y: envelopes[i].amplitude,
      xaxis: `x${id}`,
      yaxis: `y${id}`,
      line: { color: emotion ? emotionColors[emotion] : inks.mark, width: 1 },
      hovertemplate: '%{x:.3f} s: %{y:.3f}<extra>%{fullData.name}</extra>',
      showlegend: false,
    };
  });
  annotations.push({
    text: 'Amplitude (full scale = 1)',
    x: 0,
    y: 0.5,
    xref: 'paper',
    yref: 'paper',
    xanchor: 'center',
    yanchor: 'middle',
    xshift: -58,
    textangle: -90,
    showarrow: false,
    font: { size: 13 },
  });

  return {
    data,
    layout: baseLayout(
      { title, source },
      {
        height: headHeight + panelHeight * rows + footHeight,
        margin: { t: headHeight, b: footHeight },
        annotations,
        ...axes,
      },
    ),
  };
}
