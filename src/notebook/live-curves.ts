import { setTimeout } from 'node:timers/promises';
import { formatPercent } from '../core/base';
import { type Figure, trainingCurvesFigure, type TrainingCurvesOptions } from '../core/figures';
import {
  bestEpoch,
  type EpochRecord,
  formatEpoch,
  overallSteps,
  type StepProgress,
  trainingLabel,
  type TrainingPosition,
} from '../core/network';
import { renderPng } from '../node/drawing';
import { cellHost, display, escapeHtml, type MimeBundle } from './display';
import { figureTitle, liveDisplay } from './figure';
import { formatDuration, progressBundle } from './progress';

/** Training callbacks for `fit`, `runExperiment` and `runRecorded` that draw the learning curves. */
export interface LiveCurves {
  onResume: (history: readonly EpochRecord[], place?: TrainingPosition) => void;
  onStep: (progress: StepProgress, place?: TrainingPosition) => void;
  onEpoch: (record: EpochRecord, history: readonly EpochRecord[], place?: TrainingPosition) => void;
  onSplitEnd: (outcome: unknown, place: TrainingPosition) => void;
  /** draws the last epochs and makes the figure interactive; await it after training, also after an error */
  finish: () => Promise<void>;
}

/** Minimum time between two updates of the progress line and of the picture (ms): each update is a message to the browser. */
const lineMs = 250;
const pictureMs = 500;

const single: TrainingPosition = { name: 'training', number: 1, count: 1 };

/**
 * Shows learning curves while a model trains: a line with epoch, step and time left, and below it loss and accuracy in training and
 * validation, with a star at the epoch that is kept. Outside a notebook, prints one line per epoch.
 *
 * During training the curves are a picture (about 60 kB per epoch); the final figure is interactive. Several splits share the axes.
 *
 * @example
 * ```ts
 * const live = ser.liveCurves({ source, protocol: ser.underProtocol(config.dataset.protocol) });
 * const run = await ser.runRecorded(config, { ...live, signal: ser.cellSignal() });
 * await live.finish();
 * ```
 */
export function liveCurves(options: TrainingCurvesOptions): LiveCurves {
  return cellHost() === undefined ? inLines() : inCell(options);
}

function inLines(): LiveCurves {
  const print = (text: string): void => {
    display({ 'text/plain': text });
  };
  return {
    onResume: ({ length }, { name } = single) => {
      print(`${name}: resumed after epoch ${length}`);
    },
    onStep: () => undefined,
    onEpoch: (record, _history, { name } = single) => {
      print(`${name}: ${formatEpoch(record)}`);
    },
    onSplitEnd: () => undefined,
    finish: () => Promise.resolve(),
  };
}

function inCell(options: TrainingCurvesOptions): LiveCurves {
  const line = liveDisplay();
  const picture = liveDisplay();
  const histories = new Map<string, readonly EpochRecord[]>();
  const overall = overallSteps();
  let started: number | undefined;
  let before = 0;
  let lineAt = -Infinity;
  const ended = new AbortController();
  let isStale = false;
  let drawing: Promise<void> | undefined;
  let drawnAt = -Infinity;

  const figure = (): Figure =>
    trainingCurvesFigure(
      [...histories].map(([name, history]) => ({ name, history })),
      options,
    );
  const drawWhileStale = async (): Promise<void> => {
    while (isStale) {
      await setTimeout(Math.max(0, drawnAt + pictureMs - performance.now()), undefined, ended);
      isStale = false;
      picture.update(await drawPicture(figure()));
      drawnAt = performance.now();
    }
  };
  /** Draws now, or when the minimum time has passed, including everything that arrives until then. */
  const draw = (): void => {
    isStale = true;
    // An error is ignored here: finish() draws the figure again and reports it.
    drawing ??= drawWhileStale()
      .catch(() => undefined)
      .finally(() => (drawing = undefined));
  };

  return {
    onResume: (history, { name } = single) => {
      histories.set(name, history);
      draw();
    },
    onStep: (progress, place = single) => {
      const { epoch, epochs, step, steps, loss, accuracy } = progress;
      const now = performance.now();
      const { done, total } = overall.all(progress, place);
      if (started === undefined) [started, before] = [now, done];
      if (now - lineAt < lineMs) return;
      lineAt = now;
      const isOneOfMany = (place.atOnce ?? 1) > 1;
      line.update(
        progressBundle({
          label: isOneOfMany
            ? `${trainingLabel(place)}; steps`
            : `${placeText(place)}epoch ${epoch} of ${epochs}, step ${step} of ${steps}; all`,
          done,
          before,
          total,
          elapsedSec: (now - started) / 1000,
          note: `${isOneOfMany ? `${place.name}: ` : ''}loss ${loss.toFixed(3)}, accuracy ${formatPercent(accuracy)}`,
        }),
      );
    },
    onEpoch: (_record, history, { name } = single) => {
      histories.set(name, history);
      draw();
    },
    onSplitEnd: (_outcome, place) => {
      overall.end(place);
    },
    finish: async () => {
      ended.abort();
      await drawing;
      line.update(lastLine(histories, options.bestBy, started));
      if (histories.size > 0) await picture.updateFigure(figure());
    },
  };
}

const placeText = (place: TrainingPosition): string => (place.count > 1 ? `${trainingLabel(place)}, ` : '');

/** The figure as a picture only: an interactive plot would flicker at each update. */
async function drawPicture(figure: Figure): Promise<MimeBundle> {
  const { width = 700, height = 400 } = figure.layout;
  const png = await renderPng(figure, { width, height });
  const title = figureTitle(figure);
  const source = `data:image/png;base64,${png.toString('base64')}`;
  return {
    'text/html': `<img alt="${escapeHtml(title)}" src="${source}" style="width:${width}px;max-width:100%;height:auto">`,
    'text/plain': `[figure: ${title}]`,
  };
}

function lastLine(
  histories: ReadonlyMap<string, readonly EpochRecord[]>,
  bestBy: TrainingCurvesOptions['bestBy'] = 'valAccuracy',
  started = performance.now(),
): string {
  const seconds = formatDuration((performance.now() - started) / 1000);
  const parts = [...histories].map(([name, history]) => {
    const best = `epoch ${bestEpoch(history, bestBy)} kept`;
    return `${histories.size > 1 ? `${name}: ` : ''}${history.length} epochs, ${best}`;
  });
  return parts.length > 0 ? `Trained in ${seconds}: ${parts.join('; ')}.` : 'No epoch was trained.';
}
