import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingProfiles } from '../../../src/node/extraction';
import { openStore } from '../../../src/node/extraction/store';
import { sampleCorpus } from './sample-corpus';

describe('recordingProfiles', function () {
  this.timeout(60_000);
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-profiles-'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  it('measures recordings again if their stored numbers are damaged', async () => {
    const { clips, fileOf } = sampleCorpus(join(root, 'data'));
    const expected = await recordingProfiles(clips, { fileOf }, { store: false });
    assert.equal(expected.size, 3);
    const damaged = [
      [-20, 30],
      [-20, NaN, 8000, 1.4],
      [-20, 30, Infinity, 2],
    ];
    const store = join(root, 'profiles');
    await (
      await openStore(store)
    ).write(
      clips.map(({ sha256 }, i) => ({
        sha256,
        key: 'profile-1',
        matrix: { data: Float32Array.from(damaged[i]), shape: [damaged[i].length, 1] },
      })),
    );
    // A copy of the list: profiles of the same list are read once.
    assert.deepEqual(await recordingProfiles([...clips], { fileOf }, { store }), expected);
    const intact = clips.map(({ sha256 }) => ({
      sha256,
      key: 'profile-1',
      matrix: { data: Float32Array.of(-20, 30, 8000, 2), shape: [4, 1] as [number, number] },
    }));
    const other = join(root, 'others');
    await (await openStore(other)).write(intact);
    const stored = await recordingProfiles([...clips], { fileOf }, { store: other });
    assert.deepEqual([...stored.values()][0], {
      levelDb: -20,
      rangeDb: 30,
      bandwidthHz: 8000,
      durationSec: 2,
    });
  });
});
