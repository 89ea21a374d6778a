import * as tf from '@tensorflow/tfjs';
import assert from 'node:assert/strict';

import { createRandom, type Random } from '../../../src/core/base';
import {
  configHash,
  describeOption,
  experimentConfig,
  type ExperimentConfig,
  formatConfig,
  optionPaths,
  parseSettings,
  presetNames,
} from '../../../src/core/config';
import { checkedFeatures } from '../../../src/core/config/option-rules';
import { columnNames, frameCount } from '../../../src/core/features';
import { clipFeatures } from '../../../src/core/features/clip-features';
import { modelLayouts } from '../../../src/core/config';
import { buildModel } from '../../../src/core/network';
import { gridPlan, parseSweepSpace, randomPlan } from '../../../src/node/sweep/space';
import type { FuzzTarget } from '../target';
import { hostileTexts, hostileValue } from '../mutate-json';

/** A value at, next to or far beyond a bound of the option, within its range, or of a wrong type. */
function valueOf(path: (typeof optionPaths)[number], random: Random): unknown {
  const { min = 0, max = 10, choices = [], sweep } = describeOption(path);
  const inside =
    random.uniform() < 0.5
      ? min + (max - min) * random.uniform() ** 8
      : Math.round(min + (max - min) * random.uniform() ** 8);
  if (random.uniform() < 0.6) return choices.length > 0 ? random.pick(choices) : inside;
  return random.pick<() => unknown>([
    () => min,
    () => max,
    () => min - 1,
    () => max + 1,
    () => inside,
    () => Math.round(inside),
    () => random.pick([NaN, Infinity, -Infinity, 2 ** 31, 1e9, -0, '1e9', 10n]),
    () => (choices.length > 0 ? random.pick(choices) : 2 ** random.integer(17)),
    () => (Array.isArray(sweep) && sweep.length > 0 ? (random.pick(sweep) as unknown) : max),
    () => [random.pick(['mfcc', 'logMel', 'f0', 'deltas', 'zcr', '__proto__'])],
    () => hostileValue(random),
    () => ({
      original: [],
      a: [
        { kind: 'stretch', rate: 0.1 },
        { kind: 'pitch', nSteps: 48 },
      ],
    }),
    () => ({ a: Array.from({ length: 16 }, () => ({ kind: 'stretch', rate: 0.1 })) }),
  ])();
}

const noise = createRandom(1)
  .normals(6615)
  .map((value) => value / 10);

function inputShape({ model, features }: ExperimentConfig): number[] {
  const whole = checkedFeatures(features);
  const [frames, columns] = [frameCount(whole), columnNames(whole).length];
  const layout = modelLayouts[model.kind];
  return layout === 'flat'
    ? [frames * columns]
    : layout === 'picture'
      ? [frames, columns, 1]
      : [frames, columns];
}

export const target: FuzzTarget = {
  summary:
    'Makes configs with random values, then extracts features and builds the network of those that are accepted.',
  run: (random) => {
    const changes: [string, unknown][] = Array.from({ length: 1 + random.integer(4) }, () => {
      const path = random.pick(optionPaths);
      return [path, valueOf(path, random)];
    });
    if (random.uniform() < 0.1) changes.push([random.pick(hostileTexts), 1]);
    const [[path, value]] = changes;
    if (random.uniform() < 0.1) {
      const space = parseSweepSpace([`${path}=${String(value)}`]);
      assert.ok(randomPlan(space, { trials: 3, seed: 1 }).length > 0);
      assert.ok(gridPlan(space).length > 0);
    }
    const description = changes.map(([path, value]) => `${path}=${String(value).slice(0, 60)}`).join(' ');
    const asText = random.uniform() < 0.3;
    const config = experimentConfig(
      random.pick(presetNames),
      { features: { offsetSec: 0 } },
      asText
        ? parseSettings(changes.map(([path, value]) => `${path}=${String(value)}`))
        : Object.fromEntries(changes),
    );
    formatConfig(config);
    configHash(config);
    const whole = checkedFeatures(config.features);
    const matrices = clipFeatures({ samples: noise, sampleRate: 22_050 }, 'ab', whole);
    assert.ok(matrices.every((matrix) => matrix.data.length > 0));
    if (modelLayouts[config.model.kind] !== 'functionals') {
      const model = buildModel(tf, config.model, inputShape(config), { classes: 7, seed: 1 });
      model.dispose();
    }
    return description;
  },
};
