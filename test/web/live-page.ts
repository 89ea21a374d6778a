import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { encodeWav, resample, type Waveform } from '../../src/core/audio';
import { paths } from '../../src/node/files';
import { type LiveServer, liveSite, serveSite, type Site } from '../../src/node/live';
import { chromiumPath, launchChromium } from '../chromium';

/** A message of the page's worker, as recorded by {@link openLivePage}. */
export interface WorkerMessage {
  kind: string;
  [field: string]: unknown;
}

/** The live page on a server, with a simulated microphone. */
export interface LiveFixture {
  /** for temporary files */
  folder: string;
  site: Site;
  server: LiveServer;
  /** deletes the temporary files and ends browsers and server */
  close: () => Promise<void>;
  /** starts a browser; without `microphone`, the machine's own devices are used (usually none) */
  launch: (options?: { microphone?: Waveform; isAllowed?: boolean }) => Promise<Browser>;
}

/**
 * Bundles and serves the page. Skips the tests if Chromium is missing.
 *
 * @param options.models - folders; default: the published model
 */
export async function liveFixture(
  test: Mocha.Context,
  { models = [join(paths.models, 'speakers')] }: { models?: readonly string[] } = {},
): Promise<LiveFixture> {
  if (chromiumPath === undefined) {
    console.log('    not tested: Chromium (SER_CHROMIUM) is not installed');
    return test.skip();
  }
  const folder = mkdtempSync(join(tmpdir(), 'live-'));
  const site = await liveSite({ models });
  const server = await serveSite(site);
  const browsers: Browser[] = [];
  return {
    folder,
    site,
    server,
    launch: async ({ microphone, isAllowed = true } = {}) => {
      const args = [isAllowed ? '--use-fake-ui-for-media-stream' : '--deny-permission-prompts'];
      if (microphone) {
        const file = join(folder, `microphone-${browsers.length}.wav`);
        const samples = resample(microphone.samples, microphone.sampleRate, 48_000);
        writeFileSync(file, encodeWav({ samples, sampleRate: 48_000 }));
        args.push('--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${file}`);
      }
      const browser = await launchChromium(args);
      browsers.push(browser);
      return browser;
    },
    close: async () => {
      for (const browser of browsers) await browser.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Records the messages of workers, and the tracks of microphones, for the tests. */
const instruments = `
  window.workerMessages = [];
  window.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        if (data.kind !== 'spectrogram' && data.kind !== 'decode') window.workerMessages.push(data);
      });
    }
  };
  window.microphoneTracks = [];
  const { mediaDevices } = navigator;
  if (mediaDevices) {
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await open(constraints);
      window.microphoneTracks.push(...stream.getTracks());
      window.microphoneConstraints = constraints;
      return stream;
    };
  }
`;

/** A page of a browser with the record of its requests and problems. */
export interface OpenPage {
  page: Page;
  /** addresses of all requests, except those of the page's own memory (`blob:`, `data:`) */
  requests: string[];
  /** errors and violations of the policy that the page logged */
  problems: string[];
}

/**
 * Opens the live page and waits until everything is loaded.
 *
 * @param address - with the fragment of a view, for example `#tab=files`
 */
export async function openLivePage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(180_000);
  const requests: string[] = [];
  const problems: string[] = [];
  context.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url())) requests.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.addInitScript(instruments);
  await page.goto(address);
  await whenLoaded(page);
  return { page, requests, problems };
}

/** Waits until all models have been loaded. */
export async function whenLoaded(page: Page): Promise<void> {
  await page.locator('html[data-loaded=true]').waitFor({ state: 'attached', timeout: 180_000 });
}

/** The worker's messages of a kind. */
export async function workerMessages(page: Page, kind: string): Promise<WorkerMessage[]> {
  const all = await page.evaluate<WorkerMessage[]>('window.workerMessages');
  return all.filter((message) => message.kind === kind);
}

/** Records from the simulated microphone until there are enough live predictions. */
export async function recordWindows(page: Page, windows: number): Promise<void> {
  await page.getByRole('button', { name: /Start recording|Record again/ }).click();
  await waitForWindows(page, windows);
}

/** Waits until there have been at least this many live predictions. */
export async function waitForWindows(page: Page, windows: number): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if ((await workerMessages(page, 'window')).length >= windows) return;
    await page.waitForTimeout(100);
  }
  throw new Error(`fewer than ${windows} live predictions in a minute`);
}

/** Ends the recording and waits for its prediction. */
export async function stopRecording(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.locator('.result').waitFor({ timeout: 180_000 });
}
