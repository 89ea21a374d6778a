import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { drillDown } from '../../../src/api/controls';
import { interact } from '../../../src/notebook';
import { installCellHost } from '../../../src/notebook/display';
import { fakeHost, type FakeHost } from '../fake-host';

const clips = [
  { corpus: 'A', speaker: 'A-10', emotion: 'sad', file: '1.wav' },
  { corpus: 'A', speaker: 'A-2', emotion: 'sad', file: '2.wav' },
  { corpus: 'A', speaker: 'A-2', emotion: 'happy', file: '3.wav' },
  { corpus: 'B', emotion: 'happy', file: '4.wav' },
  { corpus: 'B', emotion: 'happy', file: '5.wav' },
];
type Item = (typeof clips)[number];
const properties = {
  corpus: ({ corpus }: Item) => corpus,
  speaker: ({ speaker }: Item) => speaker,
  emotion: ({ emotion }: Item) => emotion,
};

describe('drillDown', () => {
  let host: FakeHost;
  beforeEach(() => {
    host = fakeHost(() => undefined);
    installCellHost(host);
  });
  afterEach(() => {
    installCellHost(undefined);
  });

  const lists = () =>
    host.comms.filter(({ data }) => (data.state as { _model_name: string })._model_name === 'DropdownModel');
  /** The texts of a list as the front end sees them, with its choice in brackets. */
  const seen = (at: number) => {
    const { data, sent } = lists()[at];
    const updates = sent
      .map((message) => message.data)
      .filter(({ method }) => method === 'update')
      .map(({ state }) => state as object);
    const state = Object.assign({}, data.state, ...updates) as { _options_labels: string[]; index: number };
    return state._options_labels.map((text, i) => (i === state.index ? `[${text}]` : text)).join(' ');
  };
  const choose = async (at: number, index: number) => {
    const change = { method: 'update', state: { index }, buffer_paths: [] };
    // The front end itself shows the change before it sends it.
    lists()[at].sent.push({ data: change, buffers: [] });
    lists()[at].receive(change);
    await setTimeout(20);
  };
  const start = async (value?: Item) => {
    const files: string[] = [];
    const clip = drillDown(clips, properties, value ? { value } : {});
    await interact({ clip }, ({ clip: { file } }) => {
      files.push(file);
    });
    return files;
  };

  it('starts with the first item, and offers only values that match the lists before', async () => {
    assert.deepEqual(await start(), ['1.wav']);
    assert.deepEqual([0, 1, 2].map(seen), ['[A] B', 'A-2 [A-10]', '[sad]']);
  });

  it('keeps a choice that is still possible, and otherwise selects the first one', async () => {
    const files = await start();
    await choose(1, 0);
    assert.deepEqual([seen(1), seen(2)], ['[A-2] A-10', 'happy [sad]']);
    await choose(2, 0);
    await choose(0, 1);
    assert.deepEqual([seen(1), seen(2)], ['[not stated]', '[happy]']);
    assert.deepEqual(files, ['1.wav', '2.wav', '3.wav', '4.wav']);
  });

  it('starts with a given item, also among several with the same texts', async () => {
    assert.deepEqual(await start(clips[4]), ['5.wav']);
    assert.deepEqual([0, 1, 2].map(seen), ['A [B]', '[not stated]', '[happy]']);
  });

  it('rejects missing items and properties, and a value that is none of the items', () => {
    assert.throws(() => drillDown([], properties), /items must be at least one item/);
    assert.throws(() => drillDown(clips, {}), /properties must be at least one property/);
    assert.throws(
      () => drillDown(clips, properties, { value: { ...clips[0] } }),
      /value must be one of the items/,
    );
  });
});
