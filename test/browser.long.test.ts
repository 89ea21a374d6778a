import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { WaveFile } from 'wavefile';
import type * as library from '../src/browser';
import { decodeAudio, encodeWav, toMono } from '../src/core/audio';
import { type FeatureConfig, featureConfig, windowRows } from '../src/core/features';
import { buildBrowser, browserFolder } from '../src/node/build/browser';
import { loadCorpora } from '../src/node/corpora';
import { loadEngine } from '../src/node/engine';
import { loadFrontEnd } from '../src/node/extraction';
import { paths } from '../src/node/files';
import { createPredictor, loadModel } from '../src/node/models';
import { babble } from './babble';
import { chromiumPath, launchChromium } from './chromium';
import { realClips } from './real-clips';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Features of the first window, and the prediction. */
interface Outcome {
  channels: number;
  sampleRate: number;
  shape: readonly number[];
  features: number[];
  probabilities: Record<string, number>;
}

/** Includes a pitch-shifted version, to test the kernel's pitch shift. */
const config: FeatureConfig = featureConfig({
  features: ['zcr', 'rms', 'mfcc', 'deltas', 'f0'],
  versions: { original: [], higher: [{ kind: 'pitch', nSteps: 2 }] },
});

describe('the library in a browser', function () {
  this.timeout(180_000);

  let server: Server;
  let browser: Browser | undefined;
  let page: Page;
  const requested: string[] = [];
  const clips = new Map<string, Uint8Array>();

  before(async function () {
    if (chromiumPath === undefined) {
      console.log('    not tested: Chromium (SER_CHROMIUM) is not installed');
      this.skip();
    }
    await buildBrowser();
    server = createServer(({ url = '/' }, response) => {
      const name = decodeURIComponent(url);
      const clip = clips.get(name);
      const file = name.startsWith('/model/')
        ? join(paths.models, 'speakers', name.slice('/model/'.length))
        : join(browserFolder, name);
      try {
        const content = name === '/' ? '<!doctype html><title>test</title>' : (clip ?? readFileSync(file));
        response.setHeader('content-type', types[name === '/' ? '.html' : extname(file)] ?? 'audio/wav');
        response.end(content);
      } catch {
        response.writeHead(404).end();
      }
    }).listen(0, '127.0.0.1');
    browser = await launchChromium();
    page = await browser.newPage();
    page.on('request', (request) => requested.push(request.url()));
  });
  after(async () => {
    await browser?.close();
    (server as Server | undefined)?.close();
  });

  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function inBrowser(names: readonly string[]): Promise<Outcome[]> {
    await page.goto(`${origin()}/`);
    return page.evaluate(
      async ({ names, config }) => {
        const address = '/index.js';
        const ser = (await import(address)) as typeof library;
        const engine = await ser.loadEngine('/');
        const frontEnd = await ser.fetchFrontEnd('/kernel.wasm');
        if (frontEnd.name !== 'kernel') throw new Error('the SIMD kernel does not run');
        const predictor = ser.createPredictor(await ser.fetchModel(engine, '/model'), engine, { frontEnd });
        const outcomes: Outcome[] = [];
        for (const name of names) {
          const bytes = new Uint8Array(await (await fetch(name)).arrayBuffer());
          const { channels, sampleRate } = ser.decodeAudio(bytes);
          const mono = ser.toMono({ channels, sampleRate });
          const window = frontEnd.resample(mono.samples, sampleRate, config.sampleRate);
          const rows = ser.windowRows(
            [window.subarray(0, config.durationSec * config.sampleRate)],
            config,
            frontEnd,
            ['original', 'higher'],
          );
          const { probabilities } = await predictor.predict(bytes);
          outcomes.push({
            channels: channels.length,
            sampleRate,
            shape: rows.shape,
            features: Array.from(rows.data),
            probabilities: Object.fromEntries(
              probabilities.map(({ emotion, probability }) => [emotion, probability]),
            ),
          });
        }
        return outcomes;
      },
      { names: [...names], config },
    );
  }

  async function inNode(names: readonly string[]): Promise<Outcome[]> {
    const engine = await loadEngine();
    const frontEnd = await loadFrontEnd();
    const predictor = createPredictor(await loadModel(engine, join(paths.models, 'speakers')), engine);
    const outcomes: Outcome[] = [];
    for (const name of names) {
      const bytes = clips.get(name)!;
      const { channels, sampleRate } = decodeAudio(bytes);
      const mono = toMono({ channels, sampleRate });
      const window = frontEnd.resample(mono.samples, sampleRate, config.sampleRate);
      const cut = window.subarray(0, config.durationSec * config.sampleRate);
      const rows = windowRows([cut], config, frontEnd, ['original', 'higher']);
      const { probabilities } = await predictor.predict(bytes);
      outcomes.push({
        channels: channels.length,
        sampleRate,
        shape: rows.shape,
        features: Array.from(rows.data),
        probabilities: Object.fromEntries(
          probabilities.map(({ emotion, probability }) => [emotion, probability]),
        ),
      });
    }
    return outcomes;
  }

  async function assertSame(names: readonly string[]): Promise<Outcome[]> {
    const [here, there] = [await inNode(names), await inBrowser(names)];
    for (const [i, name] of names.entries()) {
      assert.deepEqual(there[i].shape, here[i].shape, name);
      for (const [k, value] of here[i].features.entries()) {
        const difference = Math.abs(there[i].features[k] - value);
        assert.ok(
          difference <= 1e-5 * Math.max(1, Math.abs(value)),
          `${name}, value ${k}: ${value}, ${difference}`,
        );
      }
      for (const [emotion, probability] of Object.entries(here[i].probabilities))
        assert.ok(Math.abs(there[i].probabilities[emotion] - probability) <= 1e-4, `${name}: ${emotion}`);
    }
    return there;
  }

  it('computes the same features and probabilities as Node, from mono and stereo files', async () => {
    const names = Array.from({ length: 10 }, (_, i) => `/clip-${i}.wav`);
    for (const [i, name] of names.entries()) {
      const left = babble(`browser ${i}`, 1 + i / 2);
      if (i % 2 === 0) {
        clips.set(name, encodeWav(left, { bitDepth: (['16', '24', '32f', '8', '32'] as const)[i / 2] }));
      } else {
        const right = babble(`other channel ${i}`, 1 + i / 2);
        const stereo = new WaveFile();
        stereo.fromScratch(2, [16_000, 22_050, 44_100, 48_000, 8000][(i - 1) / 2], '32f', [
          left.samples,
          right.samples,
        ]);
        clips.set(name, stereo.toBuffer());
      }
    }
    const outcomes = await assertSame(names);
    assert.deepEqual(
      outcomes.map(({ channels }) => channels),
      [1, 2, 1, 2, 1, 2, 1, 2, 1, 2],
    );
    assert.deepEqual(
      [...new Set(outcomes.map(({ sampleRate }) => sampleRate))],
      [22_050, 16_000, 44_100, 48_000, 8000],
    );
  });

  it('computes the same from original recordings', async function () {
    const corpora = await loadCorpora({ root: realClips(this) });
    const stereo = corpora.clips.filter(({ channels }) => channels === 2).slice(0, 1);
    const others = corpora.clips.filter((_, i) => i % Math.ceil(corpora.clips.length / 9) === 0).slice(0, 9);
    const names = [...stereo, ...others].map((clip) => {
      clips.set(`/${clip.path}`, readFileSync(corpora.fileOf(clip)));
      return `/${clip.path}`;
    });
    assert.equal(names.length, 10);
    await assertSame(names);
  });

  it('names the file of a model that cannot be fetched', async () => {
    await page.goto(`${origin()}/`);
    const message = await page.evaluate(async () => {
      const address = '/index.js';
      const ser = (await import(address)) as typeof library;
      const engine = await ser.loadEngine('/');
      return ser.fetchModel(engine, '/nowhere').then(
        () => 'loaded',
        (error: unknown) => String(error),
      );
    });
    assert.equal(
      message,
      'InvalidFileError: /nowhere/bundle.json: it cannot be fetched: the server returned status 404',
    );
  });

  it('makes no request to another host', () => {
    assert.ok(requested.length > 10);
    for (const address of requested) assert.equal(new URL(address).origin, origin());
  });
});
