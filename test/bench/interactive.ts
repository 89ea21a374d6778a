import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { CDPSession, Locator, Page } from 'playwright-core';
import { quantile, WorkbenchError } from '../../src/core/base';
import { paths } from '../../src/node/files';
import { joinLines, readNotebook, writeNotebook } from '../../src/notebook/notebook-file';
import { launchChromium } from '../chromium';
import { missingFor, openNotebook, startJupyter } from '../notebook/jupyter-browser';

/** Results of {@link benchInteractive}. */
export interface InteractiveBench {
  notebook: string;
  /** from releasing the handle of the slider to the last figure drawn, ms */
  latencyMs: { median: number; p95: number; count: number };
  drag: {
    durationSec: number;
    /** figures drawn per second */
    drawsPerSec: number;
    /** from the end of the drag to the last figure drawn, ms */
    backlogMs: number;
    /** comms that the kernel opened */
    commsOpened: number;
    /** after collecting garbage, MB more than before the drag */
    browserMb: number;
    kernelMb: number;
  };
}

export interface InteractiveBenchOptions {
  /** name of a notebook, for example `03-spectrograms` */
  notebook: string;
  /** number of clicks on the slider */
  clicks: number;
  /** length of the drag, seconds */
  seconds: number;
}

/**
 * Measures in JupyterLab and Chromium how fast the first interactive cell of a notebook follows its first slider.
 *
 * @throws `WorkbenchError` if JupyterLab, ipywidgets or Chromium is not installed, or the notebook has no such cell
 */
export async function benchInteractive({
  notebook,
  clicks,
  seconds,
}: InteractiveBenchOptions): Promise<InteractiveBench> {
  const missing = missingFor('lab', { needsWidgets: true });
  if (missing) throw new WorkbenchError(`${missing} is not installed`);
  const file = `${notebook}.ipynb`;
  const copy = readNotebook(join(paths.notebooks, file));
  const index = copy.cells.findIndex(
    ({ cell_type: type, source }) => type === 'code' && /\bser\.(interact|tune)\(/.test(joinLines(source)),
  );
  if (index < 0) throw new WorkbenchError(`${file} has no interactive cell`);
  const root = mkdtempSync(join(tmpdir(), 'ser-bench-'));
  const memoryCell = 'console.log(Math.round(process.memoryUsage.rss() / 2 ** 20));';
  copy.cells.push({ cell_type: 'code', id: 'memory', source: memoryCell, metadata: {}, outputs: [] });
  writeNotebook(join(root, file), copy);
  const server = await startJupyter('lab', root);
  const browser = await launchChromium();
  try {
    const { page, runAll, runCell, idle, outputs } = await openNotebook(browser, server, file);
    const last = copy.cells.length - 1;
    const kernelMb = async (): Promise<number> => {
      await runCell(last);
      return Number(await outputs(last).textContent());
    };
    // Notebook 6 trains several networks.
    page.setDefaultTimeout(1_200_000);
    let commsOpened = 0;
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    session.on('Network.webSocketFrameReceived', ({ response }) => {
      if (response.payloadData.includes('comm_open')) commsOpened++;
    });
    await runAll();
    await idle();
    await outputs(last).first().waitFor();
    await outputs(index).locator('.js-plotly-plot .main-svg').first().waitFor();
    const slider = outputs(index).locator('.noUi-target').first();
    await slider.scrollIntoViewIfNeeded();
    await page.evaluate(recordDraws);
    const latencies: number[] = [];
    for (let click = 0; click < clicks; click++) {
      await clickOn(page, slider, ((click * 37) % 90) / 100 + 0.05);
      latencies.push(await sinceRelease(page, true));
    }
    const before = [await browserMb(session), await kernelMb()];
    commsOpened = 0;
    const drawsBefore = await drawn(page);
    await drag(page, slider, seconds);
    const backlogMs = await sinceRelease(page, false);
    const draws = (await drawn(page)) - drawsBefore;
    const after = [await browserMb(session), await kernelMb()];
    latencies.sort((a, b) => a - b);
    return {
      notebook,
      latencyMs: {
        median: quantile(latencies, 0.5),
        p95: quantile(latencies, 0.95),
        count: clicks,
      },
      drag: {
        durationSec: seconds,
        drawsPerSec: draws / seconds,
        backlogMs,
        commsOpened,
        browserMb: after[0] - before[0],
        kernelMb: after[1] - before[1],
      },
    };
  } finally {
    await browser.close();
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Runs in the page: notes when the pointer is released, and when a figure is drawn. */
const recordDraws = `(() => {
  const bench = (window.serBench = { released: 0, drawn: 0, count: 0 });
  addEventListener('pointerup', () => { bench.released = performance.now(); }, true);
  for (const plot of document.querySelectorAll('.js-plotly-plot')) {
    plot.on('plotly_afterplot', () => { bench.drawn = performance.now(); bench.count++; });
  }
})()`;

async function clickOn(page: Page, slider: Locator, share: number): Promise<void> {
  const { x, y, width, height } = (await slider.boundingBox())!;
  await page.mouse.move(x + share * width, y + height / 2);
  await page.mouse.down();
  await page.mouse.up();
}

async function drag(page: Page, slider: Locator, seconds: number): Promise<void> {
  await slider.scrollIntoViewIfNeeded();
  // JupyterLab may still be scrolling to the cell that was run last.
  await setTimeout(1000);
  const { x, y, width, height } = (await slider.boundingBox())!;
  const handle = (await slider.locator('.noUi-handle').first().boundingBox())!;
  await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
  await page.mouse.down();
  const started = performance.now();
  for (let step = 0; performance.now() - started < seconds * 1000; step++) {
    const share = 0.5 + 0.45 * Math.sin(step / 20);
    await page.mouse.move(x + share * width, y + height / 2);
    await setTimeout(16);
  }
  await page.mouse.up();
}

/**
 * Waits until no figure has been drawn for a second, and returns the time from the release of the slider to the last figure, ms.
 *
 * @param isNew - wait for a figure that is drawn after the release
 */
async function sinceRelease(page: Page, isNew: boolean): Promise<number> {
  // The questions below would delay the figures.
  await setTimeout(1000);
  for (;;) {
    const [latency, quietMs] = await page.evaluate<[number, number]>(
      '[serBench.drawn - serBench.released, performance.now() - Math.max(serBench.drawn, serBench.released)]',
    );
    if ((latency > 0 || !isNew) && quietMs > 1000) return Math.max(0, latency);
    if (quietMs > 20_000) throw new WorkbenchError('the slider moved, but no figure was drawn');
    await setTimeout(100);
  }
}

const drawn = (page: Page): Promise<number> => page.evaluate<number>('window.serBench.count');

/** Memory of the page's scripts after collecting garbage. */
async function browserMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 2 ** 20;
}

export function describeInteractiveBench({ notebook, latencyMs, drag: dragged }: InteractiveBench): string {
  const ms = (value: number): string => `${Math.round(value)} ms`;
  const mb = (value: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(1)} MB`;
  return [
    `${notebook} in JupyterLab and Chromium`,
    `from releasing the slider to the new figures (${latencyMs.count} clicks): median ${ms(latencyMs.median)}, 95 % ${ms(latencyMs.p95)}`,
    `dragged for ${dragged.durationSec} s: ${dragged.drawsPerSec.toFixed(1)} figures drawn per second, last one ${ms(dragged.backlogMs)} after the end`,
    `  comms opened ${dragged.commsOpened}, memory of the page ${mb(dragged.browserMb)}, of the kernel ${mb(dragged.kernelMb)}`,
  ].join('\n');
}
