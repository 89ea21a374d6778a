import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { Figure } from '../../core/figures';
import {
  createTextMeasure,
  pageBox,
  pointAlong,
  polyline,
  polylineLength,
  svgBox,
  type SvgNode,
  textWidth,
} from './svg-geometry';

/** The functions of Plotly used here. Plotly modifies the figures passed to it. */
export interface Plotly {
  toImage(
    figure: Figure,
    options: { format: 'svg'; imageDataOnly: true; width: number; height: number },
  ): Promise<string>;
  validate(data: unknown, layout: unknown): { code: string; msg: string }[] | undefined;
}

/** Plotly in its own window, with controlled random numbers, from which Plotly makes element ids. */
export interface PlotlyWindow {
  Plotly: Plotly;
  /** Resets the random numbers, so that the same figure always gets the same ids. */
  restartRandom: () => void;
}

/** The parts of a jsdom window that are changed here. The types of jsdom would add the DOM to the globals of every file. */
interface Window {
  Plotly: Plotly;
  Math: { random: () => number };
  URL: { createObjectURL?: () => string };
  Element: { prototype: Record<string, unknown> };
  SVGElement: { prototype: Record<string, unknown> };
  HTMLCanvasElement: { prototype: Record<string, unknown> };
  eval(script: string): unknown;
}
interface Jsdom {
  JSDOM: new (
    html: string,
    options: { runScripts: 'outside-only'; virtualConsole: unknown },
  ) => { window: Window };
  VirtualConsole: new () => unknown;
}

let started: Promise<PlotlyWindow> | undefined;

/**
 * Loads Plotly without a browser, once per process: jsdom provides the document, bundled fonts the text sizes, and a canvas the
 * heatmaps. Everything stays inside the jsdom window: with browser globals in Node, TensorFlow.js would assume a browser.
 */
export function plotlyWindow(): Promise<PlotlyWindow> {
  started ??= start();
  return started;
}

async function start(): Promise<PlotlyWindow> {
  const require = createRequire(__filename);
  const { JSDOM, VirtualConsole } = require('jsdom') as Jsdom;
  const [script, measure, canvas] = await Promise.all([
    readFile(require.resolve('plotly.js-dist'), 'utf8'),
    createTextMeasure(),
    import('@napi-rs/canvas'),
  ]);
  // A silent console: jsdom would warn about functions that it lacks and Plotly does not need.
  const { window } = new JSDOM('<!doctype html><body></body>', {
    runScripts: 'outside-only',
    virtualConsole: new VirtualConsole(),
  });

  Object.assign(window.SVGElement.prototype, {
    getBBox(this: SvgNode) {
      return svgBox(this, measure) ?? { x: 0, y: 0, width: 0, height: 0 };
    },
    getBoundingClientRect(this: SvgNode) {
      const box = pageBox(this, measure);
      return { ...box, left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height };
    },
    getComputedTextLength(this: SvgNode) {
      return textWidth(this, measure);
    },
    getTotalLength(this: SvgNode) {
      return polylineLength(polyline(this.getAttribute('d') ?? ''));
    },
    getPointAtLength(this: SvgNode, distance: number) {
      return pointAlong(polyline(this.getAttribute('d') ?? ''), distance);
    },
  });

  const canvases = new WeakMap<object, InstanceType<typeof canvas.Canvas>>();
  const canvasOf = (element: { width: number; height: number }): InstanceType<typeof canvas.Canvas> => {
    const known = canvases.get(element);
    if (known?.width === element.width && known.height === element.height) return known;
    const made = new canvas.Canvas(element.width, element.height);
    canvases.set(element, made);
    return made;
  };
  Object.assign(window.HTMLCanvasElement.prototype, {
    getContext(this: { width: number; height: number }, kind: string) {
      return kind === '2d' ? canvasOf(this).getContext('2d') : null;
    },
    toDataURL(this: { width: number; height: number }) {
      return canvasOf(this).toDataURL('image/png');
    },
  });
  window.URL.createObjectURL = () => '';

  let state = 1;
  window.Math.random = () => {
    // Park and Miller's generator
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  window.eval(script);
  return {
    Plotly: window.Plotly,
    restartRandom: () => {
      state = 1;
    },
  };
}
