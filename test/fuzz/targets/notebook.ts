import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Random } from '../../../src/core/base';
import { projectRoot } from '../../../src/node/files';
import { clearNotebook, readNotebook, sourceSha256 } from '../../../src/notebook/notebook-file';
import { renderNotebookHtml } from '../../../src/notebook/page/notebook-page';
import { outputBytes, publicationProblems, publishNotebook } from '../../../src/notebook/publication';
import { terminalText } from '../../../src/notebook/runner/run-notebook';
import type { FuzzTarget } from '../target';
import { hostileTexts, hostileValue, mutatedText, mutateJson } from '../mutate-json';

const source = readFileSync(join(projectRoot, 'notebooks', '01-exploration.ipynb'), 'utf8');
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const words = ['a', '(', '`', '[', '*a', '_', '\u001b[', '\r', '<', ' ', '\n', '#', '/a', '0x', '|'];

/** A string that is long enough to reveal quadratic time. */
function text(random: Random): string {
  if (random.uniform() < 0.8) return random.pick(hostileTexts);
  const word = random.pick(words);
  return random.pick(hostileTexts) + word.repeat(random.integer(200_000 / word.length));
}

function output(random: Random): unknown {
  const types = ['text/html', 'text/plain', 'text/markdown', 'image/svg+xml', 'image/png', 'image/jpeg'];
  const bundle = Object.fromEntries(
    types
      .filter(() => random.uniform() < 0.4)
      .map((type) => [
        type,
        random.uniform() < 0.2 ? hostileValue(random) : type === 'image/png' ? png : text(random),
      ]),
  );
  return random.pick<unknown>([
    { output_type: 'stream', name: 'stdout', text: text(random) },
    { output_type: 'error', ename: text(random), evalue: text(random), traceback: [text(random)] },
    { output_type: 'display_data', data: bundle, metadata: {} },
    { output_type: 'execute_result', data: bundle, metadata: {}, execution_count: 1 },
    random.uniform() < 0.2
      ? hostileValue(random)
      : { output_type: 'stream', name: 'stderr', text: text(random) },
  ]);
}

export const target: FuzzTarget = {
  summary:
    'Damages notebooks, then reads them, renders their pages and checks their outputs for publication.',
  run: async (random, folder) => {
    const notebook = JSON.parse(source) as { cells: Record<string, unknown>[] };
    notebook.cells = notebook.cells.slice(0, 4);
    for (const cell of notebook.cells) {
      if (random.uniform() < 0.3) cell.source = text(random);
      if (cell.cell_type === 'code' && random.uniform() < 0.7)
        cell.outputs = [output(random), output(random)];
    }
    const change = random.uniform() < 0.5 ? mutateJson(notebook, random) : 'other outputs';
    const file = join(folder, 'notebook.ipynb');
    writeFileSync(file, mutatedText(notebook, random));
    const read = readNotebook(file);
    const page = renderNotebookHtml(read, { plotlyUrl: 'plotly.js' });
    const scripts = page.match(/<script[^>]*>/g) ?? [];
    assert.ok(
      scripts.every((tag) => tag === '<script src="plotly.js">'),
      'a script reached the page',
    );
    const inPage = page.replace(/srcdoc="[^"]*"/g, '');
    assert.ok(
      !/<(?!\/)[a-z][^<>"]*(?:"[^"]*"[^<>"]*)*\son\w+\s*=/i.test(inPage),
      'a handler reached the page',
    );
    // eslint-disable-next-line no-control-regex -- these characters are the subject
    assert.ok(!/[\u0000-\u0008\u000b\u001b]/.test(inPage), 'a control character reached the page');
    publicationProblems(read);
    outputBytes(read);
    sourceSha256(clearNotebook(read));
    terminalText(text(random));
    await publishNotebook(read, { corpora: 'none', dataFingerprint: 'ab' });
    return change;
  },
};
