import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../src/node/files';

describe('a command under npm run', () => {
  it('stops in order when only npm receives SIGTERM or SIGHUP, as from docker stop', async function () {
    if (process.platform !== 'linux') this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'ser-program-'));
    const log = join(folder, 'log');
    const tsx = join(projectRoot, 'node_modules', '.bin', 'tsx');
    const program = `
      import { appendFileSync } from 'node:fs';
      import { stopSignal } from ${JSON.stringify(join(projectRoot, 'src', 'cli', 'program'))};
      stopSignal().addEventListener('abort', () => { appendFileSync('log', ' stopped'); process.exit(); });
      setTimeout(() => process.exit(), 20_000);
      appendFileSync('log', 'started');`;
    writeFileSync(join(folder, 'wait.ts'), program);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { wait: `${tsx} wait.ts` } }));
    const read = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');
    const waitFor = async (text: string): Promise<void> => {
      for (let tries = 0; read() !== text && tries < 100; tries++) await delay(100);
      assert.equal(read(), text);
    };
    try {
      for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
        rmSync(log, { force: true });
        const npm = spawn('npm', ['run', '--silent', 'wait'], { cwd: folder, stdio: 'ignore' });
        const ended = once(npm, 'exit');
        await waitFor('started');
        npm.kill(signal);
        await ended;
        await waitFor('started stopped');
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
