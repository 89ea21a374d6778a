import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLive } from '../../src/cli/live';
import { catchOutput } from './catch-output';

describe('npm run live', function () {
  this.timeout(120_000);

  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'live-command-'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('serves the page, opens it in the browser, and ends when it is stopped', async () => {
    const stop = new AbortController();
    const opened: string[] = [];
    const openAddress = (address: string): void => {
      opened.push(address);
      void fetch(address).then(async (response) => {
        opened.push(await response.text());
        stop.abort();
      });
    };
    const { code, out } = await catchOutput(() => runLive([], { signal: stop.signal, openAddress }));
    assert.equal(code, 0);
    assert.match(opened[0], /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.match(opened[1], /<title>Speech Emotion Workbench<\/title>/);
    assert.ok(out.includes(`live page: ${opened[0]}`), out);
    await assert.rejects(fetch(opened[0]));
  });

  it('does not open a browser with --no-open', async () => {
    const stop = new AbortController();
    stop.abort();
    const openAddress = (): void => assert.fail('opened');
    const { code } = await catchOutput(() => runLive(['--no-open'], { signal: stop.signal, openAddress }));
    assert.equal(code, 0);
  });

  it('exports the page with the chosen model', async () => {
    const target = join(folder, 'site');
    const { code, out } = await catchOutput(() => runLive(['--export', target, '--model', 'speakers']));
    assert.equal(code, 0);
    assert.match(out, /site\/: \d+ files, [3-9]\.\d MB/);
    assert.ok(readdirSync(target).includes('index.html'));
    const { models } = JSON.parse(readFileSync(join(target, 'site.json'), 'utf8')) as { models: unknown };
    assert.deepEqual(models, [{ name: 'speakers', folder: 'models/speakers' }]);
  });

  it('rejects an unknown model, an invalid port, and --port with --export', async () => {
    const unknown = await catchOutput(() => runLive(['--model', 'speekers']));
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /there is no such folder, published model or run; did you mean speakers\?/);
    const port = await catchOutput(() => runLive(['--port', '99999']));
    assert.equal(port.code, 2);
    assert.match(port.err, /--port must be an integer from 1 to 65535/);
    const both = await catchOutput(() => runLive(['--port', '8000', '--export', folder]));
    assert.equal(both.code, 2);
  });
});
