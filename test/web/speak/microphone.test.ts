import assert from 'node:assert/strict';
import { type Capture, MicrophoneError, startCapture, within } from '../../../src/web/speak/microphone';

/** What the simulated browser does. */
const browser = {
  context: 'suspended',
  answersStop: true,
  failure: undefined as string | undefined,
  stopMessages: 0,
  tracks: [] as { label: string; readyState: string; end: () => void }[],
};

class SimulatedContext {
  sampleRate = 48_000;
  audioWorklet = { addModule: () => Promise.resolve() };
  suspend(): Promise<void> {
    browser.context = 'suspended';
    return Promise.resolve();
  }
  resume(): Promise<void> {
    browser.context = 'running';
    return Promise.resolve();
  }
  createMediaStreamSource(): object {
    if (browser.failure !== undefined) throw new Error(browser.failure);
    return { connect: () => undefined, disconnect: () => undefined };
  }
}

class SimulatedNode {
  port = {
    onmessage: undefined as ((event: { data: unknown }) => void) | undefined,
    postMessage(message: unknown): void {
      if (message !== 'stop') return;
      browser.stopMessages++;
      if (!browser.answersStop) return;
      setTimeout(() => {
        this.onmessage?.({ data: Float32Array.of(0.5) });
        this.onmessage?.({ data: 'end' });
      }, 0);
    },
    close: () => undefined,
  };
}

function getUserMedia(): Promise<object> {
  const listeners = new Set<() => void>();
  const track = {
    label: `microphone ${browser.tracks.length}`,
    readyState: 'live',
    stop: () => {
      track.readyState = 'ended';
    },
    end: () => {
      for (const listener of listeners) listener();
    },
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
    getSettings: () => ({}),
  };
  browser.tracks.push(track);
  return Promise.resolve({ getAudioTracks: () => [track] });
}

const simulated = {
  AudioContext: SimulatedContext,
  AudioWorkletNode: SimulatedNode,
  document: { baseURI: 'http://localhost/' },
  navigator: { mediaDevices: { getUserMedia } },
};

const start = (
  onSamples: (samples: Float32Array) => void = () => undefined,
  onEnded: () => void = () => undefined,
): Promise<Capture> => startCapture({ onSamples, onEnded });

describe('a microphone of the live page', () => {
  const replaced = new Map<string, PropertyDescriptor | undefined>();
  before(() => {
    for (const [name, value] of Object.entries(simulated)) {
      replaced.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
  });
  after(() => {
    for (const [name, descriptor] of replaced) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  });
  beforeEach(() => {
    Object.assign(browser, { answersStop: true, failure: undefined, stopMessages: 0, tracks: [] });
  });

  it('goes on when another one is switched off', async () => {
    const [first, second] = [await start(), await start()];
    await second.stop();
    assert.equal(browser.context, 'running');
    assert.deepEqual(
      browser.tracks.map(({ readyState }) => readyState),
      ['live', 'ended'],
    );
    await first.stop();
    assert.equal(browser.context, 'suspended');
  });

  it('goes on if it was switched on while the one before was being switched off', async () => {
    const first = await start();
    const stopping = first.stop();
    const second = await start();
    await stopping;
    assert.equal(browser.context, 'running');
    await second.stop();
    assert.equal(browser.context, 'suspended');
  });

  it('delivers the last samples before it is off', async () => {
    const parts: Float32Array[] = [];
    const capture = await start((samples) => parts.push(samples));
    await capture.stop();
    assert.deepEqual(parts, [Float32Array.of(0.5)]);
  });

  it('is switched off even if the audio thread does not answer, and only once', async () => {
    browser.answersStop = false;
    const other = await start();
    const capture = await start();
    await Promise.all([capture.stop(), capture.stop()]);
    assert.equal(browser.stopMessages, 1);
    assert.equal(browser.tracks[1].readyState, 'ended');
    assert.equal(browser.context, 'running', 'it was counted once');
    await other.stop();
    assert.equal(browser.context, 'suspended');
  });

  it('is released if it cannot be set up', async () => {
    browser.failure = 'the rates differ';
    await assert.rejects(start(), (error) => {
      assert.ok(error instanceof MicrophoneError);
      assert.match(error.message, /could not be started: the rates differ\. Reload the page\./);
      return true;
    });
    assert.equal(browser.tracks[0].readyState, 'ended');
    assert.equal(browser.context, 'suspended');
  });

  it('reports that it was disconnected, but not after it was switched off', async () => {
    let times = 0;
    const capture = await start(undefined, () => times++);
    browser.tracks[0].end();
    assert.equal(times, 1);
    await capture.stop();
    browser.tracks[0].end();
    assert.equal(times, 1);
  });
});

describe('within', () => {
  it('returns the result, or undefined when the time is over', async () => {
    assert.equal(await within(10_000, Promise.resolve(3)), 3);
    assert.equal(await within(1, new Promise(() => undefined)), undefined);
  });
});
