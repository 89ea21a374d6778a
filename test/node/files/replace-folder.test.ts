import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs, {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { WorkbenchError } from '../../../src/core/base';
import {
  newFolder,
  openFolder,
  projectRoot,
  readFolderSync,
  recoverFolder,
  removeAbandoned,
  replaceFolder,
  takeLock,
  temporaryPath,
  writeFileAtomicSync,
  writeInFolder,
} from '../../../src/node/files';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ser-files-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Runs code in another process, which has ended when this function returns. */
function inOtherProcess(code: string): { status: number | null; signal: string | null; stderr: string } {
  const program = `
    const files = require(${JSON.stringify(join(projectRoot, 'src/node/files'))});
    const fs = require('node:fs');
    const { join } = require('node:path');
    const root = ${JSON.stringify(root)};
    const write = (folder, text) => {
      const unfinished = files.newFolder(folder);
      files.writeInFolder(unfinished, 'a.txt', text);
      files.writeInFolder(unfinished, 'b/b.txt', text);
      return unfinished;
    };
    ${code}`;
  const options = { cwd: projectRoot, encoding: 'utf8' as const };
  return spawnSync(process.execPath, ['--require', 'tsx/cjs', '-e', program], options);
}

const content = (folder: string): string => {
  const texts = readFolderSync(folder, (path) =>
    ['a.txt', 'b/b.txt'].map((name) => readFileSync(join(path, name), 'utf8')),
  );
  assert.equal(texts[0], texts[1], 'files of one version');
  return texts[0];
};

describe('replacing a folder', function () {
  this.timeout(60_000);

  it('leaves only the new folder', () => {
    const folder = join(root, 'model');
    for (const text of ['first', 'second']) {
      const unfinished = newFolder(folder);
      writeInFolder(unfinished, 'a.txt', text);
      writeInFolder(unfinished, 'b/b.txt', text);
      replaceFolder(folder, unfinished);
      assert.equal(content(folder), text);
      assert.deepEqual(readdirSync(root), ['model']);
    }
  });

  // The first two calls of renameSync are those of the replacement.
  for (const [moment, call, isAfter, expected] of [
    ['before the old folder is renamed', 1, false, 'old'],
    ['between the two renames', 1, true, 'new'],
    ['after the new folder is renamed', 2, true, 'new'],
  ] as const) {
    it(`survives SIGKILL ${moment}: a reader finds the ${expected} folder, and the next writer cleans up`, () => {
      const folder = join(root, 'model');
      const { signal, stderr } = inOtherProcess(`
        const folder = join(root, 'model');
        files.replaceFolder(folder, write(folder, 'old'));
        const unfinished = write(folder, 'new');
        const { renameSync } = fs;
        let calls = 0;
        fs.renameSync = (...args) => {
          const isTurn = ++calls === ${call};
          if (isTurn && !${isAfter}) process.kill(process.pid, 'SIGKILL');
          renameSync(...args);
          if (isTurn) process.kill(process.pid, 'SIGKILL');
        };
        files.replaceFolder(folder, unfinished);`);
      assert.equal(signal, 'SIGKILL', stderr);
      assert.ok(readdirSync(root).length > 1, 'something is left');
      assert.equal(content(folder), expected);
      removeAbandoned(root);
      assert.deepEqual(readdirSync(root), ['model']);
      assert.equal(content(folder), expected);
    });
  }

  it('keeps the old folder if the new one cannot take its place', () => {
    const folder = join(root, 'model');
    writeFileAtomicSync(join(folder, 'a.txt'), 'old');
    assert.throws(() => replaceFolder(folder, join(root, '.model.missing.new')), /model: it does not exist/);
    assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'old');
  });

  it('is not undone by the leftovers of a replacement that had finished', () => {
    mkdirSync(join(root, temporaryPath(join(root, 'model')).replace(/^.*\//, '').replace(/new$/, 'old')));
    recoverFolder(join(root, 'model'));
    assert.ok(!existsSync(join(root, 'model')), 'the user has deleted it');
  });

  it('reads again what was replaced during the reading', () => {
    const folder = join(root, 'model');
    const put = (text: string): void => {
      const unfinished = newFolder(folder);
      writeInFolder(unfinished, 'a.txt', text);
      replaceFolder(folder, unfinished);
    };
    put('old');
    let readings = 0;
    const text = readFolderSync(folder, (path) => {
      const first = readFileSync(join(path, 'a.txt'), 'utf8');
      if (++readings === 1) put('new');
      if (readFileSync(join(path, 'a.txt'), 'utf8') !== first) throw new Error('two versions');
      return first;
    });
    assert.equal(text, 'new');
  });
});

describe('temporary files', function () {
  this.timeout(60_000);

  it('of a dead process are deleted; those of a running one stay', () => {
    inOtherProcess(
      `fs.writeFileSync(files.temporaryPath(join(root, 'a.json')), 'half'); process.kill(process.pid, 'SIGKILL');`,
    );
    const own = temporaryPath(join(root, 'b.json'));
    writeFileSync(own, 'half');
    assert.equal(readdirSync(root).length, 2);
    removeAbandoned(root);
    assert.deepEqual(readdirSync(root), [own.slice(root.length + 1)]);
  });

  it('of another process with the same id are deleted, and those of another computer after a day', () => {
    const [, host, pid, start] = /\.([0-9a-f]{8})-(\d+)-([0-9a-z]+)-/.exec(temporaryPath(join(root, 'a')))!;
    if (start === '0') return; // the start time of processes is known on Linux only
    const reused = join(root, `.a.${host}-${pid}-1-1.new`);
    const recent = join(root, `.a.00000000-${pid}-1-1.new`);
    const old = join(root, `.a.00000000-${pid}-1-2.new`);
    for (const path of [reused, recent, old]) writeFileSync(path, '');
    const twoDaysAgo = new Date(Date.now() - 2 * 86400_000);
    utimesSync(old, twoDaysAgo, twoDaysAgo);
    removeAbandoned(root);
    assert.deepEqual(readdirSync(root), [recent.slice(root.length + 1)]);
  });

  it('are deleted when the process exits', () => {
    const { status } = inOtherProcess(
      `fs.writeFileSync(files.temporaryPath(join(root, 'a.json')), 'half'); process.exit(3);`,
    );
    assert.equal(status, 3);
    assert.deepEqual(readdirSync(root), []);
  });

  it('do not remain if the disk is full, and the error names file and remedy', function () {
    const disk = join(root, 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status !== 0) {
      console.log('      skipped: no permission to mount a small disk');
      this.skip();
    }
    try {
      writeFileAtomicSync(join(disk, 'a.json'), 'old');
      assert.throws(
        () => writeFileAtomicSync(join(disk, 'a.json'), Buffer.alloc(100_000)),
        (error) =>
          error instanceof WorkbenchError && /a\.json: the disk is full; .*\(ENOSPC\)$/.test(error.message),
      );
      assert.deepEqual(readdirSync(disk), ['a.json']);
      assert.equal(readFileSync(join(disk, 'a.json'), 'utf8'), 'old');
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});

describe('a lock', function () {
  this.timeout(60_000);

  it('is held by one process; a dead one loses it', () => {
    const path = join(root, 'work.lock');
    const { signal, stderr } = inOtherProcess(`
      if (!files.takeLock(join(root, 'work.lock')).release) throw new Error('not taken');
      process.kill(process.pid, 'SIGKILL');`);
    assert.equal(signal, 'SIGKILL', stderr);
    assert.ok(existsSync(path));
    const lock = takeLock(path);
    assert.ok('release' in lock, 'taken over');
    assert.deepEqual(takeLock(path), { heldBy: `process ${process.pid}` });
    const other = inOtherProcess(`console.error(files.takeLock(join(root, 'work.lock')).heldBy);`);
    assert.match(other.stderr, new RegExp(`process ${process.pid}`));
    lock.release();
    assert.deepEqual(readdirSync(root), []);
  });

  it('that was cut off by a kill is taken over', () => {
    const path = join(root, 'work.lock');
    writeFileSync(path, '');
    utimesSync(path, 1, 1);
    const lock = takeLock(path);
    assert.ok('release' in lock);
    lock.release();
  });

  it('states why a folder cannot be created on a read-only file system', () => {
    // As Node 20 to 24 do: the recursive call reports ENOENT whatever the reason.
    mock.method(fs, 'mkdirSync', (path: string, options?: fs.MakeDirectoryOptions) => {
      const code = options?.recursive ? 'ENOENT' : 'EROFS';
      throw Object.assign(new Error(`${code}: mkdir ${path}`), { code });
    });
    try {
      assert.throws(
        () => openFolder(join(root, 'a', 'b')),
        /[\\/]b: the file system is read-only; .* \(EROFS\)$/,
      );
    } finally {
      mock.restoreAll();
    }
    openFolder(join(root, 'a', 'b'));
    assert.ok(existsSync(join(root, 'a', 'b')));
  });

  it('in a read-only folder is an error with path and remedy', function () {
    if (process.getuid?.() === 0) this.skip(); // root may write everywhere
    chmodSync(root, 0o500);
    assert.throws(
      () => takeLock(join(root, 'work.lock')),
      /work\.lock: permission denied; check .* \(EACCES\)$/,
    );
    chmodSync(root, 0o700);
  });
});
