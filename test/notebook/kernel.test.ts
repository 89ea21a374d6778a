import assert from 'node:assert/strict';
import type { CellFailure } from '../../src/notebook/kernel/cell-failure';
import { joinLines, type Output } from '../../src/notebook/notebook-file';
import { KernelClient } from '../../src/notebook/runner/kernel-client';
import { OutputCollector } from '../../src/notebook/runner/run-notebook';

describe('kernel', function () {
  // The library is compiled first if it is outdated.
  this.timeout(120_000);

  const collector = new OutputCollector();
  let kernel: KernelClient;

  before(async () => {
    kernel = await KernelClient.start({
      onOutput: (message) => {
        collector.add(message);
      },
    });
    // The first cell may report type errors of the library.
    await run('0');
  });
  after(() => kernel.stop());

  async function run(
    code: string,
  ): Promise<{ reply: Record<string, unknown>; outputs: Output[]; text: string }> {
    let id = '';
    const reply = await kernel.execute(code, 60, (request) => (id = request));
    const outputs = collector.outputs(id);
    const text = outputs
      .map((output) => (output.output_type === 'stream' ? joinLines(output.text) : ''))
      .join('');
    return { reply, outputs, text };
  }

  async function failure(code: string): Promise<CellFailure> {
    const { reply, outputs } = await run(code);
    assert.equal(reply.status, 'error');
    const error = outputs.find((output): output is Output & CellFailure => output.output_type === 'error');
    assert.ok(error, 'an error message was sent');
    assert.equal(error.ename, reply.ename);
    assert.equal(error.evalue, reply.evalue);
    return error;
  }

  it('delivers 2,000 lines written in one tick, then the end of the cell', async () => {
    const { reply, text } = await run('for (let i = 0; i < 2000; i++) console.log(`line ${i}`);');
    assert.equal(reply.status, 'ok');
    assert.equal(text, Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join(''));
  });

  it('delivers 5,000 outputs displayed in one tick in order', async () => {
    const { outputs } = await run(
      `import * as lib from 'speech-emotion-workbench';
       for (let i = 0; i < 5000; i++) lib.showMarkdown(String(i));`,
    );
    const shown = outputs.map((output) => output.output_type === 'display_data' && output.data['text/plain']);
    assert.deepEqual(
      shown.flat(),
      Array.from({ length: 5000 }, (_, i) => String(i)),
    );
  });

  it('keeps the order of stdout, stderr and displayed outputs', async () => {
    const { outputs } = await run(
      `import { showMarkdown } from 'speech-emotion-workbench';
       console.log('one'); console.error('two'); showMarkdown('three'); console.log('four');`,
    );
    const kinds = outputs.map((output) =>
      output.output_type === 'stream' ? output.name : output.output_type,
    );
    assert.deepEqual(kinds, ['stdout', 'stderr', 'display_data', 'stdout']);
  });

  it('decodes characters that were written in several chunks', async () => {
    const { text } = await run(
      `for (const byte of Buffer.from('ä€')) process.stdout.write(Buffer.of(byte));`,
    );
    assert.equal(text, 'ä€');
  });

  it('reports name and message of a thrown error, and continues with the next cell', async () => {
    const code = `function tooFar(): number { throw new RangeError('too far'); }\ntooFar();`;
    const error = await failure(code);
    assert.equal(error.ename, 'RangeError');
    assert.equal(error.evalue, 'too far');
    assert.deepEqual(error.traceback, ['RangeError: too far', '    at tooFar (this cell)']);
    assert.equal((await run('40 + 2')).text, '42\n');
  });

  it('reports rejected promises, awaited or not', async () => {
    assert.equal((await failure(`await Promise.reject(new TypeError('awaited'));`)).evalue, 'awaited');
    assert.equal((await failure(`void Promise.reject(new TypeError('alone'));`)).evalue, 'alone');
  });

  it('reports the cause of an error and the source line of a library function that threw', async () => {
    const code = `import { showTable } from 'speech-emotion-workbench';
      try { showTable([null as unknown as object]); } catch (cause) { throw new Error('no table', { cause }); }`;
    const trace = (await failure(code)).traceback.join('\n');
    assert.match(
      trace,
      /^Error: no table\nCaused by InvalidArgumentError: table must be .*\n.*src\/notebook\/table\.ts:\d+/,
    );
  });

  it('checks types strictly and shows the source line', async () => {
    const error = await failure('const x = 1;\nfunction size(text: string | null) { return text.length; }');
    assert.equal(error.ename, 'TypeScriptError');
    assert.equal(error.evalue, `line 2: 'text' is possibly 'null'.`);
    assert.ok(
      error.traceback.includes('cell:2:45 - ' + `'text' is possibly 'null'.`),
      error.traceback.join('\n'),
    );
    assert.match((await failure('const twice = (x) => 2 * x;')).evalue, /implicitly has an 'any' type/);
  });

  it('supports the current standard library', async () => {
    assert.equal((await run('[3, 1, 2].toSorted().join()')).text, '1,2,3\n');
  });

  it('imports the library by name, with its types', async () => {
    const use = `import * as ser from 'speech-emotion-workbench';`;
    assert.equal((await run(`${use}\ntypeof ser.showTable`)).text, 'function\n');
    assert.match(
      (await failure(`${use}\nser.showMarkdown(42);`)).evalue,
      /'number' is not assignable to .*'string'/,
    );
    const samples = `${use}\nser.showAudio({ samples: [0, 1], sampleRate: 16000 });`;
    assert.match((await failure(samples)).evalue, /'number\[\]'.*'Float32Array'/);
    assert.match((await failure(`${use}\nser.noSuchThing();`)).evalue, /noSuchThing/);
  });

  it('does not reveal local folders', async () => {
    const error = await failure(`import * as ser from 'speech-emotion-workbench';\nser.noSuchThing();`);
    assert.ok(!JSON.stringify(error).includes(process.cwd()));
  });

  it('replaces a live output instead of adding one', async () => {
    const { outputs } = await run(
      `import { liveDisplay } from 'speech-emotion-workbench';
       const live = liveDisplay(); live.update('first'); live.update('second');`,
    );
    assert.deepEqual(outputs, [
      {
        output_type: 'display_data',
        data: { 'text/markdown': ['second'], 'text/plain': ['second'] },
        metadata: {},
      },
    ]);
  });

  it('completes and documents names of the library', async () => {
    await run(`import * as ser from 'speech-emotion-workbench';`);
    const completed = await kernel.request('complete_request', { code: 'ser.showTab', cursor_pos: 11 });
    assert.deepEqual(completed.content.matches, ['showTable']);
    const matches = async (code: string): Promise<string[]> => {
      const { content } = await kernel.request('complete_request', { code, cursor_pos: code.length });
      return content.matches as string[];
    };
    const top = await matches('ser.');
    assert.ok(top.includes('loadCorpora') && top.includes('figures'), top.join(' '));
    const figures = await matches('ser.figures.');
    assert.ok(figures.includes('confusionMatrix') && figures.includes('waveform'), figures.join(' '));
    assert.deepEqual(await matches('ser.figures.wavef'), ['waveform', 'waveformGrid']);
    const described = await kernel.request('inspect_request', {
      code: 'ser.showTable',
      cursor_pos: 8,
      detail_level: 0,
    });
    assert.match(
      JSON.stringify(described.content.data),
      /function showTable\(table: TableLike.*Shows a danfojs data frame/,
    );
    const inNamespace = await kernel.request('inspect_request', {
      code: 'ser.dsp.mfcc',
      cursor_pos: 10,
      detail_level: 0,
    });
    assert.match(
      JSON.stringify(inNamespace.content.data),
      /function mfcc\(samples: Float32Array.*Mel-frequency cepstral coefficients/,
    );
  });

  /** Interrupts repeatedly, because the first interrupt may come before the cell runs. */
  async function interrupted(code: string): Promise<CellFailure> {
    const timer = setInterval(() => {
      kernel.interrupt();
    }, 200);
    try {
      return await failure(code);
    } finally {
      clearInterval(timer);
    }
  }

  it('can be interrupted in a synchronous loop', async () => {
    assert.equal((await interrupted('for (;;) {}')).ename, 'Interrupted');
  });

  it('can be interrupted while it awaits, and aborts the signal', async () => {
    const code = `import { cellSignal } from 'speech-emotion-workbench';
      const aborts: string[] = [];
      cellSignal().addEventListener('abort', () => aborts.push('stop'));
      Object.assign(globalThis, { aborts });
      await new Promise((resolve) => setTimeout(resolve, 60_000));`;
    assert.equal((await interrupted(code)).ename, 'Interrupted');
    assert.equal((await run(`(globalThis as unknown as { aborts: string[] }).aborts.join()`)).text, 'stop\n');
  });

  it('aborts cells that were queued behind a failed one', async () => {
    const content = {
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    const replies = await Promise.all(
      [`throw new Error('first')`, `globalThis.process.title = 'reached'`].map((code) =>
        kernel.request('execute_request', { ...content, code }),
      ),
    );
    assert.deepEqual(
      replies.map((reply) => reply.content.status),
      ['error', 'aborted'],
    );
  });
});
