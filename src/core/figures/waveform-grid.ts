import type { Waveform } from '../audio';
import type { Emotion } from '../base';
import { waveformEnvelope } from './envelope';
import type { Annotation, Axis, Figure } from './figure';
import { panelGrid } from './panel-grid';
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

/**
 * Waveforms side by side on the same time and amplitude axes, so that lengths and levels can be compared by eye.
 *
 * @throws {@link InvalidArgumentError} if there are no panels, or `columns` is not a positive integer
 */
export function waveformGridFigure(
  panels: readonly WaveformPanel[],
  { source, title = 'Waveforms', columns = 2 }: WaveformGridOptions,
): Figure {
  const grid = panelGrid(
    panels.map((panel) => panel.title),
    { columns, panelHeight: 112, gap: 24 },
  );
  const envelopes = panels.map(({ waveform }) => waveformEnvelope(waveform, Math.floor(1600 / grid.across)));
  const limit = amplitudeLimit(envelopes.map(({ amplitude }) => amplitude));
  const duration = Math.max(...panels.map(({ waveform }) => waveform.samples.length / waveform.sampleRate));

  const axes: Record<string, Axis> = {};

  const data = panels.map(({ title: name, emotion }, i) => {
    const { id, domainX, domainY, isFirst, isLowest } = grid.panels[i];
    axes[`xaxis${id}`] = valueAxis(isLowest ? 'Time (s)' : '', {
      domain: domainX,
      anchor: `y${id}`,
      range: [0, duration],
      showgrid: false,
      showticklabels: isLowest,
    });
    axes[`yaxis${id}`] = valueAxis('', {
      domain: domainY,
      anchor: `x${id}`,
      range: [-limit, limit],
      nticks: 5,
      showticklabels: isFirst,
      zeroline: true,
      zerolinecolor: inks.axis,
      zerolinewidth: 1,
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
  const amplitudeTitle: Annotation = {
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
  };

  return {
    data,
    layout: baseLayout(
      { title, source },
      {
        height: grid.height,
        margin: grid.margin,
        annotations: [...grid.panels.map(({ heading }) => heading), amplitudeTitle],
        ...axes,
      },
    ),
  };
}
