import { type DataType, dataTypes, type OnnxConstant, type OnnxNode } from './onnx-file';

/** The name of a tensor in a graph. */
export type Value = string;
/** An integer known when the model is exported, or a tensor without dimensions. */
export type Length = number | Value;

/** Collects the nodes and constants of an ONNX graph. */
export interface Graph {
  nodes: readonly OnnxNode[];
  constants: readonly OnnxConstant[];
  /** Adds an operation with one output. @param inputs - a number is an integer without dimensions */
  op: (op: string, inputs: readonly Length[], attributes?: OnnxNode['attributes']) => Value;
  /** Adds an operation with several outputs. @param outputs - which of them are used */
  ops: (
    op: string,
    inputs: readonly Length[],
    attributes: OnnxNode['attributes'],
    outputs: readonly boolean[],
  ) => Value[];
  /** Gives a tensor the name of an output of the graph. */
  nameOutput: (value: Value, name: string) => void;
  floats: (data: Float32Array | readonly number[], shape?: readonly number[]) => Value;
  doubles: (data: readonly number[], shape?: readonly number[]) => Value;
  integers: (data: readonly number[], shape?: readonly number[]) => Value;
  /** one floating-point number, without dimensions */
  number: (value: number) => Value;
  /** as {@link number}, in double precision */
  double: (value: number) => Value;
  /** a list of lengths as a tensor with one dimension */
  list: (lengths: readonly Length[]) => Value;
  cast: (value: Value, type: DataType) => Value;
  /** length of one dimension of a tensor */
  lengthOf: (value: Value, axis: number) => Value;
  slice: (value: Value, axis: number, start: Length, end: Length) => Value;
  unsqueeze: (value: Value, ...axes: number[]) => Value;
  transpose: (value: Value, ...order: number[]) => Value;
  /** integers 0, 1, … below a length */
  range: (length: Length) => Value;
}

/** Starts an empty graph. Equal constants of at most 16 values are stored once. */
export function createGraph(): Graph {
  const nodes: OnnxNode[] = [];
  const constants: OnnxConstant[] = [];
  const known = new Map<string, Value>();

  const constant = (data: OnnxConstant['data'], shape: readonly number[]): Value => {
    const key = data.length <= 16 ? `${data.constructor.name} ${shape.join()}: ${data.join()}` : undefined;
    const found = key === undefined ? undefined : known.get(key);
    if (found !== undefined) return found;
    const name = `constant_${constants.length}`;
    constants.push({ name, shape, data });
    if (key !== undefined) known.set(key, name);
    return name;
  };
  const valueOf = (value: Length): Value => (typeof value === 'number' ? graph.integers([value], []) : value);

  const graph: Graph = {
    nodes,
    constants,
    op: (op, inputs, attributes = {}) => graph.ops(op, inputs, attributes, [true])[0],
    ops: (op, inputs, attributes, used) => {
      const name = `${op}_${nodes.length}`;
      const outputs = used.map((isUsed, i) => (!isUsed ? '' : i === 0 ? name : `${name}_${i}`));
      nodes.push({ op, name, inputs: inputs.map(valueOf), outputs, attributes });
      return outputs.filter((output) => output !== '');
    },
    nameOutput: (value, name) => {
      nodes.push({ op: 'Identity', name, inputs: [value], outputs: [name], attributes: {} });
    },
    floats: (data, shape = [data.length]) => constant(Float32Array.from(data), shape),
    doubles: (data, shape = [data.length]) => constant(Float64Array.from(data), shape),
    integers: (data, shape = [data.length]) => constant(BigInt64Array.from(data.map(BigInt)), shape),
    number: (value) => graph.floats([value], []),
    double: (value) => graph.doubles([value], []),
    list: (lengths) => {
      if (lengths.every((length) => typeof length === 'number')) return graph.integers(lengths);
      const parts = lengths.map((length) =>
        typeof length === 'number'
          ? graph.integers([length])
          : graph.op('Reshape', [length, graph.integers([1])]),
      );
      return parts.length === 1 ? parts[0] : graph.op('Concat', parts, { axis: 0 });
    },
    cast: (value, type) => graph.op('Cast', [value], { to: dataTypes[type] }),
    lengthOf: (value, axis) => graph.op('Gather', [graph.op('Shape', [value]), axis], { axis: 0 }),
    slice: (value, axis, start, end) =>
      graph.op('Slice', [value, graph.list([start]), graph.list([end]), graph.integers([axis])]),
    unsqueeze: (value, ...axes) => graph.op('Unsqueeze', [value, graph.integers(axes)]),
    transpose: (value, ...perm) => graph.op('Transpose', [value], { perm }),
    range: (length) => graph.op('Range', [0, length, 1]),
  };
  return graph;
}
