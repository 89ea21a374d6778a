import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeAudio, encodeWav, resample, toMono, type Waveform } from '../../src/core/audio';
import { type Clip, createRandom, type Random } from '../../src/core/base';
import type { NearDuplicate, SearchEffort } from '../../src/core/dataset';
import { addNoise, addPaperNoise, pitchShift, timeStretch } from '../../src/core/dsp';
import { type Corpora, readAudio } from '../../src/node/corpora';
import { findNearDuplicates } from '../../src/node/extraction';

type Change = (waveform: Waveform, random: Random) => Waveform;

const each =
  (change: (sample: number) => number): Change =>
  ({ samples, sampleRate }) => ({ samples: samples.map(change), sampleRate });
const cut = ({ samples, sampleRate }: Waveform, startSec: number, endSec: number): Waveform => ({
  samples: samples.slice(Math.round(startSec * sampleRate), Math.round(endSec * sampleRate)),
  sampleRate,
});
const atRate =
  (rate: number): Change =>
  ({ samples, sampleRate }) => ({ samples: resample(samples, sampleRate, rate), sampleRate: rate });
const durationOf = ({ samples, sampleRate }: Waveform): number => samples.length / sampleRate;

/** G.711 µ-law with 8 bits per sample. */
const muLaw = each((sample) => {
  const level = Math.round((Math.log1p(255 * Math.min(1, Math.abs(sample))) / Math.log(256)) * 127) / 127;
  return (Math.sign(sample) * (256 ** level - 1)) / 255;
});

/** Trims the start and the end where they are below 5 % of the maximum. */
const withoutSilence: Change = (waveform) => {
  const largest = waveform.samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const isLoud = (x: number): boolean => Math.abs(x) > 0.05 * largest;
  const { samples, sampleRate } = waveform;
  return { samples: samples.slice(samples.findIndex(isLoud), samples.findLastIndex(isLoud) + 1), sampleRate };
};

/** How copies are changed. */
export const copyKinds: Record<string, Change> = {
  'gain −10 dB': each((x) => 0.32 * x),
  'DC offset .05': each((x) => 0.9 * x + 0.05),
  'inverted polarity': each((x) => -x),
  'cut by .3 s and .1 s': (waveform) => cut(waveform, 0.3, durationOf(waveform) - 0.1),
  'MP3 64 kbit/s': throughMp3,
  'µ-law': muLaw,
  '12 kHz': atRate(12_000),
  '8 kHz': atRate(8000),
  '8 kHz µ-law': (waveform, random) => muLaw(atRate(8000)(waveform, random), random),
  'noise 20 dB below': ({ samples, sampleRate }, random) => ({
    samples: addNoise(samples, { snrDb: 20, random }),
    sampleRate,
  }),
  'noise 10 dB below': ({ samples, sampleRate }, random) => ({
    samples: addNoise(samples, { snrDb: 10, random }),
    sampleRate,
  }),
  "the paper's noise": ({ samples, sampleRate }, random) => ({
    samples: addPaperNoise(samples, random),
    sampleRate,
  }),
  'pitch +.7': ({ samples, sampleRate }) => ({
    samples: pitchShift(samples, { sampleRate, nSteps: 0.7 }),
    sampleRate,
  }),
  'pitch +.7 at 22.05 kHz': (waveform) => {
    const { samples, sampleRate } = atRate(22_050)(waveform, createRandom(0));
    return { samples: pitchShift(samples, { sampleRate, nSteps: 0.7 }), sampleRate };
  },
  "pitch +.7 and the paper's noise": ({ samples, sampleRate }, random) => ({
    samples: addPaperNoise(pitchShift(samples, { sampleRate, nSteps: 0.7 }), random),
    sampleRate,
  }),
  'stretch .8': ({ samples, sampleRate }) => ({ samples: timeStretch(samples, { rate: 0.8 }), sampleRate }),
  'stretch .8 at 22.05 kHz': (waveform) => {
    const { samples, sampleRate } = atRate(22_050)(waveform, createRandom(0));
    return { samples: timeStretch(samples, { rate: 0.8 }), sampleRate };
  },
  'pitch −.7': ({ samples, sampleRate }) => ({
    samples: pitchShift(samples, { sampleRate, nSteps: -0.7 }),
    sampleRate,
  }),
  'pitch +2': ({ samples, sampleRate }) => ({
    samples: pitchShift(samples, { sampleRate, nSteps: 2 }),
    sampleRate,
  }),
  'stretch 1.25': ({ samples, sampleRate }) => ({
    samples: timeStretch(samples, { rate: 1.25 }),
    sampleRate,
  }),
  'stretch 1.1': ({ samples, sampleRate }) => ({ samples: timeStretch(samples, { rate: 1.1 }), sampleRate }),
  'excerpt of 1 s': (waveform) => {
    const start = Math.max(0, (durationOf(waveform) - 1) / 2);
    return cut(waveform, start, start + 1);
  },
  'without silence': withoutSilence,
};

const hasFfmpeg = (): boolean => spawnSync('ffmpeg', ['-version']).status === 0;

/** @throws if ffmpeg fails */
function throughMp3(waveform: Waveform): Waveform {
  const ffmpeg = (input: Uint8Array, from: string, to: string[]): Buffer =>
    execFileSync('ffmpeg', ['-loglevel', 'error', '-f', from, '-i', 'pipe:', ...to, 'pipe:'], { input });
  const mp3 = ffmpeg(encodeWav(waveform), 'wav', ['-b:a', '64k', '-f', 'mp3']);
  const raw = ffmpeg(mp3, 'mp3', ['-f', 's16le', '-ac', '1', '-ar', `${waveform.sampleRate}`]);
  const samples = Float32Array.from({ length: raw.length / 2 }, (_, i) => raw.readInt16LE(2 * i) / 32768);
  return { samples, sampleRate: waveform.sampleRate };
}

export interface DuplicateBench {
  clips: number;
  copies: number;
  /** copies that were found, by kind; `of` is 0 for MP3 if ffmpeg is missing */
  kinds: { kind: string; found: number; /** by the quick search */ foundQuickly: number; of: number }[];
  /** pairs among the clips of the corpora */
  pairs: NearDuplicate[];
  /** how many of these the quick search finds */
  pairsFoundQuickly: number;
  /** pairs of a copy with a clip that is not its original or a copy of it */
  wrong: NearDuplicate[];
  /** clips that could not be compared */
  notCompared: string[];
  seconds: { fingerprints: number; search: number; quick: number };
}

export interface DuplicateBenchOptions {
  /** copies of each kind */
  copies: number;
  onProgress?: (label: string, done: number, total: number) => void;
}

/** Writes altered copies of clips to files, and searches them and the clips of the corpora for near duplicates. */
export async function benchDuplicates(
  corpora: Corpora,
  { copies, onProgress }: DuplicateBenchOptions,
): Promise<DuplicateBench> {
  const search = (clips: readonly Clip[], fileOf: Corpora['fileOf'], effort: SearchEffort = 'thorough') =>
    findNearDuplicates(
      { clips: [...clips] },
      { fileOf },
      {
        effort,
        onFeatures: ({ done, total }) => onProgress?.('fingerprints', done, total),
      },
    );
  const timed = async <Result>(work: () => Promise<Result>): Promise<[Result, number]> => {
    const start = performance.now();
    return [await work(), (performance.now() - start) / 1000];
  };
  const fileOf: Corpora['fileOf'] = (clip) => corpora.fileOf(clip);
  const [, first] = await timed(() => search(corpora.clips, fileOf));
  const [own, stored] = await timed(() => search(corpora.clips, fileOf));
  const folder = mkdtempSync(join(tmpdir(), 'ser-duplicates-'));
  try {
    const planted = await plantCopies(corpora, copies, folder, onProgress);
    const originalOf = new Map(planted.map(({ clip, original }) => [clip.path, original.path]));
    const all = [...corpora.clips, ...planted.map(({ clip }) => clip)];
    const anyFile: Corpora['fileOf'] = (clip) =>
      originalOf.has(clip.path) ? join(folder, clip.path) : fileOf(clip);
    const { pairs, notCompared } = await search(all, anyFile);
    const [quick, quickSec] = await timed(() => search(all, anyFile, 'quick'));
    const hashOf = new Map(corpora.clips.map(({ path, sha256 }) => [path, sha256]));
    /** path of the original; the same for clips with identical bytes */
    const firstOf = new Map([...hashOf].reverse().map(([path, sha256]) => [sha256, path]));
    const rootOf = (path: string): string => firstOf.get(hashOf.get(originalOf.get(path) ?? path)!)!;
    const copiesIn = (list: readonly NearDuplicate[]): Set<string> =>
      new Set(
        list.flatMap(({ paths: [a, b] }) => [
          ...(originalOf.get(a) === b ? [a] : []),
          ...(originalOf.get(b) === a ? [b] : []),
        ]),
      );
    const [found, foundQuickly] = [copiesIn(pairs), copiesIn(quick.pairs)];
    const quickPairs = new Set(quick.pairs.map(({ paths }) => paths.join('\n')));
    const known = new Set(own.pairs.map(({ paths }) => paths.join('\n')));
    return {
      clips: corpora.clips.length,
      copies,
      kinds: Object.keys(copyKinds).map((kind) => {
        const ofKind = planted.filter((copy) => copy.kind === kind);
        const foundIn = (paths: ReadonlySet<string>): number =>
          ofKind.filter(({ clip }) => paths.has(clip.path)).length;
        return { kind, found: foundIn(found), foundQuickly: foundIn(foundQuickly), of: ofKind.length };
      }),
      pairsFoundQuickly: own.pairs.filter(({ paths }) => quickPairs.has(paths.join('\n'))).length,
      pairs: [...own.pairs],
      wrong: pairs.filter(({ paths }) => {
        const [a, b] = paths.map(rootOf);
        return paths.some((path) => originalOf.has(path)) && a !== b && !known.has([a, b].sort().join('\n'));
      }),
      notCompared: notCompared.flatMap(({ reasons }) =>
        reasons.map(({ name, count }) => `${count}: ${name}`),
      ),
      seconds: { fingerprints: Math.max(0, first - stored), search: stored, quick: quickSec },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Planted {
  kind: string;
  clip: Clip;
  original: Clip;
}

/** Writes the copies as WAV files of 16 bits. */
async function plantCopies(
  corpora: Corpora,
  copies: number,
  folder: string,
  onProgress: DuplicateBenchOptions['onProgress'],
): Promise<Planted[]> {
  const planted: Planted[] = [];
  const count = Math.min(copies, corpora.clips.length);
  const kinds = Object.entries(copyKinds).filter(([kind]) => !kind.startsWith('MP3') || hasFfmpeg());
  for (let i = 0; i < count; i++) {
    const original = corpora.clips[Math.floor(((i + 0.37) * corpora.clips.length) / count)];
    const waveform = await readAudio(corpora.fileOf(original));
    for (const [k, [kind, change]] of kinds.entries()) {
      const path = `copy-${i}-${k}.wav`;
      const copy = change(waveform, createRandom(`${original.sha256} ${kind}`));
      writeFileSync(join(folder, path), encodeWav(copy));
      const bytes = readFileSync(join(folder, path));
      const { samples, sampleRate } = toMono(decodeAudio(bytes));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const durationSec = samples.length / sampleRate;
      planted.push({ kind, original, clip: { ...original, path, sha256, sampleRate, durationSec } });
    }
    onProgress?.('copies', i + 1, count);
  }
  return planted;
}

/** The benchmark as text. */
export function describeDuplicateBench({
  clips,
  copies,
  kinds,
  pairs,
  pairsFoundQuickly,
  wrong,
  notCompared,
  seconds,
}: DuplicateBench): string {
  const pairText = ({ paths, similarity, overlapSec, kind }: NearDuplicate): string =>
    `  ${paths.join(' ≈ ')} (${similarity.toFixed(3)}, ${overlapSec.toFixed(2)} s, ${kind})`;
  return [
    `${clips} clips, ${copies} copies of each kind`,
    ...kinds.map(
      ({ kind, found, foundQuickly, of }) =>
        `  ${kind.padEnd(32)} ${of === 0 ? 'not tested: ffmpeg is missing' : `${found} of ${of}; quick search: ${foundQuickly}`}`,
    ),
    `pairs among the clips: ${pairs.length}; quick search: ${pairsFoundQuickly}`,
    ...pairs.map(pairText),
    `wrong pairs with copies: ${wrong.length}`,
    ...wrong.map(pairText),
    `could not be compared: ${notCompared.length === 0 ? 'none' : notCompared.join('; ')}`,
    `fingerprints: ${seconds.fingerprints.toFixed(1)} s; search with stored fingerprints: ${seconds.search.toFixed(1)} s`,
  ].join('\n');
}
