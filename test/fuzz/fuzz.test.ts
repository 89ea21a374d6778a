import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catchOutput } from '../cli/catch-output';
import { type FuzzResult, fuzz } from './campaign';
import type { FailureKind } from './child';
import { behaviours } from './faulty-target';
import { fuzzCommand } from './main';

describe('npm run fuzz', function () {
  this.timeout(120_000);

  describe('with a target that fails in every way', () => {
    const names = Object.keys(behaviours);
    const forbidden = join(tmpdir(), `fuzz-forbidden-${process.pid}`);
    let result: FuzzResult;
    before(async () => {
      result = await fuzz(join(__dirname, 'faulty-target.ts'), {
        seed: 0,
        cases: names.length,
        timeoutSec: 3,
        memoryMb: 200,
      });
    });
    after(() => {
      rmSync(forbidden, { force: true });
    });

    it('runs all cases, and counts those that passed', () => {
      assert.equal(result.cases, names.length);
      assert.equal(result.rejected, 1);
      assert.equal(result.accepted, 2);
    });

    const expected: [name: string, kind: FailureKind, detail: RegExp][] = [
      ['raw error', 'error', /^TypeError: x is not a function\n +at /],
      ['wrong result', 'error', /^AssertionError/],
      ['unhandled rejection', 'error', /unhandled: RangeError: late/],
      ['error in a callback', 'error', /unhandled: RangeError: in a callback/],
      ['endless loop', 'hang', /no result after \d\.\d s/],
      ['promise that never settles', 'hang', /no result after/],
      ['exit with code 0', 'crash', /ended with code 0/],
      ['abort', 'crash', /ended with SIGABRT/],
      ['large allocation, released', 'memory', /^\d+ MB, limit 200 MB$/],
    ];
    for (const [name, kind, detail] of expected) {
      it(`reports the kind, the seed and the input: ${name}`, () => {
        const failure = result.failures.find(({ seed }) => seed === names.indexOf(name));
        assert.equal(failure?.kind, kind);
        assert.match(failure.detail, detail);
        assert.equal(failure.description, name);
      });
    }

    it('prevents and reports each write outside the folder of the case, even if the library handles the error', () => {
      const writes = names.filter((name) => name.startsWith('write'));
      const found = result.failures.filter(({ kind }) => kind === 'write outside its folder');
      assert.deepEqual(
        found.map(({ seed }) => names[seed]),
        writes,
      );
      assert.ok(!existsSync(forbidden));
    });
  });

  describe('as a command', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fuzz-targets-'));
    after(() => {
      rmSync(folder, { recursive: true });
    });
    const write = (name: string, body: string): void => {
      const run = `(random, folder, describe) => { const n = random.integer(1e6); ${body}; return String(n); }`;
      writeFileSync(
        join(folder, `${name}.ts`),
        `export const target = { summary: 'Case of ${name}.', run: ${run} };`,
      );
    };
    const run = (...args: string[]) => catchOutput(() => fuzzCommand.run([...args, '--targets', folder]));
    before(() => {
      write('good', '');
      write('bad', "if (n % 3 === 0) throw new Error('\\u001b[2J ' + n)");
    });

    it('prints one line per target, and exits with 0 if no case failed', async () => {
      const { code, out } = await run('good', '--cases', '30');
      assert.equal(code, 0);
      assert.match(out, /^good: 30 cases, 0 rejected with a message, 30 accepted, 0 failures, \d+\.\d s$/);
    });

    it('prints each failure with a command that repeats exactly this case', async () => {
      const { code, out, err } = await run('--cases', '10', '--seed', '5');
      assert.equal(code, 1);
      assert.match(
        out,
        /^bad: 10 cases, 0 rejected with a message, \d accepted, \d failures?.*\ngood: 10 cases/,
      );
      const [, detail, seed] = /error\n {2}Error: (.*)[^]*? --seed (\d+) --cases 1/.exec(err)!;
      assert.ok(detail.startsWith('\\u001b[2J '), 'control characters are escaped');
      const again = await run('bad', '--cases', '1', '--seed', seed);
      assert.ok(again.err.includes(detail));
    });

    it('lists the targets, and rejects unknown ones', async () => {
      assert.equal((await run('--list')).out, 'bad: Case of bad.\ngood: Case of good.');
      const { code, err } = await run('decoders');
      assert.equal(code, 2);
      assert.match(err, /unknown target decoders; available: all, bad, good/);
    });

    it('stops with the reason if a target cannot be loaded', async () => {
      writeFileSync(join(folder, 'broken.ts'), "throw new Error('no such library')");
      await assert.rejects(
        fuzz(join(folder, 'broken.ts'), { seed: 0, cases: 1 }),
        /broken\.ts could not be loaded[^]*no such library/,
      );
    });
  });
});
