/**
 * Standard normal numbers, many at a time: the ziggurat of Marsaglia and Tsang (2000, doi 10.18637/jss.v005.i08) with
 * 128 layers, on xoshiro128** of Blackman and Vigna (2021, doi 10.1145/3460772). The layer and the value come from
 * different random words, as Doornik (2005) advises.
 *
 * A clip's noise is 55,000 numbers: drawn one by one they cost more than all of its features.
 *
 * @param words - state of the generator, four 32-bit words, not all zero
 * @param count - how many numbers
 * @returns shape [count]
 */
export function normalNoise(words: readonly [number, number, number, number], count: number): Float32Array {
  const noise = new Float32Array(count);
  let [a, b, c, d] = words;
  const next = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const uniform = (): number => ((next() >>> 0) + 0.5) / 4_294_967_296; // in (0, 1)
  for (let i = 0; i < count;) {
    const value = next();
    const layer = next() & 127;
    if (Math.abs(value) < inside[layer]) noise[i++] = value * width[layer];
    else if (layer === 0) {
      let x: number;
      let y: number;
      do {
        x = -Math.log(uniform()) / tailStart;
        y = -Math.log(uniform());
      } while (y + y < x * x);
      noise[i++] = value > 0 ? tailStart + x : -tailStart - x;
    } else {
      const x = value * width[layer];
      const height = density[layer] + uniform() * (density[layer - 1] - density[layer]);
      if (height < Math.exp(-0.5 * x * x)) noise[i++] = x;
    }
  }
  return noise;
}

/** where the outermost layer passes into the tail, and the area of each layer */
const tailStart = 3.442619855899;
const layerArea = 9.91256303526217e-3;

/** by layer: below which |value| it lies inside for certain; what scales a value to it; the density at its edge */
const inside = new Float64Array(128);
const width = new Float64Array(128);
const density = new Float64Array(128);

(function fillTables(): void {
  const range = 2 ** 31;
  const bell = (x: number): number => Math.exp(-0.5 * x * x);
  let edge = tailStart;
  let outer = tailStart;
  const base = layerArea / bell(edge);
  inside[0] = (edge / base) * range;
  inside[1] = 0;
  width[0] = base / range;
  width[127] = edge / range;
  density[0] = 1;
  density[127] = bell(edge);
  for (let layer = 126; layer >= 1; layer--) {
    edge = Math.sqrt(-2 * Math.log(layerArea / edge + bell(edge)));
    inside[layer + 1] = (edge / outer) * range;
    outer = edge;
    density[layer] = bell(edge);
    width[layer] = edge / range;
  }
})();
