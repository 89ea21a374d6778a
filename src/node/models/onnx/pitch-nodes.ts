import { f0Defaults, periodRange } from '../../../core/dsp';
import type { FeatureConfig } from '../../../core/features';
import type { Graph, Value } from './graph';

/** Length of the blocks into which a frame is divided for its autocorrelation. */
const block = 32;

/**
 * Adds the fundamental frequency of each frame by YIN as in `f0Contour`, 0 in unvoiced frames.
 *
 * @param frames - [windows, frames, nFft]
 * @returns Hz, [windows, frames, 1]
 */
export function addPitch(
  graph: Graph,
  frames: Value,
  { sampleRate, nFft, hopLength, f0Min, f0Max }: FeatureConfig,
): Value {
  const options = f0Defaults({ sampleRate, frameLength: nFft, hopLength, fMin: f0Min, fMax: f0Max });
  const [shortest, longest] = periodRange(options);
  const { differences, energy } = addDifferences(graph, frames, nFft, longest);

  /** normalised differences at the delays `shortest` to `longest`; [windows, frames, delays] */
  const values = graph.slice(differences, 2, shortest - 1, longest);
  const last = longest - shortest;
  const choice = addChoice(graph, values, last, options.troughThreshold);
  const at = (offset: number): Value => {
    const index = graph.op('Add', [choice, offset]);
    const clamped = graph.op('Min', [graph.op('Max', [index, 0]), last]);
    return graph.op('GatherElements', [values, clamped], { axis: 2 });
  };
  const [before, here, after] = [-1, 0, 1].map(at);
  const shift = addParabolicShift(
    graph,
    before,
    here,
    after,
    graph.double(last),
    graph.cast(choice, 'double'),
  );
  const period = graph.op('Add', [
    graph.op('Add', [graph.cast(choice, 'double'), graph.double(shortest)]),
    shift,
  ]);
  const hz = graph.cast(graph.op('Div', [graph.double(sampleRate), period]), 'float');
  const isPeriodic = graph.op('LessOrEqual', [here, graph.double(options.voicingThreshold)]);
  const isVoiced = graph.op('And', [isPeriodic, graph.op('Greater', [energy, graph.double(0)])]);
  return graph.op('Where', [isVoiced, hz, graph.number(0)]);
}

/**
 * Cumulative mean normalised differences at the delays 1 to `longest`, [windows, frames, longest], and the energy of each frame, as
 * double.
 *
 * The autocorrelation r[d] = Σ x[n] · x[n + d] of a frame is computed by one matrix product: with n = 32 a + b, the product
 * P[b, g] = Σ x[32 a + b] · x[32 a + g] over a contains all terms, and r[d] = Σ P[b, b + d] over b.
 */
function addDifferences(graph: Graph, frames: Value, nFft: number, longest: number) {
  const size = Math.min(block, nFft);
  const blocks = nFft / size;
  const following = Math.ceil((size + longest) / size);
  const width = following * size;
  const own = graph.op('Reshape', [frames, graph.integers([0, 0, blocks, size])]);
  const padded = graph.op('Pad', [own, graph.integers([0, 0, 0, 0, 0, 0, following, 0])]);
  const places = graph.op('Add', [graph.unsqueeze(graph.range(blocks), 1), graph.range(following)]);
  const parts = graph.op('Gather', [padded, places], { axis: 2 });
  const delayed = graph.op('Reshape', [parts, graph.integers([0, 0, blocks, width])]);
  const products = graph.op('MatMul', [graph.transpose(own, 0, 1, 3, 2), delayed]);
  // In rows that are longer by one, column d contains P[b, b + d].
  const flat = graph.op('Reshape', [products, graph.integers([0, 0, size * width])]);
  const longer = graph.op('Pad', [flat, graph.integers([0, 0, 0, 0, 0, size])]);
  const skewed = graph.op('Reshape', [longer, graph.integers([0, 0, size, width + 1])]);
  const diagonals = graph.slice(skewed, 3, 0, longest + 1);
  const single = graph.op('ReduceSum', [diagonals, graph.integers([2])], { keepdims: 0 });
  // Double precision, because the differences are small and their sums decide between delays.
  const correlation = graph.cast(single, 'double');
  const energy = graph.slice(correlation, 2, 0, 1);

  const firstSamples = graph.cast(graph.slice(frames, 2, 0, longest), 'double');
  const energyBefore = graph.op('CumSum', [graph.op('Mul', [firstSamples, firstSamples]), 2]);
  // librosa omits this term at the first delay, see core/dsp/f0.ts.
  const isLater = graph.doubles(Array.from({ length: longest }, (_, i) => (i === 0 ? 0 : 1)));
  const half = graph.op('Sub', [energy, graph.slice(correlation, 2, 1, longest + 1)]);
  const differences = graph.op('Sub', [
    graph.op('Mul', [half, graph.double(2)]),
    graph.op('Mul', [energyBefore, isLater]),
  ]);
  const sum = graph.op('Max', [graph.op('CumSum', [differences, 2]), graph.double(2 ** -126)]);
  const delay = graph.doubles(Array.from({ length: longest }, (_, i) => i + 1));
  return { differences: graph.op('Div', [graph.op('Mul', [differences, delay]), sum]), energy };
}

/** Index of the first local minimum below the threshold, otherwise of the global minimum; [windows, frames, 1] */
function addChoice(graph: Graph, values: Value, last: number, threshold: number): Value {
  const earlier = graph.slice(values, 2, 0, last);
  const later = graph.slice(values, 2, 1, last + 1);
  const firstValue = graph.slice(values, 2, 0, 1);
  const yes = graph.op('Equal', [firstValue, firstValue]);
  const falls = graph.op('Concat', [yes, graph.op('Less', [later, earlier])], { axis: 2 });
  // The first value must be below the second; later values may equal the next one.
  const first = graph.op('Less', [firstValue, graph.slice(values, 2, 1, 2)]);
  const middle = graph.op('LessOrEqual', [graph.slice(earlier, 2, 1, last), graph.slice(later, 2, 1, last)]);
  const ends = graph.op('Concat', [first, middle, yes], { axis: 2 });
  const isLow = graph.op('Less', [values, graph.double(threshold)]);
  const isTrough = graph.cast(graph.op('And', [graph.op('And', [falls, ends]), isLow]), 'float');
  const trough = graph.op('ArgMax', [isTrough], { axis: 2, keepdims: 1 });
  const deepest = graph.op('ArgMin', [values], { axis: 2, keepdims: 1 });
  const isFound = graph.op('Greater', [
    graph.op('ReduceMax', [isTrough], { axes: [2], keepdims: 1 }),
    graph.number(0),
  ]);
  return graph.op('Where', [isFound, trough, deepest]);
}

/** Offset of the minimum of a parabola through three values, 0 at the first and last delay. */
function addParabolicShift(
  graph: Graph,
  before: Value,
  here: Value,
  after: Value,
  last: Value,
  choice: Value,
): Value {
  const curvature = graph.op('Sub', [graph.op('Add', [after, before]), graph.op('Add', [here, here])]);
  const slope = graph.op('Mul', [graph.op('Sub', [after, before]), graph.double(0.5)]);
  const isFlat = graph.op('GreaterOrEqual', [graph.op('Abs', [slope]), graph.op('Abs', [curvature])]);
  const isEdge = graph.op('Or', [
    graph.op('LessOrEqual', [choice, graph.double(0)]),
    graph.op('GreaterOrEqual', [choice, last]),
  ]);
  const isZero = graph.op('Or', [isFlat, isEdge]);
  const divisor = graph.op('Where', [isZero, graph.double(1), curvature]);
  return graph.op('Where', [isZero, graph.double(0), graph.op('Neg', [graph.op('Div', [slope, divisor])])]);
}
