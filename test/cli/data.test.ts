import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { cacheSizes, clearCache, runData } from '../../src/cli/data';
import { amountText, terminalProgress } from '../../src/cli/output';
import { paths, projectRoot } from '../../src/node/files';
import { catchOutput } from './catch-output';

const run = (...args: string[]) => runUntil(undefined, ...args);
const runUntil = (signal: AbortSignal | undefined, ...args: string[]) =>
  catchOutput(() => runData(args, { signal }));

describe('npm run data', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'data-'))));
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('explains itself when called without a command, as a program', () => {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/data.ts'], {
      cwd: projectRoot,
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    for (const command of ['list', 'verify', 'download', 'demo', 'folds', 'cache'])
      assert.match(stderr, new RegExp(`^  ${command}`, 'm'));
  });

  it('folds makes the committed folds, as they are', async () => {
    const texts = (): string[] =>
      readdirSync(paths.folds).map((name) => readFileSync(join(paths.folds, name), 'utf8'));
    const before = texts();
    const { code, out } = await run('folds');
    assert.equal(code, 0);
    assert.match(
      out,
      /data\/folds\/tess\.csv: seed 42\n {2}fold 1: clips 1,400, speakers 1\n {2}fold 2: clips 0, speakers 0/,
    );
    assert.deepEqual(texts(), before);
  });

  it('answers a wrong call with the reason and the help', async () => {
    const cases: [string[], RegExp][] = [
      [['fetch'], /^unknown command "fetch"/],
      [['verify', '--fast'], /^Unknown option '--fast'/],
      [['toString'], /^unknown command "toString"/],
      [['cache', 'clear'], /^cache takes no "clear"/],
      [['folds', 'tess'], /^folds takes no "tess"/],
      [['verify', directory, 'tess'], /^verify takes no "tess"/],
      [['list', '--clear'], /^list takes no --clear/],
      [['cache', '--force'], /^cache takes no --force/],
      [['verify', '--to', directory], /^verify takes no --to/],
      [['download', 'emodb'], /^unknown corpus "emodb": there are RAVDESS, CREMA-D, TESS, SAVEE/],
    ];
    for (const [args, reason] of cases) {
      const { code, err } = await run(...args);
      assert.equal(code, 2);
      assert.match(err, reason);
      assert.match(err, /npm run data -- <command>/);
    }
  });

  it('verifies a folder, and fails on a file that bears a clip’s name with other content', async () => {
    mkdirSync(join(directory, 'ALL'));
    writeFileSync(join(directory, 'ALL', 'DC_a01.wav'), 'not what it was');
    const { code, out } = await run('verify', directory);
    assert.equal(code, 1);
    assert.equal(out, 'SAVEE    0 of 480 clips: a sample, 1 altered\n  altered: ALL/DC_a01.wav');
  });

  it('fails to verify a folder that is not there, or holds nothing', async () => {
    assert.deepEqual(await run('verify', directory), {
      code: 1,
      out: 'none of the four corpora is here',
      err: '',
    });
    const { code, err } = await run('verify', join(directory, 'absent'));
    assert.equal(code, 1);
    assert.match(err, /^DIR must be an existing folder, got ".*absent"/);
  });

  it('shows the licences before it downloads, and goes on with the next corpus when one fails', async () => {
    const { fetch } = globalThis;
    const asked: string[] = [];
    globalThis.fetch = (url) => {
      asked.push(url as string);
      return Promise.resolve(new Response(null, { status: 404 }));
    };
    try {
      const { code, out, err } = await run('download', 'tess', 'CREMAD', '--to', directory);
      assert.equal(code, 1);
      assert.match(out, /TESS\n {2}licence: CC BY-NC-ND 4.0.*\n {2}cite: Pichora-Fuller/);
      assert.match(out, /CREMA-D\n {2}licence: ODbL 1.0/);
      assert.match(err, /TESS: 2800 of 2800 clips could not be downloaded. Kaggle: the server answered 404/);
      assert.match(
        err,
        /CREMA-D: 7442 of 7442 clips could not be downloaded. Kaggle: .*404; GitHub: more than 5 clips/,
      );
      assert.match(err, /not downloaded: TESS, CREMA-D/);
    } finally {
      globalThis.fetch = fetch;
    }
    assert.deepEqual(asked.slice(0, 3), [
      'https://www.kaggle.com/api/v1/datasets/download/ejlok1/toronto-emotional-speech-set-tess',
      'https://www.kaggle.com/api/v1/datasets/download/ejlok1/cremad',
      'https://media.githubusercontent.com/media/CheyneyComputerScience/CREMA-D/master/AudioWAV/1001_DFA_ANG_XX.wav',
    ]);
    assert.deepEqual(readdirSync(directory), ['.partial']);
  });

  it('says that an interrupted download can go on', async () => {
    const { code, err } = await runUntil(AbortSignal.abort(), 'download', 'savee', '--to', directory);
    assert.equal(code, 130);
    assert.equal(err, 'stopped; the same command goes on from here');
  });

  it('measures the cache and empties it', () => {
    assert.deepEqual(cacheSizes(join(directory, 'absent')), []);
    mkdirSync(join(directory, 'features', 'deep'), { recursive: true });
    writeFileSync(join(directory, 'features', 'deep', 'a'), Buffer.alloc(1000));
    writeFileSync(join(directory, 'index.json'), '{}');
    const sizes = cacheSizes(directory).map(({ name, bytes }) => [name, bytes >= 1000]);
    assert.deepEqual(sizes, [
      ['features', true],
      ['index.json', false],
    ]);
    clearCache(directory);
    assert.deepEqual(readdirSync(directory), []);
  });
});

describe('terminalProgress', () => {
  function written(isTTY: boolean, everySec: number): string {
    let text = '';
    const stream = Object.assign(
      new Writable({
        write: (chunk, _encoding, done) => {
          text += String(chunk);
          done();
        },
      }),
      { isTTY },
    );
    const progress = terminalProgress({ stream, everySec });
    progress.update('taking', 1e6, undefined, 'bytes');
    progress.update('taking', 2e6, 4e6, 'bytes');
    progress.note('a word');
    progress.update('reading', 1028, 12_162, 'files');
    progress.stop();
    return text;
  }

  it('writes lines in a log, no more often than wanted', () => {
    assert.equal(
      written(false, 0),
      'taking: 1.0 MB\ntaking: 2.0 of 4.0 MB\na word\nreading: 1,028 of 12,162\n',
    );
    assert.equal(written(false, 1000), 'a word\n');
  });

  it('draws a bar on a terminal, and keeps the notes', () => {
    const text = written(true, 0);
    assert.match(text, /taking \[.*\]/);
    assert.match(text, /reading \[.*\]/);
    assert.match(text, /a word\n/);
  });

  it('says amounts in megabytes or counts', () => {
    assert.equal(amountText(208_468_073, undefined, 'bytes'), '208.5 MB');
    assert.equal(amountText(3, 1440, 'files'), '3 of 1,440');
  });
});
