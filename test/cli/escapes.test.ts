import assert from 'node:assert/strict';
import { defineCommand } from '../../src/cli/command';
import { recordTable, terminalProgress } from '../../src/cli/output';
import { catchOutput } from './catch-output';

describe('the output of a command', () => {
  const name = 'a\u001b[2J\u001b]8;;http://x\u0007\u009b1m\u202eb';

  it('shows escape sequences in names as text, also in errors and progress', async () => {
    const command = defineCommand('npm run example', {
      summary: 'Print names.',
      run: (_options, { print, progress }) => {
        print(`${name}\nnext line`);
        print(recordTable([{ name: `${name}\nfake row` }]));
        console.error(name);
        progress.note(name);
        throw new Error(name);
      },
    });
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WritableStream;
    const progress = terminalProgress({ stream, everySec: 0 });
    progress.update(`${name}\n`, 1, 2, 'files');
    const output = await catchOutput(() => command.run([], { progress }));
    const all = [...written, output.out, output.err].join('');
    // eslint-disable-next-line no-control-regex -- these characters are the subject
    assert.ok(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(all));
    assert.match(output.out, /\\u001b\[2J.*\nnext line\n/);
    assert.match(output.out, /\\u000afake row/);
  });
});
