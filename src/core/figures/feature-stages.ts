import type { Waveform } from '../audio';
import { type Emotion, formatCount, InvalidArgumentError } from '../base';
import { fftFrequencies, type Matrix, melBandCentres, powerToDb } from '../dsp';
import { type FrontEnd, plainFrontEnd } from '../features';
import { waveformEnvelope } from './envelope';
import { type Axis, type Figure, type Trace } from './figure';
import { amplitudeLimit } from './signals';
import { blockMaxima, spectrogramAxis, spectrogramTrace } from './spectrograms';
import {
  baseLayout,
  colorBar,
  classColor,
  fills,
  inks,
  panelGrid,
  spectrogramColors,
  valueAxis,
} from './theme';

/** The options of {@link featureStagesFigure}. */
export interface FeatureStagesOptions {
  /** description of the clip, shown below the title */
  source: string;
  title?: string;
  /** the part to analyse, in seconds, shortened to the end of the clip; default the whole clip */
  windowSec?: readonly [start: number, end: number];
  /** frame length in samples; default 2048 */
  nFft?: number;
  /** samples between frames; default 512 */
  hopLength?: number;
  /** mel bands; default 128 */
  nMels?: number;
  /** upper end of the highest mel band, Hz; default 8000 or half the sample rate */
  fMax?: number;
  /** cepstral coefficients, at most `nMels`; default 20 */
  nMfcc?: number;
  /** colours the waveform */
  emotion?: Emotion;
  /** computes the features; default plain TypeScript, `loadFrontEnd()` is faster */
  frontEnd?: FrontEnd;
}

/** Colour ranges: decibels relative to the maximum, and cepstral coefficients except the first. */
const [dbRange, mfccRange] = [
  [-80, 0],
  [-100, 150],
];
/** Range of F0, Hz. */
const [lowestF0, highestF0] = [65, 600];

/**
 * Computes the features of one clip step by step and draws them on one time axis: waveform, spectrogram, mel bands, MFCC, and F0. The
 * colour scales and axes do not depend on the settings, so that figures with different settings can be compared.
 *
 * F0 is computed from the same frames as the spectrum. Two periods must fit into a frame, so short frames raise the lowest F0.
 *
 * @throws {@link InvalidArgumentError} if the window lies outside the clip or is empty, or a setting is out of range
 * @example
 * ```ts
 * const voice = await ser.readAudio('clip.wav');
 * ser.figures.featureStages(voice, { source: 'clip.wav', nFft: 1024, windowSec: [0.6, 3.1] });
 * ```
 */
export function featureStagesFigure(
  { samples, sampleRate }: Waveform,
  options: FeatureStagesOptions,
): Figure {
  const { source, title = 'From the waveform to features', emotion, frontEnd = plainFrontEnd } = options;
  const { nFft = 2048, hopLength = 512, nMels = 128, nMfcc = 20 } = options;
  const { fMax = Math.min(8000, sampleRate / 2) } = options;
  const endSec = samples.length / sampleRate;
  const [from, to] = checkWindow(options.windowSec ?? [0, endSec], endSec);
  const part = samples.subarray(Math.floor(from * sampleRate), Math.ceil(to * sampleRate));
  const fMin = Math.max(lowestF0, (2 * sampleRate) / nFft);
  if (!(fMin < highestF0)) {
    const rule = `more than ${Math.ceil((2 * sampleRate) / highestF0)} samples, two periods of the highest F0 (${highestF0} Hz)`;
    throw new InvalidArgumentError('nFft', rule, nFft);
  }

  const frames = { sampleRate, nFft, hopLength };
  const power = frontEnd.powerSpectrogram(part, { nFft, hopLength });
  const logMel = frontEnd.logMel(part, { ...frames, nMels, fMax, ref: 'max' });
  const coefficients = frontEnd.mfcc(part, { ...frames, nMels, fMax, nMfcc });
  const f0 = frontEnd.f0Contour(part, {
    ...{ sampleRate, frameLength: nFft, hopLength, fMin, fMax: highestF0, voicingThreshold: 0.4 },
  });

  const sizeOf = ({ shape: [rows, columns] }: Matrix): string =>
    `${formatCount(rows)} frames × ${formatCount(columns)} values`;
  const grid = panelGrid(
    [
      'Waveform and window',
      `Spectrogram: ${sizeOf(power)}`,
      `Mel bands: ${sizeOf(logMel)}`,
      `MFCC: ${sizeOf(coefficients)}`,
      `F0: ${formatCount(f0.f0Hz.length)} frames × 1 value, from ${Math.ceil(fMin)} Hz`,
    ],
    { columns: 1, panelHeight: 108, gap: 26 },
  );

  const { matrix: shownPower, framesJoined, columnsJoined } = blockMaxima(power);
  const scale = { sampleRate, hopLength };
  const limit = amplitudeLimit([samples]);
  const yAxes = [
    valueAxis('', {
      range: [-limit, limit],
      nticks: 3,
      zeroline: true,
      zerolinecolor: inks.axis,
      showgrid: false,
    }),
    spectrogramAxis(power.shape[1], { ...scale, frequenciesHz: fftFrequencies({ sampleRate, nFft }) }),
    spectrogramAxis(nMels, { ...scale, frequenciesHz: melBandCentres(nMels, { fMax }) }),
    spectrogramAxis(nMfcc, scale),
    valueAxis('F0 (Hz)', { range: [0, highestF0], nticks: 4 }),
  ];
  const traces: Trace[] = [
    waveformTrace({ samples, sampleRate }, emotion),
    {
      ...spectrogramTrace(powerToDb(shownPower, { ref: 'max' }), {
        ...scale,
        hopLength: framesJoined * hopLength,
      }),
      ...{ y0: (columnsJoined - 1) / 2, dy: columnsJoined },
      ...heatmap(from, 'coloraxis'),
    },
    { ...spectrogramTrace(logMel, scale), ...heatmap(from, 'coloraxis') },
    { ...spectrogramTrace(coefficients, scale), ...heatmap(from, 'coloraxis2', '') },
    contourTrace(f0.f0Hz, from, scale),
  ];

  // Fixed margins: fitting them to the labels would take several passes, and would move the plot with the settings.
  const axes: Record<string, Axis> = {};
  const data = traces.map((trace, i): Trace => {
    const { id, domainX, domainY, isLowest } = grid.panels[i];
    axes[`xaxis${id}`] = valueAxis(isLowest ? 'Time (s)' : '', {
      ...{ domain: domainX, anchor: `y${id}`, range: [0, endSec], showgrid: false },
      ...{ showticklabels: isLowest, automargin: false, ...(i > 0 && { matches: 'x' }) },
    });
    axes[`yaxis${id}`] = { ...yAxes[i], domain: domainY, anchor: `x${id}`, automargin: false };
    return { ...trace, xaxis: `x${id}`, yaxis: `y${id}` };
  });
  const bar = (text: string, top: number, bottom: number): Record<string, unknown> => {
    const [low, high] = [grid.panels[bottom].domainY[0], grid.panels[top].domainY[1]];
    return { ...colorBar(text), y: (low + high) / 2, yanchor: 'middle', len: high - low };
  };

  return {
    data,
    layout: baseLayout(
      { title, source },
      {
        height: grid.height,
        margin: { ...grid.margin, l: 84, r: 84 },
        showlegend: false,
        annotations: grid.panels.map(({ heading }) => heading),
        shapes: [windowShape(from, to)],
        coloraxis: colors(dbRange, bar('dB', 1, 2)),
        coloraxis2: colors(mfccRange, bar('value', 3, 3)),
        ...axes,
      },
    ),
  };
}

function checkWindow(
  windowSec: readonly [start: number, end: number],
  endSec: number,
): [start: number, end: number] {
  const [from, to] = windowSec;
  if (from >= 0 && from < to && from < endSec) return [from, Math.min(to, endSec)];
  const rule = `[start, end] with 0 ≤ start < ${endSec.toFixed(2)} s (the length of the clip) and start < end`;
  throw new InvalidArgumentError('windowSec', rule, windowSec);
}

function waveformTrace(waveform: Waveform, emotion: Emotion | undefined): Trace {
  const { timeSec, amplitude } = waveformEnvelope(waveform, 600);
  return {
    ...{ type: 'scatter', mode: 'lines', x: timeSec, y: amplitude },
    line: { color: emotion ? classColor(emotion) : inks.mark, width: 1 },
    hovertemplate: '%{x:.3f} s: %{y:.3f}<extra></extra>',
  };
}

function contourTrace(
  values: Float32Array,
  startSec: number,
  { sampleRate, hopLength }: { sampleRate: number; hopLength: number },
): Trace {
  return {
    ...{ type: 'scatter', mode: 'lines', connectgaps: false },
    x: Array.from(values, (_, i) => Math.round(1e4 * (startSec + (i * hopLength) / sampleRate)) / 1e4),
    y: Array.from(values, (value) => (Number.isFinite(value) ? Math.round(10 * value) / 10 : null)),
    line: { color: inks.line, width: 2 },
    hovertemplate: '%{x:.2f} s: %{y} Hz<extra></extra>',
  };
}

/** Settings shared by all heat maps. */
function heatmap(startSec: number, coloraxis: string, unit = ' dB'): Partial<Trace> {
  return { x0: startSec, coloraxis, hovertemplate: `%{x:.2f} s: %{z}${unit}<extra></extra>` };
}

function colors([cmin, cmax]: readonly number[], colorbar: Record<string, unknown>): Record<string, unknown> {
  return { colorscale: spectrogramColors, cmin, cmax, colorbar };
}

function windowShape(from: number, to: number): Record<string, unknown> {
  return {
    ...{ type: 'rect', layer: 'below', x0: from, x1: to, xref: 'x', y0: 0, y1: 1, yref: 'y domain' },
    ...{ fillcolor: fills.marked, line: { width: 0 } },
  };
}
