import { WorkbenchError } from '../../base';

/** Exports of the compiled module; the functions are documented in `assembly/`. Addresses are in bytes. */
export interface KernelExports {
  memory: WebAssembly.Memory;
  addNormalNoise(x: number, count: number, deviation: number, state: number, out: number): void;
  addWindows(squares: number, n: number, hop: number, frames: number, sums: number): void;
  allFinite(address: number, count: number): number;
  bandRows(bands: number, groups: number, nMels: number, floor: number, out: number, stride: number): void;
  cosineTransform(
    bands: number,
    groups: number,
    nMels: number,
    floor: number,
    basis: number,
    nMfcc: number,
    out: number,
    stride: number,
  ): void;
  divideByWindows(signal: number, sums: number, count: number): void;
  filterBlocks(
    x: number,
    step: number,
    n: number,
    plan: number,
    half: number,
    response: number,
    m: number,
    planOut: number,
    guard: number,
    work: number,
    spec: number,
    out: number,
  ): void;
  interpolateBlend(
    x: number,
    whole: number,
    fraction: number,
    stepWhole: number,
    stepFraction: number,
    shift: number,
    scale: number,
    table: number,
    count: number,
    out: number,
  ): void;
  interpolateExact(
    x: number,
    numerator: number,
    stepWhole: number,
    stepNumerator: number,
    denominator: number,
    table: number,
    count: number,
    out: number,
  ): void;
  largest(address: number, count: number): number;
  logMel(
    signal: number,
    groups: number,
    lastFrames: number,
    n: number,
    hop: number,
    window: number,
    plan: number,
    work: number,
    power: number,
    filters: number,
    nMels: number,
    amin: number,
    bands: number,
    peaks: number,
    polar: number,
    area: number,
    stride: number,
  ): number;
  pick(x: number, step: number, count: number, out: number): void;
  polarStft(
    signal: number,
    groups: number,
    n: number,
    hop: number,
    window: number,
    plan: number,
    work: number,
    spec: number,
    polar: number,
    area: number,
    stride: number,
  ): void;
  powerRows(
    signal: number,
    groups: number,
    n: number,
    hop: number,
    window: number,
    plan: number,
    work: number,
    power: number,
    magnitude: boolean,
    out: number,
    stride: number,
  ): void;
  stft(
    signal: number,
    groups: number,
    n: number,
    hop: number,
    window: number,
    plan: number,
    work: number,
    spec: number,
    real: number,
    imag: number,
    stride: number,
  ): void;
  stretch(
    polar: number,
    area: number,
    stride: number,
    rows: number,
    rate: number,
    frames: number,
    n: number,
    hop: number,
    window: number,
    plan: number,
    work: number,
    spec: number,
    rowArea: number,
    state: number,
    out: number,
  ): void;
  yin(
    signal: number,
    frames: number,
    steps: number,
    hop: number,
    length: number,
    segments: number,
    n: number,
    window: number,
    turns: number,
    plan: number,
    work: number,
    spec: number,
    shortest: number,
    longest: number,
    sampleRate: number,
    threshold: number,
    hz: number,
  ): void;
  zcrRms(
    signal: number,
    pad: number,
    length: number,
    frames: number,
    frameLength: number,
    hop: number,
    blocks: number,
    zcr: number,
    rms: number,
    stride: number,
  ): void;
}

/** The signal or the result does not fit into the kernel's fixed memory. The plain functions have no such limit. */
export class KernelCapacityError extends WorkbenchError {
  override name = 'KernelCapacityError';
}

/** Addresses below are reserved by the compiler. */
const start = 2 ** 16;
/** Tables are stored below this address, work areas above it. */
const tablesEnd = 24 * 2 ** 20;
/** Once tables fill this much, they are discarded before the next call and recomputed when needed. */
const tablesFull = 12 * 2 ** 20;

/**
 * Allocator for the kernel's memory: cached tables, and work areas that are valid for one call. Addresses are in bytes and
 * multiples of 16; sizes count 4-byte numbers.
 */
export class KernelMemory {
  readonly floats: Float32Array;
  readonly integers: Int32Array;
  private readonly tables = new Map<string, number>();
  private nextTable = start;
  private next = tablesEnd;

  /** @param allocate - array for a result, not necessarily of zeros */
  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly allocate: (length: number) => Float32Array,
  ) {
    this.floats = new Float32Array(memory.buffer);
    this.integers = new Int32Array(memory.buffer);
  }

  /** Starts a call: frees all work areas. */
  begin(): void {
    this.next = tablesEnd;
    if (this.nextTable < tablesFull) return;
    this.tables.clear();
    this.nextTable = start;
  }

  /**
   * Allocates a work area, not initialised.
   *
   * @throws KernelCapacityError if memory is exhausted
   */
  area(size: number): number {
    const address = this.next;
    // Extra space for loops that run to the next multiple of four values or start one value early.
    this.next += alignedBytes(size + 8);
    if (this.next > this.memory.buffer.byteLength) {
      const limit = (this.memory.buffer.byteLength - tablesEnd) / 2 ** 20;
      throw new KernelCapacityError(
        `the signal is too long for the SIMD kernel: this call needs more than its ${limit} MiB of work memory; ` +
          'use a shorter signal, a larger hop, or the plain functions',
      );
    }
    return address;
  }

  /** Allocates a work area of zeros. */
  zeros(size: number): number {
    const address = this.area(size);
    this.floats.fill(0, address / 4, address / 4 + size + 8);
    return address;
  }

  /** Allocates a work area of zeros and copies `values` to it, starting at number `offset`. @returns the address of the area */
  place(values: Float32Array, offset: number, size: number): number {
    const address = this.area(size);
    const first = address / 4;
    this.floats.fill(0, first, first + offset);
    this.floats.set(values, first + offset);
    this.floats.fill(0, first + offset + values.length, first + size + 8);
    return address;
  }

  /** Address of a cached table; `make` computes its values the first time. */
  table(name: string, make: () => Float32Array | Int32Array): number {
    const cached = this.tables.get(name);
    if (cached !== undefined) return cached;
    const values = make();
    const address = this.nextTable;
    const end = address + alignedBytes(values.length + 8);
    if (end > tablesEnd) throw new KernelCapacityError(`the SIMD kernel has no room for the table ${name}`);
    if (values instanceof Int32Array) this.integers.set(values, address / 4);
    else this.floats.set(values, address / 4);
    this.nextTable = end;
    this.tables.set(name, address);
    return address;
  }

  /** A copy of `length` numbers. */
  copy(address: number, length: number): Float32Array {
    const copied = this.allocate(length);
    copied.set(this.floats.subarray(address / 4, address / 4 + length));
    return copied;
  }
}

function alignedBytes(size: number): number {
  return Math.ceil(size / 4) * 16;
}
