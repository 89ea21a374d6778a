import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@tensorflow/tfjs';
import { Root } from 'protobufjs/light';
import { messageOf, WorkbenchError } from '../../core/base';
import type { TensorFlow } from '../../core/network';

/** An attribute of an operation, as tfjs-node passes it to TensorFlow. */
interface Attribute {
  name: string;
  /** a code of the binding */
  type: number;
  value: unknown;
}

type Operation = (name: string, attributes: Attribute[], inputs: Tensor[], outputs: number) => Tensor[];

/** The parts of tfjs-node's backend that recording uses. */
interface NodeBackend {
  binding: Record<`TF_${string}`, number>;
  tensorMap: { get: (dataId: object) => { shape: number[]; dtype: number } };
  readSync: (dataId: object) => ArrayBufferView;
  executeMultipleOutputs: Operation;
  executeSingleOutput: (name: string, attributes: Attribute[], inputs: Tensor[]) => Tensor;
  loadSavedModelMetaGraph: (path: string, tags: string) => number;
  runSavedModel: (
    id: number,
    inputs: readonly Tensor[],
    infos: { name: string }[],
    outputs: string[],
  ) => Tensor[];
  deleteSavedModel: (id: number) => void;
}

/** Codes of element types in `DataType`. */
const dataTypes = { FLOAT: 1, INT32: 3 } as const;

/** A value in a graph: the name of an operation and the number of its output. */
export type GraphValue = string;

/** The attributes of an operation in the encoding of `AttrValue`. */
type EncodedAttributes = Record<string, Record<string, unknown>>;

export const floatType = { type: dataTypes.FLOAT };

/** A graph under construction. Operations are added by name, or recorded while TensorFlow.js runs them. */
export class GraphBuilder {
  private readonly nodes: object[] = [];
  private readonly values = new WeakMap<object, GraphValue>();
  private readonly backend: NodeBackend;

  constructor(tf: TensorFlow) {
    this.backend = tf.backend() as unknown as NodeBackend;
  }

  /**
   * Adds an operation.
   *
   * @param after - operations that must run before it
   */
  add(
    op: string,
    inputs: readonly GraphValue[],
    attr: EncodedAttributes,
    after: readonly GraphValue[] = [],
  ): GraphValue {
    const name = `n${this.nodes.length}`;
    this.nodes.push({ name, op, input: [...inputs, ...after.map((value) => `^${value}`)], attr });
    return name;
  }

  /** Adds an input of a fixed shape. */
  input(shape: readonly number[], type: keyof typeof dataTypes = 'FLOAT'): GraphValue {
    return this.add('Placeholder', [], {
      dtype: { type: dataTypes[type] },
      shape: { shape: encodedShape(shape) },
    });
  }

  /** Adds a variable. @returns its handle */
  variable(name: string, shape: readonly number[]): GraphValue {
    return this.add('VarHandleOp', [], {
      dtype: floatType,
      shape: { shape: encodedShape(shape) },
      shared_name: { s: new TextEncoder().encode(name) },
    });
  }

  /** The value that the content of a tensor has in the graph; a constant if it comes from no recorded operation. */
  valueOf({ dataId }: Tensor): GraphValue {
    let value = this.values.get(dataId);
    if (value === undefined) {
      const { shape, dtype } = this.backend.tensorMap.get(dataId);
      const data = this.backend.readSync(dataId);
      const tensor = {
        dtype,
        tensorShape: encodedShape(shape),
        tensorContent: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(),
      };
      value = this.add('Const', [], { dtype: { type: dtype }, value: { tensor } });
      this.values.set(dataId, value);
    }
    return value;
  }

  /** Gives tensors a value in the graph, such as an input or a variable, instead of their content. */
  define(known: readonly (readonly [Tensor, GraphValue])[]): void {
    for (const [{ dataId }, value] of known) this.values.set(dataId, value);
  }

  /**
   * Runs a function, and adds all operations that it runs to the graph.
   *
   * @throws {@link WorkbenchError} if the function fails, or runs an operation that graphs do not support
   */
  record<T>(run: () => T): T {
    const { backend } = this;
    const { executeSingleOutput, executeMultipleOutputs } = backend;
    let previous: GraphValue[] = [];
    const execute: Operation = (name, attributes, inputs, outputs) => {
      const results = executeMultipleOutputs.call(backend, name, attributes, inputs, outputs);
      const node = this.add(
        name,
        inputs.map((input) => this.valueOf(input)),
        this.encoded(attributes),
        isLarge(name, results) ? previous : [],
      );
      if (isLarge(name, results)) previous = [node];
      for (const [i, { dataId }] of results.entries())
        this.values.set(dataId, i === 0 ? node : `${node}:${i}`);
      return results;
    };
    Object.assign(backend, {
      executeMultipleOutputs: execute,
      executeSingleOutput: (name: string, attributes: Attribute[], inputs: Tensor[]) =>
        execute(name, attributes, inputs, 1)[0],
    });
    try {
      return run();
    } catch (error) {
      throw failure('record', error);
    } finally {
      Object.assign(backend, { executeSingleOutput, executeMultipleOutputs });
    }
  }

  private encoded(attributes: readonly Attribute[]): EncodedAttributes {
    const { binding } = this.backend;
    const encode = ({ name, type, value }: Attribute): Record<string, unknown> => {
      switch (type) {
        case binding.TF_ATTR_INT:
          return Array.isArray(value) ? { list: { i: value } } : { i: value };
        case binding.TF_ATTR_FLOAT:
          return { f: value };
        case binding.TF_ATTR_BOOL:
          return { b: value };
        case binding.TF_ATTR_STRING:
          return { s: new TextEncoder().encode(value as string) };
        case binding.TF_ATTR_TYPE:
          return { type: value };
        case binding.TF_ATTR_SHAPE:
          return { shape: encodedShape(value as number[]) };
        default:
          throw new Error(`the attribute ${name} has a type that graphs do not support`);
      }
    };
    return Object.fromEntries(attributes.map((attribute) => [attribute.name, encode(attribute)]));
  }

  /**
   * Loads the graph into a new session. Must be disposed.
   *
   * @throws {@link WorkbenchError} if TensorFlow does not accept the graph, or temporary files cannot be written
   */
  start(): GraphSession {
    const { backend } = this;
    let folder: string | undefined;
    let id: number;
    try {
      folder = mkdtempSync(join(tmpdir(), 'ser-graph-'));
      const message = {
        savedModelSchemaVersion: 1,
        metaGraphs: [
          {
            metaInfoDef: { tags: ['train'] },
            graphDef: { node: this.nodes, versions: { producer: graphVersion } },
          },
        ],
      };
      writeFileSync(join(folder, 'saved_model.pb'), schema.lookupType('SavedModel').encode(message).finish());
      id = backend.loadSavedModelMetaGraph(folder, 'train');
    } catch (error) {
      throw failure('load', error);
    } finally {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    }
    return {
      run: (inputs, outputs) =>
        backend.runSavedModel(
          id,
          inputs.map(([, tensor]) => tensor),
          inputs.map(([value]) => ({ name: outputName(value) })),
          outputs.map(outputName),
        ),
      dispose: () => {
        backend.deleteSavedModel(id);
      },
    };
  }
}

function failure(action: 'record' | 'load', error: unknown): WorkbenchError {
  return new WorkbenchError(
    `cannot ${action} the network as a TensorFlow graph: ${messageOf(error)}. ` +
      'Set SER_TRAINING=eager to run each operation by itself, which is slower.',
    { cause: error },
  );
}

/** Operations with large outputs that TensorFlow does not combine with others. */
const largeOperations = new Set([
  'BatchMatMulV2',
  'Conv2DBackpropFilter',
  'Conv2DBackpropInput',
  'Empty',
  'FusedBatchNormGradV3',
  'GatherV2',
  'PadV2',
  'StatelessRandomUniformFullInt',
  '_MklNativeMaxPoolGrad',
]);

/** Whether an operation runs after the previous large one. Side by side, they need more memory and are not faster. */
const isLarge = (name: string, outputs: readonly Tensor[]): boolean =>
  largeOperations.has(name) && outputs.some(({ size }) => size >= 1 << 20);

/** A graph in a session of its own, which keeps the variables. Must be disposed. */
export interface GraphSession {
  /** Runs what the outputs depend on. @returns the outputs; the caller disposes them */
  run: (inputs: readonly (readonly [GraphValue, Tensor])[], outputs: readonly GraphValue[]) => Tensor[];
  dispose: () => void;
}

/** The binding requires the number of an output. */
const outputName = (value: GraphValue): string => (value.includes(':') ? value : `${value}:0`);

const encodedShape = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size })) });

/** Version of the graph format, of TensorFlow 2.9. Later versions read it. */
const graphVersion = 1087;

type Field = [id: number, type: string, kind?: 'repeated' | 'map'];
const fields = (table: Record<string, Field>) => ({
  fields: Object.fromEntries(
    Object.entries(table).map(([name, [id, type, kind]]) => [
      name,
      {
        id,
        type,
        ...(kind === 'repeated' && { rule: kind }),
        ...(kind === 'map' && { keyType: 'string' }),
      },
    ]),
  ),
});

/**
 * The messages of TensorFlow's SavedModel format, with the fields that are used here.
 *
 * @see https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/protobuf
 */
const schema = Root.fromJSON({
  nested: {
    SavedModel: fields({
      savedModelSchemaVersion: [1, 'int64'],
      metaGraphs: [2, 'MetaGraphDef', 'repeated'],
    }),
    MetaGraphDef: fields({ metaInfoDef: [1, 'MetaInfoDef'], graphDef: [2, 'GraphDef'] }),
    MetaInfoDef: fields({ tags: [4, 'string', 'repeated'] }),
    GraphDef: fields({ node: [1, 'NodeDef', 'repeated'], versions: [4, 'VersionDef'] }),
    VersionDef: fields({ producer: [1, 'int32'] }),
    NodeDef: fields({
      name: [1, 'string'],
      op: [2, 'string'],
      input: [3, 'string', 'repeated'],
      attr: [5, 'AttrValue', 'map'],
    }),
    AttrValue: {
      ...fields({
        list: [1, 'ListValue'],
        s: [2, 'bytes'],
        i: [3, 'int64'],
        f: [4, 'float'],
        b: [5, 'bool'],
        type: [6, 'int32'],
        shape: [7, 'TensorShapeProto'],
        tensor: [8, 'TensorProto'],
      }),
      oneofs: { value: { oneof: ['list', 's', 'i', 'f', 'b', 'type', 'shape', 'tensor'] } },
    },
    ListValue: fields({ i: [3, 'int64', 'repeated'] }),
    TensorProto: fields({
      dtype: [1, 'int32'],
      tensorShape: [2, 'TensorShapeProto'],
      tensorContent: [4, 'bytes'],
    }),
    TensorShapeProto: fields({ dim: [2, 'Dim', 'repeated'] }),
    Dim: fields({ size: [1, 'int64'] }),
  },
});
