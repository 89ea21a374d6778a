import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { figureBundle } from '../../src/notebook/figure';

/** The addresses from which a figure tries to load Plotly in a page where it finds none. */
async function addresses(url: string, baseUrl?: string): Promise<string[]> {
  // Loaded when needed: jsdom is large.
  const { JSDOM, VirtualConsole } = createRequire(__filename)('jsdom') as typeof import('jsdom');
  const config =
    baseUrl === undefined ? '' : `<script id="jupyter-config-data">${JSON.stringify({ baseUrl })}</script>`;
  const virtualConsole = new VirtualConsole();
  const ended = new Promise((resolve) => virtualConsole.on('info', resolve));
  const { window } = new JSDOM(`<head></head><body>${config}<div id="here"></div></body>`, {
    url,
    runScripts: 'outside-only',
    virtualConsole,
  });
  const tried: string[] = [];
  window.document.head.append = (script) => {
    tried.push((script as HTMLScriptElement).getAttribute('src')!);
    queueMicrotask(() => (script as HTMLScriptElement).dispatchEvent(new window.Event('error')));
  };
  const html = figureBundle({ data: [], layout: {} }, { id: 'here', width: 10, height: 10 })['text/html'];
  window.eval(/<script>([^]*)<\/script>/.exec(html as string)![1]);
  await ended;
  window.close();
  return tried;
}

describe('a figure loads Plotly', function () {
  this.timeout(30_000);
  const own = 'kernelspecs/speech-emotion-workbench/plotly.min.js';
  const server = 'http://localhost:8888';

  it('from the kernelspec, then from the folder that Jupyter serves', async () => {
    const files = ['files/assets/plotly.min.js', 'files/notebooks/assets/plotly.min.js'];
    for (const page of ['/lab/tree/01.ipynb', '/lab', '/notebooks/01.ipynb', '/lab/tree/RTC:01.ipynb'])
      assert.deepEqual(
        await addresses(server + page, '/'),
        [own, ...files].map((file) => `/${file}`),
      );
  });

  it('from a folder above the notebook, also when Jupyter was started above the project', async () => {
    const tried = await addresses(
      `${server}/user/ada/lab/tree/my%20work/ser/notebooks/01.ipynb`,
      '/user/ada/',
    );
    assert.equal(tried[0], `/user/ada/${own}`);
    assert.equal(tried[1], '/user/ada/files/my%20work/ser/notebooks/assets/plotly.min.js');
    const copy = await addresses(`${server}/lab/tree/ser/runs/latest/01.ipynb`, '/');
    assert.ok(copy.includes('/files/ser/notebooks/assets/plotly.min.js'), copy.join('\n'));
  });

  it('from the kernelspec with the name under which the kernel was installed', async () => {
    process.env.SER_KERNEL = 'second';
    try {
      const [first, second] = await addresses(`${server}/lab`, '/');
      assert.deepEqual([first, second], ['/kernelspecs/second/plotly.min.js', `/${own}`]);
    } finally {
      delete process.env.SER_KERNEL;
    }
  });

  it('by a relative path in a page on disk', async () => {
    assert.deepEqual(await addresses('file:///project/runs/latest/01.html'), [
      '../../notebooks/assets/plotly.min.js',
      '../notebooks/assets/plotly.min.js',
      'notebooks/assets/plotly.min.js',
    ]);
  });
});
