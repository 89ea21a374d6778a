import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { decodeAudio, toMono } from '../../src/core/audio';
import { loadCorpora } from '../../src/node/corpora';
import { voice } from '../babble';
import { zipCorpus } from '../../src/web/corpus/archive';
import { defaultSetup, planPrompts } from '../../src/web/corpus/setup';
import { emptySession, recordAll } from './corpus/example-session';
import {
  type LiveFixture,
  liveFixture,
  openLivePage,
  recordWindows,
  stopRecording,
  waitForWindows,
  whenLoaded,
  workerMessages,
} from './live-page';

/** Takes in the browser's storage: prompt id → WAV file. */
async function storedWavs(page: Page): Promise<Map<string, Buffer>> {
  // Without named functions: the TypeScript loader would add a helper that the page does not have.
  const entries = await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('speech-emotion-workbench-corpora');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error('cannot open'));
    });
    const found = await new Promise<[string, number[]][]>((resolve) => {
      const all: [string, number[]][] = [];
      const request = database.transaction('audio').objectStore('audio').openCursor();
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return resolve(all);
        all.push([(cursor.key as string[])[1], [...(cursor.value as Uint8Array)]]);
        cursor.continue();
      };
    });
    database.close();
    return found;
  });
  return new Map(entries.map(([id, bytes]) => [id, Buffer.from(bytes)]));
}

async function createCorpus(page: Page, { name = 'class 7b', speakers = ['S1'] } = {}): Promise<void> {
  await page.getByRole('button', { name: 'New corpus' }).click();
  await page.getByLabel('Name of the corpus').fill(name);
  for (const [i, speaker] of speakers.entries()) {
    if (i > 0) await page.getByRole('button', { name: 'Add a speaker' }).click();
    await page.getByLabel(`Code of speaker ${i + 1}`).fill(speaker);
  }
  await page.getByRole('button', { name: 'Create the corpus' }).click();
  await page.locator('.prompt-sentence').waitFor();
}

async function recordTake(page: Page, ms = 1500): Promise<void> {
  const microphone = page.getByRole('button', { name: 'Switch the microphone on' });
  if (await microphone.isVisible()) await microphone.click();
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.waitForTimeout(ms);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('button', { name: /Keep, next/ }).waitFor();
}

/** Rules of axe that the page breaks. */
async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate<{
    violations: { id: string; nodes: { html: string }[] }[];
  }>('axe.run("#panel-record")');
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

describe('recording a corpus on the live page', function () {
  this.timeout(300_000);

  let live: LiveFixture;
  let browser: Browser;
  let directory: string;
  const address = (view = ''): string => `${live.server.address}#tab=record${view}`;

  before(async function () {
    live = await liveFixture(this);
    browser = await live.launch({ microphone: voice('recorded corpus', 3) });
    directory = await mkdtemp(join(tmpdir(), 'recorded-'));
  });
  after(async () => {
    await (live as LiveFixture | undefined)?.close();
    if ((directory as string | undefined) !== undefined) await rm(directory, { recursive: true });
  });

  it('keeps takes over a reload, and exports an archive that the workbench loads with the same samples', async () => {
    const { page, requests, problems } = await openLivePage(browser, address());
    const before = requests.length;
    await createCorpus(page);
    assert.equal(await page.locator('.prompt-emotion').textContent(), 'angry');
    await recordTake(page);
    await page.getByRole('button', { name: /Keep, next/ }).click();
    await page.getByText('Prompt 2 of 14').waitFor();
    await recordTake(page, 900);
    // The browser itself may look at its icon again when the address changes.
    const later = requests.slice(before).filter((url) => !url.endsWith('/icon.svg'));
    assert.deepEqual(later, [], 'no request after loading');

    await page.reload();
    await whenLoaded(page);
    await page.getByText('Prompt 2 of 14').waitFor();
    await page.getByRole('button', { name: /Keep, next/ }).click();
    await page.getByText('Prompt 3 of 14').waitFor();
    await page.getByRole('button', { name: 'Skip', exact: true }).click();
    await page.getByText('Prompt 4 of 14').waitFor();
    await page.getByRole('button', { name: 'Overview and export' }).click();
    await page.getByRole('heading', { name: 'Progress: 2 of 14 kept, 1 skipped' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export as ZIP' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^class-7b-S1-\d{4}-\d\d-\d\d\.zip$/);
    const archive = join(directory, 'export.zip');
    await download.saveAs(archive);

    const stored = await storedWavs(page);
    assert.equal(stored.size, 2);
    for (const [path, content] of Object.entries(unzipSync(await readFile(archive)))) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    const corpora = await loadCorpora({ root: directory, cacheDirectory: join(directory, '.cache') });
    assert.deepEqual(corpora.report.leftOut, []);
    assert.equal(corpora.clips.length, 2);
    for (const clip of corpora.clips) {
      assert.deepEqual([clip.corpus, clip.speaker, clip.emotion], ['class-7b', 'class-7b-S1', 'angry']);
      const id = JSON.stringify(['S1', clip.emotion, clip.sentence, clip.take]);
      const { samples, sampleRate } = toMono(decodeAudio(await readFile(corpora.fileOf(clip))));
      assert.deepEqual(samples, toMono(decodeAudio(stored.get(id)!)).samples);
      assert.ok(samples.length / sampleRate > 0.9 && samples.length / sampleRate < 20);
      assert.ok(samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0) > 0.05, 'it is audible');
    }
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it('continues from the archive on another device, and deletes a corpus after a question', async () => {
    const { page } = await openLivePage(browser, address());
    await page.getByText('None yet.').waitFor();
    await page.getByLabel('Archive or setup file').setInputFiles(join(directory, 'export.zip'));
    await page.getByText('export.zip: 2 recordings added.').waitFor();
    await page.getByLabel('Archive or setup file').setInputFiles(join(directory, 'export.zip'));
    await page.getByText('0 recordings added; 2 were here already').waitFor();
    await page.getByRole('button', { name: 'Open it' }).click();
    await page.getByText('Prompt 4 of 14').waitFor();
    assert.equal((await storedWavs(page)).size, 2);
    await page.getByRole('button', { name: 'All corpora' }).click();
    await page.getByRole('button', { name: /Delete class 7b/ }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await storedWavs(page)).size, 2);
    await page.getByRole('button', { name: /Delete class 7b/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('None yet.').waitFor();
    assert.equal((await storedWavs(page)).size, 0);
    await page.getByLabel('Archive or setup file').setInputFiles({
      name: 'other.zip',
      mimeType: 'application/zip',
      buffer: Buffer.from('PK\x03\x04 damaged'),
    });
    await page.getByText('other.zip: the archive is damaged').waitFor();
    await page.context().close();
  });

  it('a repeated take replaces the first one only when it is stored, also if the storage is full', async () => {
    const { page } = await openLivePage(browser, address());
    await createCorpus(page);
    await recordTake(page, 700);
    const [[id, first]] = await storedWavs(page);
    await page.evaluate(`{
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function (...args) {
        if (this.name === 'audio') throw new DOMException('full', 'QuotaExceededError');
        return put.apply(this, args);
      };
      window.makeRoom = () => (IDBObjectStore.prototype.put = put);
    }`);
    await page.getByRole('button', { name: 'Repeat' }).click();
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await page.waitForTimeout(700);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('the browser has no more room for this page').waitFor();
    assert.deepEqual((await storedWavs(page)).get(id), first, 'the first take is still there');
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as a file' }).click(),
    ]);
    const path = join(directory, 'unsaved.wav');
    await saved.saveAs(path);
    const unsaved = await readFile(path);
    await page.evaluate('window.makeRoom()');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('the browser has no more room for this page').waitFor({ state: 'detached' });
    const after = (await storedWavs(page)).get(id);
    assert.deepEqual(after, unsaved);
    assert.notDeepEqual(after, first);
    await page.context().close();
  });

  it('nothing is lost if the microphone is disconnected or the page is closed while recording', async () => {
    const { page } = await openLivePage(browser, address());
    await createCorpus(page);
    await page.getByRole('button', { name: 'Switch the microphone on' }).click();
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await page.waitForTimeout(800);
    await page.evaluate(`window.microphoneTracks.at(-1).dispatchEvent(new Event('ended'))`);
    await page.getByText('The microphone was disconnected').waitFor();
    await page.getByRole('button', { name: /Keep, next/ }).click();
    assert.equal((await storedWavs(page)).size, 1);
    await page.getByRole('button', { name: 'Switch the microphone on' }).click();
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await page.waitForFunction(() => /Recording: [3-9]/.test(document.body.textContent));
    const view = page.url();
    await page.close(); // like a crash, without any event in the page
    const again = await page.context().newPage();
    await again.goto(view);
    await whenLoaded(again);
    await again.getByText('Prompt 2 of 14').waitFor();
    await again.getByRole('button', { name: /Keep, next/ }).waitFor();
    assert.equal((await storedWavs(again)).size, 2);
    await again.context().close();
  });

  it('its microphone does not stop a recording in Speak when it is switched off', async () => {
    const { page } = await openLivePage(browser, address());
    await createCorpus(page);
    await page.getByRole('tab', { name: 'Speak' }).click();
    await recordWindows(page, 2);
    await page.getByRole('tab', { name: 'Record a corpus' }).click();
    await page.getByRole('button', { name: 'Switch the microphone on' }).click();
    await page.getByRole('button', { name: 'Record', exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Speak' }).click();
    const trackStates = (): Promise<string[]> =>
      page.evaluate<string[]>('window.microphoneTracks.map(({ readyState }) => readyState)');
    for (let attempt = 0; attempt < 100 && (await trackStates())[1] === 'live'; attempt++)
      await page.waitForTimeout(100);
    assert.deepEqual(await trackStates(), ['live', 'ended']);
    await waitForWindows(page, (await workerMessages(page, 'window')).length + 8);
    await stopRecording(page);
    await page.context().close();
  });

  it('its microphone stays off if another screen was opened before the browser permitted it', async () => {
    const { page } = await openLivePage(browser, address());
    await createCorpus(page);
    await page.evaluate(`{
      const { mediaDevices } = navigator;
      const open = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = (constraints) =>
        new Promise((resolve) => {
          window.permit = () => resolve(open(constraints));
        });
    }`);
    await page.getByRole('button', { name: 'Switch the microphone on' }).click();
    await page.getByRole('button', { name: 'Waiting for the microphone' }).waitFor();
    await page.getByRole('tab', { name: 'Files' }).click();
    await page.getByRole('tab', { name: 'Record a corpus' }).click();
    await page.evaluate('window.permit()');
    await page.waitForFunction(
      () =>
        (window as unknown as { microphoneTracks: { readyState: string }[] }).microphoneTracks[0]
          ?.readyState === 'ended',
      undefined,
      { timeout: 20_000 },
    );
    await page.getByRole('button', { name: 'Switch the microphone on' }).click();
    await page.evaluate('window.permit()');
    await recordTake(page, 500);
    await page.context().close();
  });

  it('a second tab changes nothing of a corpus that is open in the first', async () => {
    const { page } = await openLivePage(browser, address());
    await createCorpus(page);
    await page.getByRole('button', { name: 'Switch the microphone on' }).click();
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    // A part of the take has been stored.
    await page.waitForFunction(() => /Recording: [2-9]/.test(document.body.textContent));
    const elsewhere = 'This corpus is open in another tab. Close it there first';
    const second = await page.context().newPage();
    second.setDefaultTimeout(60_000);
    await second.goto(page.url());
    await whenLoaded(second);
    await second.getByText(elsewhere).waitFor();
    await second.getByRole('button', { name: 'All corpora' }).click();
    await second.getByRole('button', { name: /Delete class 7b/ }).click();
    await second.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await second.getByRole('alert').getByText(elsewhere).waitFor();
    const id = new URLSearchParams(new URL(page.url()).hash.slice(1)).get('corpus')!;
    const setup = { ...defaultSetup(), name: 'class 7b', speakers: [{ name: 'S1' }] };
    const other = recordAll(emptySession(setup, id), planPrompts(setup).slice(0, 1));
    const pieces: Uint8Array[] = [];
    for await (const piece of zipCorpus(other.session, ({ prompt }) =>
      Promise.resolve(other.wavs.get(prompt.id)!),
    ))
      pieces.push(piece);
    await second
      .getByLabel('Archive or setup file')
      .setInputFiles([{ name: 'x.zip', mimeType: 'application/zip', buffer: Buffer.concat(pieces) }]);
    await second.getByRole('status').getByText(elsewhere).waitFor();
    assert.equal((await storedWavs(second)).size, 0, 'the unfinished take is still being recorded');

    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: /Keep, next/ }).click();
    await page.getByText('Prompt 2 of 14').waitFor();
    const [[, wav]] = await storedWavs(page);
    const { samples, sampleRate } = toMono(decodeAudio(wav));
    assert.ok(samples.length > 2 * sampleRate, 'the whole take');
    await page.close();
    await second.getByRole('button', { name: 'Open class 7b' }).click();
    await second.getByText('Prompt 2 of 14').waitFor();
    await second.getByRole('button', { name: 'Overview and export' }).click();
    await second.getByRole('heading', { name: 'Progress: 1 of 14 kept' }).waitFor();
    await second.context().close();
  });

  it('an unfinished repetition replaces the recording only if the person decides so', async () => {
    const { page } = await openLivePage(browser, address());
    await createCorpus(page);
    await recordTake(page, 700);
    await page.getByRole('button', { name: /Keep, next/ }).click();
    await page.getByText('Prompt 2 of 14').waitFor();
    const [[id, kept]] = await storedWavs(page);
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: 'Repeat' }).click();
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await page.waitForFunction(() => /Recording: [3-9]/.test(document.body.textContent));
    const view = page.url();
    await page.close();
    const again = await page.context().newPage();
    await again.goto(view);
    await whenLoaded(again);
    await again.getByText('The earlier recording is unchanged.').waitFor();
    await again.getByText(/Unfinished repetition: S1, angry, \d\.\d s/).waitFor();
    assert.deepEqual((await storedWavs(again)).get(id), kept);
    await again.getByText('Prompt 2 of 14').waitFor();
    await again.getByRole('button', { name: 'Use it instead' }).click();
    await again.getByText('Unfinished repetition').waitFor({ state: 'detached' });
    const { samples, sampleRate } = toMono(decodeAudio((await storedWavs(again)).get(id)!));
    assert.ok(samples.length >= sampleRate, 'at least what had been stored after a second');
    assert.notDeepEqual((await storedWavs(again)).get(id), kept);
    await again.reload();
    await whenLoaded(again);
    await again.getByRole('button', { name: /Keep, next/ }).waitFor();
    assert.equal(await again.getByText('Unfinished repetition').count(), 0);
    await again.context().close();
  });

  it('a take is stored if another corpus is opened from its address meanwhile', async () => {
    const { page } = await openLivePage(browser, address());
    await createCorpus(page, { name: 'second', speakers: ['S2'] });
    const { hash } = new URL(page.url());
    await page.getByRole('button', { name: 'All corpora' }).click();
    await createCorpus(page, { name: 'first', speakers: ['S1'] });
    await page.getByRole('button', { name: 'Switch the microphone on' }).click();
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await page.waitForTimeout(700);
    await page.evaluate((other) => (location.hash = other), hash);
    await page.getByRole('heading', { name: 'second' }).waitFor();
    const stored = await storedWavs(page);
    assert.deepEqual(
      [...stored.keys()].map((key) => (JSON.parse(key) as string[])[0]),
      ['S1'],
    );
    await page.context().close();
  });

  it('works with the keyboard alone', async () => {
    const { page } = await openLivePage(browser, address());
    await createCorpus(page, { speakers: ['S1', 'S2'] });
    await page.getByRole('button', { name: 'Switch the microphone on' }).press('Space');
    const record = page.getByRole('button', { name: 'Record', exact: true });
    await record.waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent.includes('Record'));
    await page.keyboard.press('Space');
    await page.waitForTimeout(900);
    await page.keyboard.press('Space');
    await page.waitForFunction(() => document.activeElement?.textContent.includes('Keep, next'));
    await page.keyboard.press('Space');
    await page.getByText('Prompt 2 of 28').waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent.includes('Record'));
    await page.getByText('Microphone and recording mode').click();
    await page.getByLabel('Recording mode').selectOption('hold');
    await page.getByRole('button', { name: 'Hold to record' }).focus();
    await page.keyboard.down('Space');
    await page.waitForTimeout(900);
    await page.keyboard.up('Space');
    await page.waitForFunction(() => document.activeElement?.textContent.includes('Keep, next'));
    assert.equal((await storedWavs(page)).size, 2);
    await page.locator('.prompt-card select').selectOption('S2');
    await page.getByText('Prompt 15 of 28').waitFor();
    await page.context().close();
  });

  it('states why the microphone cannot be used', async () => {
    const denied = await live.launch({ isAllowed: false });
    const { page } = await openLivePage(denied, address());
    await createCorpus(page);
    await page.getByRole('button', { name: 'Switch the microphone on' }).click();
    await page.getByText(/does not permit this page to use the microphone|No microphone was found/).waitFor();
    await page.context().close();
  });

  it('shows which fields of the setup must be changed', async () => {
    const { page } = await openLivePage(browser, address('&corpus=new'));
    await page.getByLabel('Other labels, separated by commas').fill('bored');
    await page.getByText('A class of its own: bored').waitFor();
    await page.getByRole('button', { name: 'Create the corpus' }).click();
    await page.getByText('Give the corpus a name').waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'corpus-name');
    assert.equal(await page.getByLabel('Name of the corpus').getAttribute('aria-invalid'), 'true');
    await page.getByText('There must be 1 to 200 speakers').waitFor();
    await page.context().close();
  });

  it('axe reports nothing, in both themes and widths', async () => {
    for (const { width, theme } of [
      { width: 1440, theme: 'light' },
      { width: 390, theme: 'dark' },
    ]) {
      const { page } = await openLivePage(browser, address(`&theme=${theme}`), {
        viewport: { width, height: 900 },
      });
      assert.deepEqual(await axeViolations(page), [], 'list');
      await page.getByRole('button', { name: 'New corpus' }).click();
      await page.getByRole('button', { name: 'Create the corpus' }).click();
      assert.deepEqual(await axeViolations(page), [], 'setup with problems');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await createCorpus(page);
      assert.deepEqual(await axeViolations(page), [], 'prompt');
      await recordTake(page, 600);
      assert.deepEqual(await axeViolations(page), [], 'review');
      await page.getByRole('button', { name: 'Overview and export' }).click();
      assert.deepEqual(await axeViolations(page), [], 'overview');
      const isScrolling = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      assert.equal(isScrolling, false, `the page scrolls sideways at ${width} px`);
      await page.context().close();
    }
  });
});
