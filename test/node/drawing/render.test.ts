import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { createCanvas, loadImage } from '@napi-rs/canvas';

import {
  ageSexFigure,
  durationsFigure,
  emotionColors,
  emotionCountsFigure,
  emotionsByGroupFigure,
  figureJson,
  sampleRatesFigure,
  speakerEmotionHeatmap,
  type Figure,
} from '../../../src/core/figures';
import { renderPng, renderSvg, saveFigure } from '../../../src/node/drawing';
import { projectRoot } from '../../../src/node/files';
import { sampleClips } from '../../core/figures/sample-clips';
import { buildPlotly, plotlyFile } from '../../../src/node/build';

interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

async function decode(png: Buffer): Promise<Pixels> {
  const image = await loadImage(png);
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  return {
    width: image.width,
    height: image.height,
    data: context.getImageData(0, 0, image.width, image.height).data,
  };
}

/** Number of pixels of a colour. */
function count({ data }: Pixels, hex: string): number {
  const color = Number.parseInt(hex.slice(1), 16);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) {
    if ((data[i] << 16) + (data[i + 1] << 8) + data[i + 2] === color) found++;
  }
  return found;
}

const counts = emotionCountsFigure(sampleClips, { source: 'three invented corpora' });

describe('figures of the demo corpus', () => {
  const clips = sampleClips.map((clip) => ({ ...clip, corpus: `demo ${clip.corpus}` }));
  const source = 'synthetic demo, 42 clips';
  for (const [name, figure] of Object.entries({
    ageSexFigure: ageSexFigure(clips, { source }),
    durationsFigure: durationsFigure(clips, { source }),
    emotionCountsFigure: emotionCountsFigure(clips, { source }),
    emotionsByGroupFigure: emotionsByGroupFigure(clips, { source, by: 'corpus' }),
    sampleRatesFigure: sampleRatesFigure(clips, { source }),
    speakerEmotionHeatmap: speakerEmotionHeatmap(clips, { source }),
  })) {
    it(`are drawn: ${name}`, async () => {
      assert.match(await renderSvg(figure), /synthetic demo, 42 clips/);
    });
  }
});

describe('renderPng', () => {
  it('draws with the given size and scale, and every bar in its colour', async () => {
    const pixels = await decode(await renderPng(counts, { width: 600, height: 300, scale: 2 }));
    assert.deepEqual([pixels.width, pixels.height], [1200, 600]);
    for (const color of Object.values(emotionColors))
      assert.ok(count(pixels, color) > 500, `too little ${color}`);
    assert.ok(count(pixels, '#FFFFFF') > pixels.width * pixels.height * 0.4);
  });

  it("takes the size from the figure's layout by default", async () => {
    const pixels = await decode(await renderPng(counts, { scale: 1 }));
    assert.deepEqual([pixels.width, pixels.height], [700, 400]);
  });

  it('draws text', async () => {
    const untitled = { ...counts, layout: { ...counts.layout, title: { text: '' } } };
    const [withTitle, without] = await Promise.all(
      [counts, untitled].map(async (one) => decode(await renderPng(one))),
    );
    const inkOf = ({ data, width }: Pixels): number =>
      data.subarray(0, width * 4 * 100).reduce((sum, value) => sum + 255 - value, 0);
    assert.equal(inkOf(without), 0);
    assert.ok(inkOf(withTitle) > 100_000);
  });

  it('gives the same bytes every time, also for simultaneous calls', async () => {
    const [first, second] = await Promise.all([renderPng(counts), renderPng(counts)]);
    const third = await renderPng(counts);
    assert.ok(first.equals(second) && first.equals(third));
  });

  it('does not smooth the cells of a heatmap', async () => {
    const heatmap: Figure = {
      data: [{ type: 'heatmap', z: [Float32Array.of(0, 1), [1, 0]], showscale: false, colorscale: scale }],
      layout: { margin: { l: 0, r: 0, t: 0, b: 0 }, xaxis: { visible: false }, yaxis: { visible: false } },
    };
    const pixels = await decode(await renderPng(heatmap, { width: 200, height: 100, scale: 1 }));
    assert.ok(count(pixels, '#FF0000') > 9000);
    assert.ok(count(pixels, '#0000FF') > 9000);
  });

  it('compresses the same picture to less than half the size', async () => {
    const [plain, small] = [await renderPng(counts), await renderPng(counts, { isCompressed: true })];
    assert.ok(small.length < plain.length / 2);
    assert.deepEqual(await decode(small), await decode(plain));
  });

  it('rejects a figure without data and invalid sizes', async () => {
    const invalid = (message: RegExp): object => ({ name: 'InvalidArgumentError', message });
    await assert.rejects(
      renderPng({ data: [], layout: {} }),
      invalid(/figure\.data must be at least one trace/),
    );
    await assert.rejects(renderPng(counts, { width: 0 }), invalid(/width must be/));
    await assert.rejects(renderPng(counts, { scale: NaN }), invalid(/scale must be/));
    // A failed call does not block the next one.
    assert.ok((await renderPng(counts)).length > 1000);
  });

  it('does not modify the figure', async () => {
    const before = figureJson(counts);
    await renderPng(counts);
    assert.equal(figureJson(counts), before);
  });
});

const scale = [
  [0, '#0000FF'],
  [1, '#FF0000'],
];

describe('renderSvg', () => {
  const named = (name: string): Figure => ({
    data: [{ type: 'bar', x: ['a'], y: [1], name, showlegend: true }],
    layout: { margin: { l: 0, r: 0, t: 0, b: 0 } },
  });
  const legendWidth = async (name: string): Promise<number> => {
    const svg = await renderSvg(named(name), { width: 700, height: 300 });
    return Number(
      /<rect class="bg"[^>]*? width="([\d.]+)"/.exec(svg.slice(svg.indexOf('class="legend"')))?.[1],
    );
  };

  it('makes the legend as wide as its text', async () => {
    const [narrow, wide, widest] = [
      await legendWidth('i'),
      await legendWidth('WWWW'),
      await legendWidth('WWWWWWWW'),
    ];
    assert.ok(wide > narrow + 30, `${narrow} ${wide}`);
    assert.ok(Math.abs(widest - wide - (wide - narrow)) < 20, `${narrow} ${wide} ${widest}`);
  });

  it('widens the margin for long tick labels', async () => {
    const left = async (label: string): Promise<number> => {
      const figure: Figure = {
        data: [{ type: 'bar', orientation: 'h', x: [1], y: [label] }],
        layout: { margin: { l: 0, r: 0, t: 0, b: 0 }, yaxis: { automargin: true } },
      };
      const svg = await renderSvg(figure);
      return Number(/<clipPath id="clip[^"]*xyplot"[^>]*><rect width="([\d.]+)"/.exec(svg)?.[1]);
    };
    const short = await left('short');
    const long = await left('a label that is considerably longer');
    assert.ok(short > 500 && short - long > 150, `${short} ${long}`);
  });

  it('gives the same text every time', async () => {
    assert.equal(await renderSvg(counts), await renderSvg(counts));
  });
});

describe('the Plotly window', () => {
  it('adds no browser globals, and lets the process exit', async () => {
    const script = `
      const { renderPng } = require('./src/node/drawing');
      const before = Object.getOwnPropertyNames(globalThis).join();
      renderPng({ data: [{ type: 'bar', x: ['a'], y: [1] }], layout: {} }).then((png) => {
        const after = Object.getOwnPropertyNames(globalThis).join();
        console.log(png.length > 1000, after === before, typeof window, typeof document);
      });`;
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--require', 'tsx/cjs', '--eval', script], {
      timeout: 60_000,
    });
    assert.equal(stdout.trim(), 'true true undefined undefined');
  });
});

describe('saveFigure', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'figures-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('writes PNG, SVG or JSON depending on the extension, and creates folders', async () => {
    for (const name of ['a.png', 'deep/er/a.svg', 'a.json']) await saveFigure(counts, join(folder, name));
    const [png, svg, json] = await Promise.all(
      ['a.png', 'deep/er/a.svg', 'a.json'].map((name) => readFile(join(folder, name))),
    );
    assert.equal(png.toString('latin1', 1, 4), 'PNG');
    assert.match(svg.toString(), /^<svg[\s\S]*Clips per emotion[\s\S]*<\/svg>\s*$/);
    assert.deepEqual(JSON.parse(json.toString()), JSON.parse(figureJson(counts)));
    assert.deepEqual((await readdir(folder)).sort(), ['a.json', 'a.png', 'deep']);
  });

  it('writes a sidecar if given', async () => {
    const sidecar = { command: 'npm run figures', seed: 7 };
    const written = await saveFigure(counts, join(folder, 'a.png'), { width: 300, height: 200, sidecar });
    assert.deepEqual(written, [join(folder, 'a.png'), join(folder, 'a.png.json')]);
    const facts: unknown = JSON.parse(await readFile(written[1], 'utf8'));
    assert.deepEqual(facts, {
      figure: 'a.png',
      title: 'Clips per emotion',
      source: 'three invented corpora',
      ...sidecar,
    });
  });

  it('rejects other extensions and writes nothing', async () => {
    await assert.rejects(saveFigure(counts, join(folder, 'a.bmp')), /path must be a file name that ends in/);
    assert.deepEqual(await readdir(folder), []);
  });
});

describe('figureJson', () => {
  it('converts typed arrays to lists with their precision, and NaN to null', () => {
    const figure: Figure = { data: [{ type: 'scatter', y: Float32Array.of(0.1, NaN, 1 / 3) }], layout: {} };
    assert.equal(figureJson(figure), '{"data":[{"type":"scatter","y":[0.1,null,0.3333333]}],"layout":{}}');
  });
});

describe('buildPlotly', function () {
  this.timeout(60_000);
  const path = join(projectRoot, plotlyFile);

  it('minifies the installed version, and only when it has changed', async () => {
    await buildPlotly();
    const code = await readFile(path, 'utf8');
    assert.match(code, /^\/\* plotly\.js-dist \d+\.\d+\.\d+, minified; MIT license/);
    assert.ok(code.length > 3e6 && code.length < 5.2e6, String(code.length));
    assert.equal(await buildPlotly(), false);
  });

  it('gives a script that defines Plotly', async () => {
    await buildPlotly();
    const { JSDOM } = createRequire(__filename)('jsdom') as typeof import('jsdom');
    const { window } = new JSDOM('', { runScripts: 'outside-only' });
    Object.assign(window.URL, { createObjectURL: () => '' });
    Object.assign(window.HTMLCanvasElement.prototype, { getContext: () => null });
    window.eval(await readFile(path, 'utf8'));
    assert.equal(window.eval('typeof Plotly.newPlot'), 'function');
    window.close();
  });
});
