import { periodicWindow } from '../../../core/dsp';
import type { Graph, Value } from './graph';

/**
 * Adds the frames of windows, centred on multiples of the hop, with zeros outside the window.
 *
 * @param windows - [windows, samples]
 * @returns [windows, frames, nFft]
 */
export function addFrames(
  graph: Graph,
  windows: Value,
  { nFft, hopLength }: { nFft: number; hopLength: number },
): Value {
  const padded = graph.op('Pad', [windows, graph.integers([0, nFft / 2, 0, nFft / 2])]);
  const count = graph.op('Add', [graph.op('Div', [graph.lengthOf(windows, 1), hopLength]), 1]);
  // Frames of whole hops are copied hop by hop, which is much faster than sample by sample.
  const step = nFft % hopLength === 0 ? hopLength : 1;
  const perFrame = nFft / step;
  const end = graph.op('Add', [graph.op('Mul', [graph.op('Sub', [count, 1]), hopLength]), nFft]);
  const steps = graph.op('Reshape', [graph.slice(padded, 1, 0, end), graph.integers([0, -1, step])]);
  const starts = graph.op('Mul', [graph.range(count), hopLength / step]);
  const index = graph.op('Add', [graph.unsqueeze(starts, 1), graph.range(perFrame)]);
  return graph.op('Reshape', [graph.op('Gather', [steps, index], { axis: 1 }), graph.integers([0, 0, nFft])]);
}

/**
 * Adds the power spectra of frames. The Fourier transform takes two steps (Cooley and Tukey), each a matrix product: with n = Q p + q
 * and k = P s + r, first over p, then, after a rotation by q r / N turns, over q.
 *
 * @param frames - [windows, frames, nFft]
 * @returns [windows, frames, bins]; more bins than nFft / 2 + 1: those after it are above half the sample rate
 */
export function addPower(graph: Graph, frames: Value, nFft: number): { power: Value; bins: number } {
  const P = 2 ** Math.ceil(Math.log2(nFft) / 2);
  const Q = nFft / P;
  const S = Q / 2 + 1;
  const windowed = graph.op('Mul', [frames, graph.floats(Float32Array.from(periodicWindow('hann', nFft)))]);
  const rows = graph.op('Reshape', [windowed, graph.integers([0, 0, P, Q])]);
  const overP = graph.op('MatMul', [
    graph.floats([...table(P, P, P, cosine), ...table(P, P, P, minusSine)], [2 * P, P]),
    rows,
  ]);
  const [real, imaginary] = [0, P].map((start) => graph.slice(overP, 2, start, start + P));
  const rotated = rotate(graph, real, imaginary, { rows: P, columns: Q, turn: nFft });
  const overQ = graph.op('MatMul', [rotated, graph.floats(lastStep(Q, S), [2 * Q, 2 * S])]);
  const squares = graph.op('Mul', [overQ, overQ]);
  const sum = graph.op('Add', [graph.slice(squares, 3, 0, S), graph.slice(squares, 3, S, 2 * S)]);
  const ordered = graph.transpose(sum, 0, 1, 3, 2);
  return { power: graph.op('Reshape', [ordered, graph.integers([0, 0, S * P])]), bins: S * P };
}

const cosine = (turns: number): number => Math.cos(2 * Math.PI * turns);
const sine = (turns: number): number => Math.sin(2 * Math.PI * turns);
const minusSine = (turns: number): number => -sine(turns);

/** A function of i · j / turn for all rows i and columns j, in turns; the product is reduced to one turn in integers. */
function table(rows: number, columns: number, turn: number, of: (turns: number) => number): number[] {
  return Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return of(((i * j) % turn) / turn);
  });
}

/** (real + i imaginary) · exp(-2πi · row · column / turn), as [real | imaginary] along the last axis */
function rotate(
  graph: Graph,
  real: Value,
  imaginary: Value,
  { rows, columns, turn }: { rows: number; columns: number; turn: number },
): Value {
  const [c, s] = [cosine, sine].map((of) => graph.floats(table(rows, columns, turn, of), [rows, columns]));
  const product = (a: Value, b: Value): Value => graph.op('Mul', [a, b]);
  const parts = [
    graph.op('Add', [product(real, c), product(imaginary, s)]),
    graph.op('Sub', [product(imaginary, c), product(real, s)]),
  ];
  return graph.op('Concat', parts, { axis: 3 });
}

/** Transform of Q complex values to S, [real | imaginary] → [real | imaginary]; shape [2 Q, 2 S] */
function lastStep(Q: number, S: number): number[] {
  const out: number[] = [];
  for (let half = 0; half < 2; half++) {
    const [c, s] = half === 0 ? [cosine, minusSine] : [sine, cosine];
    for (let q = 0; q < Q; q++)
      for (const of of [c, s]) for (let k = 0; k < S; k++) out.push(of(((q * k) % Q) / Q));
  }
  return out;
}
