import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createConverter } from '../../src/notebook/kernel/tslab';
import { projectRoot } from '../../src/paths';

describe('the converter of cells', function () {
  this.timeout(120_000);

  it('goes on when packages come and go under its eyes, and finds those that came', async () => {
    const name = `converter-test-${process.pid}`;
    const folder = join(projectRoot, 'node_modules', name);
    const converter = createConverter({ isJS: false, isBrowser: false });
    const problems = (cell: string): string[] =>
      converter.convert('', cell).diagnostics.map(({ messageText }) => messageText);
    const use = (times: number): string => `import { answer } from '${name}';\nanswer.toFixed(${times});`;
    try {
      assert.match(problems(use(0)).join(), /Cannot find module/);
      let times = 0;
      do {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder);
        writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
        writeFileSync(join(folder, 'index.d.ts'), 'export declare const answer: number;');
        await setTimeout(100); // the watcher's turn
      } while (problems(use(++times)).length > 0);
      assert.deepEqual(problems('const one: number = 1;'), []);
      rmSync(folder, { recursive: true });
      await setTimeout(100);
      assert.deepEqual(problems('const two: number = 2;'), []);
    } finally {
      converter.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
