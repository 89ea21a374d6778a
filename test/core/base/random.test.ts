import assert from 'node:assert/strict';
import { createRandom } from '../../../src/core/base';
import { assertClose } from '../../assert-close';

const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const seeds = Array.from({ length: 2000 }, (_, i) => i);

describe('createRandom', () => {
  it('gives the same numbers for the same seed', () => {
    const draw = (seed: number | string): number[] => {
      const random = createRandom(seed);
      return [random.uniform(), random.normal(), random.integer(1000)];
    };
    assert.deepEqual(draw(7), draw(7));
    assert.deepEqual(draw('clip.wav/noise'), draw('clip.wav/noise'));
    assert.notDeepEqual(draw(7), draw(8));
  });

  it('gives uncorrelated numbers for neighbouring seeds, from the first draw', () => {
    for (const skip of [0, 1, 2]) {
      const drawn = seeds.map((seed) => {
        const random = createRandom(seed);
        for (let i = 0; i < skip; i++) random.uniform();
        return random.uniform();
      });
      assertClose(
        [mean(drawn), mean(drawn.map((x) => (x - 0.5) ** 2))],
        [1 / 2, 1 / 12],
        0.02,
        `draw ${skip}`,
      );
      const products = drawn.slice(1).map((x, i) => (x - 0.5) * (drawn[i] - 0.5) * 12);
      assertClose([mean(products)], [0], 0.06, `correlation of draw ${skip} between seeds`);
    }
  });

  it('draws from the documented distributions', () => {
    const random = createRandom('distribution');
    const normals = seeds.map(() => random.normal(3, 2));
    assertClose([mean(normals), Math.sqrt(mean(normals.map((x) => (x - 3) ** 2)))], [3, 2], 0.15);
    assert.ok(seeds.every(() => random.uniform(-2, 5) >= -2 && random.uniform(-2, 5) < 5));
    const counts = [0, 0, 0];
    seeds.forEach(() => counts[random.integer(3)]++);
    assert.ok(
      counts.every((count) => Math.abs(count - 667) < 100),
      String(counts),
    );
    const shuffled = random.shuffle(seeds);
    assert.notDeepEqual(shuffled, seeds);
    assert.deepEqual(
      shuffled.slice().sort((a, b) => a - b),
      seeds,
    );
  });

  it('draws arrays of normal numbers with the expected moments and tails, different for each seed', () => {
    const count = 400_000;
    const noise = createRandom('noise').normals(count);
    const moment = (power: number): number => noise.reduce((sum, x) => sum + x ** power, 0) / count;
    assertClose([1, 2, 3, 4].map(moment), [0, 1, 0, 3], 0.03, 'moments');
    // shares of the normal distribution beyond multiples of the standard deviation
    for (const [limit, share] of [
      [0.5, 0.617075],
      [1, 0.317311],
      [2, 0.0455],
      [3, 0.0027],
      [3.5, 0.000465],
      [4, 0.0000633],
    ]) {
      const beyond = noise.filter((x) => Math.abs(x) > limit).length;
      assertClose([beyond], [share * count], 4 * Math.sqrt(share * count), `beyond ${limit}`);
    }
    const neighbours = noise.subarray(1).reduce((sum, x, i) => sum + x * noise[i], 0) / count;
    assertClose([neighbours], [0], 0.01, 'correlation of neighbours');
    assert.deepEqual(createRandom(5).normals(9), createRandom(5).normals(9));
    assert.notDeepEqual(createRandom(5).normals(9), createRandom(6).normals(9));
    assert.equal(createRandom(5).normals(0).length, 0);
  });

  it('rejects an invalid seed and an invalid count', () => {
    assert.throws(() => createRandom(0.5), /seed must be an integer or text, got 0.5/);
    assert.throws(() => createRandom(1).integer(0), /count must be a positive integer, got 0/);
  });
});
