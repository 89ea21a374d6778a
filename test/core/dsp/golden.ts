import { readFileSync } from 'node:fs';
import path from 'node:path';
import { assertClose } from '../../assert-close';

/** One comparison with librosa, from test/fixtures/dsp/make_fixtures.py. */
export interface GoldenCase {
  name: string;
  function: string;
  /** name of a signal, or of the case that produces the input, or null */
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

/** Synthetic test signals at 22,050 Hz, quantised to 16 bits. */
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

/** The cases of one function; throws for an unknown name, so that no loop of tests is silently empty. */
export function casesOf(name: string): GoldenCase[] {
  const found = cases.filter((row) => row.function === name);
  if (found.length === 0) throw new Error(`no golden case of ${name}`);
  return found;
}

/** Factor of the tolerance: coefficients of the plain cosine transform are up to 2·√40 times those of the orthonormal one. */
export function dctScale({ function: name, options }: GoldenCase): number {
  return ['dct', 'mfccFromDb', 'mfcc'].includes(name) && options.norm === null ? 2 * Math.sqrt(40) : 1;
}

export function signal(name: string | null): Float32Array {
  const found = signals.get(name ?? '');
  if (!found) throw new Error(`no signal named ${name}`);
  return found;
}

/** Title of the test of a case. */
export function titleOf({ name, input, options }: GoldenCase): string {
  return `${name}${input === null ? '' : ` of ${input}`} ${JSON.stringify(options)}`;
}

export function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`not a number: ${String(value)}`);
  return value;
}

/** More samples than half the resampling filter (102 samples of the lower rate) for all pairs of rates tested. */
const edge = 700;

/** Compares resampled signals, with a coarse tolerance at the edges, where soxr starts without history. */
export function assertInside(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  assertClose(actual.subarray(edge, -edge), expected.subarray(edge, -edge), tolerance, 'away from the edges');
  assertClose(actual, expected, 0.05, 'with the edges');
}

/** Values of a .npy file, after magic string and version (8 bytes), length of the header (2 bytes) and header. */
function arrayOf(file: string): ArrayBuffer {
  const bytes = readFileSync(path.join(folder, file));
  const start = 10 + bytes.readUInt16LE(8);
  return Uint8Array.from(bytes.subarray(start)).buffer;
}
