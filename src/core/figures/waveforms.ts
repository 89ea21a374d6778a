import type { Waveform } from '../audio';
import { type Emotion, InvalidArgumentError } from '../base';
import type { Annotation, Axis, Figure } from './figure';
import { baseLayout, emotionColors, inks, panelGrid, valueAxis } from './theme';

/** The options of {@link waveformFigure}. */
export interface WaveformOptions {
  title: string;
  /** which clip this is, shown below the title */
  source: string;
  /** colours the line */
  emotion?: Emotion;
  /** most points to draw; 2,000 by default */
  maxPoints?: number;
}

/**
 * A waveform over time. Long signals are thinned to their lowest and highest samples: no peak is lost.
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
        line: { color: emotion ? emotionColors[emotion] : inks.mark, width: 1 },
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

/** Half the height of an amplitude axis that holds all of these signals; silence gets a scale too. */
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

/** A waveform drawn with few points. */
export interface Envelope {
  /** seconds; shape [points] */
  timeSec: Float32Array;
  /** full scale = 1; shape [points] */
  amplitude: Float32Array;
}

/**
 * Thins a waveform for drawing: of each stretch the lowest and the highest sample, in the order they occur, so that no
 * peak is lost. A waveform that is short enough is kept sample for sample.
 *
 * @param waveform - at least one sample
 * @param maxPoints - most points to return, at least 2
 * @throws {@link InvalidArgumentError} if the waveform is empty, its rate is not positive or `maxPoints` is below 2
 */
export function waveformEnvelope({ samples, sampleRate }: Waveform, maxPoints = 2000): Envelope {
  if (samples.length === 0) throw new InvalidArgumentError('samples', 'at least one sample', samples.length);
  if (!(sampleRate > 0)) throw new InvalidArgumentError('sampleRate', 'a positive number (Hz)', sampleRate);
  if (!(maxPoints >= 2)) throw new InvalidArgumentError('maxPoints', 'at least 2', maxPoints);
  if (samples.length <= maxPoints) {
    return { timeSec: Float32Array.from(samples, (_, i) => i / sampleRate), amplitude: samples.slice() };
  }
  const stretches = Math.floor(maxPoints / 2);
  const timeSec = new Float32Array(2 * stretches);
  const amplitude = new Float32Array(2 * stretches);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = Math.floor((stretch * samples.length) / stretches);
    const end = Math.floor(((stretch + 1) * samples.length) / stretches);
    let lowest = start;
    let highest = start;
    for (let i = start + 1; i < end; i++) {
      if (samples[i] < samples[lowest]) lowest = i;
      if (samples[i] > samples[highest]) highest = i;
    }
    [Math.min(lowest, highest), Math.max(lowest, highest)].forEach((at, k) => {
      timeSec[2 * stretch + k] = at / sampleRate;
      amplitude[2 * stretch + k] = samples[at]!;
    });
  }
  return { timeSec, amplitude };
}
