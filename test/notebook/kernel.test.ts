import assert from 'node:assert/strict';
import type { CellFailure } from '../../src/notebook/kernel/cell-failure';
import { joinLines, type Multiline, type Output } from '../../src/notebook/notebook-file';
import { KernelClient } from '../../src/notebook/runner/kernel-client';
import { OutputCollector } from '../../src/notebook/runner/run-notebook';

describe('kernel', function () {
  // The library is compiled first if it is outdated.
  this.timeout(120_000);

  const collector = new OutputCollector();
  let kernel: KernelClient;
  /** called when a cell starts, before it is compiled */
  let onInput: (() => void) | undefined;
  /** called when a cell has printed something */
  let onText: (() => void) | undefined;

  before(async () => {
    kernel = await KernelClient.start({
      onOutput: (message) => {
        if (message.type === 'execute_input') onInput?.();
        if (message.type === 'stream') onText?.();
        collector.add(message);
      },
    });
    // The first cell may report type errors of the library.
    await run('0');
  });
  after(() => kernel.stop());

  async function run(
    code: string,
  ): Promise<{ reply: Record<string, unknown>; outputs: Output[]; text: string; result?: string }> {
    let id = '';
    const reply = await kernel.execute(code, 60, (request) => (id = request));
    const outputs = collector.outputs(id);
    const text = outputs
      .map((output) => (output.output_type === 'stream' ? joinLines(output.text) : ''))
      .join('');
    return { reply, outputs, text, result: resultIn(outputs) };
  }

  /** The value of the last expression as text. */
  function resultIn(outputs: readonly Output[]): string | undefined {
    const result = outputs.find(({ output_type: type }) => type === 'execute_result');
    return result && 'data' in result ? joinLines(result.data['text/plain'] as Multiline) : undefined;
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
    assert.equal((await run('40 + 2')).result, '42');
  });

  it('reports rejected promises, awaited or not', async () => {
    assert.equal((await failure(`await Promise.reject(new TypeError('awaited'));`)).evalue, 'awaited');
    assert.equal((await failure(`void Promise.reject(new TypeError('alone'));`)).evalue, 'alone');
  });

  it('ends a cell that threw something that cannot be read', async () => {
    const thrown = {
      'an error that is its own cause': `Object.assign(error, { cause: error })`,
      'an error without text': `Object.assign(error, { message: 5, stack: 6, name: undefined })`,
      'an object with a failing tag': `{ get [Symbol.toStringTag]() { throw 1; } }`,
      'a proxy': `new Proxy({}, { get: () => { throw 1; }, getPrototypeOf: () => { throw 2; } })`,
    };
    for (const [name, value] of Object.entries(thrown)) {
      await failure(`{ const error: any = new Error('mine'); throw ${value}; }`).catch((reason: unknown) => {
        throw new Error(name, { cause: reason });
      });
    }
    assert.equal((await run(`({ get then() { throw new Error('then'); } })`)).reply.status, 'ok');
    // Outside of a cell, an exception in the report would end the kernel.
    await run(`setTimeout(() => { throw Object.assign(new Error(), { stack: 7 }); }, 20); undefined`);
    await run('await new Promise((done) => setTimeout(done, 100));');
    assert.equal((await run('1 + 1')).result, '2');
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
    assert.equal((await run('[3, 1, 2].toSorted().join()')).result, '1,2,3');
  });

  it('imports the library by name, with its types', async () => {
    const use = `import * as ser from 'speech-emotion-workbench';`;
    assert.equal((await run(`${use}\ntypeof ser.showTable`)).result, 'function');
    assert.match(
      (await failure(`${use}\nser.showMarkdown(42);`)).evalue,
      /'number' is not assignable to .*'string'/,
    );
    const samples = `${use}\nser.showAudio({ samples: [0, 1], sampleRate: 16000 });`;
    assert.match((await failure(samples)).evalue, /'number\[\]'.*'Float32Array'/);
    assert.match((await failure(`${use}\nser.noSuchThing();`)).evalue, /noSuchThing/);
  });

  describe('last expression', () => {
    const use = `import * as ser from 'speech-emotion-workbench';`;
    const types = ({ outputs }: { outputs: Output[] }): string[] =>
      outputs.map((output) =>
        'data' in output ? `${output.output_type} ${Object.keys(output.data).join()}` : output.output_type,
      );

    it('is shown as the library shows it', async () => {
      await run(use);
      assert.deepEqual(types(await run(`[{ a: 1 }, { a: 2 }]`)), ['execute_result text/html,text/plain']);
      assert.equal((await run(`[{ a: 1 }, { a: 2 }]`)).result, 'a\n1\n2');
      const figure = `({ data: [{ type: 'scatter', x: [1, 2], y: [1, 2] }], layout: { title: { text: 'F' } } })`;
      assert.deepEqual(types(await run(figure)), ['execute_result text/html,image/png,text/plain']);
    });

    it('ends with the result if there are several outputs', async () => {
      assert.deepEqual(types(await run(`${use}\n[[{ a: 1 }], 'text', [{ b: 1 }]]`)), [
        'display_data text/html,text/plain',
        'display_data text/plain',
        'execute_result text/html,text/plain',
      ]);
    });

    it('comes after the output of the cell, and has the number of the cell', async () => {
      const { reply, outputs } = await run(`console.log({ a: [1] }); 'last'`);
      assert.deepEqual(outputs, [
        { output_type: 'stream', name: 'stdout', text: ['{ a: [ 1 ] }\n'] },
        {
          output_type: 'execute_result',
          data: { 'text/plain': ['last'] },
          metadata: {},
          execution_count: reply.execution_count,
        },
      ]);
    });

    it('is shown after a semicolon too, and a promise is awaited', async () => {
      assert.equal((await run('6 * 7;')).result, '42');
      assert.equal((await run('Promise.resolve(7);')).result, '7');
      assert.equal((await failure(`Promise.reject(new Error('rejected'))`)).evalue, 'rejected');
    });

    for (const code of [
      'undefined',
      'null',
      'void 3',
      'const five = 5;',
      'if (true) { 3; }',
      'Promise.resolve()',
    ])
      it(`is not shown for ${code}`, async () => {
        assert.deepEqual((await run(code)).outputs, []);
      });

    it('is shown as text if the library cannot show it', async () => {
      const { result } = await run(`({ samples: new Float32Array(0), sampleRate: 8000 })`);
      assert.match(result!, /samples: Float32Array\(0\)[^]*\(not shown as a waveform: .*\)$/);
    });
  });

  describe('type error', () => {
    /** The source line and the caret, of each error. */
    async function carets(code: string): Promise<string[]> {
      const { traceback } = await failure(code);
      return traceback.filter((_, i) => traceback[i + 1]?.trim() === '^' || traceback[i].trim() === '^');
    }

    it('points at the place of each error, after shorthand properties too', async () => {
      await run('const name = 1; const f = (a: { name: number; n?: number }, b?: { m: number }) => [a, b];');
      assert.deepEqual(await carets(`f({ name, n: '' });  f({ name }, { m: '' });`), [
        `  f({ name, n: '' });  f({ name }, { m: '' });`,
        '            ^',
        `  f({ name, n: '' });  f({ name }, { m: '' });`,
        '                                     ^',
      ]);
      assert.deepEqual(await carets(`f({\n  name,\n  n: '' });`), [`    n: '' });`, '    ^']);
      assert.deepEqual(await carets('f({ name }, { name, m: unknown1 });').then((lines) => lines.slice(-1)), [
        '                         ^',
      ]);
    });

    it('points at the right place below tabs, wide characters and long lines', async () => {
      assert.deepEqual(await carets(`\tf({ name: '' });`), [`  \tf({ name: '' });`, '  \t    ^']);
      assert.deepEqual(await carets(`/* 音声 */ f({ name: '' });`), [
        `  /* 音声 */ f({ name: '' });`,
        '     \u3000\u3000        ^',
      ]);
      const [line, caret] = await carets(`${'f({ name: 1 }); '.repeat(20)}f({ name: '' });`);
      assert.ok(line.length < 200);
      assert.ok(line.slice(caret.indexOf('^')).startsWith(`name: ''`), line);
    });

    for (const [code, message] of [
      [`{ 'training.epoch': 3 }`, 'unknown option training.epoch: did you mean training.epochs?'],
      [`{ training: { epoch: 3 } }`, 'unknown option training.epoch: did you mean training.epochs?'],
      [`{ features: { nMel: 3 } }`, 'unknown option features.nMel: did you mean features.nMels?'],
    ])
      it(`names the nearest option for ${code}`, async () => {
        const use = `import * as ser from 'speech-emotion-workbench';\n`;
        const { evalue } = await failure(`${use}ser.experimentConfig('quick', ${code});`);
        assert.equal(evalue, `line 2: ${message}`);
      });

    it('names the nearest option of a function, preset, feature and corpus', async () => {
      await run(`import * as ser from 'speech-emotion-workbench';`);
      const figure = `ser.figures.waveform({ samples: new Float32Array(3), sampleRate: 1 }, { titel: '', source: '' })`;
      assert.equal((await failure(figure)).evalue, 'line 1: unknown option titel: did you mean title?');
      assert.match((await failure(`ser.experimentConfig('quikc')`)).evalue, /Did you mean '"quick"'\?$/);
      assert.match(
        (await failure(`ser.featureConfig({ features: ['mffc'] })`)).evalue,
        /Did you mean '"mfcc"'\?$/,
      );
      assert.match(
        (await failure(`ser.experimentConfig('quick', { dataset: { protocol: 'speaker' } })`)).evalue,
        /Did you mean '"speakers"'\?$/,
      );
    });
  });

  it('does not reveal local folders', async () => {
    const error = await failure(`import * as ser from 'speech-emotion-workbench';\nser.noSuchThing();`);
    assert.ok(!JSON.stringify(error).includes(process.cwd()));
  });

  it('is interrupted also by a signal that arrives while a cell is compiled', async () => {
    for (let round = 0; round < 3; round++) {
      onInput = () => {
        kernel.interrupt();
      };
      // So long that the signal arrives well before the compilation ends: Node loses signals that arrive while the script starts.
      const long = `const points${round} = [${'{ x: 1, y: [2, 3] }, '.repeat(12_000)}];`;
      const { reply } = await run(`${long}\nawait new Promise((resolve) => setTimeout(resolve, 30_000));`);
      onInput = undefined;
      assert.equal(reply.status, 'error');
    }
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

  it('completes names of the library', async () => {
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
  });

  describe('help', () => {
    before(() => run(`import * as ser from 'speech-emotion-workbench'; const voice = new Float32Array(3);`));

    /** The Markdown of Shift+Tab at the mark ¦. */
    async function tooltip(marked: string): Promise<string> {
      const [before, after] = marked.split('¦');
      const { content } = await kernel.request('inspect_request', {
        code: before + after,
        cursor_pos: Array.from(before).length,
        detail_level: 0,
      });
      const { found, data } = content as { found: boolean; data: Record<string, string> };
      if (found) assert.ok(data['text/plain']);
      return found ? data['text/markdown'] : '';
    }

    for (const code of [
      'ser.dsp.mf¦cc',
      'ser.dsp.mfcc¦',
      'ser.dsp.mfcc(¦',
      'ser.dsp.mfcc(¦)',
      'const x = ser.dsp.mfcc(voice, ¦);',
      'ser.dsp.mfcc(voice, { nMfcc: 13, ¦ })',
      `const s = '😀😀😀'; ser.dsp.mfcc(voice, ¦); ser.dsp.rms(voice)`,
      `ser.dsp.rms(ser.dsp.mfcc(voice, { ¦`,
    ])
      it(`describes the function at ${code}`, async () => {
        const text = await tooltip(code);
        assert.match(text, /^```ts\nfunction mfcc\(samples: Float32Array, options\?: [\w.]*MfccOptions\)/);
        assert.match(text, /Mel-frequency cepstral coefficients/);
        assert.match(text, /- `samples` – shape \[samples\]/);
        assert.match(text, / {2}- `nMfcc\?: number` – number of coefficients.*; default 20/);
        assert.match(text, /\*\*Throws\*\* InvalidArgumentError if `nMfcc`/);
        assert.match(text, /\*\*Example\*\*\n\n```ts\nconst \{ data, shape \}/);
      });

    it('describes the key of an options object', async () => {
      assert.match(
        await tooltip('ser.dsp.mfcc(voice, { nMf¦cc: 13 })'),
        /^```ts\nnMfcc\?: number\n```\n\nnumber of coefficients/,
      );
    });

    for (const code of [
      `ser.experimentConfig('quick', { training: { epo¦chs: 3 } })`,
      `ser.experimentConfig('quick', { 'training.ep¦ochs': 3 })`,
      `['features.nMels', 'training.epochs¦']`,
    ])
      it(`describes the declared option at ${code}`, async () => {
        const text = await tooltip(code);
        assert.match(text, /^```ts\ntraining\.epochs\n```/);
        assert.match(text, /\*\*Value:\*\* an integer from 1 to 10000\n\n\*\*Default:\*\* 15/);
      });

    it('lists the options of a group', async () => {
      const text = await tooltip(`ser.experimentConfig('quick', { training: { ¦ } })`);
      assert.match(text, /- `batchSize` – rows per training step \(an integer from 1 to 65536; default 64\)/);
    });

    it('finds nothing in a number, and does not fail in an unfinished cell', async () => {
      assert.equal(await tooltip('1 + 2¦'), '');
      assert.equal(await tooltip('const { = ¦ ('), '');
    });

    for (const [query, expected] of [
      ['ser.dsp.mfcc?', /^function mfcc\(samples/],
      ['?ser.loadCorpora', /^function loadCorpora\(/],
      ['voice?;', /^const voice: Float32Array/],
      ['ser.Clip??', /^type Clip\n[^]*speaker\?: string – unique across corpora/],
      ['ser.dsp?', /^namespace dsp\n[^]*\n {2}mfcc – Mel-frequency/],
      ['training.epochs?', /^training\.epochs\n[^]*Default: 15/],
      ['ser.dsp.mfccs?', /^unknown name ser\.dsp\.mfccs: did you mean ser\.dsp\.mfcc\?$/],
    ] as const)
      it(`shows help in a cell: ${query}`, async () => {
        const { reply, outputs } = await run(query);
        assert.equal(reply.status, 'ok');
        const [output] = outputs;
        assert.ok(output.output_type === 'display_data');
        assert.match(joinLines(output.data['text/plain'] as Multiline), expected);
      });

    it('completes after characters outside the basic plane', async () => {
      const code = `const s = '😀😀'; ser.showTab`;
      const end = Array.from(code).length;
      const { content } = await kernel.request('complete_request', { code, cursor_pos: end });
      assert.deepEqual(
        [content.matches, content.cursor_start, content.cursor_end],
        [['showTable'], end - 'showTab'.length, end],
      );
    });
  });

  /** Interrupts repeatedly, because the first interrupt may come before the cell runs. */
  async function interrupted(code: string): Promise<Awaited<ReturnType<typeof run>>> {
    const timer = setInterval(() => {
      kernel.interrupt();
    }, 200);
    try {
      return await run(code);
    } finally {
      clearInterval(timer);
    }
  }

  for (const [where, code] of [
    ['in a synchronous loop', 'for (;;) {}'],
    ['while it awaits', 'await new Promise(() => undefined);'],
    ['while its last expression is awaited', 'new Promise(() => undefined)'],
    [
      'while it awaits work that ends with the signal',
      `import { cellSignal } from 'speech-emotion-workbench';
       import { setTimeout as sleep } from 'node:timers/promises';
       const ends = [1, 2].map(() => sleep(60_000, undefined, { signal: cellSignal() }));
       await Promise.all(ends);`,
    ],
  ]) {
    it(`can be interrupted ${where}, and shows this once, without an error`, async () => {
      const { reply, outputs } = await interrupted(code);
      assert.deepEqual([reply.status, reply.ename], ['error', 'Interrupted']);
      assert.equal(outputs.length, 1, JSON.stringify(outputs));
      const [output] = outputs;
      assert.ok(output.output_type === 'display_data');
      assert.match(joinLines(output.data['text/plain'] as Multiline), /^Interrupted\./);
      // Pending work of the cell must not report the interrupt again.
      assert.deepEqual((await run('await new Promise((resolve) => setTimeout(resolve, 50));')).outputs, []);
    });
  }

  it('aborts the signal of an interrupted cell', async () => {
    onText = () => {
      kernel.interrupt();
    };
    await run(`import { cellSignal } from 'speech-emotion-workbench';
      const aborts: string[] = [];
      cellSignal().addEventListener('abort', () => aborts.push('stop'));
      Object.assign(globalThis, { aborts });
      setTimeout(() => console.log('waiting'), 100);
      await new Promise((resolve) => setTimeout(resolve, 60_000));`);
    onText = undefined;
    assert.equal((await run(`(globalThis as unknown as { aborts: string[] }).aborts.join()`)).result, 'stop');
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
    // Requests within 100 ms are aborted too.
    await new Promise((resume) => setTimeout(resume, 200));
  });
});
