import type { Figure } from './figure';

/**
 * A figure as JSON text, as Plotly in a page reads it. Typed arrays become lists; a 32-bit number is written with the
 * seven digits it has, and what JSON cannot say (NaN, infinity) as null, which Plotly draws as a gap.
 */
export function figureJson(figure: Figure): string {
  return JSON.stringify(figure, (_, value: unknown) => {
    if (value instanceof Float32Array) return Array.from(value, (number) => Number(number.toPrecision(7)));
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Float64Array);
    return value;
  });
}
