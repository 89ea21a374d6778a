import { WorkbenchError } from '../../base';

/** A signal or a result is too large for the kernel's memory, which never grows. The plain functions have no such limit. */
export class KernelCapacityError extends WorkbenchError {
  override name = 'KernelCapacityError';
}

/** Bytes below this address are the compiler's. */
const start = 2 ** 16;
/** Tables lie below it, the work areas of one call above it. */
const tablesEnd = 24 * 2 ** 20;
/** With this much of it filled, tables are forgotten before the next call and made again when they are needed. */
const tablesFull = 12 * 2 ** 20;

/**
 * The kernel's memory, managed by hand: tables that are computed once and kept, and work areas that hold for one call.
 * Addresses are in bytes, multiples of 16; sizes in numbers of 4 bytes.
 */
export class KernelMemory {
  readonly floats: Float32Array;
  readonly integers: Int32Array;
  private readonly tables = new Map<string, number>();
  private nextTable = start;
  private next = tablesEnd;

  constructor(private readonly memory: WebAssembly.Memory) {
    this.floats = new Float32Array(memory.buffer);
    this.integers = new Int32Array(memory.buffer);
  }

  /** Starts a call: all work areas are free again. */
  begin(): void {
    this.next = tablesEnd;
    if (this.nextTable < tablesFull) return;
    this.tables.clear();
    this.nextTable = start;
  }

  /**
   * A work area; it holds what earlier calls left there.
   *
   * @throws KernelCapacityError if there is no room
   */
  area(size: number): number {
    const address = this.next;
    // Loops that run to the next multiple of four values, or begin one value early, stay inside.
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

  /** A work area of zeros. */
  zeros(size: number): number {
    const address = this.area(size);
    this.floats.fill(0, address / 4, address / 4 + size + 8);
    return address;
  }

  /** A work area of zeros with `values` from number `offset` on. @returns the address of the zeros' start */
  place(values: Float32Array, offset: number, size: number): number {
    const address = this.area(size);
    const first = address / 4;
    this.floats.fill(0, first, first + offset);
    this.floats.set(values, first + offset);
    this.floats.fill(0, first + offset + values.length, first + size + 8);
    return address;
  }

  /** The address of the table of this name; `make` gives its numbers the first time. */
  table(name: string, make: () => Float32Array | Int32Array): number {
    const kept = this.tables.get(name);
    if (kept !== undefined) return kept;
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

  /** A copy of `length` numbers, into `out` if it is given. */
  copy(address: number, length: number, out: Float32Array = new Float32Array(length)): Float32Array {
    out.set(this.floats.subarray(address / 4, address / 4 + length));
    return out;
  }
}

function alignedBytes(size: number): number {
  return Math.ceil(size / 4) * 16;
}
