import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { encodeWav } from '../../src/core/audio';
import type { LeftOut } from '../../src/core/base';
import { cacheSizes, clearCache, runData } from '../../src/cli/data';
import { cellProgress, terminalProgress } from '../../src/cli/output';
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

  it('prints its help when called without a subcommand, as a program', () => {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/data.ts'], {
      cwd: projectRoot,
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    for (const command of ['list', 'verify', 'download', 'demo', 'folds', 'cache'])
      assert.match(stderr, new RegExp(`^  ${command}`, 'm'));
  });

  it('folds writes the committed folds unchanged', async () => {
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

  it('prints the reason and the usage after a wrong call', async () => {
    const cases: [string[], RegExp][] = [
      [['fetch'], /^unknown command 'fetch'/],
      [['verify', '--fast'], /^unknown option '--fast'/],
      [['toString'], /^unknown command 'toString'/],
      [['cache', 'clear'], /^too many arguments for 'cache'/],
      [['folds', 'tess'], /^too many arguments for 'folds'/],
      [['verify', directory, 'tess'], /^too many arguments for 'verify'/],
      [['list', '--clear'], /^unknown option '--clear'/],
      [['cache', '--force'], /^unknown option '--force'/],
      [['verify', '--to', directory], /^unknown option '--to'/],
      [['download', 'emodb'], /^CORPUS must be one of RAVDESS, CREMA-D, TESS, SAVEE, got "emodb"/],
      [['download', 'raves'], /^CORPUS must be .*, got "raves"; did you mean RAVDESS\?/],
    ];
    for (const [args, reason] of cases) {
      const { code, err } = await run(...args);
      assert.equal(code, 2);
      assert.match(err, reason);
      assert.match(err, /^Usage: npm run data -- .*\n.*Help: npm run data -- .*--help$/m);
    }
  });

  it('list prints what was left out, also as JSON', async () => {
    const samples = new Float32Array(100).fill(0.1);
    writeFileSync(join(directory, 'OAF_back_sad.wav'), encodeWav({ samples, sampleRate: 8000 }));
    writeFileSync(join(directory, 'OAF_bar_angry.wav'), 'no audio');
    writeFileSync(join(directory, 'a\u001b[2Jb.wav'), 'no audio');
    const before = process.env.SER_DATA;
    process.env.SER_DATA = directory;
    try {
      const { code, out } = await run('list');
      assert.equal(code, 0);
      assert.match(out, /skipped, unreadable \(1\): OAF_bar_angry\.wav: .*\n {4}of these angry 1; 1 speaker/);
      assert.match(out, /skipped, unknown file name \(1\): a\\u001b\[2Jb\.wav/);
      assert.match(out, /^TESS +English +2,800 +2 +1 +recordings +CC BY-NC-ND 4\.0$/m);
      assert.match(out, /^SUBESCO +Bangla +7,000 +20 +rule only +CC BY 4\.0$/m);
      const { leftOut, known } = JSON.parse((await run('list', '--json')).out) as {
        leftOut: LeftOut[];
        known: { name: string }[];
      };
      assert.equal(known.length, 16);
      assert.deepEqual(
        leftOut.map(({ what, count, classes }) => [what, count, classes]),
        [
          ['unreadable files', 1, [{ name: 'angry', count: 1 }]],
          ['files with unknown names', 1, []],
        ],
      );
    } finally {
      if (before === undefined) delete process.env.SER_DATA;
      else process.env.SER_DATA = before;
    }
  });

  it('verify fails if the content of a clip has changed', async () => {
    mkdirSync(join(directory, 'ALL'));
    writeFileSync(join(directory, 'ALL', 'DC_a01.wav'), 'not what it was');
    const { code, out } = await run('verify', directory);
    assert.equal(code, 1);
    assert.equal(out, 'SAVEE    0 of 480 clips: a sample, 1 altered\n  altered: ALL/DC_a01.wav');
  });

  it('verify fails if the folder is missing or empty', async () => {
    assert.deepEqual(await run('verify', directory), {
      code: 1,
      out: 'none of the four corpora was found',
      err: '',
    });
    const { code, err } = await run('verify', join(directory, 'absent'));
    assert.equal(code, 1);
    assert.match(err, /^DIR must be an existing folder, got ".*absent"/);
  });

  it('download prints the licences first, and continues with the next corpus after a failure', async () => {
    const { fetch } = globalThis;
    const requests: string[] = [];
    globalThis.fetch = (url) => {
      requests.push(url as string);
      return Promise.resolve(new Response(null, { status: 404 }));
    };
    try {
      const { code, out, err } = await run('download', 'tess', 'CREMAD', '--to', directory);
      assert.equal(code, 1);
      assert.match(out, /TESS\n {2}licence: CC BY-NC-ND 4.0.*\n {2}cite: Pichora-Fuller/);
      assert.match(out, /CREMA-D\n {2}licence: ODbL 1.0/);
      assert.match(err, /TESS: 2800 of 2800 clips could not be downloaded: Kaggle: the server answered 404/);
      assert.match(
        err,
        /CREMA-D: 7442 of 7442 clips could not be downloaded: Kaggle: .*404; GitHub: more than 5 clips/,
      );
      assert.match(err, /not downloaded: TESS, CREMA-D/);
    } finally {
      globalThis.fetch = fetch;
    }
    assert.deepEqual(requests.slice(0, 3), [
      'https://www.kaggle.com/api/v1/datasets/download/ejlok1/toronto-emotional-speech-set-tess',
      'https://www.kaggle.com/api/v1/datasets/download/ejlok1/cremad',
      'https://media.githubusercontent.com/media/CheyneyComputerScience/CREMA-D/master/AudioWAV/1001_DFA_ANG_XX.wav',
    ]);
    assert.deepEqual(readdirSync(directory), ['.partial']);
  });

  it('explains how to resume an interrupted download', async () => {
    const { code, err } = await runUntil(AbortSignal.abort(), 'download', 'savee', '--to', directory);
    assert.equal(code, 130);
    assert.equal(err, 'interrupted; run the same command again to resume');
  });

  it('measures and clears the cache', () => {
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
    progress.update('downloading', 1e6, undefined, 'bytes');
    progress.update('downloading', 2e6, 4e6, 'bytes');
    progress.note('a note');
    progress.update('reading', 1028, 12_162, 'files');
    progress.stop();
    return text;
  }

  it('writes lines to a log, not more often than everySec', () => {
    assert.equal(
      written(false, 0),
      'downloading: 1.0 MB\ndownloading: 2.0 of 4.0 MB\na note\nreading: 1,028 of 12,162\n',
    );
    assert.equal(written(false, 1000), 'a note\n');
  });

  it('draws a bar on a terminal and keeps notes', () => {
    const text = written(true, 0);
    assert.match(text, /downloading \[.*\]/);
    assert.match(text, /reading \[.*\]/);
    assert.match(text, /a note\n/);
  });
});

describe('cellProgress', () => {
  const event = {
    state: 'started',
    number: 1,
    total: 3,
    source: '// why\nconst a = 1;',
    durationSec: 2,
  } as const;

  /** what is written while two notebooks run, with a line after the first of them */
  function written(isTTY: boolean): string {
    let text = '';
    const write = (chunk: string): boolean => Boolean((text += chunk));
    const stream = { write, isTTY, columns: 40 } as unknown as NodeJS.WritableStream;
    const progress = cellProgress(stream);
    progress.onCell(event, '02');
    progress.onCell({ ...event, number: 2 }, '01');
    progress.onCell({ ...event, state: 'done' }, '02');
    progress.stop('02');
    write('02 done\n');
    progress.draw();
    progress.stop('01');
    return text;
  }

  it('draws one line for the notebooks that run at the same time', () => {
    const drawn = written(true).split('\r\u001b[2K');
    assert.deepEqual(drawn, [
      '',
      '  [02: 1/3] const a = 1;              …',
      '  01: cell 2 of 3   02: cell 1 of 3',
      '  01: cell 2 of 3   02: cell 1 of 3',
      '02 done\n',
      '  [01: 2/3] const a = 1;              …',
      '',
    ]);
  });

  it('writes a line per cell to a log', () => {
    assert.match(written(false), /^ {2}\[02: 1\/3\] const a = 1; +2\.0 s\n02 done\n$/);
  });
});
