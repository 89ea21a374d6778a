import { resample } from '../../../src/core/audio';
import { assertInside, casesOf, numberOf, signal, titleOf } from './golden';

describe('resample against soxr_hq', () => {
  for (const row of casesOf('resample')) {
    it(`${titleOf(row)}, away from the edges`, () => {
      const { from, to } = row.options;
      assertInside(resample(signal(row.input), numberOf(from), numberOf(to)), row.expected, 1e-4);
    });
  }
});
