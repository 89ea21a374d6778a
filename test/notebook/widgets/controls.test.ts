import assert from 'node:assert/strict';
import * as controls from '../../../src/api/controls';
import { configHash, experimentConfig } from '../../../src/core/config';
import { interact, tune } from '../../../src/notebook';
import { installCellHost } from '../../../src/notebook/display';
import { withBuffers, withoutBuffers } from '../../../src/notebook/widgets/widget';
import { fakeHost, type FakeHost, type OpenedComm } from '../fake-host';

const { button, checkbox, column, dropdown, logSlider, play, progress, range, row } = controls;
const { slider, tabs, text, toggles, upload } = controls;

let host: FakeHost;
const useFakeKernel = () => {
  beforeEach(() => {
    host = fakeHost(() => undefined);
    installCellHost(host);
  });
  afterEach(() => {
    installCellHost(undefined);
  });
};

const stateOf = ({ data }: OpenedComm) => data.state as Record<string, unknown>;
const model = (name: string): OpenedComm => {
  const found = host.comms.find((comm) => stateOf(comm)._model_name === name);
  assert.ok(found, name);
  return found;
};
const change = (name: string, state: object, paths: unknown[] = [], buffers: Uint8Array[] = []) => {
  model(name).receive({ method: 'update', state, buffer_paths: paths }, buffers);
};

describe('controls', () => {
  useFakeKernel();

  it('a slider is an integer slider for integers, otherwise a float slider with enough decimals', async () => {
    const all = { a: slider({ min: 0, max: 9 }), b: slider({ min: 0, max: 1, step: 0.05, value: 0.5 }) };
    const { values } = await interact(all, () => '');
    assert.deepEqual(values, { a: 0, b: 0.5 });
    const { readout_format: format, step } = stateOf(model('FloatSliderModel'));
    assert.deepEqual([format, step], ['.2f', 0.05]);
    assert.equal(stateOf(model('IntSliderModel')).step, 1);
  });

  it('a logarithmic slider has powers of ten as limits and three digits', async () => {
    const cell = await interact({ rate: logSlider({ min: 1e-4, max: 1e-1, value: 1e-3 }) }, () => '');
    const { min, max, base, value } = stateOf(model('FloatLogSliderModel'));
    assert.deepEqual([min, max, base, value], [-4, -1, 10, 1e-3]);
    assert.equal(cell.values.rate, 1e-3);
    change('FloatLogSliderModel', { value: 0.0112201845 });
    assert.equal(cell.values.rate, 0.0112);
  });

  it('a slider starts whole steps below its value, so that the front end does not move it', async () => {
    const all = {
      rate: logSlider({ min: 1e-4, max: 1e-1, value: 3e-3 }),
      share: slider({ min: 0, max: 1, step: 0.25, value: 0.3 }),
      size: slider({ min: 0, max: 9000, step: 10, value: 4096 }),
    };
    const cell = await interact(all, () => '');
    const log = stateOf(model('FloatLogSliderModel')).min as number;
    const steps = (Math.log10(3e-3) - log) * 20;
    assert.ok(
      log >= -4 && Math.abs(steps - Math.round(steps)) < 1e-6 && Math.round(steps) === 29,
      `${steps} steps`,
    );
    assert.ok(Math.abs((stateOf(model('FloatSliderModel')).min as number) - 0.05) < 1e-12);
    assert.equal(stateOf(model('IntSliderModel')).min, 6);
    change('FloatLogSliderModel', { value: 3e-3 * (1 + 1e-12) });
    assert.deepEqual(cell.values, { rate: 3e-3, share: 0.3, size: 4096 });
  });

  it('a range has two numbers', async () => {
    const cell = await interact({ band: range({ min: 0, max: 8000, step: 100 }) }, () => '');
    change('IntRangeSliderModel', { value: [100, 4000] });
    assert.deepEqual(cell.values.band, [100, 4000]);
  });

  it('a list and toggle buttons return the choice itself', async () => {
    const clips = [{ path: 'a.wav' }, { path: 'b.wav' }];
    const all = { clip: dropdown(clips, { text: ({ path }) => path }), view: toggles(['mel', 'linear']) };
    const cell = await interact(all, () => '');
    assert.deepEqual(stateOf(model('DropdownModel'))._options_labels, ['a.wav', 'b.wav']);
    change('DropdownModel', { index: 1 });
    change('ToggleButtonsModel', { index: 1 });
    assert.equal(cell.values.clip, clips[1]);
    assert.equal(cell.values.view satisfies 'mel' | 'linear', 'linear');
  });

  it('a checkbox and a text have the values of the front end', async () => {
    const cell = await interact({ isOn: checkbox(), name: text({ value: 'x' }) }, () => '');
    change('CheckboxModel', { value: true });
    change('TextModel', { value: 'SAVEE' });
    assert.deepEqual({ ...cell.values }, { isOn: true, name: 'SAVEE' });
  });

  it('an uploaded file has a name, a type and bytes, and is not sent back', async () => {
    const cell = await interact({ file: upload({ accept: 'audio/*' }) }, () => '');
    const value = [{ name: 'a.wav', type: 'audio/wav', size: 2, last_modified: 0 }];
    change('FileUploadModel', { value, error: '' }, [['value', 0, 'content']], [Uint8Array.of(1, 2)]);
    const [file] = cell.values.file;
    assert.deepEqual([file.name, file.type, [...file.bytes]], ['a.wav', 'audio/wav', [1, 2]]);
    const echoed = model('FileUploadModel').sent.map(({ data }) => Object.keys(data.state as object));
    assert.deepEqual(echoed, [['error']]);
  });

  it('play is a slider linked with buttons', async () => {
    const cell = await interact({ at: play({ min: 0, max: 20 }) }, () => '');
    const [player, handle] = [model('PlayModel'), model('IntSliderModel')].map(({ id }) => `IPY_MODEL_${id}`);
    const { source, target } = stateOf(model('LinkModel'));
    assert.deepEqual(
      [source, target],
      [
        [player, 'value'],
        [handle, 'value'],
      ],
    );
    change('IntSliderModel', { value: 5 });
    assert.equal(cell.values.at, 5);
  });

  it('a progress bar is moved by its handle', async () => {
    await interact({ bar: progress({ total: 10 }) }, ({ bar }) => {
      bar.update(4);
    });
    const { sent } = model('FloatProgressModel');
    assert.deepEqual((sent[0].data.state as { value: number }).value, 4);
  });

  it('rows, columns and tabs contain controls, and have their values', async () => {
    const cell = await interact(
      { all: tabs({ A: row({ n: slider({ min: 0, max: 3, value: 2 }) }), B: column({ isOn: checkbox() }) }) },
      () => '',
    );
    assert.deepEqual(stateOf(model('TabModel')).titles, ['A', 'B']);
    assert.deepEqual(cell.values.all, { A: { n: 2 }, B: { isOn: false } });
    change('CheckboxModel', { value: true });
    assert.equal(cell.values.all.B.isOn, true);
  });

  it('a value that no control can have is replaced', async () => {
    const cell = await interact(
      { n: slider({ min: 0, max: 9, value: 3 }), c: dropdown(['a', 'b']) },
      () => '',
    );
    for (const value of ['many', null, NaN, {}]) {
      change('IntSliderModel', { value });
      assert.equal(cell.values.n, 3);
    }
    change('IntSliderModel', { value: 1e9 });
    assert.equal(cell.values.n, 9);
    for (const index of [null, 'x', 7.5, -1]) {
      change('DropdownModel', { index });
      assert.ok(['a', 'b'].includes(cell.values.c));
    }
  });

  it('malformed states are replaced', async () => {
    const cell = await interact(
      {
        n: slider({ min: 0, max: 9, value: 3 }),
        band: range({ min: 0, max: 9 }),
        name: text({ value: 'me' }),
        files: upload(),
      },
      () => '',
    );
    for (const value of [null, 'x', 7, {}, [null, 'x', 3, {}], [[]]]) {
      change('IntRangeSliderModel', { value });
      change('FileUploadModel', { value });
      change('TextModel', { value: value === 'x' ? null : value });
      assert.deepEqual(
        [cell.values.band, cell.values.files, cell.values.name],
        [[0, 9], [], 'me'],
        JSON.stringify(value),
      );
    }
    change('IntSliderModel', { value: 4.4 });
    assert.equal(cell.values.n, 4);
    const { comm, receive } = model('IntSliderModel');
    for (const data of [
      { method: 'update', state: 'x' },
      { method: 'update', state: { value: 5 }, buffer_paths: 7 },
      { method: 'update', state: { value: 6, z: [] }, buffer_paths: [3, null, ['z', 1e9]] },
    ])
      receive(data, [Uint8Array.of(1)]);
    assert.equal(cell.values.n, 6);
    assert.ok(comm.id);
  });

  it('choices may be any values, with a text each', async () => {
    const choices = [NaN, undefined, { id: 7 }, Object.create(null), Symbol('s'), 'a', 'a'];
    const cell = await interact({ one: dropdown<unknown>(choices) }, () => '');
    assert.deepEqual(stateOf(model('DropdownModel'))._options_labels, [
      'NaN',
      'undefined',
      '{ id: 7 }',
      '[Object: null prototype] {}',
      'Symbol(s)',
      'a',
      'a',
    ]);
    assert.deepEqual(cell.values, { one: NaN });
    change('DropdownModel', { index: 2 });
    assert.equal(cell.values.one, choices[2]);
    const names = interact({ one: toggles(['x'], { text: () => undefined as unknown as string }) }, () => '');
    await names;
    assert.deepEqual(stateOf(model('ToggleButtonsModel'))._options_labels, ['undefined']);
  });

  it('names may be those of every object', async () => {
    const named = Object.fromEntries(
      ['__proto__', 'constructor', 'toString'].map((name) => [name, slider({ min: 0, max: 9, value: 4 })]),
    );
    const seen: string[] = [];
    const cell = await interact(named, (values) => void seen.push(...Object.keys(values)));
    assert.deepEqual(seen, ['__proto__', 'constructor', 'toString']);
    assert.equal(Object.getOwnPropertyDescriptor(cell.values, '__proto__')?.value, 4);
  });

  it('a stop button in a row stops the work', async () => {
    let started = 0;
    let aborted = 0;
    await interact(
      { row: row({ go: button('Go', { stop: 'Stop' }), n: slider({ min: 0, max: 9 }) }) },
      ({ row: { go } }, { signal }) =>
        go === 0
          ? ''
          : new Promise((_, failed) => {
              started++;
              signal.addEventListener('abort', () => {
                aborted++;
                failed(signal.reason as Error);
              });
            }),
    );
    for (let click = 1; click <= 2; click++) {
      model('ButtonModel').receive({ method: 'custom', content: { event: 'click' } });
      await new Promise((resume) => setTimeout(resume, 50));
      assert.deepEqual([started, aborted], [1, click - 1]);
    }
  });

  it('reject impossible limits and values', () => {
    assert.throws(() => slider({ min: 1, max: 1 }), /max must be a number above min \(1\)/);
    assert.throws(() => slider({ min: NaN, max: 1 }), /min must be a finite number/);
    assert.throws(() => slider({ min: 0, max: 1, step: 0 }), /step must be a number above 0/);
    assert.throws(() => slider({ min: 0, max: 1, value: 2 }), /value must be a number from 0 to 1/);
    assert.throws(() => logSlider({ min: 0, max: 1 }), /min must be a number above 0/);
    assert.throws(
      () => range({ min: 0, max: 9, value: [5, 3] }),
      /value must be a lower and an upper number/,
    );
    assert.throws(() => dropdown([]), /choices must be at least one choice/);
    assert.throws(() => dropdown(['a'], { value: 'b' as 'a' }), /value must be one of the choices/);
    assert.throws(() => play({ min: 0, max: 1, step: 0.1 }), /integers/);
  });

  it('a button counts its clicks', async () => {
    const cell = await interact({ go: button('Go') }, () => '');
    const click = { method: 'custom', content: { event: 'click' } };
    model('ButtonModel').receive(click);
    model('ButtonModel').receive(click);
    model('ButtonModel').receive({ method: 'custom', content: 'something else' });
    assert.equal(cell.values.go, 2);
  });
});

describe('tune', () => {
  useFakeKernel();
  const config = experimentConfig('quick');

  it('makes a control for every kind of option, with the current value', async () => {
    const tuned = await tune(
      config,
      [
        'features.nMels',
        'features.nFft',
        'features.fMax',
        'features.features',
        'dataset.protocol',
        'training.learningRate',
        'training.epochs',
        'training.earlyStopping',
        'corpora',
        'seed',
      ],
      ({ training }) => training.epochs,
    );
    assert.equal(configHash(tuned.config), configHash(config));
    const described = host.comms
      .map(stateOf)
      .filter(({ description }) => description !== undefined && description !== '');
    assert.deepEqual(
      described.map(({ _model_name: name, description }) => `${String(description)}: ${String(name)}`),
      [
        'nMels: IntSliderModel',
        'nFft: DropdownModel',
        'fMax: DropdownModel',
        'features: DropdownModel',
        'protocol: DropdownModel',
        'learningRate: FloatLogSliderModel',
        'epochs: IntSliderModel',
        'earlyStopping: DropdownModel',
        'corpora: TextModel',
        'seed: IntSliderModel',
      ],
    );
    assert.match(String(described[0].tooltip), /number of mel bands: an integer from 1 to 1024/);
  });

  it('passes the changed config to render, but not an invalid one', async () => {
    const seen: unknown[] = [];
    const tuned = await tune(config, ['training.epochs', 'corpora'], ({ training, corpora }) => {
      seen.push([training.epochs, corpora]);
    });
    change('TextModel', { value: 'RAVDESS, SAVEE' });
    assert.deepEqual(tuned.config.corpora, ['RAVDESS', 'SAVEE']);
    change('TextModel', { value: '' });
    assert.throws(() => tuned.config, /corpora/);
    assert.deepEqual(seen, [[config.training.epochs, 'all']]);
  });

  it('accepts further controls, also for an option', async () => {
    const own = { 'training.epochs': dropdown([2, 4], { value: 4 }), go: button('Go') };
    const tuned = await tune(config, ['training.epochs'], () => '', { controls: own, on: 'go' });
    assert.equal(tuned.config.training.epochs, 4);
  });

  it('rejects unknown options, and options without a control', async () => {
    const wrong = 'training.epoch' as 'training.epochs';
    await assert.rejects(
      tune(config, [wrong], () => ''),
      /unknown option training.epoch: did you mean training.epochs\?/,
    );
    await assert.rejects(
      tune(config, [], () => ''),
      /paths must be at least one option/,
    );
    await assert.rejects(
      tune(config, ['features.versions'], () => ''),
      /features.versions/,
    );
  });
});

describe('widget states', () => {
  it('are sent without their binary data, which is put back', () => {
    const state = { value: [{ name: 'a', content: Uint8Array.of(1) }], more: { data: Uint8Array.of(2) } };
    const { json, paths, buffers } = withoutBuffers(state);
    assert.deepEqual(json, { value: [{ name: 'a', content: null }], more: { data: null } });
    assert.deepEqual(paths, [
      ['value', 0, 'content'],
      ['more', 'data'],
    ]);
    assert.deepEqual(withBuffers(json, paths, buffers), state);
  });

  it('ignore paths that lead nowhere or to a prototype', () => {
    const paths = [
      ['no', 'such'],
      ['__proto__', 'x'],
      ['value', '__proto__'],
    ];
    const buffers = paths.map(() => Uint8Array.of(1));
    assert.deepEqual(withBuffers({ value: {} }, paths, buffers), { value: {} });
    assert.ok(!('x' in {}));
  });
});
