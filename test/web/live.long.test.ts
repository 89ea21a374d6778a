import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { decodeAudio, encodeWav, toMono } from '../../src/core/audio';
import type { Prediction, Predictor } from '../../src/core/prediction';
import type { LiveWindow } from '../../src/web/worker/protocol';
import { loadEngine } from '../../src/node/engine';
import { paths, projectRoot } from '../../src/node/files';
import { exportSite } from '../../src/node/live';
import { createPredictor, loadModel } from '../../src/node/models';
import { babble, voice } from '../babble';
import {
  type LiveFixture,
  liveFixture,
  openLivePage,
  recordWindows,
  stopRecording,
  type WorkerMessage,
  whenLoaded,
  workerMessages,
} from './live-page';

const axeSource = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
}

async function assertAccessible(page: Page, where: string): Promise<void> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<AxeResult>('axe.run()');
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n')}`,
  );
  assert.deepEqual(found, [], where);
}

/** Probabilities by emotion, whatever their order. */
const byEmotion = (list: Prediction['probabilities']): Map<string, number> =>
  new Map(list.map(({ emotion, probability }) => [emotion, probability]));

function assertClose(
  actual: Prediction['probabilities'],
  expected: Prediction['probabilities'],
  tolerance: number,
  what: string,
): void {
  const here = byEmotion(expected);
  assert.equal(actual.length, here.size, what);
  for (const { emotion, probability } of actual)
    assert.ok(
      Math.abs(probability - here.get(emotion)!) <= tolerance,
      `${what}, ${emotion}: ${probability} on the page, ${here.get(emotion)} in Node`,
    );
}

describe('the live page', function () {
  this.timeout(600_000);

  let fixture: LiveFixture;
  let browser: Browser;
  let predictor: Predictor;

  before(async function () {
    fixture = await liveFixture(this);
    browser = await fixture.launch({ microphone: voice('live page', 20) });
    const engine = await loadEngine();
    predictor = createPredictor(await loadModel(engine, join(paths.models, 'speakers')), engine);
  });
  after(async () => {
    await (fixture as LiveFixture | undefined)?.close();
  });

  it('makes no request after it has been loaded, and works offline', async () => {
    const { page, requests, problems } = await openLivePage(browser, fixture.server.address);
    assert.ok(requests.length > 10);
    for (const address of requests) assert.ok(address.startsWith(fixture.server.address), address);
    const atLoad = requests.length;
    await page.context().setOffline(true);
    await recordWindows(page, 4);
    await stopRecording(page);
    await page.getByRole('tab', { name: 'Files' }).click();
    const clip = encodeWav(babble('offline'));
    await page
      .locator('#panel-files input[type=file]')
      .setInputFiles([{ name: 'a.wav', mimeType: 'audio/wav', buffer: Buffer.from(clip) }]);
    await page.getByRole('heading', { name: '1 of 1 predicted' }).waitFor({ timeout: 180_000 });
    await page.getByRole('button', { name: 'Details of a.wav' }).click();
    await page.getByRole('tab', { name: 'Record a corpus' }).click();
    assert.deepEqual(requests.slice(atLoad), []);
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it('declares a policy that permits no other host, in its header and in the page', async () => {
    const response = await fetch(fixture.server.address);
    const header = response.headers.get('content-security-policy') ?? '';
    const [, meta] = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(await response.text())!;
    for (const policy of [header, meta]) {
      assert.match(policy, /^default-src 'none'/);
      assert.match(policy, /connect-src 'self'(;|$)/);
      assert.doesNotMatch(policy, /https?:|\*|unsafe-inline|'unsafe-eval'/);
    }
  });

  it('predicts live what Node predicts for the same parts of the exported recording', async () => {
    const { page } = await openLivePage(browser, fixture.server.address);
    await recordWindows(page, 20);
    await stopRecording(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'WAV, float' }).click(),
    ]);
    const bytes = readFileSync(await download.path());
    const { samples, sampleRate } = toMono(decodeAudio(bytes));
    const windows = (await workerMessages(page, 'window')).map(({ window }) => window as LiveWindow);
    assert.ok(windows.length >= 20);
    assert.ok(windows.some(({ startFrame }) => startFrame > 0));
    const { classes } = predictor;
    for (const { startFrame, endFrame, probabilities } of windows) {
      const part = { samples: samples.slice(startFrame, endFrame), sampleRate };
      const here = await predictor.predict(part, { hopSec: Infinity, threshold: 0 });
      const there = classes.map((emotion, k) => ({ emotion, probability: probabilities![k] }));
      assertClose(there, here.probabilities, 1e-3, `frames ${startFrame} to ${endFrame}`);
    }
    const [{ prediction }] = await workerMessages(page, 'predicted');
    const there = prediction as Prediction;
    const here = await predictor.predict(bytes);
    assertClose(there.probabilities, here.probabilities, 1e-3, 'the recording');
    assert.equal(there.timeline.length, here.timeline.length);
    for (const [i, entry] of there.timeline.entries()) {
      assert.equal(entry.startSec, here.timeline[i].startSec);
      assertClose(entry.probabilities, here.timeline[i].probabilities, 1e-3, `window ${i}`);
    }
    await page.context().close();
  });

  it('predicts for files what Node predicts, and names the reason for each file that it cannot read', async () => {
    const { page, problems } = await openLivePage(browser, `${fixture.server.address}#tab=files`);
    const clips = Array.from({ length: 6 }, (_, i) => {
      const bitDepth = (['16', '24', '32f', '8', '32', '16'] as const)[i];
      const buffer = Buffer.from(encodeWav(babble(`file ${i}`, 1 + 1.5 * i), { bitDepth }));
      return { name: `clip ${i}.wav`, mimeType: 'audio/wav', buffer };
    });
    const text = Buffer.from('This is no audio at all, but long enough to be read.');
    await page
      .locator('#panel-files input[type=file]')
      .setInputFiles([
        clips[0],
        { name: 'empty.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(0) },
        { name: 'notes.txt', mimeType: 'text/plain', buffer: text },
        ...clips.slice(1),
      ]);
    await page.getByRole('heading', { name: '6 of 8 predicted, 2 failed' }).waitFor({ timeout: 300_000 });
    const predicted = await workerMessages(page, 'predicted');
    for (const [i, { buffer, name }] of clips.entries()) {
      const here = await predictor.predict(buffer);
      assertClose((predicted[i].prediction as Prediction).probabilities, here.probabilities, 1e-4, name);
    }
    await page.getByRole('row', { name: /empty\.wav.*empty/ }).waitFor();
    await page.getByRole('row', { name: /notes\.txt.*not an audio file/ }).waitFor();
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it('predicts for compressed files what Node predicts', async () => {
    const { page } = await openLivePage(browser, `${fixture.server.address}#tab=files`);
    const folder = join(projectRoot, 'test', 'fixtures', 'audio', 'compressed');
    const files = readdirSync(folder).filter((name) => /\.(mp3|flac|ogg|opus|webm|caf)$/.test(name));
    assert.ok(files.length >= 4, files.join(', '));
    const clips = files.map((name) => ({ name, buffer: readFileSync(join(folder, name)) }));
    await page
      .locator('#panel-files input[type=file]')
      .setInputFiles(clips.map((clip) => ({ ...clip, mimeType: 'application/octet-stream' })));
    const heading = `${clips.length} of ${clips.length} predicted`;
    await page.getByRole('heading', { name: heading, exact: true }).waitFor({ timeout: 300_000 });
    const predicted = await workerMessages(page, 'predicted');
    for (const [i, { buffer, name }] of clips.entries()) {
      const here = await predictor.predict(buffer);
      assertClose((predicted[i].prediction as Prediction).probabilities, here.probabilities, 1e-4, name);
    }
    await page.context().close();
  });

  it('predicts for AAC, which the browser decodes, nearly what Node predicts through ffmpeg', async function () {
    const [wav, file] = ['voice.wav', 'voice.m4a'].map((name) => join(fixture.folder, name));
    writeFileSync(wav, encodeWav(voice('AAC', 6)));
    // The frames that pad the end differ between decoders, so the recording is longer than the model's window.
    if (spawnSync('ffmpeg', ['-i', wav, '-c:a', 'aac', '-b:a', '96k', file]).status !== 0) {
      console.log('    not tested: ffmpeg is not installed');
      this.skip();
    }
    const { page } = await openLivePage(browser, `${fixture.server.address}#tab=files`);
    await page.locator('#panel-files input[type=file]').setInputFiles(file);
    await page.getByRole('heading', { name: /^1 of 1 predicted$|1 failed/ }).waitFor({ timeout: 180_000 });
    const [failed] = await workerMessages(page, 'failed');
    if (String((failed as WorkerMessage | undefined)?.reason).includes('this browser cannot decode it')) {
      console.log('    not tested: this Chromium has no AAC decoder');
      this.skip();
    }
    const [{ prediction }] = await workerMessages(page, 'predicted');
    const here = await predictor.predict(readFileSync(file));
    assertClose((prediction as Prediction).probabilities, here.probabilities, 1e-2, 'AAC');
    await page.context().close();
  });

  it('stays responsive during a two-hour file, which waits for a recording and can be cancelled', async () => {
    const { page } = await openLivePage(browser, `${fixture.server.address}#tab=files`);
    const sampleRate = 8000;
    const { samples } = babble('two hours', 60);
    const long = new Float32Array(2 * 3600 * sampleRate).map((_, i) => samples[i % samples.length]);
    const file = join(fixture.folder, 'two hours.wav');
    writeFileSync(file, encodeWav({ samples: long, sampleRate }, { bitDepth: '8' }));
    await page.locator('#panel-files input[type=file]').setInputFiles(file);
    await page.waitForTimeout(1000);
    const progress = async (): Promise<number> => {
      const all = await workerMessages(page, 'progress');
      return (all.at(-1)?.share as number | undefined) ?? 0;
    };
    for (let attempt = 0; attempt < 600 && (await progress()) === 0; attempt++)
      await page.waitForTimeout(100);
    assert.ok((await progress()) > 0);
    await page.getByRole('tab', { name: 'Speak' }).click();
    await recordWindows(page, 6);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('tab', { name: 'Files' }).click();
    await page.getByRole('button', { name: 'Cancel two hours.wav' }).click();
    await page.getByRole('row', { name: /two hours\.wav.*cancelled/ }).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Try again: two hours.wav' }).waitFor();
    assert.equal((await workerMessages(page, 'failed')).filter(({ isCancelled }) => isCancelled).length, 1);
    await page.context().close();
  });

  it('works when exported to a subfolder of a plain web host', async () => {
    const folder = join(fixture.folder, 'export');
    exportSite(fixture.site, folder);
    const types: Partial<Record<string, string>> = {
      '.html': 'text/html',
      '.js': 'text/javascript',
      '.css': 'text/css',
    };
    const host = createServer(({ url = '/' }, response) => {
      const path = url.replace(/^\/class\/live\//, '') || 'index.html';
      const found = fixture.site.has(path) && url.startsWith('/class/live/');
      response.writeHead(found ? 200 : 404, {
        'content-type': types[extname(path)] ?? 'application/octet-stream',
      });
      response.end(found ? readFileSync(join(folder, path)) : undefined);
    });
    await new Promise<void>((resolve) => {
      host.listen(0, '127.0.0.1', resolve);
    });
    try {
      const address = `http://127.0.0.1:${(host.address() as AddressInfo).port}/class/live/`;
      const { page, requests, problems } = await openLivePage(browser, address);
      await recordWindows(page, 2);
      await stopRecording(page);
      for (const request of requests) assert.ok(request.startsWith(address), request);
      assert.deepEqual(problems, []);
      await page.context().close();
    } finally {
      host.closeAllConnections();
      host.close();
    }
  });

  it('requests the microphone without processing, or with what the user switches on', async () => {
    const { page } = await openLivePage(browser, `${fixture.server.address}#noise=1`);
    await recordWindows(page, 1);
    const { audio } = await page.evaluate<{ audio: unknown }>('window.microphoneConstraints');
    assert.deepEqual(audio, { echoCancellation: false, noiseSuppression: true, autoGainControl: false });
    await page.context().close();
  });

  it('keeps the recording when the microphone is unplugged', async () => {
    const { page } = await openLivePage(browser, fixture.server.address);
    await recordWindows(page, 4);
    await page.evaluate("window.microphoneTracks[0].dispatchEvent(new Event('ended'))");
    await page.locator('.result').waitFor({ timeout: 180_000 });
    await page.getByText('The microphone was disconnected').waitFor();
    await page.context().close();
  });

  it('offers to restore the recording of a page that was closed while it recorded', async () => {
    const { page } = await openLivePage(browser, fixture.server.address);
    await recordWindows(page, 12);
    await page.reload();
    await whenLoaded(page);
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.locator('.result').waitFor({ timeout: 180_000 });
    const [{ prediction }] = await workerMessages(page, 'predicted');
    assert.ok((prediction as Prediction).durationSec >= 2, String((prediction as Prediction).durationSec));
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.locator('.result').waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('button', { name: 'Restore' }).count(), 0);
    await page.reload();
    await whenLoaded(page);
    await page.getByRole('button', { name: 'Start recording' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Restore' }).count(), 0);
    await page.context().close();
  });

  it('stores a recording although the storage was slow to open', async () => {
    const { page } = await openLivePage(browser, fixture.server.address);
    await page.evaluate(`{
      const { query } = LockManager.prototype;
      LockManager.prototype.query = async function () {
        await new Promise((resolve) => (window.answer = resolve));
        return query.call(this);
      };
    }`);
    await recordWindows(page, 1);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.evaluate('window.answer()');
    await page.locator('.result').waitFor();
    assert.equal(await page.getByText('The browser did not store this recording').count(), 0);
    await page.reload();
    await whenLoaded(page);
    await page.getByRole('button', { name: 'Restore' }).waitFor({ timeout: 30_000 });
    await page.context().close();
  });

  it('shows a recording that could not be stored, with the reason', async () => {
    const { page } = await openLivePage(browser, fixture.server.address);
    await page.evaluate(`{
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function (...args) {
        if (this.name === 'parts') throw new DOMException('the disk is full', 'QuotaExceededError');
        return put.apply(this, args);
      };
    }`);
    await recordWindows(page, 6);
    await stopRecording(page);
    await page
      .getByText('The browser did not store this recording: the disk is full. Save it as a file')
      .waitFor();
    await page.context().close();
  });

  it('predicts a file with the model that was chosen while it was running', async function () {
    const folder = join(paths.models, 'speakers');
    const two = await liveFixture(this, { models: [folder, folder] });
    try {
      const own = await two.launch({ microphone: voice('two models', 20) });
      const { page } = await openLivePage(own, two.server.address);
      // Predictions of files wait while the microphone is on.
      await recordWindows(page, 2);
      await page.getByRole('tab', { name: 'Files' }).click();
      const clip = Buffer.from(encodeWav(babble('two models')));
      await page
        .locator('#panel-files input[type=file]')
        .setInputFiles([{ name: 'a.wav', mimeType: 'audio/wav', buffer: clip }]);
      await page.getByLabel('Progress of a.wav').waitFor();
      await page.locator('.header-controls select').first().selectOption('speakers 2');
      await page.getByRole('tab', { name: 'Speak' }).click();
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('tab', { name: 'Files' }).click();
      await page.getByRole('heading', { name: '1 of 1 predicted' }).waitFor();
      await page.getByRole('button', { name: 'Details of a.wav' }).click();
      await page.locator('#panel-files .result').getByText('Model speakers 2, computed in').waitFor();
      await page.context().close();
    } finally {
      await two.close();
    }
  });

  it('states that permission is denied and how to give it', async () => {
    const denied = await fixture.launch({ microphone: babble('denied'), isAllowed: false });
    const { page } = await openLivePage(denied, fixture.server.address);
    await page.getByRole('button', { name: 'Start recording' }).click();
    const message = await page.getByRole('alert').textContent();
    assert.match(message!, /does not permit this page to use the microphone\. Permit it/);
    await page.getByRole('button', { name: 'Start recording' }).waitFor();
  });

  it('states that no microphone is connected', async function () {
    const bare = await fixture.launch();
    const { page } = await openLivePage(bare, fixture.server.address);
    const devices = await page.evaluate<{ kind: string }[]>('navigator.mediaDevices.enumerateDevices()');
    if (devices.some(({ kind }) => kind === 'audioinput')) {
      console.log('    not tested: this machine has a microphone');
      this.skip();
    }
    await page.getByRole('button', { name: 'Start recording' }).click();
    assert.match((await page.getByRole('alert').textContent())!, /No microphone was found\. Connect one/);
  });

  it('restores the view from its address, and keeps it there', async () => {
    const { page } = await openLivePage(
      browser,
      `${fixture.server.address}#tab=files&threshold=0.25&theme=dark`,
    );
    await page.getByRole('heading', { name: 'Predict your own recordings' }).waitFor();
    await page.getByText('Unsure below 25.0 %').waitFor();
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
    await page.getByRole('tab', { name: 'Files' }).focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('heading', { name: 'Speak, and watch the predictions' }).waitFor();
    assert.match(page.url(), /#threshold=0\.25&theme=dark$/);
    await page.goBack();
    await page.getByRole('heading', { name: 'Predict your own recordings' }).waitFor();
    await page.context().close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [390, 1440]) {
      it(`is accessible at ${width} pixels in the ${colorScheme} theme`, async () => {
        const viewport = { width, height: 900 };
        const { page } = await openLivePage(browser, fixture.server.address, { viewport, colorScheme });
        await assertAccessible(page, 'Speak');
        await recordWindows(page, 4);
        await assertAccessible(page, 'Speak, recording');
        await stopRecording(page);
        await page.getByText('Timeline as a table').click();
        await assertAccessible(page, 'Speak, finished');
        await page.getByRole('tab', { name: 'Files' }).click();
        const clip = Buffer.from(encodeWav(babble('accessible', 6)));
        await page.locator('#panel-files input[type=file]').setInputFiles([
          { name: 'a.wav', mimeType: 'audio/wav', buffer: clip },
          { name: 'empty.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(0) },
        ]);
        await page.getByRole('heading', { name: '1 of 2 predicted, 1 failed' }).waitFor({ timeout: 180_000 });
        await page.getByRole('button', { name: 'Details of a.wav' }).click();
        await assertAccessible(page, 'Files');
        const overflow = await page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        assert.equal(overflow, 0, 'the page scrolls horizontally');
        await page.context().close();
      });
    }
  }
});
