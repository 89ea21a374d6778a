import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import * as controls from '../../../src/api/controls';
import type { Figure } from '../../../src/core/figures';
import { bundlesOf, interact, type MimeBundle, showMarkdown } from '../../../src/notebook';
import { installCellHost } from '../../../src/notebook/display';
import { fakeHost, type FakeHost, type OpenedComm } from '../fake-host';
import { until } from '../../until';

const { button, slider } = controls;

describe('interact', function () {
  this.timeout(30_000);
  let shown: MimeBundle[];
  let host: FakeHost;

  beforeEach(() => {
    shown = [];
    host = fakeHost((bundle) => void shown.push(bundle));
    installCellHost(host);
  });
  afterEach(() => {
    installCellHost(undefined);
  });

  const html = (bundle: MimeBundle) => bundle['text/html'] as string;
  const model = (name: string): OpenedComm => {
    const found = host.comms.find(({ data }) => (data.state as { _model_name: string })._model_name === name);
    assert.ok(found, name);
    return found;
  };
  const change = (name: string, state: object) => {
    model(name).receive({ method: 'update', state, buffer_paths: [] });
  };
  /** The latest content that was sent to the places of the results. */
  function sentResults(): { figure?: Figure; html?: string }[] {
    const latest = new Map<string, string>();
    for (const { data, sent } of host.comms) {
      const values = [data, ...sent.map((message) => message.data)].map(
        ({ state }) => (state as { value?: unknown }).value,
      );
      for (const value of values) {
        for (const [, place, content] of String(value).matchAll(/data-ser-slot="([^"]+)"[^>]*>([^<]*)/g))
          latest.set(place, content);
      }
    }
    return [...latest.values()].map((content) => {
      const [base64, zipped] = content.split(' ').reverse();
      const bytes = Buffer.from(base64, 'base64');
      return JSON.parse((zipped ? gunzipSync(bytes) : bytes).toString()) as object;
    });
  }
  /** The text of the line below the controls. */
  const status = () => {
    const { data, sent } = model('HTMLModel');
    const values = [data, ...sent.map((message) => message.data)].map(
      ({ state }) => state as { value?: string },
    );
    return values
      .map(({ value }) => value)
      .filter((value) => value !== undefined)
      .at(-1);
  };
  const texts = () => sentResults().map((one) => one.html);

  it('shows the controls with a fallback, the first result as an ordinary output, and the bridge', async () => {
    await interact({ size: slider({ min: 0, max: 10, value: 3 }) }, ({ size }) => `size ${size}`);
    const [view, result, bridge] = shown;
    assert.ok('application/vnd.jupyter.widget-view+json' in view);
    assert.match(view['text/plain'] as string, /^Interactive in JupyterLab .*npm run lab.*: size\.$/);
    assert.match(html(result), /^<div id="slot-[\w-]+-0" class="ser-slot"><pre>size 3<\/pre><\/div>$/);
    assert.equal(result['text/plain'], 'size 3');
    assert.match(html(bridge), /<script>/);
    assert.equal(shown.length, 3);
  });

  it('returns an object that is not displayed as the last expression of a cell', async () => {
    const cell = await interact({ size: slider({ min: 0, max: 10 }) }, ({ size }) => `size ${size}`);
    assert.deepEqual(await bundlesOf(cell), []);
    installCellHost(undefined);
    assert.deepEqual(
      await bundlesOf(await interact({ size: slider({ min: 0, max: 1 }) }, () => undefined)),
      [],
    );
  });

  it('renders again with the changed value, and returns the current values', async () => {
    const cell = await interact({ size: slider({ min: 0, max: 10 }) }, ({ size }) => `size ${size}`);
    change('IntSliderModel', { value: 7 });
    await until(() => texts().includes('<pre>size 7</pre>'));
    assert.deepEqual({ ...cell.values }, { size: 7 });
    assert.deepEqual(await bundlesOf(cell), [], 'as the last expression of a cell');
  });

  it('sends figures as data, without drawing a picture again', async () => {
    const figure = (y: number): Figure => ({
      data: [{ type: 'scatter', y: [0, y] }],
      layout: { title: { text: `up to ${y}` } },
    });
    await interact({ y: slider({ min: 1, max: 5 }) }, ({ y }) => figure(y));
    assert.ok('image/png' in shown[1]);
    change('IntSliderModel', { value: 4 });
    await until(() => sentResults().length > 0);
    const sent = sentResults()[0].figure!;
    assert.deepEqual(sent.data[0].y, [0, 4]);
    assert.equal(sent.layout.autosize, true);
  });

  it('runs one render at a time, aborts outdated ones, and ends with the latest value', async () => {
    let running = 0;
    let most = 0;
    const rendered: number[] = [];
    const aborted: number[] = [];
    await interact({ n: slider({ min: 0, max: 100 }) }, async ({ n }, { signal }) => {
      most = Math.max(most, ++running);
      rendered.push(n);
      try {
        await setTimeout(20, undefined, { signal });
        return `n ${n}`;
      } catch (error) {
        aborted.push(n);
        throw error;
      } finally {
        running--;
      }
    });
    for (let value = 1; value <= 50; value++) {
      change('IntSliderModel', { value });
      await setTimeout(1);
    }
    await until(() => texts().includes('<pre>n 50</pre>'));
    assert.equal(most, 1);
    assert.equal(rendered.at(-1), 50);
    assert.ok(aborted.length > 0 && !aborted.includes(50), String(aborted));
  });

  it('shows an error in place until the next result, and keeps the last result', async () => {
    await interact({ n: slider({ min: 0, max: 9 }) }, ({ n }) => {
      if (n === 5) throw new RangeError('five is <not> allowed');
      return `n ${n}`;
    });
    change('IntSliderModel', { value: 5 });
    await until(() => (status() ?? '').includes('five is &lt;not&gt; allowed'));
    assert.deepEqual(texts(), []);
    change('IntSliderModel', { value: 6 });
    await until(() => texts().includes('<pre>n 6</pre>'));
    await until(() => status() === '');
  });

  it('fails if the first render fails, and closes its widgets', async () => {
    const failing = interact({ n: slider({ min: 0, max: 9 }) }, () => {
      throw new TypeError('never');
    });
    await assert.rejects(failing, /never/);
    assert.deepEqual(
      host.comms.filter(({ isOpen }) => isOpen),
      [],
    );
  });

  it('collects what render displays and prints, in order', async () => {
    await interact({ n: slider({ min: 0, max: 9 }) }, ({ n }) => {
      showMarkdown(`**${n}**`);
      return 'returned';
    });
    assert.deepEqual(
      shown.slice(1, -1).map((bundle) => bundle['text/plain']),
      ['**0**', 'returned'],
    );
    assert.match(html(shown[1]), /<strong>0<\/strong>/);
  });

  it('empties the places of results that have no successor, and adds places for further ones', async () => {
    await interact({ n: slider({ min: 0, max: 9, value: 2 }) }, ({ n }) =>
      Array.from({ length: n }, (_, i) => showMarkdown(String(i))).length > 9 ? 'many' : undefined,
    );
    change('IntSliderModel', { value: 3 });
    await until(() => texts().length === 3 && (texts()[2] ?? '').includes('2'));
    change('IntSliderModel', { value: 1 });
    await until(() => texts()[1] === '' && texts()[2] === '');
  });

  it('renders only when the button is clicked, which becomes a stop button while it works', async () => {
    const started: number[] = [];
    const all = { n: slider({ min: 0, max: 9 }), go: button('Go', { stop: 'Stop' }) };
    const render = async ({ n }: { n: number }, { signal }: { signal: AbortSignal }) => {
      started.push(n);
      await setTimeout(60_000, undefined, { signal });
    };
    await interact(all, render, { on: 'go' });
    assert.deepEqual(started, []);
    change('IntSliderModel', { value: 4 });
    await setTimeout(20);
    assert.deepEqual(started, []);
    const click = () => {
      model('ButtonModel').receive({ method: 'custom', content: { event: 'click' } });
    };
    click();
    await until(() => started.length === 1);
    assert.deepEqual(started, [4]);
    const labels = () =>
      model('ButtonModel').sent.map(({ data }) => (data.state as { description?: string }).description);
    assert.equal(labels().at(-1), 'Stop');
    click();
    await until(() => labels().at(-1) === 'Go');
    assert.match(status() ?? '', /stopped/);
    assert.equal(started.length, 1);
  });

  it('is stopped by an interrupt, and by closing its cell', async () => {
    let signals: AbortSignal[] = [];
    await interact(
      { go: button('Go', { stop: 'Stop' }) },
      async (_values, { signal }) => {
        signals = [...signals, signal];
        await setTimeout(60_000, undefined, { signal });
      },
      { on: 'go' },
    );
    const click = () => {
      model('ButtonModel').receive({ method: 'custom', content: { event: 'click' } });
    };
    click();
    await until(() => signals.length === 1);
    host.interrupt();
    await until(() => (status() ?? '').includes('stopped'));
    click();
    await until(() => signals.length === 2);
    model('VBoxModel');
    for (const { comm } of host.comms) comm.close();
    await until(() => signals[1].aborted);
  });

  it('shows what a long render has displayed so far', async () => {
    let finish = (): void => undefined;
    await interact(
      { go: button('Go') },
      async (_values, context) => {
        context.show('half');
        await new Promise<void>((done) => (finish = done));
        return 'whole';
      },
      { on: 'go' },
    );
    model('ButtonModel').receive({ method: 'custom', content: { event: 'click' } });
    await until(() => texts().includes('<pre>half</pre>'));
    finish();
    await until(() => texts().includes('<pre>whole</pre>'));
  });

  it('renders once with the first values outside a notebook', async () => {
    installCellHost(undefined);
    const seen: unknown[] = [];
    const cell = await interact({ n: slider({ min: 1, max: 9 }), on: controls.checkbox() }, (values) => {
      seen.push(values);
    });
    assert.deepEqual(seen, [{ n: 1, on: false }]);
    assert.deepEqual(cell.values, { n: 1, on: false });
  });

  it('sends what a figure needs when its place contained something else', async () => {
    const figure: Figure = { data: [{ type: 'scatter', y: [1] }], layout: { title: { text: 'Mine' } } };
    await interact({ n: slider({ min: 0, max: 9 }) }, ({ n }) => (n === 1 ? 'text' : n === 2 ? [] : figure));
    const kinds = () => sentResults().map((one) => Object.keys(one).join());
    for (const value of [1, 3, 2, 4]) {
      change('IntSliderModel', { value });
      const expected = value === 1 || value === 2 ? 'html' : 'figure,html';
      await until(() => kinds().join() === expected && status() === '');
    }
    assert.match(texts()[0] ?? '', /^<div id="slot-[\w-]+-0-figure" class="ser-figure"/);
  });

  it('does not render while the first render is running, then with the latest values', async () => {
    let running = 0;
    let most = 0;
    const rendered: number[] = [];
    const first = interact({ n: slider({ min: 0, max: 9 }) }, async ({ n }) => {
      rendered.push(n);
      most = Math.max(most, ++running);
      await setTimeout(50);
      running--;
      return `n ${n}`;
    });
    await until(() => rendered.length === 1);
    for (const value of [1, 2, 3]) change('IntSliderModel', { value });
    await first;
    await until(() => texts().includes('<pre>n 3</pre>'));
    assert.deepEqual([most, rendered], [1, [0, 3]]);
  });

  it('ends when a first render that ignores the signal is interrupted', async () => {
    const interrupt = new AbortController();
    host = fakeHost(() => undefined, interrupt.signal);
    installCellHost(host);
    const first = interact({ n: slider({ min: 0, max: 9 }) }, () => new Promise(() => undefined));
    await setTimeout(20);
    interrupt.abort();
    await assert.rejects(first, { name: 'AbortError' });
    assert.ok(host.comms.every(({ isOpen }) => !isOpen));
  });

  it('opens no widget after its cell was closed', async () => {
    let finish = (): void => undefined;
    await interact({ n: slider({ min: 0, max: 9 }) }, async ({ n }) => {
      if (n > 0) await new Promise<void>((resolve) => (finish = resolve));
      return [`${n}`, 'more'].slice(0, n + 1).map((a) => [{ a }]);
    });
    change('IntSliderModel', { value: 5 });
    await setTimeout(50);
    for (const { comm } of [...host.comms]) comm.close();
    const before = host.comms.length;
    finish();
    await setTimeout(400);
    assert.equal(host.comms.length, before);
  });

  it('closes its widgets if a control cannot be created', async () => {
    const text = () => {
      throw new RangeError('no text');
    };
    const failing = interact(
      { n: slider({ min: 0, max: 9 }), c: controls.dropdown([1, 2], { text }) },
      () => '',
    );
    await assert.rejects(failing, /no text/);
    assert.ok(host.comms.length > 0 && host.comms.every(({ isOpen }) => !isOpen));
  });

  it('shows nothing as the last expression of a cell', async () => {
    const cell = await interact({ n: slider({ min: 0, max: 9 }) }, () => '');
    assert.deepEqual(await bundlesOf(cell), []);
    installCellHost(undefined);
    assert.deepEqual(await bundlesOf(await interact({ n: slider({ min: 0, max: 9 }) }, () => '')), []);
  });

  it('shows pictures of all formats, and text without colours and without code', async () => {
    await interact({ n: slider({ min: 0, max: 9 }) }, () => [
      { 'image/svg+xml': ['<svg>', '</svg>'] },
      { 'image/jpeg': 'AAAA' },
      { 'text/plain': '\u001b[31m<script>alert(1)</script>\u001b[0m' },
    ]);
    const places = shown.slice(1, -1).map((bundle) => html(bundle).replace(/^<div[^>]*>|<\/div>$/g, ''));
    assert.deepEqual(places, [
      `<img alt="" src="data:image/svg+xml;base64,${Buffer.from('<svg></svg>').toString('base64')}">`,
      '<img alt="" src="data:image/jpeg;base64,AAAA">',
      '<pre>&lt;script&gt;alert(1)&lt;/script&gt;</pre>',
    ]);
  });

  it('shows errors of any kind in place', async () => {
    const thrown: unknown[] = [
      null,
      new Error(''),
      Object.create(null),
      Object.assign(new Error(), { message: 5 }),
    ];
    await interact({ n: slider({ min: 0, max: 9 }) }, ({ n }) => {
      if (n > 0) throw thrown[n - 1];
      return '';
    });
    const expected = [/>null</, />Error</, /cannot be converted/, />5</];
    for (const [i, message] of expected.entries()) {
      change('IntSliderModel', { value: i + 1 });
      await until(() => message.test(status() ?? ''));
    }
  });

  it('rejects missing controls and an unknown button', async () => {
    await assert.rejects(
      interact({}, () => ''),
      /controls must be at least one control/,
    );
    const all = { n: slider({ min: 1, max: 9 }) };
    await assert.rejects(
      interact(all, () => '', { on: 'm' as 'n' }),
      /on must be the name of a button \(n\)/,
    );
  });
});
