import { createRequire } from 'node:module';
import { extremes } from '../../core/base';
import { fontFamily } from '../../core/figures';

/** An axis-aligned rectangle in pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The part of the DOM's `SVGElement` that is used here. */
export interface SvgNode {
  readonly tagName: string;
  readonly nodeType: number;
  readonly textContent: string | null;
  readonly childNodes: ArrayLike<SvgNode>;
  readonly parentNode: SvgNode | null;
  readonly style?: { getPropertyValue(name: string): string; display: string };
  getAttribute(name: string): string | null;
}

const textNode = 3;

/**
 * Bounding box of an SVG element in its own coordinates, like a browser's `getBBox`. Supports the elements that determine the
 * layout of a plot: text, rectangles, images, circles, straight paths and groups.
 *
 * @returns undefined if the element is invisible
 */
export function svgBox(node: SvgNode, measure: MeasureText): Box | undefined {
  if (node.style?.display === 'none') return undefined;
  switch (node.tagName) {
    case 'text':
      return textBox(node, measure);
    case 'rect':
    case 'image': {
      const width = length(node, 'width');
      const height = length(node, 'height');
      return { x: length(node, 'x'), y: length(node, 'y'), width, height };
    }
    case 'circle': {
      const r = length(node, 'r');
      return { x: length(node, 'cx') - r, y: length(node, 'cy') - r, width: 2 * r, height: 2 * r };
    }
    case 'path': {
      const points = polyline(node.getAttribute('d') ?? '');
      return union(points.map(([x, y]) => ({ x, y, width: 0, height: 0 })));
    }
    case 'g':
    case 'svg':
    case 'a':
      return union(
        elements(node).flatMap((child) => {
          const box = svgBox(child, measure);
          return box ? [applyToBox(parseTransform(child.getAttribute('transform')), box)] : [];
        }),
      );
    default:
      return undefined;
  }
}

/** Bounding box in page coordinates, like `getBoundingClientRect`; all zeros if the element is invisible. */
export function pageBox(node: SvgNode, measure: MeasureText): Box {
  const box = svgBox(node, measure);
  if (!box) return { x: 0, y: 0, width: 0, height: 0 };
  let matrix: Matrix = [1, 0, 0, 1, 0, 0];
  for (let at: SvgNode | null = node; at?.nodeType === 1; at = at.parentNode) {
    matrix = multiply(parseTransform(at.getAttribute('transform')), matrix);
  }
  return applyToBox(matrix, box);
}

/** Width of a text element, like `getComputedTextLength`. */
export function textWidth(node: SvgNode, measure: MeasureText): number {
  return runWidth(node, measure, styleOf(node));
}

/** Each `tspan.line` child is a line with its own x, y and dy; other children continue the line. */
function textBox(node: SvgNode, measure: MeasureText): Box | undefined {
  if (!node.textContent?.trim()) return undefined;
  const lines = elements(node).filter((child) => child.getAttribute('class')?.includes('line'));
  const anchor = inherited(node, 'text-anchor');
  const boxes = (lines.length > 0 ? lines : [node]).map((line) => {
    const style = styleOf(line);
    const { ascent, descent } = measure('x', style);
    const width = runWidth(line, measure, style);
    const x = length(line, 'x', length(node, 'x')) + length(node, 'dx');
    const y = length(line, 'y', length(node, 'y')) + length(line, 'dy', 0, style.size);
    const left = anchor === 'end' ? x - width : anchor === 'middle' ? x - width / 2 : x;
    return { x: left, y: y - ascent, width, height: ascent + descent };
  });
  return union(boxes);
}

function runWidth(node: SvgNode, measure: MeasureText, style: TextStyle): number {
  let width = 0;
  for (const child of Array.from(node.childNodes)) {
    if (child.nodeType === textNode) width += measure(child.textContent ?? '', style).width;
    else if (child.nodeType === 1) width += runWidth(child, measure, styleOf(child));
  }
  return width;
}

function styleOf(node: SvgNode): TextStyle {
  const weight = inherited(node, 'font-weight');
  return {
    size: fontSize(node),
    weight: weight === 'bold' ? 700 : Number.parseFloat(weight) || 400,
    italic: inherited(node, 'font-style') === 'italic',
  };
}

/** In pixels; `%` and `em` are relative to the parent's size. */
function fontSize(node: SvgNode): number {
  const own = property(node, 'font-size');
  const value = Number.parseFloat(own);
  if (own.endsWith('px') || (own !== '' && !/[a-z%]/i.test(own))) return value;
  const outer = node.parentNode?.nodeType === 1 ? fontSize(node.parentNode) : 12;
  if (own.endsWith('%')) return (outer * value) / 100;
  if (own.endsWith('em')) return outer * value;
  return outer;
}

function inherited(node: SvgNode, name: string): string {
  for (let at: SvgNode | null = node; at?.nodeType === 1; at = at.parentNode) {
    const value = property(at, name);
    if (value) return value;
  }
  return '';
}

function property(node: SvgNode, name: string): string {
  const value = node.style?.getPropertyValue(name) ?? '';
  return value !== '' ? value : (node.getAttribute(name) ?? '');
}

function length(node: SvgNode, name: string, absent = 0, em = 0): number {
  const text = node.getAttribute(name);
  if (!text) return absent;
  const value = Number.parseFloat(text) || 0;
  return text.endsWith('em') ? value * em : value;
}

function elements(node: SvgNode): SvgNode[] {
  return Array.from(node.childNodes).filter((child) => child.nodeType === 1);
}

function union(boxes: readonly Box[]): Box | undefined {
  if (boxes.length === 0) return undefined;
  const { least: x, most: right } = extremes(boxes.flatMap((box) => [box.x, box.x + box.width]));
  const { least: y, most: bottom } = extremes(boxes.flatMap((box) => [box.y, box.y + box.height]));
  return { x, y, width: right - x, height: bottom - y };
}

/** Affine transform `[a, b, c, d, e, f]` in SVG's order: x' = ax + cy + e, y' = bx + dy + f. */
export type Matrix = readonly [number, number, number, number, number, number];

/** Parses a `transform` attribute: translate, rotate (about a point), scale and matrix. */
function parseTransform(transform: string | null): Matrix {
  let matrix: Matrix = [1, 0, 0, 1, 0, 0];
  for (const [, name, list] of transform?.matchAll(/(\w+)\s*\(([^)]*)\)/g) ?? []) {
    const values = list
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(Number);
    matrix = multiply(matrix, primitive(name, values));
  }
  return matrix;
}

/** The transform that applies `inner` first, then `outer`. */
export function multiply(outer: Matrix, inner: Matrix): Matrix {
  const [a, b, c, d, e, f] = outer;
  const [g, h, i, j, k, l] = inner;
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}

/** The axis-aligned box around a transformed box. */
function applyToBox([a, b, c, d, e, f]: Matrix, { x, y, width, height }: Box): Box {
  const corners = [
    [x, y],
    [x + width, y],
    [x, y + height],
    [x + width, y + height],
  ] as const;
  const xs = corners.map(([px, py]) => a * px + c * py + e);
  const ys = corners.map(([px, py]) => b * px + d * py + f);
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  return { x: left, y: top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

function primitive(name: string, values: readonly number[]): Matrix {
  const [first = 0, second = name === 'scale' ? first : 0, third = 0] = values;
  switch (name) {
    case 'translate':
      return [1, 0, 0, 1, first, second];
    case 'scale':
      return [first, 0, 0, second, 0, 0];
    case 'rotate': {
      const cos = Math.cos((first * Math.PI) / 180);
      const sin = Math.sin((first * Math.PI) / 180);
      return [cos, sin, -sin, cos, second - cos * second + sin * third, third - sin * second - cos * third];
    }
    case 'matrix':
      return values as unknown as Matrix;
    default:
      return [1, 0, 0, 1, 0, 0];
  }
}

/** Vertices of a path. Curves are replaced by their end points, which is enough for layout and arrow heads. */
export function polyline(d: string): [number, number][] {
  const points: [number, number][] = [];
  let x = 0;
  let y = 0;
  for (const [, command, list] of d.matchAll(/([MLHVCSQTAZ])([^MLHVCSQTAZ]*)/gi)) {
    const letter = command.toUpperCase();
    const relative = command !== letter;
    const values = (list.match(/-?\d*\.?\d+(?:e-?\d+)?/gi) ?? []).map(Number);
    const size = { M: 2, L: 2, T: 2, H: 1, V: 1, C: 6, S: 4, Q: 4, A: 7 }[letter];
    for (let at = 0; size !== undefined && at + size <= values.length; at += size) {
      const lastX = letter === 'V' ? undefined : values[at + size - (letter === 'H' ? 1 : 2)];
      const lastY = letter === 'H' ? undefined : values[at + size - 1];
      if (lastX !== undefined) x = lastX + (relative ? x : 0);
      if (lastY !== undefined) y = lastY + (relative ? y : 0);
      points.push([x, y]);
    }
  }
  return points;
}

/** Length of a polyline. */
export function polylineLength(points: readonly (readonly [number, number])[]): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++) {
    sum += Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1]);
  }
  return sum;
}

/** The point at a distance along a polyline; its end if the distance is too large. */
export function pointAlong(
  points: readonly (readonly [number, number])[],
  distance: number,
): { x: number; y: number } {
  let left = Math.max(0, distance);
  for (let i = 1; i < points.length; i++) {
    const [x0, y0] = points[i - 1];
    const [x1, y1] = points[i];
    const step = Math.hypot(x1 - x0, y1 - y0);
    if (left <= step && step > 0)
      return { x: x0 + ((x1 - x0) * left) / step, y: y0 + ((y1 - y0) * left) / step };
    left -= step;
  }
  const [x, y] = points.at(-1) ?? [0, 0];
  return { x, y };
}

/** Font size in pixels, CSS weight and slant. */
interface TextStyle {
  size: number;
  weight: number;
  italic: boolean;
}

/** Extent of a text relative to its start on the baseline, in pixels. */
export interface TextExtent {
  width: number;
  ascent: number;
  descent: number;
}

/** Measures a text without line breaks in the bundled font. */
type MeasureText = (text: string, style: TextStyle) => TextExtent;

/** Creates a function that measures text with the font files that `renderPng` draws with, so that labels fit. */
export async function createTextMeasure(): Promise<MeasureText> {
  const { createCanvas, GlobalFonts } = await import('@napi-rs/canvas');
  // Each file gets a unique name, so that no system font of the same family is used instead.
  const families = fontFiles.map(({ weight, italic, path }) => {
    const family = `${fontFamily} ${weight}${italic ? ' italic' : ''} bundled`;
    GlobalFonts.registerFromPath(path, family);
    return { weight, italic, family };
  });
  const context = createCanvas(1, 1).getContext('2d');
  const known = new Map<string, TextExtent>();

  return (text, { size, weight, italic }) => {
    const key = `${size} ${weight} ${italic} ${text}`;
    const found = known.get(key);
    if (found) return found;
    const distance = (font: (typeof families)[number]): number =>
      Math.abs(font.weight - weight) + (font.italic === italic ? 0 : 1000);
    const { family } = families.reduce((best, font) => (distance(font) < distance(best) ? font : best));
    context.font = `${size}px "${family}"`;
    const { width, fontBoundingBoxAscent, fontBoundingBoxDescent } = context.measureText(text);
    const extent = { width, ascent: fontBoundingBoxAscent, descent: fontBoundingBoxDescent };
    if (known.size > 5000) known.clear();
    known.set(key, extent);
    return extent;
  };
}

/** A bundled font file of {@link fontFamily}. */
export interface FontFile {
  /** CSS weight */
  weight: number;
  italic: boolean;
  path: string;
}

/** The bundled font files. Other weights use the nearest. */
export const fontFiles: readonly FontFile[] = [
  { weight: 400, italic: false, path: resolve('400Regular/OpenSans_400Regular.ttf') },
  { weight: 400, italic: true, path: resolve('400Regular_Italic/OpenSans_400Regular_Italic.ttf') },
  { weight: 600, italic: false, path: resolve('600SemiBold/OpenSans_600SemiBold.ttf') },
  { weight: 700, italic: false, path: resolve('700Bold/OpenSans_700Bold.ttf') },
];

function resolve(file: string): string {
  return createRequire(__filename).resolve(`@expo-google-fonts/open-sans/${file}`);
}
