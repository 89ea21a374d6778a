import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../../src/core/base';
import { addPaperNoise, mfcc, pitchShift, rms, zeroCrossingRate } from '../../../src/core/dsp';
import {
  allTasks,
  featureConfig,
  type FeatureSet,
  plainFrontEnd,
  windowFeatures,
} from '../../../src/core/features';
import { cutWindow } from '../../../src/core/features/windows';
import { readAudio } from '../../../src/node/corpora';
import { extractFeatures, loadFrontEnd } from '../../../src/node/extraction';
import { assertClose } from '../../assert-close';
import { sampleCorpus } from './sample-corpus';

const small = {
  features: ['zcr', 'rms'] as const,
  versions: { original: [], noise: [{ kind: 'paperNoise' }] } as const,
};
const quick = { features: [...small.features], versions: small.versions };

/** values of some columns of a row, frame by frame */
function columnsOf(
  { data, shape: [, versions, frames, width], frames: counts }: FeatureSet,
  clip: number,
  version: number,
  first: number,
  count: number,
): number[] {
  const row = clip * versions + version;
  return Array.from({ length: counts[row] }, (_, i) =>
    Array.from(data.subarray((row * frames + i) * width + first, (row * frames + i) * width + first + count)),
  ).flat();
}

/** Workers inherit the environment when they start. */
async function withPlainFunctions<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = process.env.SER_KERNEL;
  process.env.SER_KERNEL = 'plain';
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.SER_KERNEL;
    else process.env.SER_KERNEL = before;
  }
}

describe('extractFeatures', function () {
  this.timeout(60_000);
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'features-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it("computes the features of the paper's notebook: window, versions, then zcr, rms and MFCC of each frame", async () => {
    const corpus = sampleCorpus(directory);
    const set = await withPlainFunctions(() => extractFeatures(corpus, {}, { store: false, workers: 1 }));
    assert.deepEqual(set.shape, [3, 4, 108, 22]);
    assert.deepEqual([...set.frames], [108, 108, 108, 108, 35, 35, 35, 35, 61, 61, 61, 61]);
    for (const [n, clip] of corpus.clips.entries()) {
      const waveform = await readAudio(corpus.fileOf(clip));
      const y = cutWindow(waveform, featureConfig(), plainFrontEnd);
      const seed = `42/${clip.sha256}/`;
      const pitched = pitchShift(y, { nSteps: 0.7 });
      const versions = [
        y,
        addPaperNoise(y, createRandom(`${seed}[{"kind":"paperNoise"}]`)),
        pitched,
        addPaperNoise(pitched, createRandom(`${seed}[{"kind":"pitch","nSteps":0.7},{"kind":"paperNoise"}]`)),
      ];
      for (const [v, samples] of versions.entries()) {
        assert.deepEqual(columnsOf(set, n, v, 0, 1), [...zeroCrossingRate(samples)]);
        assert.deepEqual(columnsOf(set, n, v, 1, 1), [...rms(samples)]);
        assert.deepEqual(columnsOf(set, n, v, 2, 20), [...mfcc(samples).data]);
      }
    }
    const afterShort = set.data.subarray((4 * 108 + 35) * 22, 5 * 108 * 22);
    assert.ok(afterShort.every((value) => value === 0));
  });

  it('gives nearly the same numbers with the SIMD kernel, if there is one', async function () {
    if ((await loadFrontEnd()).name !== 'kernel') this.skip();
    const corpus = sampleCorpus(directory);
    const fast = await extractFeatures(corpus, {}, { store: false, workers: 1 });
    const plain = await withPlainFunctions(() => extractFeatures(corpus, {}, { store: false, workers: 1 }));
    assert.deepEqual(fast.frames, plain.frames);
    assertClose(fast.data, plain.data, 0.05);
  });

  it('gives the same numbers for a feature alone and together with others', async () => {
    const frontEnd = await loadFrontEnd();
    const random = createRandom('window');
    const window = Float32Array.from({ length: 20_000 }, () => random.uniform(-1, 1));
    const features = ['deltas', 'rms', 'logMel', 'zcr', 'mfcc'] as const;
    for (const changes of [{}, { nFft: 1024, hopLength: 300, fMax: 7000, lifter: 22 }, { nFft: 16_384 }]) {
      const config = featureConfig({ ...changes, features: [...features] });
      const all = windowFeatures(window, 'ab', config, { frontEnd });
      assert.equal(all.length, 4 * features.length);
      for (const [i, task] of allTasks(config).entries()) {
        const [alone] = windowFeatures(window, 'ab', config, { frontEnd, tasks: [task] });
        assert.deepEqual(alone, all[i], `${features[task.feature]} of version ${task.version}`);
      }
    }
  });

  it('gives the same numbers with any number of workers, in any order and with any other clips', async () => {
    const corpus = sampleCorpus(directory, [1, 1.2, 1.1, 0.9, 1.3]);
    const one = await extractFeatures(corpus, quick, { store: false, workers: 1 });
    const three = await extractFeatures(corpus, quick, { store: false, workers: 3 });
    assert.deepEqual(three, one);
    const reversed = { ...corpus, clips: corpus.clips.toReversed().slice(0, 4) };
    const back = await extractFeatures(reversed, quick, { store: false, workers: 2 });
    for (let i = 0; i < 4; i++) {
      for (const version of [0, 1]) {
        assert.deepEqual(columnsOf(back, i, version, 0, 2), columnsOf(one, 4 - i, version, 0, 2));
      }
    }
    const otherSeed = await extractFeatures(corpus, { ...quick, seed: 1 }, { store: false, workers: 1 });
    assert.deepEqual(columnsOf(otherSeed, 0, 0, 0, 2), columnsOf(one, 0, 0, 0, 2));
    assert.notDeepEqual(columnsOf(otherSeed, 0, 1, 0, 2), columnsOf(one, 0, 1, 0, 2));
  });

  it('accepts any set of features and versions', async () => {
    const corpus = sampleCorpus(directory, [1.5, 0.65]);
    const set = await extractFeatures(
      corpus,
      {
        features: ['f0', 'deltas', 'logMel', 'mfcc'],
        nMfcc: 13,
        nMels: 40,
        versions: {
          slow: [{ kind: 'stretch', rate: 0.8 }],
          rolled: [
            { kind: 'shift', maxSec: 0.2 },
            { kind: 'noise', snrDb: 20 },
          ],
        },
      },
      { store: false, workers: 1 },
    );
    assert.deepEqual(set.shape, [2, 2, 108, 1 + 13 + 40 + 13]);
    assert.equal(set.frames[0], 1 + Math.floor((0.9 * 22_050) / 0.8 / 512));
    assert.ok(set.data.every(Number.isFinite));
    const pitches = columnsOf(set, 0, 0, 0, 1);
    const voiced = pitches.filter((hz) => hz > 0).sort((a, b) => a - b);
    assert.ok(Math.abs(voiced[voiced.length >> 1] - 120) < 3, `pitch ${voiced[voiced.length >> 1]} Hz`);
  });

  it('cuts clips that are longer than the window after stretching', async () => {
    const corpus = sampleCorpus(directory, [3.2]);
    const set = await extractFeatures(
      corpus,
      { features: ['rms'], versions: { slow: [{ kind: 'stretch', rate: 0.5 }] } },
      { store: false, workers: 1 },
    );
    assert.deepEqual([set.shape, set.frames[0]], [[1, 1, 108, 1], 108]);
  });

  it('reports files that cannot be used and extracts the others', async () => {
    const corpus = sampleCorpus(directory, [1, 0.5, 1.2, 1.1, 0.9]);
    writeFileSync(corpus.fileOf(corpus.clips[2]), 'changed');
    rmSync(corpus.fileOf(corpus.clips[3]));
    const seen: number[] = [];
    const set = await extractFeatures(corpus, quick, {
      store: false,
      workers: 2,
      onProgress: ({ failed }) => seen.push(failed),
    });
    assert.deepEqual(
      set.failed.map(({ path }) => path),
      [1, 2, 3].map((n) => `speaker/clip-${n}.wav`),
    );
    assert.match(
      set.failed[0].reason,
      /it is too short: it ends at 0.50 s, before the window's offset of 0.6 s/,
    );
    assert.match(set.failed[1].reason, /content has changed/);
    assert.match(set.failed[2].reason, /^it does not exist, or was removed .* \(ENOENT\)$/);
    const [{ what, count, classes, speakers, reasons, examples }] = set.leftOut;
    assert.deepEqual([what, count, examples[0]], ['clips without features', 3, 'speaker/clip-1.wav']);
    assert.deepEqual([classes, speakers], [[{ name: 'sad', count: 2 }, { name: 'happy', count: 1 }], []]); // prettier-ignore
    assert.deepEqual(reasons.map(({ name }) => name), set.failed.map(({ reason }) => reason)); // prettier-ignore
    assert.deepEqual(set.clips, [corpus.clips[0], corpus.clips[4]]);
    assert.equal(Math.max(...seen), 3);
    const rest = await extractFeatures({ ...corpus, clips: set.clips }, quick, { store: false, workers: 1 });
    assert.deepEqual(set.data, rest.data);
    assert.deepEqual(set.frames, rest.frames);
  });

  it('stops when it is aborted, with the reason', async () => {
    const corpus = sampleCorpus(
      directory,
      Array.from({ length: 12 }, () => 3.1),
    );
    const stop = new AbortController();
    let last = 0;
    const work = extractFeatures(
      corpus,
      {},
      {
        store: join(directory, 'store'),
        workers: 1,
        signal: stop.signal,
        onProgress: ({ done }) => {
          last = done;
          if (done === 3) stop.abort(new Error('enough'));
        },
      },
    );
    await assert.rejects(work, /^Error: enough$/);
    assert.ok(last < 12);
    let stored = -1;
    await extractFeatures(
      corpus,
      {},
      { store: join(directory, 'store'), workers: 1, onProgress: (progress) => (stored = progress.stored) },
    );
    assert.equal(stored, last, 'the clips before the stop are stored');
    await assert.rejects(
      extractFeatures(corpus, {}, { signal: AbortSignal.abort(new Error('before')) }),
      /before/,
    );
  });

  it('rejects an invalid number of workers', async () => {
    await assert.rejects(
      extractFeatures(sampleCorpus(directory, [1]), {}, { workers: 0 }),
      /workers must be a positive integer, got 0/,
    );
  });
});
