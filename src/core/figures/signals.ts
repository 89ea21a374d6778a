import type { Waveform } from '../audio';
import type { Emotion } from '../base';
import { waveformEnvelope } from './envelope';
import { type Annotation, type Axis, type Figure, literal } from './figure';
import { baseLayout, classColor, inks, panelGrid, valueAxis } from './theme';

/** The options of {@link waveformFigure}. */
export interface WaveformOptions {
  title: string;
  /** description of the clip, shown below the title */
  source: string;
  /** colours the line */
  emotion?: Emotion;
  /** maximum number of points; 2,000 by default */
  maxPoints?: number;
}

/**
 * Draws a waveform over time. Long signals are reduced to minima and maxima, so that no peak is lost.
 *
 * @example
 * ```ts
 * waveformFigure(await readAudio('clip.wav'), { title: 'Waveform', source: 'clip.wav' });
 * ```
 *
 * @throws {@link InvalidArgumentError} if there are no samples
 */
export function waveformFigure(
  waveform: Waveform,
  { title, source, emotion, maxPoints = 2000 }: WaveformOptions,
): Figure {
  const { timeSec, amplitude } = waveformEnvelope(waveform, maxPoints);
  const limit = amplitudeLimit([amplitude]);
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        x: timeSec,
        y: amplitude,
        line: { color: emotion ? classColor(emotion) : inks.mark, width: 1 },
        hovertemplate: '%{x:.3f} s: %{y:.3f}<extra></extra>',
        showlegend: false,
      },
    ],
    layout: baseLayout(
      { title, source },
      {
        height: 300,
        xaxis: valueAxis('Time (s)', {
          showgrid: false,
          range: [0, waveform.samples.length / waveform.sampleRate],
        }),
        yaxis: valueAxis('Amplitude (full scale = 1)', {
          range: [-limit, limit],
          zeroline: true,
          zerolinecolor: inks.axis,
          zerolinewidth: 1,
        }),
      },
    ),
  };
}

/** Half the range of an amplitude axis that fits all signals; 0.1 for silence. */
export function amplitudeLimit(signals: readonly Float32Array[]): number {
  let peak = 0;
  for (const signal of signals) for (const value of signal) peak = Math.max(peak, Math.abs(value));
  return peak > 0 ? 1.08 * peak : 0.1;
}

/** One panel of {@link waveformGridFigure}. */
export interface WaveformPanel {
  title: string;
  waveform: Waveform;
  /** colours the line */
  emotion?: Emotion;
}

/** The options of {@link waveformGridFigure}. */
export interface WaveformGridOptions {
  /** description of the clips, shown below the title */
  source: string;
  title?: string;
  /** panels side by side; 2 by default */
  columns?: number;
}

/**
 * Draws waveforms side by side with common time and amplitude axes, so that lengths and levels can be compared.
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
      name: literal(name),
      x: envelopes[i].timeSec,
      y: envelopes[i].amplitude,
      xaxis: `x${id}`,
      yaxis: `y${id}`,
      line: { color: emotion ? classColor(emotion) : inks.mark, width: 1 },
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
