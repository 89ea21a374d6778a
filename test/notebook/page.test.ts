import { JSDOM } from 'jsdom';
import assert from 'node:assert/strict';
import { notebookPicture, notebookQuestion, renderIndexHtml, renderNotebookHtml } from '../../src/notebook';
import { figureBundle } from '../../src/notebook/figure';
import type { Cell, Output } from '../../src/notebook/notebook-file';
import { cellOf, notebookOf } from './notebook-of';

const plotlyUrl = '../../node_modules/plotly.js-dist/plotly.min.js';

function withOutputs(source: string, outputs: Output[]): Cell {
  return { ...cellOf(source), outputs };
}

function shown(data: Record<string, unknown>): Output {
  return { output_type: 'display_data', data, metadata: {} };
}

function pageOf(cells: (string | Cell)[], options: object = {}): Document {
  const page = renderNotebookHtml(notebookOf(cells), { plotlyUrl, ...options });
  return new JSDOM(page).window.document;
}

describe('renderNotebookHtml', () => {
  it('shows text, highlighted code and the richest format of each output', () => {
    const document = pageOf([
      '# The *title*\n\nText with `code`.',
      withOutputs('const n: number = 1 < 2 ? 1 : 0;', [
        { output_type: 'stream', name: 'stdout', text: ['\u001b[31mred <b>\u001b[39m\n', 'two\n'] },
        shown({ 'text/plain': 'plain', 'text/html': ['<table>', '<tr><td>7</td></tr></table>'] }),
        shown({ 'image/png': 'aGk=', 'text/plain': 'picture' }),
        shown({ 'text/markdown': '**strong**', 'text/plain': 'strong' }),
        shown({ 'text/plain': '<plain>' }),
      ]),
    ]);
    assert.equal(document.title, 'The title');
    assert.equal(document.querySelector('h1')?.innerHTML, 'The <em>title</em>');
    assert.equal(document.querySelector('pre.source')?.textContent, 'const n: number = 1 < 2 ? 1 : 0;');
    assert.equal(document.querySelector('pre.source .hljs-keyword')?.textContent, 'const');
    assert.equal(document.querySelector('pre.stdout')?.textContent, 'red <b>\ntwo');
    const outputs = [...document.querySelectorAll('.output')].map((output) => output.innerHTML.trim());
    assert.match(outputs[0], /<td>7<\/td>/);
    assert.match(outputs[1], /^<img alt="[^"]+" src="data:image\/png;base64,aGk=">$/);
    assert.equal(outputs[2], '<p><strong>strong</strong></p>');
    assert.equal(outputs[3], '<pre class="text">&lt;plain&gt;</pre>');
  });

  it('keeps lines of text with columns in one line, and lets others wrap', () => {
    const text = 'A note.\n  rows   12 < 13\n  clips  7\n  note: two words';
    const [output] = [
      ...pageOf([withOutputs('1', [{ output_type: 'stream', name: 'stdout', text }])]).querySelectorAll(
        'pre.stdout',
      ),
    ];
    assert.equal(output.textContent, text);
    assert.deepEqual(
      [...output.querySelectorAll('.aligned')].map((line) => line.textContent),
      ['  rows   12 < 13', '  clips  7'],
    );
  });

  it('runs only the scripts of figures: other HTML is shown in a frame, and figures are written again from their data', () => {
    const figure = { data: [{ type: 'scatter', y: [1] }], layout: { title: { text: '</script>' } } };
    const html = figureBundle(figure, { id: 'f', width: 10, height: 10, png: Buffer.from('p') })['text/html'];
    const other = (html as string).replace('(() => {', 'alert(1);(() => {');
    const hostile = [
      '<img/onerror=alert(1) src=x>',
      '<p style="position:fixed">',
      '<a href="javascript:x">y</a>',
      '<svg onload=x>',
      '<p',
    ];
    const document = pageOf([
      withOutputs(
        '1',
        [other, '<script>alert(2)</script>', ...hostile].map((text) => shown({ 'text/html': text })),
      ),
      withOutputs('2', [shown({ 'image/svg+xml': '<svg onload="alert(3)"/>' })]),
    ]);
    const scripts = [...document.querySelectorAll('main script')];
    assert.equal(scripts.length, 1);
    assert.doesNotMatch(scripts[0].textContent, /alert/);
    const frames = [...document.querySelectorAll('iframe')];
    assert.deepEqual(
      frames.map((frame) => frame.getAttribute('srcdoc')),
      ['<script>alert(2)</script>', ...hostile],
    );
    assert.ok(frames.every((frame) => frame.getAttribute('sandbox') === 'allow-scripts'));
    assert.ok(!document.querySelector('main svg, main p, main [onload]'));
  });

  it('does not highlight code with very long words, which would take quadratic time', () => {
    const document = pageOf([cellOf(`const a = '${'x'.repeat(40_000)}';`), cellOf('const b = 1;')]);
    const [long, short] = [...document.querySelectorAll('pre.source')];
    assert.equal(long.querySelector('.hljs-keyword'), null);
    assert.equal(short.querySelector('.hljs-keyword')?.textContent, 'const');
  });

  it('loads Plotly once before the figures, and not on pages without figures', () => {
    const figure = { data: [{ type: 'scatter', y: [1] }], layout: { title: { text: 'F' } } };
    const cell = (id: string) =>
      withOutputs('1', [shown(figureBundle(figure, { id, width: 10, height: 10, png: Buffer.from('p') }))]);
    const scripts = [...pageOf([cell('a'), cell('b')]).querySelectorAll('script[src]')];
    assert.deepEqual(
      scripts.map((script) => script.getAttribute('src')),
      [plotlyUrl],
    );
    assert.equal(scripts[0].parentElement?.tagName, 'HEAD');
    assert.equal(pageOf(['1']).querySelector('script'), null);
  });

  it('shows errors in a box and warnings first', () => {
    const error: Output = {
      output_type: 'error',
      ename: 'E',
      evalue: 'bad',
      traceback: ['E: <bad>', '    at f'],
    };
    const document = pageOf([withOutputs('f();', [error])], { warning: 'It stopped', note: 'Today' });
    assert.equal(document.querySelector('pre.error')?.textContent, 'E: <bad>\n    at f');
    assert.equal(document.querySelector('.warning')?.textContent, 'It stopped');
    assert.equal(document.querySelector('.run')?.textContent, 'Today');
  });

  it('lists its sections with unique ids', () => {
    const document = pageOf(['# T', '## Same', '## Same', '### Über & `all`']);
    const links = [...document.querySelectorAll('nav.contents a')];
    assert.deepEqual(
      links.map((link) => [link.textContent, link.getAttribute('href')]),
      [
        ['Same', '#same'],
        ['Same', '#same-2'],
        ['Über & all', '#über-all'],
      ],
    );
    for (const link of links) assert.ok(document.getElementById(link.getAttribute('href')!.slice(1)));
  });

  it('links to neighbouring pages and adapts relative links', () => {
    const document = pageOf(
      ['# T\n\n[next](02-next.ipynb#top) ![pic](../figures/a.png) [out](https://example.org/)'],
      {
        notebooksUrl: '../../notebooks/',
        previous: { title: 'Before & after', url: '00.html' },
      },
    );
    const urls = [...document.querySelectorAll('main a')].map((link) => link.getAttribute('href'));
    assert.deepEqual(urls, ['02-next.html#top', 'https://example.org/']);
    assert.equal(document.querySelector('img')?.getAttribute('src'), '../../notebooks/../figures/a.png');
    const link = document.querySelector('nav.pages a');
    assert.deepEqual([link?.textContent, link?.getAttribute('href')], ['← Before & after', '00.html']);
  });

  it('escapes scripts in Markdown', () => {
    const document = pageOf(['# T\n\n<script>alert(1)</script> [x](javascript:alert(1))']);
    assert.equal(document.querySelector('main script'), null);
    assert.equal(document.querySelector('main a'), null);
  });
});

describe('notebookQuestion and notebookPicture', () => {
  it('find the question in the first cell and the first picture of an output', () => {
    const picture = shown({ 'text/html': '<b>7</b>', 'image/png': ['aGk=\n', 'aGk=\n'] });
    const notebook = notebookOf([
      '# Title\n\n**Question.** What is *new*,\nand why?\n\n**Reads** nothing.',
      withOutputs('1', [
        { output_type: 'stream', name: 'stdout', text: 'one' },
        shown({ 'text/plain': '1' }),
      ]),
      withOutputs('2', [picture, shown({ 'image/png': 'bm8=' })]),
    ]);
    assert.equal(notebookQuestion(notebook), 'What is new, and why?');
    assert.equal(notebookPicture(notebook), 'aGk=aGk=');
    assert.equal(notebookQuestion(notebookOf(['# Title\n\nText.'])), undefined);
    assert.equal(notebookPicture(notebookOf(['# Title\n\nText.'])), undefined);
  });
});

describe('renderIndexHtml', () => {
  it('lists pages with their state', () => {
    const entries = [
      { title: 'One & two', url: '01.html', note: 'in 2 s', question: 'Why <1>?', picture: 'aGk=' },
      { title: 'Three', url: '03.html', note: 'in 3 s', warning: 'cell 2 failed' },
    ];
    const { document } = new JSDOM(renderIndexHtml(entries, { title: 'All', note: 'n' })).window;
    assert.deepEqual(
      [...document.querySelectorAll('li')].map((item) => item.innerHTML.replace(/<[^>]*>/g, '')),
      ['One &amp; twoWhy &lt;1&gt;?in 2 s', 'Threein 3 scell 2 failed'],
    );
    assert.equal(document.querySelectorAll('.warning').length, 1);
    assert.deepEqual(
      [...document.querySelectorAll('img')].map(({ src }) => src),
      ['data:image/png;base64,aGk='],
    );
  });
});
