import type { RefObject } from 'preact';
import { useCallback, useEffect, useRef } from 'preact/hooks';

/** A canvas in CSS pixels, cleared, with the colours of the current theme. */
export interface Surface {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
  /** the value of a custom property of the style sheet, for example `text` for `--text` */
  color: (name: string) => string;
}

/**
 * A canvas that is drawn again when its size or the theme changes.
 *
 * @param draw - must be stable (`useCallback`); a new function draws again
 * @returns the reference for the canvas element, and a function that draws before the next frame
 */
export function useCanvas(
  draw: (surface: Surface) => void,
): [RefObject<HTMLCanvasElement | null>, () => void] {
  const reference = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  latest.current = draw;
  const frame = useRef(0);
  const request = useCallback((): void => {
    if (frame.current !== 0) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      const surface = surfaceOf(reference.current);
      if (surface) latest.current(surface);
    });
  }, []);
  useEffect(request, [draw, request]);
  useEffect(() => {
    const sizes = new ResizeObserver(request);
    if (reference.current) sizes.observe(reference.current);
    const theme = new MutationObserver(request);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', request);
    return () => {
      sizes.disconnect();
      theme.disconnect();
      scheme.removeEventListener('change', request);
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [request]);
  return [reference, request];
}

/** Prepares a canvas for drawing; undefined if it is hidden. */
function surfaceOf(canvas: HTMLCanvasElement | null): Surface | undefined {
  const context = canvas?.getContext('2d');
  if (!canvas || !context || canvas.clientWidth === 0) return undefined;
  const scale = devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  const [pixelWidth, pixelHeight] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight)
    Object.assign(canvas, { width: pixelWidth, height: pixelHeight });
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  const style = getComputedStyle(canvas);
  context.font = `12px ${style.fontFamily}`;
  return { context, width, height, color: (name) => style.getPropertyValue(`--${name}`).trim() };
}

/** Steps between labels of a time axis, seconds. */
const timeSteps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800];

/** Positions of labels on a time axis, from 0, with at most one every 70 pixels. */
export function timeTicks(fromSec: number, toSec: number, width: number): number[] {
  const step = timeSteps.find((candidate) => (candidate / (toSec - fromSec)) * width >= 70) ?? 3600;
  const ticks: number[] = [];
  for (let at = Math.max(0, Math.ceil(fromSec / step) * step); at <= toSec; at += step) ticks.push(at);
  return ticks;
}
