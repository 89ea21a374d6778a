import { polyline } from './svg-path';
import { applyToBox, type Matrix, multiply, parseTransform } from './svg-transform';
import type { MeasureText, TextStyle } from './text-measure';

/** An axis-aligned rectangle in pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What is read of an SVG element: a little of the DOM's `SVGElement`. */
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
 * Bounding box of an SVG element in its own coordinates, as a browser's `getBBox` gives it, for the elements that
 * decide a plot's layout: text with its lines, rectangles, straight paths and groups of these.
 *
 * @returns undefined where there is nothing to see
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

/** Bounding box in the page's coordinates, as `getBoundingClientRect` gives it; zeros where there is nothing to see. */
export function pageBox(node: SvgNode, measure: MeasureText): Box {
  const box = svgBox(node, measure);
  if (!box) return { x: 0, y: 0, width: 0, height: 0 };
  let matrix: Matrix = [1, 0, 0, 1, 0, 0];
  for (let at: SvgNode | null = node; at?.nodeType === 1; at = at.parentNode) {
    matrix = multiply(parseTransform(at.getAttribute('transform')), matrix);
  }
  return applyToBox(matrix, box);
}

/** Width of a text element's longest line, as `getComputedTextLength` gives it. */
export function textWidth(node: SvgNode, measure: MeasureText): number {
  return runWidth(node, measure, styleOf(node));
}

/** Lines are `tspan.line` children, each with its own x, y and dy; other children are runs in the same line. */
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

/** In pixels; `%` and `em` are of the parent's size. */
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
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}
