import type { Waveform } from '../audio';
import type { Emotion } from '../base';
import { waveformEnvelope } from './envelope';
import type { Figure } from './figure';
import { baseLayout, emotionColors, inks, valueAxis } from './theme';

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
