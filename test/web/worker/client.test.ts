import assert from 'node:assert/strict';
import type { Predicted, Reply, Request } from '../../../src/web/worker/protocol';
import { type LoadedModel, startWorker } from '../../../src/web/worker/client';

/** The worker that the client started last. */
let worker: SimulatedWorker;

class SimulatedWorker {
  onerror: ((event: { message?: string }) => void) | undefined;
  onmessage: ((event: { data: Reply }) => void) | undefined;
  sent: { message: Request; transfer: Transferable[] }[] = [];
  constructor() {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the test plays the worker
    worker = this;
  }
  postMessage(message: Request, transfer: Transferable[]): void {
    this.sent.push({ message, transfer });
  }
  reply(data: Reply): void {
    this.onmessage?.({ data });
  }
}

/** Two channels of one sample each. */
const channels = [Float32Array.of(0.25), Float32Array.of(0.5)];
class SimulatedOfflineContext {
  decodeAudioData = () =>
    Promise.resolve({
      sampleRate: 48_000,
      numberOfChannels: 2,
      getChannelData: (channel: number) => channels[channel],
    });
}

const simulated = {
  Worker: SimulatedWorker,
  document: { baseURI: 'http://localhost/' },
  OfflineAudioContext: SimulatedOfflineContext,
};

describe('the client of the prediction worker', () => {
  before(() => {
    Object.assign(globalThis, simulated);
  });
  after(() => {
    for (const name of Object.keys(simulated)) Reflect.deleteProperty(globalThis, name);
  });

  const models = ['a', 'b'].map((name) => ({ name, folder: `models/${name}` }));
  const open = () => {
    const failed: string[] = [];
    const onModel = (name: string, model: LoadedModel): void => {
      if ('reason' in model) failed.push(`${name}: ${model.reason}`);
    };
    return { client: startWorker(models, 'a', { onModel, onLoaded: () => undefined }), failed };
  };

  it('reports all models as failed if the worker cannot start', async () => {
    const { client, failed } = open();
    const prediction = client.predict('a', new Blob([]), { name: 'x.wav' });
    worker.onerror?.({});
    const reason = /the prediction worker failed: its script could not be loaded; reload the page/;
    assert.equal(failed.length, 2);
    for (const text of failed) assert.match(text, reason);
    await assert.rejects(prediction, reason);
  });

  it('goes on after an error in a worker that has started', async () => {
    const { client, failed } = open();
    worker.reply({ kind: 'loaded' });
    const prediction = client.predict('a', new Blob([]), { name: 'x.wav' });
    worker.onerror?.({ message: 'Uncaught Error' });
    assert.deepEqual(failed, []);
    const { id } = worker.sent.at(-1)!.message as Extract<Request, { kind: 'predict' }>;
    const predicted = { computeMs: 7 } as Predicted;
    worker.reply({ kind: 'predicted', id, ...predicted });
    assert.equal((await prediction).computeMs, 7);
  });

  it('hands decoded samples over without a copy', async () => {
    open();
    worker.reply({ kind: 'decode', id: 5, bytes: new Uint8Array(100), format: 'AAC' });
    await new Promise((resolve) => setTimeout(resolve, 0));
    const { message, transfer } = worker.sent.at(-1)!;
    assert.deepEqual(message, { kind: 'decoded', id: 5, audio: { channels, sampleRate: 48_000 } });
    assert.deepEqual(
      transfer,
      channels.map(({ buffer }) => buffer),
    );
  });
});
