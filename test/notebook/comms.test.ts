import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { KernelClient, type KernelMessage } from '../../src/notebook/runner/kernel-client';
import { newHeader } from '../../src/notebook/wire';
import { until } from '../until';

describe('comms of the kernel', function () {
  this.timeout(120_000);

  const messages: KernelMessage[] = [];
  let kernel: KernelClient;
  let sliderId = '';

  before(async () => {
    kernel = await KernelClient.start({ onOutput: (message) => void messages.push(message) });
    await kernel.execute(`import * as ser from 'speech-emotion-workbench';`, 60);
  });
  after(() => kernel.stop());

  const ofType = (type: string) => messages.filter((message) => message.type === type);
  const comm = (type: string, id: string, data: object, buffers: Uint8Array[] = []) =>
    kernel.request(`comm_${type}`, { comm_id: id, target_name: 'jupyter.widget.control', data }, { buffers });
  const openComms = async (): Promise<Record<string, { target_name: string }>> => {
    const { type, content } = await kernel.request('comm_info_request', { target_name: 'jupyter.widget' });
    assert.equal(type, 'comm_info_reply');
    return content.comms as Record<string, { target_name: string }>;
  };
  const opened = (name: string) =>
    ofType('comm_open').findLast(
      ({ content }) => (content.data as { state: { _model_name: string } }).state._model_name === name,
    )!;
  const idOf = ({ content }: KernelMessage) => content.comm_id as string;

  it('opens the widgets of a cell with the version of the protocol, and displays them', async () => {
    await kernel.execute(
      `const cell = await ser.interact({ n: ser.controls.slider({ min: 0, max: 9 }) }, ({ n }) => 'n is ' + n);`,
      60,
      undefined,
      { cellId: 'a' },
    );
    const slider = opened('IntSliderModel');
    sliderId = idOf(slider);
    assert.equal(slider.content.target_name, 'jupyter.widget');
    const view = ofType('display_data').flatMap(({ content }) => {
      const data = content.data as Record<string, unknown>;
      return data['application/vnd.jupyter.widget-view+json'] ?? [];
    });
    assert.deepEqual(view, [{ version_major: 2, version_minor: 0, model_id: idOf(opened('VBoxModel')) }]);
    assert.ok(Object.keys(await openComms()).includes(idOf(slider)));
  });

  it('handles a changed value: echoes it with the message as parent and becomes idle before it renders', async () => {
    messages.length = 0;
    await comm('msg', sliderId, { method: 'update', state: { value: 5 }, buffer_paths: [] });
    const echo = ofType('comm_msg')
      .map(({ content }) => content)
      .find(({ comm_id: sender }) => sender === sliderId);
    assert.deepEqual(echo?.data, { method: 'echo_update', state: { value: 5 }, buffer_paths: [] });
    await until(() => ofType('comm_msg').length > 1);
  });

  it('handles changes while a cell is waiting', async () => {
    messages.length = 0;
    const waiting = kernel.execute(
      `while (cell.values.n !== 8) await new Promise((next) => setTimeout(next, 10));`,
      60,
    );
    await comm('msg', sliderId, { method: 'update', state: { value: 8 }, buffer_paths: [] });
    assert.equal((await waiting).status, 'ok');
  });

  it('keeps the results of a cell open when other cells run again', async () => {
    for (let value = 1; value < 4; value++) {
      await kernel.execute('0', 60, undefined, { cellId: 'other', deletedCells: [] });
      messages.length = 0;
      await comm('msg', sliderId, { method: 'update', state: { value }, buffer_paths: [] });
      await until(() => JSON.stringify(ofType('comm_msg')).includes('data-ser-slot'));
    }
    await comm('msg', sliderId, { method: 'update', state: { value: 8 }, buffer_paths: [] });
  });

  it('sends the states of all widgets to a front end that was reloaded', async () => {
    messages.length = 0;
    await comm('open', 'control', {});
    await comm('msg', 'control', { method: 'request_states' });
    // A result of the cell may arrive meanwhile.
    const answer = ofType('comm_msg').find(({ content }) => content.comm_id === 'control')!.content;
    const { method, states } = answer.data as { method: string; states: Record<string, { state: object }> };
    assert.equal(method, 'update_states');
    assert.deepEqual(Object.keys(states).sort(), Object.keys(await openComms()).sort());
    assert.equal((states[sliderId].state as { value: number }).value, 8);
    await comm('close', 'control', {});
  });

  it('answers the request for one state', async () => {
    messages.length = 0;
    await comm('msg', sliderId, { method: 'request_state' });
    const [answer] = ofType('comm_msg').map(({ content }) => content.data as { state: { value: number } });
    assert.equal(answer.state.value, 8);
  });

  it('closes a comm with an unknown target', async () => {
    messages.length = 0;
    await kernel.request('comm_open', { comm_id: 'x', target_name: 'nobody', data: {} });
    assert.deepEqual(
      ofType('comm_close').map(({ content }) => content.comm_id),
      ['x'],
    );
  });

  it('ignores messages for comms that are not open, and invalid values', async () => {
    await comm('msg', 'no such comm', { method: 'update', state: { value: 1 } });
    await comm('msg', sliderId, { method: 'update', state: { value: 'much' }, buffer_paths: [] });
    const { status } = await kernel.execute('cell.values.n', 60);
    assert.equal(status, 'ok');
  });

  it('ignores invalid messages, also while a cell is running', async () => {
    messages.length = 0;
    const waiting = kernel.execute(`await new Promise((done) => setTimeout(done, 1000)); 'waited'`, 60);
    const header = (type: string) => newHeader(type, 'x');
    const { connection, shell } = kernel as unknown as {
      connection: { key: string };
      shell: { send: (frames: string[]) => Promise<void> };
    };
    const send = (parts: unknown[], signature?: string) => {
      const body = parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
      const hash = createHmac('sha256', connection.key).update(body.join('')).digest('hex');
      void shell.send(['<IDS|MSG>', signature ?? hash, ...body]);
    };
    send([header('execute_request'), {}, {}, { code: 'process.exit()' }], 'wrong');
    send([header('comm_msg'), {}, {}, {}], 'wrong');
    for (const type of ['execute_request', 'comm_msg', 'comm_info_request']) {
      send([header(type), {}, {}, '{nonsense']);
      send([header(type), {}, {}, null]);
      send([header(type), {}, null, {}]);
    }
    for (const type of ['inspect_request', 'complete_request', 'is_complete_request', 'unknown_request'])
      send([header(type), {}, {}, {}]);
    for (const content of [
      {},
      { comm_id: sliderId, data: null },
      { comm_id: sliderId, data: { method: 'update', state: null } },
      { comm_id: sliderId, data: { method: 'update', state: {}, buffer_paths: [null] } },
    ])
      send([header('comm_msg'), {}, {}, content]);
    send([header('comm_open'), {}, {}, { comm_id: sliderId, target_name: 'jupyter.widget.control' }]);
    void shell.send(['nonsense']);
    void shell.send(['<IDS|MSG>']);
    assert.equal((await waiting).status, 'ok');
    assert.deepEqual([...ofType('error'), ...ofType('stream')], []);
    await comm('msg', sliderId, { method: 'update', state: { value: 2 }, buffer_paths: [] });
    assert.equal((await kernel.execute('if (cell.values.n !== 2) throw cell.values.n;', 60)).status, 'ok');
  });

  it('receives an uploaded file as a buffer', async () => {
    messages.length = 0;
    await kernel.execute(
      `const files = await ser.interact({ file: ser.controls.upload() }, ({ file }) => file.map(({ name, bytes }) => name + ' ' + bytes.join()).join());`,
      60,
    );
    const state = { value: [{ name: 'a.wav', type: 'audio/wav', size: 3, last_modified: 0 }] };
    await kernel.request(
      'comm_msg',
      {
        comm_id: idOf(opened('FileUploadModel')),
        data: { method: 'update', state, buffer_paths: [['value', 0, 'content']] },
      },
      { buffers: [Uint8Array.of(7, 0, 255)] },
    );
    messages.length = 0;
    const reply = await kernel.execute('console.log(files.values.file[0].bytes.join());', 60);
    assert.equal(reply.status, 'ok', JSON.stringify(reply));
    assert.equal(ofType('stream')[0].content.text, '7,0,255\n');
  });

  it('closes the widgets of a cell that runs again or is deleted, and leaves none behind', async () => {
    const before = Object.keys(await openComms()).length;
    const code = `void await ser.interact({ n: ser.controls.slider({ min: 0, max: 9 }) }, () => 'again');`;
    for (let i = 0; i < 3; i++) await kernel.execute(code, 60, undefined, { cellId: 'b' });
    const after = Object.keys(await openComms()).length;
    await kernel.execute('0', 60, undefined, { cellId: 'c', deletedCells: ['b'] });
    assert.equal(Object.keys(await openComms()).length, before);
    assert.ok(after > before);
    assert.equal(ofType('comm_close').length, 3 * (after - before));
  });

  it('stops a running render when the kernel is interrupted, while no cell runs', async () => {
    await kernel.execute(
      `let started = false;
       let aborted = false;
       void await ser.interact({ go: ser.controls.button('Go') }, (_, { signal }) => new Promise((_done, failed) => {
         started = true;
         signal.addEventListener('abort', () => { aborted = true; failed(signal.reason); });
       }), { on: 'go' });`,
      60,
    );
    const click = { method: 'custom', content: { event: 'click' } };
    await comm('msg', idOf(opened('ButtonModel')), click);
    await kernel.execute('while (!started) await new Promise((next) => setTimeout(next, 10));', 20);
    messages.length = 0;
    kernel.interrupt();
    await until(() => ofType('comm_msg').some(({ content }) => JSON.stringify(content).includes('stopped')));
    assert.equal((await kernel.execute('if (!aborted) throw new Error();', 20)).status, 'ok');
  });
});
