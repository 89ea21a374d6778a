import { Root } from 'protobufjs/light';

/** The element types of the tensors in exported files, with their codes in `TensorProto.DataType`. */
export const dataTypes = { float: 1, int64: 7, double: 11 } as const;
export type DataType = keyof typeof dataTypes;

/** `AttributeProto.AttributeType` */
const attributeTypes = { f: 1, i: 2, s: 3, ints: 7 } as const;

/** An attribute of a node: an integer, several, a text, or `{ float }`. */
export type Attribute = number | readonly number[] | string | { float: number };

/** One operation. */
export interface OnnxNode {
  op: string;
  name: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

/** A constant tensor. */
export interface OnnxConstant {
  name: string;
  shape: readonly number[];
  data: Float32Array | Float64Array | BigInt64Array;
}

/** An input or output; a dimension of variable length has a name instead of a number. */
export interface OnnxTensor {
  name: string;
  shape: readonly (number | string)[];
  /** shown by viewers */
  help: string;
}

/** The content of an ONNX file. */
export interface OnnxContent {
  name: string;
  help: string;
  nodes: readonly OnnxNode[];
  constants: readonly OnnxConstant[];
  inputs: readonly OnnxTensor[];
  outputs: readonly OnnxTensor[];
  metadata: Readonly<Record<string, string>>;
  version: string;
}

/** Version of the operators, and of the format that belongs to it. Runtimes of 2022 and later read them. */
export const opset = 17;
const irVersion = 8;

type Rule = 'repeated' | undefined;
const fields = (table: Record<string, [id: number, type: string, rule?: Rule]>) => ({
  fields: Object.fromEntries(
    Object.entries(table).map(([name, [id, type, rule]]) => [name, { id, type, ...(rule && { rule }) }]),
  ),
});

/**
 * The messages of the ONNX format, with the fields that exported files use.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
const schema = Root.fromJSON({
  nested: {
    ModelProto: fields({
      irVersion: [1, 'int64'],
      producerName: [2, 'string'],
      producerVersion: [3, 'string'],
      docString: [6, 'string'],
      graph: [7, 'GraphProto'],
      opsetImport: [8, 'OperatorSetIdProto', 'repeated'],
      metadataProps: [14, 'StringStringEntryProto', 'repeated'],
    }),
    OperatorSetIdProto: fields({ domain: [1, 'string'], version: [2, 'int64'] }),
    StringStringEntryProto: fields({ key: [1, 'string'], value: [2, 'string'] }),
    GraphProto: fields({
      node: [1, 'NodeProto', 'repeated'],
      name: [2, 'string'],
      initializer: [5, 'TensorProto', 'repeated'],
      input: [11, 'ValueInfoProto', 'repeated'],
      output: [12, 'ValueInfoProto', 'repeated'],
    }),
    NodeProto: fields({
      input: [1, 'string', 'repeated'],
      output: [2, 'string', 'repeated'],
      name: [3, 'string'],
      opType: [4, 'string'],
      attribute: [5, 'AttributeProto', 'repeated'],
    }),
    AttributeProto: fields({
      name: [1, 'string'],
      f: [2, 'float'],
      i: [3, 'int64'],
      s: [4, 'bytes'],
      ints: [8, 'int64', 'repeated'],
      type: [20, 'int32'],
    }),
    TensorProto: fields({
      dims: [1, 'int64', 'repeated'],
      dataType: [2, 'int32'],
      name: [8, 'string'],
      rawData: [9, 'bytes'],
    }),
    ValueInfoProto: fields({ name: [1, 'string'], type: [2, 'TypeProto'], docString: [3, 'string'] }),
    TypeProto: fields({ tensorType: [1, 'TensorTypeProto'] }),
    TensorTypeProto: fields({ elemType: [1, 'int32'], shape: [2, 'TensorShapeProto'] }),
    TensorShapeProto: fields({ dim: [1, 'DimensionProto', 'repeated'] }),
    DimensionProto: fields({ dimValue: [1, 'int64'], dimParam: [2, 'string'] }),
  },
});

/** The bytes of an ONNX file. */
export function encodeOnnx({
  name,
  help,
  nodes,
  constants,
  inputs,
  outputs,
  ...rest
}: OnnxContent): Uint8Array {
  const message = {
    irVersion,
    producerName: 'speech-emotion-workbench',
    producerVersion: rest.version,
    docString: help,
    graph: {
      name,
      node: nodes.map(({ op, name, inputs, outputs, attributes }) => ({
        opType: op,
        name,
        input: inputs,
        output: outputs,
        attribute: Object.entries(attributes).map(([key, value]) => attributeOf(key, value)),
      })),
      initializer: constants.map(({ name, shape, data }) => ({
        name,
        dims: shape,
        dataType: dataTypes[typeOf(data)],
        rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      })),
      input: inputs.map(valueInfo),
      output: outputs.map(valueInfo),
    },
    opsetImport: [{ domain: '', version: opset }],
    metadataProps: Object.entries(rest.metadata).map(([key, value]) => ({ key, value })),
  };
  return schema.lookupType('ModelProto').encode(message).finish();
}

function typeOf(data: OnnxConstant['data']): DataType {
  return data instanceof Float32Array ? 'float' : data instanceof Float64Array ? 'double' : 'int64';
}

function attributeOf(name: string, value: Attribute) {
  if (typeof value === 'number') return { name, type: attributeTypes.i, i: value };
  if (typeof value === 'string') return { name, type: attributeTypes.s, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: attributeTypes.f, f: value.float };
  return { name, type: attributeTypes.ints, ints: value };
}

function valueInfo({ name, shape, help }: OnnxTensor) {
  const dim = shape.map((length) =>
    typeof length === 'number' ? { dimValue: length } : { dimParam: length },
  );
  return { name, docString: help, type: { tensorType: { elemType: dataTypes.float, shape: { dim } } } };
}
