import fc from 'fast-check';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { corpusNames } from '../../../src/core/base';
import {
  corpusCards,
  corpusDescriptions,
  describeVerification,
  verifyCorpora,
} from '../../../src/node/corpora';
import {
  compareWithManifest,
  groupByHash,
  type ManifestEntry,
  readManifest,
} from '../../../src/node/corpora/committed-files';
import { projectRoot } from '../../../src/node/files';

describe('readManifest', () => {
  it('lists every clip of the four corpora once, in path order', () => {
    for (const corpus of corpusNames) {
      const { clips, folder } = corpusCards[corpus];
      const manifest = readManifest(corpus);
      const files = manifest.map(({ path }) => path);
      assert.equal(files.length, clips, corpus);
      assert.equal(new Set(files).size, clips);
      assert.deepEqual(files, [...files].sort());
      assert.ok(files.every((path) => path.startsWith(`${folder}/`) && path.endsWith('.wav')));
    }
  });

  it('lists the known quirks of the original files', () => {
    const stereo = readManifest('RAVDESS').filter(({ channels }) => channels === 2);
    assert.equal(stereo.length, 5);
    const fast = readManifest('TESS').filter(({ sampleRate }) => sampleRate === 96_000);
    assert.deepEqual(
      fast.map(({ path }) => path),
      ['tess/OAF_Fear/OAF_food_fear.wav'],
    );
    const twins = corpusNames.flatMap((corpus) =>
      [...groupByHash(readManifest(corpus)).values()].filter((entries) => entries.length > 1),
    );
    assert.deepEqual(
      twins.map((entries) => entries.map(({ path }) => path.split('/').at(-1)?.replace('.wav', ''))),
      [
        ['03-01-03-01-02-01-07', '03-01-03-01-02-02-07'],
        ['1006_TIE_HAP_XX', '1006_TIE_NEU_XX'],
        ['1013_WSI_DIS_XX', '1013_WSI_SAD_XX'],
        ['1017_IWW_ANG_XX', '1017_IWW_FEA_XX'],
      ],
    );
  });

  it('names the invalid line of a manifest', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'manifest-'));
    const header = 'path\tsample_rate\tchannels\tframes\tsha256';
    const good = `savee/ALL/DC_a01.wav\t44100\t1\t10\t${'0'.repeat(64)}`;
    const read = async (...lines: string[]) => {
      await writeFile(join(directory, 'savee.tsv'), lines.join('\r\n') + '\n');
      return readManifest('SAVEE', directory);
    };
    try {
      assert.deepEqual(await read(header, good), [
        { path: 'savee/ALL/DC_a01.wav', sampleRate: 44_100, channels: 1, frames: 10, sha256: '0'.repeat(64) },
      ]);
      await assert.rejects(read(good), /first line must be path, sample_rate/);
      await assert.rejects(
        read(header, good, good.slice(0, -1)),
        /savee.tsv: line 3 is not a manifest entry/,
      );
      await assert.rejects(read(header, good.replace('44100', '0')), /line 2/);
      assert.throws(() => readManifest('TESS', directory), /tess.tsv: the manifest cannot be read/);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('compareWithManifest', () => {
  const clip = (path: string, content: string): ManifestEntry => ({
    path,
    sha256: content,
    sampleRate: 16_000,
    channels: 1,
    frames: 1,
  });
  const manifest = [clip('c/a.wav', 'A'), clip('c/b.wav', 'B'), clip('c/t1.wav', 'T'), clip('c/t2.wav', 'T')];
  const file = (path: string, sha256: string) => ({ path, sha256 });
  const originals = manifest.map(({ path, sha256 }) => file(path, sha256));

  it('accepts a mirrored layout as complete, and counts the second copies', () => {
    const mirrored = originals.flatMap(({ path, sha256 }) => [
      file(path, sha256),
      file(`top/mirror/${path}`, sha256),
    ]);
    const result = compareWithManifest(mirrored, manifest);
    assert.ok(result.complete);
    assert.equal(result.matching.length, 4);
    assert.deepEqual(
      result.duplicates.map(({ path }) => path),
      originals.map(({ path }) => `top/mirror/${path}`),
    );
    assert.deepEqual([result.missing, result.altered, result.unknown], [[], [], []]);
  });

  it('distinguishes missing, altered and unknown files', () => {
    const result = compareWithManifest(
      [file('x\\A.WAV', 'A'), file('x/b.wav', '?'), file('x/z.wav', '?')],
      manifest,
    );
    assert.deepEqual(result.matching, [{ path: 'x\\A.WAV', clip: 'c/a.wav' }]);
    assert.deepEqual(result.altered, [{ path: 'x/b.wav', clip: 'c/b.wav' }]);
    assert.deepEqual(result.unknown, ['x/z.wav']);
    assert.deepEqual(result.missing, ['c/t1.wav', 'c/t2.wav']);
    assert.ok(!result.complete);
  });

  it('reports a clip with the name of another as altered, because the name is the label', () => {
    const result = compareWithManifest([file('a.wav', 'B'), file('b.wav', 'A')], manifest);
    assert.equal(result.matching.length, 0);
    assert.equal(result.altered.length, 2);
  });

  it('recognises renamed clips, but prefers the clip with the right name', () => {
    const result = compareWithManifest(
      [file('01.wav', 'T'), file('02.wav', 'T'), file('t1.wav', 'T')],
      manifest,
    );
    assert.deepEqual(result.matching, [
      { path: 't1.wav', clip: 'c/t1.wav' },
      { path: '01.wav', clip: 'c/t2.wav' },
    ]);
    assert.deepEqual(result.duplicates, [{ path: '02.wav', clip: 'c/t1.wav' }]);
  });

  it('counts every clip and every file once, in any order', () => {
    const names = fc.constantFrom('a.wav', 'b.wav', 't1.wav', 't2.wav', 'DIR/A.wav', 'other.wav');
    const files = fc.array(fc.record({ path: names, sha256: fc.constantFrom('A', 'B', 'T', '?') }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(files, (given) => {
        const { matching, missing, altered, unknown, duplicates, complete } = compareWithManifest(
          given,
          manifest,
        );
        assert.equal(matching.length + altered.length + unknown.length + duplicates.length, given.length);
        const clips = new Set([...matching, ...altered].map(({ clip: path }) => path));
        assert.equal(clips.size + missing.length, manifest.length);
        assert.equal(new Set(matching.map(({ clip: path }) => path)).size, matching.length);
        assert.equal(complete, matching.length === manifest.length);
        const reversed = compareWithManifest([...given].reverse(), manifest);
        assert.deepEqual(new Set(reversed.matching.map((m) => m.clip)), new Set(matching.map((m) => m.clip)));
      }),
    );
  });
});

describe('verifyCorpora', () => {
  const sample = process.env.SER_SAMPLE ?? resolve(projectRoot, '../shared/data/corpora-sample');

  it('recognises the original sample as part of all four corpora, without altered clips', async function () {
    if (!existsSync(sample)) {
      console.log(`      skipped: no sample of the corpora at ${sample}`);
      this.skip();
    }
    const { corpora, other, unreadable } = await verifyCorpora(sample);
    assert.deepEqual(
      corpora.map(({ corpus, comparison }) => [
        corpus,
        comparison.matching.length,
        comparison.altered.length,
      ]),
      [
        ['RAVDESS', 195, 0],
        ['CREMA-D', 551, 0],
        ['TESS', 170, 0],
        ['SAVEE', 112, 0],
      ],
    );
    assert.deepEqual([other, unreadable], [[], []]);
  });

  it('skips the demo, lists other audio separately, and reports unknown files in the folder of a corpus', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'verify-'));
    try {
      const bytes = Buffer.from('one');
      const sha256 = '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed';
      const entries = [{ path: 'savee/a.wav', sha256, sampleRate: 1, channels: 1, frames: 1 }];
      for (const folder of ['savee', 'mine', 'demo', '.partial']) {
        await mkdir(join(directory, folder));
      }
      await writeFile(join(directory, 'savee', 'a.wav'), bytes);
      await writeFile(join(directory, 'savee', 'odd.wav'), 'two');
      await writeFile(join(directory, 'mine', 'own.WAV'), 'three');
      await writeFile(join(directory, '.partial', 'half.wav'), 'four');
      await writeFile(join(directory, 'demo', 'a.wav'), 'a clip’s name, other sound');
      await writeFile(join(directory, 'demo', 'SYNTHETIC-DEMO.json'), '{}');
      const result = await verifyCorpora(directory, {
        manifests: [
          { corpus: 'SAVEE', entries },
          { corpus: 'TESS', entries: [{ ...entries[0], path: 'tess/t.wav', sha256: '1' }] },
        ],
      });
      assert.equal(result.corpora.length, 1);
      assert.ok(result.corpora[0].comparison.complete);
      assert.deepEqual(result.corpora[0].comparison.altered, []);
      assert.deepEqual(result.corpora[0].comparison.unknown, ['savee/odd.wav']);
      assert.deepEqual(result.other, ['mine/own.WAV']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('describeVerification', () => {
  const comparison = {
    matching: [{ path: 'a', clip: 'a' }],
    missing: [] as string[],
    altered: [] as { path: string; clip: string }[],
    unknown: [],
    duplicates: [],
    complete: false,
  };
  const describeChange = (changes: Partial<typeof comparison>, clips = 100) =>
    describeVerification({
      corpora: [{ corpus: 'SAVEE', clips, comparison: { ...comparison, ...changes } }],
      other: [],
      unreadable: [],
    });
  const paths = (length: number) => Array.from({ length }, (_, i) => `p${i}`);

  it('describes a corpus as complete, as a sample, or by its problems', () => {
    assert.deepEqual(describeChange({ complete: true }, 1), {
      lines: ['SAVEE    1 of 1 clips: complete'],
      isComplete: true,
    });
    assert.deepEqual(describeChange({ missing: paths(99) }), {
      lines: ['SAVEE    1 of 100 clips: a sample'],
      isComplete: false,
    });
    assert.deepEqual(describeChange({ missing: ['m'], altered: [{ path: 'x/b', clip: 'b' }] }), {
      lines: ['SAVEE    1 of 100 clips: 1 missing, 1 altered', '  altered: x/b', '  missing: m'],
      isComplete: false,
    });
  });

  it('is incomplete if a complete corpus has additional altered copies', () => {
    assert.equal(describeChange({ complete: true, altered: [{ path: 'x/a', clip: 'a' }] }).isComplete, false);
  });

  it('lists ten files of a kind and counts the others', () => {
    const { lines } = describeChange({ missing: paths(12) }, 1000);
    assert.equal(lines.length, 12);
    assert.equal(lines.at(-1), '  … and 2 more missing');
  });

  it('reports that there is no corpus', () => {
    const nothing = describeVerification({ corpora: [], other: ['x.wav'], unreadable: [] });
    assert.equal(nothing.isComplete, false);
    assert.deepEqual(nothing.lines, [
      'none of the four corpora was found',
      'audio files of none of the four corpora: 1 file',
    ]);
  });
});

describe('data/README.md', () => {
  const readme = readFileSync(join(projectRoot, 'data', 'README.md'), 'utf8');
  const count = (value: number) => value.toLocaleString('en-US');

  it('agrees with the card and the manifest of each corpus', () => {
    for (const corpus of corpusNames) {
      const card = corpusCards[corpus];
      const section = readme.split(/^## /m).find((part) => part.startsWith(corpus));
      assert.ok(section, `a section on ${corpus}`);
      const text = section.replace(/\s+/g, ' ');
      const manifest = readManifest(corpus);
      const hours = manifest.reduce((sum, { frames, sampleRate }) => sum + frames / sampleRate, 0) / 3600;
      assert.ok(text.includes(`${count(manifest.length)} clips`), `${corpus}: clips`);
      assert.ok(text.includes(`${hours.toFixed(1)} hours`), `${corpus}: ${hours.toFixed(1)} hours`);
      assert.ok(text.includes(`${card.speakers} speakers`), `${corpus}: speakers`);
      assert.ok(text.includes(card.licence.name), `${corpus}: licence`);
      assert.ok(text.includes(card.licence.url), `${corpus}: address of the licence`);
      assert.ok(text.includes(card.url), `${corpus}: publisher’s address`);
      assert.ok(text.includes(card.citation), `${corpus}: citation`);
      assert.ok(text.includes(card.labels.map((label) => `\`${label}\``).join(', ')), `${corpus}: labels`);
      for (const source of card.sources) {
        if (source.kind === 'archive' && source.name === 'Kaggle') {
          assert.ok(
            text.includes(source.url.split('/').slice(-2).join('/')),
            `${corpus}: Kaggle’s name for it`,
          );
        }
      }
    }
  });

  it('describes the other published corpora', () => {
    const section = readme.split(/^## /m).find((part) => part.startsWith('Other published corpora'));
    const text = section?.replace(/\s+/g, ' ') ?? '';
    for (const { name, url, licence, citation, voices, clips, checked } of corpusDescriptions.slice(4)) {
      for (const part of [
        url,
        licence.name,
        licence.url,
        citation,
        voices.slice(1),
        count(clips),
        `\\| ${checked}`,
      ])
        assert.match(text, new RegExp(part.replaceAll(/[.?+()]/g, '\\$&')), `${name}: ${part}`);
      assert.ok(text.includes(`- **${name}**, `), name);
    }
  });

  it('states the totals', () => {
    const total = corpusNames.reduce((sum, corpus) => sum + readManifest(corpus).length, 0);
    const speakers = corpusNames.reduce((sum, corpus) => sum + corpusCards[corpus].speakers, 0);
    assert.ok(readme.includes(`${count(total)} clips of ${speakers} speakers`));
  });
});
