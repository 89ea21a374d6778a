import { readFileSync } from 'node:fs';
import path from 'node:path';
import { assertClose } from '../../assert-close';

/** One comparison with librosa, as test/fixtures/dsp/make_fixtures.py lists it. */
export interface GoldenCase {
  name: string;
  function: string;
  /** a signal's name, the name of the case whose result is the input, or null */
  input: string | null;
  options: Record<string, unknown>;
  shape: number[];
  expected: Float32Array;
}

interface Fixtures {
  sampleRate: number;
  signals: Record<string, [start: number, length: number]>;
  cases: (Omit<GoldenCase, 'expected'> & { start: number })[];
}

const folder = path.join(__dirname, '../../fixtures/dsp');
const fixtures = JSON.parse(readFileSync(path.join(folder, 'fixtures.json'), 'utf8')) as Fixtures;
const samples = new Int16Array(arrayOf('signals.npy'));
const values = new Float32Array(arrayOf('values.npy'));

/** The synthetic test signals at 22,050 Hz, as they come out of a 16-bit file. */
export const signals = new Map(
  Object.entries(fixtures.signals).map(([name, [start, length]]) => [
    name,
    Float32Array.from(samples.subarray(start, start + length), (value) => value / 32768),
  ]),
);

export const cases: GoldenCase[] = fixtures.cases.map((row) => {
  const length = row.shape.reduce((product, size) => product * size, 1);
  return { ...row, expected: values.subarray(row.start, row.start + length) };
});

/** The cases of one function; an unknown name is an error, so that no loop of tests is empty unnoticed. */
export function casesOf(name: string): GoldenCase[] {
  const found = cases.filter((row) => row.function === name);
  if (found.length === 0) throw new Error(`no golden case of ${name}`);
  return found;
}

export function signal(name: string | null): Float32Array {
  const found = signals.get(name ?? '');
  if (!found) throw new Error(`no signal named ${name}`);
  return found;
}

/** What a test of a case is called. */
export function titleOf({ name, input, options }: GoldenCase): string {
  return `${name} of ${input ?? 'nothing'} ${JSON.stringify(options)}`;
}

export function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`not a number: ${String(value)}`);
  return value;
}

/** More samples than half a resampling filter has in either rate of the pairs here (102 samples of the lower rate). */
const edge = 700;

/** Two resampled signals of one length are close, at their edges coarsely: soxr begins without a history. */
export function assertInside(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  assertClose(actual.subarray(edge, -edge), expected.subarray(edge, -edge), tolerance, 'away from the edges');
  assertClose(actual, expected, 0.05, 'with the edges');
}

/** A .npy file's values: after the magic text and version (8 bytes), the header's length (2 bytes) and the header. */
function arrayOf(file: string): ArrayBuffer {
  const bytes = readFileSync(path.join(folder, file));
  const start = 10 + bytes.readUInt16LE(8);
  return Uint8Array.from(bytes.subarray(start)).buffer;
}
