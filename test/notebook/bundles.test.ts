import fc from 'fast-check';
import assert from 'node:assert/strict';
import { decodeAudio } from '../../src/core/audio';
import { InvalidArgumentError } from '../../src/core/base';
import {
  liveDisplay,
  type MimeBundle,
  progress,
  showFigure,
  showMarkdown,
  showProgress,
  showTable,
} from '../../src/notebook';
import { audioBundle } from '../../src/notebook/recordings';
import { escapeHtml, installCellHost } from '../../src/notebook/display';
import { figureBundle } from '../../src/notebook/figure';
import { formatNumber, tableBundle } from '../../src/notebook/table';
import { progressBundle } from '../../src/notebook/progress';
import { fakeHost } from './fake-host';
const html = (bundle: MimeBundle): string => bundle['text/html'] as string;
const plain = (bundle: MimeBundle): string => bundle['text/plain'] as string;
/** The figure that a bundle's script draws. */
const drawn = (bundle: MimeBundle): unknown => JSON.parse(/^const figure = (.*);$/m.exec(html(bundle))![1]);

describe('escapeHtml', () => {
  it('escapes every character with a meaning in HTML', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const escaped = escapeHtml(text);
        assert.ok(!/[<>"']/.test(escaped));
        assert.ok(!/&(?!(amp|lt|gt|quot|#39);)/.test(escaped));
      }),
    );
    assert.equal(escapeHtml(`<a href="x">&'`), '&lt;a href=&quot;x&quot;&gt;&amp;&#39;');
  });
});

describe('figureBundle', () => {
  const figure = {
    data: [{ type: 'scatter', y: [1, 2] }],
    layout: { title: { text: 'A <b>bold</b> "title"' } },
  };
  const options = { id: 'figure-1', width: 700, height: 400, png: Buffer.from('picture') };

  it('contains HTML with the picture, the picture itself, and a line of text', () => {
    const bundle = figureBundle(figure, options);
    const base64 = Buffer.from('picture').toString('base64');
    assert.deepEqual(Object.keys(bundle), ['text/html', 'image/png', 'text/plain']);
    assert.equal(bundle['image/png'], base64);
    assert.match(
      html(bundle),
      new RegExp(
        `<div id="figure-1".*<img alt="A bold &quot;title&quot;" src="data:image/png;base64,${base64}"`,
      ),
    );
    assert.equal(plain(bundle), '[figure: A bold "title"]');
  });

  it('makes no network requests', () => {
    assert.ok(!/https?:/.test(html(figureBundle(figure, options))));
  });

  it('escapes tags and comments in the text of a figure', () => {
    const text = '</script><!--<script>\u2028';
    const bundle = figureBundle({ data: [{ type: 'bar', name: text }], layout: {} }, options);
    assert.deepEqual(html(bundle).match(/<\/?script>|<!--|\u2028/g), ['<script>', '</script>']);
    assert.deepEqual(drawn(bundle), { data: [{ type: 'bar', name: text }], layout: {} });
  });

  it('writes typed arrays as short lists, and gaps for NaN', () => {
    const data = [{ type: 'heatmap', z: [new Float32Array([0.1, NaN])], y: new Float64Array([0.1, 2]) }];
    assert.deepEqual(drawn(figureBundle({ data, layout: {} }, options)), {
      data: [{ type: 'heatmap', z: [[0.1, null]], y: [0.1, 2] }],
      layout: {},
    });
  });
});

describe('tableBundle', () => {
  it('escapes text and aligns columns of numbers to the right', () => {
    const bundle = tableBundle([
      { emotion: '<i>angry</i>', clips: 12345, share: 0.123456 },
      { emotion: 'sad', clips: 7, share: null },
    ]);
    assert.match(html(bundle), /<th style="text-align:left">emotion<\/th><th style="text-align:right">clips/);
    assert.match(
      html(bundle),
      /&lt;i&gt;angry&lt;\/i&gt;.*text-align:right">12,345<.*text-align:right;white-space:nowrap">12\.3 %</,
    );
    assert.equal(
      plain(bundle),
      ['emotion        clips   share', '<i>angry</i>  12,345  12.3 %', 'sad                7'].join('\n'),
    );
  });

  it('shows shares in percent, judged by the name of the column and its values', () => {
    const rows = [
      { validationUar: 0.4763, 'training.learningRate': 0.003, uar: 52.1, score: NaN },
      { validationUar: 1, 'training.learningRate': 0.01, uar: 48, score: 0.5 },
    ];
    const cells = [...html(tableBundle(rows)).matchAll(/<td[^>]*>([^<]*)/g)].map(([, text]) => text);
    assert.deepEqual(cells, ['47.6 %', '0.003', '52.1', 'NaN', '100.0 %', '0.01', '48', '50.0 %']);
  });

  it('does not break names at their hyphens', () => {
    const bundle = tableBundle([
      { run: '2026-11-24T07-31-22-quick', change: -0.5, note: 'a well-known one' },
    ]);
    assert.match(html(bundle), /<td style="text-align:left;white-space:nowrap">2026-/);
    assert.equal(html(bundle).match(/<td[^>]*nowrap/g)?.length, 1);
  });

  it('counts omitted rows', () => {
    const rows = Array.from({ length: 12_162 }, (_, clip) => ({ clip }));
    const bundle = tableBundle(rows, { maxRows: 20, title: 'All & sundry' });
    assert.equal(html(bundle).match(/<tr>/g)?.length, 21);
    assert.match(html(bundle), /All &amp; sundry<\/caption>.*… 12,142 more rows/s);
    assert.match(plain(tableBundle(rows.slice(0, 3), { maxRows: 2 })), /… 1 more row$/);
  });

  it('reads a data frame, with its index unless it just counts', () => {
    const frame = {
      columns: ['f0', 'sex'],
      values: [
        [120.5, 'male'],
        [210, 'female'],
      ],
      index: ['DC', 'KL'],
    };
    assert.equal(
      plain(tableBundle(frame)),
      ['       f0  sex', 'DC  120.5  male', 'KL    210  female'].join('\n'),
    );
    assert.equal(plain(tableBundle({ ...frame, index: [0, 1] })).split('\n')[0], '   f0  sex');
    assert.equal(plain(tableBundle({ columns: ['n'], values: [1, 22], index: [0, 1] })), ' n\n 1\n22');
  });

  it('rejects values that are not tables', () => {
    for (const wrong of [[1, 2], [null], { columns: ['a'] }]) {
      assert.throws(() => tableBundle(wrong as unknown as object[]), InvalidArgumentError);
    }
  });
});

describe('formatNumber', () => {
  it('separates thousands, keeps four significant digits, and uses exponents only for extreme values', () => {
    const shown = [0, -1234567, 12345.678, 0.123456, 99.999, 1e-7, 2.5e12, NaN].map(formatNumber);
    assert.deepEqual(shown, [
      '0',
      '-1,234,567',
      '12,346',
      '0.1235',
      '100',
      '1.00e-7',
      '2,500,000,000,000',
      'NaN',
    ]);
  });
});

describe('audioBundle', () => {
  it('contains the waveform as a WAV file', () => {
    const waveform = { samples: Float32Array.of(0, 0.5, -0.5, 0.25), sampleRate: 16000 };
    const bundle = audioBundle(waveform, { title: 'clip <1>' });
    const [, base64] = /<audio controls [^>]*src="data:audio\/wav;base64,([^"]*)"/.exec(html(bundle))!;
    const { channels, sampleRate } = decodeAudio(Buffer.from(base64, 'base64'));
    assert.deepEqual(
      channels.map((samples) => [...samples]),
      [[...waveform.samples]],
    );
    assert.equal(sampleRate, 16000);
    assert.match(html(bundle), /clip &lt;1&gt; \(0\.00 s, 16000 Hz\)/);
  });
});

describe('progressBundle', () => {
  it('contains the count, the elapsed time and the time left', () => {
    const bundle = progressBundle({
      label: 'Extracting',
      done: 250,
      total: 1000,
      elapsedSec: 30,
      note: 'fold <2>',
    });
    assert.equal(plain(bundle), 'Extracting: 250 of 1,000 in 30 s, 2 min left · fold <2>');
    assert.match(html(bundle), /<progress max="1000" value="250".*fold &lt;2&gt;/);
  });
});

describe('in a cell', () => {
  let shown: { bundle: MimeBundle; id: string | undefined; update: boolean | undefined }[];
  beforeEach(() => {
    shown = [];
    installCellHost(
      fakeHost((bundle, { displayId: id, update } = {}) => {
        shown.push({ bundle, id, update });
      }),
    );
  });
  afterEach(() => {
    installCellHost(undefined);
  });

  it('a live display is created once and then replaced', () => {
    const live = liveDisplay();
    for (const text of ['one', 'two', 'three']) live.update(text);
    assert.deepEqual(
      shown.map(({ update }) => update),
      [false, true, true],
    );
    assert.equal(new Set(shown.map(({ id }) => id)).size, 1);
    assert.notEqual(shown[0].id, undefined);
  });

  it('progress updates one output, not at every step, and always shows the final state', () => {
    const bar = progress(10_000, 'Counting');
    for (let i = 0; i < 10_000; i++) bar.increment();
    bar.increment();
    assert.ok(shown.length < 100, `${shown.length} updates`);
    assert.match(plain(shown.at(-1)!.bundle), /^Counting: 10,000 of 10,000/);
    assert.equal(new Set(shown.map(({ id }) => id)).size, 1);
  });

  it('a progress callback takes the total from its first call', () => {
    const onProgress = showProgress('Reading');
    assert.equal(shown.length, 0);
    onProgress(1, 2);
    onProgress(2, 2);
    assert.match(plain(shown.at(-1)!.bundle), /^Reading: 2 of 2/);
  });

  it('a figure contains its picture', async () => {
    await showFigure({
      data: [{ type: 'scatter', y: [1, 2] }],
      layout: { title: { text: 'T' }, width: 300, height: 200 },
    });
    const png = Buffer.from(shown[0].bundle['image/png'] as string, 'base64');
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    assert.match(html(shown[0].bundle), /style="width:300px;max-width:100%;min-height:200px"/);
  });
});

describe('outside a notebook', () => {
  it('everything is printed as text', async () => {
    const written: string[] = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
    try {
      showMarkdown('**so**');
      showTable([{ n: 1 }]);
      await showFigure({ data: [], layout: { title: { text: 'T' } } });
    } finally {
      process.stdout.write = write;
    }
    assert.equal(written.join(''), '**so**\nn\n1\n[figure: T]\n');
  });
});
