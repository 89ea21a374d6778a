import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeWav, type Waveform } from '../../../src/core/audio';
import { WorkbenchError } from '../../../src/core/base';
import { isDemoCorpusCurrent, makeDemoCorpus } from '../../../src/node/corpora';
import {
  demoMarkerFile,
  demoVersion,
  makeCorpusOf,
  readDemoMarker,
} from '../../../src/node/corpora/demo/demo-corpus';
import { loadEspeak, type Speak } from '../../../src/node/corpora/demo/espeak';
import { demoSpeakers, planDemoCorpus } from '../../../src/node/corpora/demo/plan';
import { synthesizeClip } from '../../../src/node/corpora/demo/synthesize';
const plans = planDemoCorpus();

describe('the plan of the demo corpus', () => {
  const schemes = {
    RAVDESS: /^ravdess\/Actor_(\d\d)\/03-01-0[1-8]-0[12]-0[12]-01-\1\.wav$/,
    'CREMA-D': /^cremad\/AudioWAV\/10\d\d_[A-Z]{3}_(NEU_XX|(ANG|DIS|FEA|HAP|SAD)_(LO|MD|HI|XX))\.wav$/,
    TESS: /^tess\/([OY]AF)_\w+\/\1_[a-z]+_(angry|disgust|fear|happy|neutral|ps|sad)\.wav$/,
    SAVEE: /^savee\/ALL\/(DC|JE|JK|KL)_(a|d|f|h|n|sa|su)\d\d\.wav$/,
  };

  it('names every clip once, in the scheme of its corpus and with its speaker', () => {
    for (const { path, speaker } of plans) {
      assert.match(path, schemes[speaker.corpus]);
      assert.ok(path.slice(path.lastIndexOf('/')).includes(speaker.id), path);
    }
    assert.equal(new Set(plans.map(({ path }) => path)).size, plans.length);
  });

  it('has roughly the proportions of the corpora, and their gaps', () => {
    const count = (corpus: string, emotion?: string): number =>
      plans.filter((plan) => plan.speaker.corpus === corpus && (!emotion || plan.emotion === emotion)).length;
    assert.deepEqual(
      ['RAVDESS', 'CREMA-D', 'TESS', 'SAVEE'].map((corpus) => count(corpus)),
      [180, 410, 168, 96],
    );
    assert.equal(count('CREMA-D', 'surprise'), 0);
    assert.equal(count('SAVEE', 'neutral'), 2 * count('SAVEE', 'angry'));
    assert.equal(count('RAVDESS', 'neutral'), count('RAVDESS', 'calm') / 2);
    assert.ok(
      plans.every(({ path }) => !path.includes('03-01-01-02')),
      'neutral is never strong',
    );
  });

  it('spells the folders of TESS like the original', () => {
    const folders = new Set(
      plans
        .map(({ path }) => path.split('/'))
        .filter(([top]) => top === 'tess')
        .map((parts) => parts[1]),
    );
    assert.deepEqual([...folders].sort(), [
      ...[
        'OAF_Fear',
        'OAF_Pleasant_surprise',
        'OAF_Sad',
        'OAF_angry',
        'OAF_disgust',
        'OAF_happy',
        'OAF_neutral',
      ],
      ...[
        'YAF_angry',
        'YAF_disgust',
        'YAF_fear',
        'YAF_happy',
        'YAF_neutral',
        'YAF_pleasant_surprised',
        'YAF_sad',
      ],
    ]);
  });

  it('gives each speaker a different voice of the sex that the corpus states', () => {
    assert.equal(new Set(demoSpeakers.map(({ voice }) => voice)).size, 22);
    for (const { corpus, id, sex } of demoSpeakers) {
      if (corpus === 'RAVDESS') assert.equal(sex, Number(id) % 2 === 1 ? 'male' : 'female');
      if (corpus === 'TESS') assert.equal(sex, 'female');
      if (corpus === 'SAVEE') assert.equal(sex, 'male');
    }
  });
});

describe('a clip of the demo corpus', function () {
  this.timeout(60000);
  let speak: Speak;
  before(async () => {
    speak = await loadEspeak();
  });
  const spread = plans.filter((_, i) => i % 125 === 0);

  it('does not depend on the clips made before it, but on the seed', () => {
    const first = spread.map((plan) => digest(synthesizeClip(plan, 1, speak)));
    const backwards = [...spread].reverse().map((plan) => digest(synthesizeClip(plan, 1, speak)));
    assert.deepEqual(backwards.reverse(), first);
    assert.notEqual(digest(synthesizeClip(spread[0], 2, speak)), first[0]);
  });

  it('contains speech after 0.6 s, at the sampling rate of its corpus, without clipping or digital silence', () => {
    for (const plan of spread) {
      const { samples, sampleRate } = synthesizeClip(plan, 1, speak);
      assert.equal(
        sampleRate,
        { RAVDESS: 48000, 'CREMA-D': 16000, TESS: 24414, SAVEE: 44100 }[plan.speaker.corpus],
      );
      const seconds = samples.length / sampleRate;
      assert.ok(seconds > 1.2 && seconds < 7, `${plan.path}: ${seconds} s`);
      assert.ok(
        samples.every((value) => Math.abs(value) < 0.971),
        plan.path,
      );

      const levels = frameLevels({ samples, sampleRate });
      const loudest = Math.max(...levels);
      const loud = levels.filter((level, i) => i * 0.02 >= 0.6 && level > loudest / 10);
      assert.ok(loud.length * 0.02 > 0.3, `${plan.path}: ${loud.length} loud frames after 0.6 s`);
      assert.ok(Math.min(...levels) > 2 / 32768, `${plan.path}: a frame of digital silence`);
      assert.ok(Math.min(...levels) < loudest / 8, `${plan.path}: noise as loud as the voice`);
    }
  });

  it('expresses its emotion: anger is loud and fast, sadness low and slow', () => {
    const speaker = demoSpeakers[0];
    const measure = (emotion: string): { level: number; seconds: number; f0Hz: number } => {
      const clips = plans
        .filter((plan) => plan.speaker === speaker && plan.emotion === emotion)
        .map((plan) => trimmed(synthesizeClip(plan, 1, speak)));
      return {
        level: mean(clips.map((clip) => Math.max(...frameLevels(clip)))),
        seconds: mean(clips.map(({ samples, sampleRate }) => samples.length / sampleRate)),
        f0Hz: mean(clips.map(medianF0)),
      };
    };
    const [angry, sad, happy] = ['angry', 'sad', 'happy'].map(measure);
    assert.ok(angry.level > 1.5 * sad.level, `level ${angry.level} and ${sad.level}`);
    assert.ok(sad.seconds > 1.1 * angry.seconds, `seconds ${sad.seconds} and ${angry.seconds}`);
    assert.ok(happy.f0Hz > 1.1 * sad.f0Hz, `Hz ${happy.f0Hz} and ${sad.f0Hz}`);
  });

  it('names the package and the remedy if the synthesiser is missing', async () => {
    await assert.rejects(
      loadEspeak(() => Promise.reject(new Error('Cannot find package'))),
      (error) =>
        error instanceof WorkbenchError &&
        /@echogarden\/espeak-ng-emscripten.*Cannot find package.*npm install/.test(error.message),
    );
  });

  it('rejects an unknown voice and a text longer than the buffer of eSpeak', () => {
    const settings = { rate: 170, pitch: 50, range: 50 };
    assert.throws(() => speak('Yes.', { voice: 'xx-none', ...settings }), /no voice xx-none/);
    assert.throws(() => speak('a'.repeat(10000), { voice: 'en-us', ...settings }), /text must be at most/);
  });
});

describe('makeDemoCorpus', function () {
  this.timeout(60000);
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'demo-corpus-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });
  const few = plans.filter((_, i) => i % 170 === 1);

  it('writes the same bytes with one worker and two, and a marker without a date', async () => {
    const steps: string[] = [];
    const onProgress = (done: number, total: number): void => void steps.push(`${done}/${total}`);
    const report = await makeCorpusOf(few, { directory: join(root, 'one'), seed: 5, workers: 1, onProgress });
    await makeCorpusOf(few, { directory: join(root, 'two'), seed: 5, workers: 2 });
    assert.deepEqual(contents(join(root, 'two')), contents(join(root, 'one')));
    assert.deepEqual(
      steps,
      few.map((_, i) => `${i + 1}/${few.length}`),
    );
    assert.equal(report.clips, few.length);
    assert.ok(report.durationSec > few.length);

    const marker = readDemoMarker(join(root, 'one'));
    assert.match(marker?.notice ?? '', /Synthetic.*not recordings of people/);
    assert.deepEqual([marker?.seed, marker?.clips, marker?.synthesiserLicence], [5, few.length, 'GPL-3.0']);
    assert.match(
      readFileSync(join(root, 'one', 'cremad', 'VideoDemographics.csv'), 'utf8'),
      /^"ActorID","Age","Sex","Race","Ethnicity"\n10\d\d,\d\d,"(Fem|M)ale",/,
    );
    assert.deepEqual(readdirSync(root).sort(), ['one', 'two'], 'no temporary files are left');
  });

  it('is current only with this version, the given seed and all clips', () => {
    assert.equal(isDemoCorpusCurrent(join(root, 'nowhere')), false);
    const directory = join(root, 'demo');
    const marker = { version: 0, seed: 1, clips: 2 };
    const write = (changes: object, clips: string[]): void => {
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(join(directory, 'tess'), { recursive: true });
      writeFileSync(join(directory, demoMarkerFile), JSON.stringify({ ...marker, ...changes }));
      for (const clip of clips) writeFileSync(join(directory, 'tess', clip), '');
    };
    write({ version: demoVersion }, ['a.wav', 'b.wav']);
    assert.equal(isDemoCorpusCurrent(directory), true);
    assert.equal(isDemoCorpusCurrent(directory, { seed: 1 }), true);
    assert.equal(isDemoCorpusCurrent(directory, { seed: 2 }), false);
    write({ version: demoVersion }, ['a.wav']);
    assert.equal(isDemoCorpusCurrent(directory), false);
    write({ version: demoVersion - 1 }, ['a.wav', 'b.wav']);
    assert.equal(isDemoCorpusCurrent(directory), false);
    writeFileSync(join(directory, demoMarkerFile), 'not JSON');
    assert.equal(readDemoMarker(directory), undefined);
  });

  it('leaves no folder when it is aborted, before the start or later', async () => {
    const directory = join(root, 'demo');
    await assert.rejects(
      makeDemoCorpus({ directory, signal: AbortSignal.abort(new Error('enough')) }),
      /enough/,
    );
    const controller = new AbortController();
    const onProgress = (): void => {
      controller.abort(new Error('enough now'));
    };
    await assert.rejects(
      makeDemoCorpus({ directory, workers: 1, signal: controller.signal, onProgress }),
      /enough now/,
    );
    assert.deepEqual(readdirSync(root), []);
  });

  it('does not replace a folder with other files', async () => {
    writeFileSync(join(root, 'thesis.txt'), 'mine');
    await assert.rejects(makeDemoCorpus({ directory: root }), /is neither empty nor a demo corpus/);
    assert.deepEqual(readdirSync(root), ['thesis.txt']);
    await assert.rejects(
      makeDemoCorpus({ directory: join(root, 'thesis.txt') }),
      /thesis\.txt: it is a file; choose another folder/,
    );
  });

  it('does not replace a demo corpus to which other files were added', async () => {
    const directory = join(root, 'demo');
    await makeCorpusOf(plans.slice(0, 1), { directory, workers: 1 });
    const folder = join(directory, 'ravdess', 'own');
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.txt'), 'mine');
    await assert.rejects(
      makeCorpusOf(plans.slice(0, 1), { directory, workers: 1 }),
      /it contains ravdess.own.thesis\.txt, which is not part of the demo corpus; choose another folder/,
    );
    assert.equal(readFileSync(join(folder, 'thesis.txt'), 'utf8'), 'mine');
    rmSync(join(folder, 'thesis.txt'));
    await makeCorpusOf(plans.slice(1, 3), { directory, workers: 1 });
    assert.equal(readDemoMarker(directory)?.clips, 2);
  });

  it('rejects an invalid seed and an invalid number of workers', async () => {
    await assert.rejects(makeDemoCorpus({ directory: root, seed: 0.5 }), /seed must be an integer, got 0.5/);
    await assert.rejects(
      makeDemoCorpus({ directory: root, workers: 0 }),
      /workers must be a positive integer, got 0/,
    );
  });
});

function digest(waveform: Waveform): string {
  return createHash('sha256').update(encodeWav(waveform)).digest('hex');
}

/** Path and SHA-256 of every file. */
function contents(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return `${path.slice(root.length)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
    })
    .sort();
}

/** Root mean square of frames of 20 ms. */
function frameLevels({ samples, sampleRate }: Waveform): number[] {
  const size = Math.round(0.02 * sampleRate);
  return Array.from({ length: Math.floor(samples.length / size) }, (_, frame) => {
    const part = samples.subarray(frame * size, (frame + 1) * size);
    return Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / size);
  });
}

/** From the first to the last frame above a tenth of the loudest. */
function trimmed(waveform: Waveform): Waveform {
  const levels = frameLevels(waveform);
  const isLoud = (level: number): boolean => level > Math.max(...levels) / 10;
  const size = Math.round(0.02 * waveform.sampleRate);
  const [first, last] = [levels.findIndex(isLoud), levels.findLastIndex(isLoud)];
  return { ...waveform, samples: waveform.samples.slice(first * size, (last + 1) * size) };
}

/** Median over frames of the pitch, by the largest autocorrelation between 60 and 400 Hz. */
function medianF0({ samples, sampleRate }: Waveform): number {
  const stride = 4;
  const size = Math.round(0.04 * sampleRate);
  const longest = Math.ceil(sampleRate / 60);
  const found: number[] = [];
  for (let start = 0; start + size + longest < samples.length; start += size) {
    let best = 0;
    let bestLag = 0;
    for (let lag = Math.floor(sampleRate / 400); lag < longest; lag += stride) {
      let sum = 0;
      for (let i = start; i < start + size; i += stride) sum += samples[i] * samples[i + lag];
      if (sum > best) [best, bestLag] = [sum, lag];
    }
    if (bestLag > 0) found.push(sampleRate / bestLag);
  }
  return found.sort((a, b) => a - b)[Math.floor(found.length / 2)];
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
