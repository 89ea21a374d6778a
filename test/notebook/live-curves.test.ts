import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { underProtocol } from '../../src/core/evaluation';
import type { Engine, EpochRecord } from '../../src/core/network';
import { loadEngine } from '../../src/node/engine';
import { fit } from '../../src/node/experiment';
import {
  cellSignal,
  type DisplayOptions,
  liveCurves,
  type LiveCurves,
  type MimeBundle,
} from '../../src/notebook';
import { installCellHost } from '../../src/notebook/display';
import { range, toyData, toyNetwork, toyTraining } from '../core/network/toy';
import { fakeHost } from './fake-host';

const options = { source: 'toy rows', protocol: underProtocol('speakers') };
const place = (number: number) => ({ name: `fold ${number}`, number, count: 2 });
const record = (epoch: number, valUar = 0.1 * epoch): EpochRecord => ({
  epoch,
  loss: 2 / epoch,
  accuracy: 0.1 * epoch,
  valLoss: 1 / epoch,
  valAccuracy: 0.5,
  valUar,
  learningRate: 1e-3,
  seconds: 0.5,
});
const records = (count: number) => Array.from({ length: count }, (_, i) => record(i + 1));

interface Message {
  bundle: MimeBundle;
  id: string;
  isUpdate: boolean;
  at: number;
}

describe('liveCurves', function () {
  this.timeout(60_000);
  let messages: Message[];
  let control: AbortController;

  beforeEach(() => {
    messages = [];
    control = new AbortController();
    installCellHost(
      fakeHost((bundle, { displayId = '', update = false }: DisplayOptions = {}) => {
        messages.push({ bundle, id: displayId, isUpdate: update, at: performance.now() });
      }, control.signal),
    );
  });
  afterEach(() => {
    installCellHost(undefined);
  });

  const html = ({ bundle }: Message) => (bundle['text/html'] as string | undefined) ?? '';
  const plain = ({ bundle }: Message) => bundle['text/plain'] as string;
  const pictures = () => messages.filter((message) => html(message).includes('<img'));
  const lines = () => messages.filter((message) => !html(message).includes('<img'));
  const step = (live: LiveCurves, epoch: number, at: number, number?: number): void => {
    const progress = { epoch, epochs: 3, step: at, steps: 10, loss: 1.5, accuracy: 0.25 };
    live.onStep(progress, number === undefined ? undefined : place(number));
  };
  const untilDrawn = async (count: number): Promise<void> => {
    while (pictures().length < count) await setTimeout(10);
  };

  it('replaces one figure, a picture during training and an interactive plot at the end, and one line', async () => {
    const live = liveCurves(options);
    for (const epoch of [1, 2, 3]) {
      step(live, epoch, 1);
      live.onEpoch(record(epoch), records(epoch));
      await untilDrawn(epoch);
    }
    await live.finish();
    assert.equal(new Set(pictures().map(({ id }) => id)).size, 1);
    assert.equal(new Set(lines().map(({ id }) => id)).size, 1);
    for (const group of [pictures(), lines()])
      assert.deepEqual(
        group.map(({ isUpdate }) => isUpdate),
        group.map((_, i) => i > 0),
      );
    assert.deepEqual(
      pictures().map((message) => html(message).includes('<script>')),
      [false, false, false, true],
    );
    const last = pictures().at(-1)!;
    assert.ok('image/png' in last.bundle);
    const plot = /const figure = (\{.*\});/.exec(html(last))![1];
    const { data } = JSON.parse(plot) as { data: { name: string; x: number[]; y: number[] }[] };
    assert.deepEqual(
      data.filter(({ name }) => name === 'validation').map(({ y }) => y.map((value) => +value.toFixed(3))),
      [
        [1, 0.5, 0.333],
        [50, 50, 50],
      ],
    );
  });

  it('shows epoch, step and time left, and finally the epoch that was kept', async () => {
    const live = liveCurves({ ...options, bestBy: 'valUar' });
    step(live, 1, 0);
    await setTimeout(300);
    step(live, 1, 6);
    live.onEpoch(record(1), [record(1)]);
    live.onEpoch(record(2, 0), [record(1), record(2, 0)]);
    await live.finish();
    const texts = lines().map(plain);
    assert.match(
      texts[1],
      /^epoch 1 of 3, step 6 of 10; all: 6 of 30 in 0\.\d s, [\d.]+ s left · loss 1\.500, accuracy 25\.0 %$/,
    );
    assert.match(texts.at(-1)!, /^Trained in [\d.]+ s: 2 epochs, epoch 1 kept\.$/);
  });

  it('counts the splits of an experiment together and draws them on the same axes', async () => {
    const live = liveCurves(options);
    live.onResume(records(3), place(1));
    step(live, 1, 5, 2);
    live.onEpoch(record(1), [record(1)], place(2));
    await live.finish();
    assert.match(plain(lines()[0]), /^fold 2 of 2, epoch 1 of 3, .*: 35 of 60 in 0\.0 s ·/);
    assert.match(plain(lines().at(-1)!), /fold 1: 3 epochs, epoch 1 kept; fold 2: 1 epochs, epoch 1 kept\.$/);
    assert.ok(html(pictures().at(-1)!).includes('"name":"fold 2"'));
  });

  it('counts parallel splits together and names the split of the loss', async () => {
    const live = liveCurves(options);
    const side = (number: number) => ({ ...place(number), atOnce: 2 });
    live.onResume(records(3), side(1));
    live.onSplitEnd('finished', side(1));
    const progress = { epoch: 1, epochs: 3, step: 5, steps: 10, loss: 1.5, accuracy: 0.25 };
    live.onStep(progress, side(2));
    await live.finish();
    assert.match(
      plain(lines()[0]),
      /^2 splits, 2 at once; steps: 35 of 60 in 0\.0 s · fold 2: loss 1\.500, accuracy 25\.0 %$/,
    );
  });

  it('limits its output: not one picture per fast epoch, and under 300 kB each', async () => {
    const live = liveCurves(options);
    const started = performance.now();
    for (let epoch = 1; epoch <= 60; epoch++) {
      for (let at = 1; at <= 10; at++) step(live, epoch, at);
      live.onEpoch(record(epoch), records(epoch));
      await setTimeout(20);
    }
    const seconds = (performance.now() - started) / 1000;
    await live.finish();
    assert.ok(pictures().length >= 2, `${pictures().length} pictures`);
    assert.ok(pictures().length <= 2 * seconds + 2, `${pictures().length} pictures in ${seconds} s`);
    assert.ok(lines().length <= 4 * seconds + 2, `${lines().length} lines in ${seconds} s`);
    const sizes = pictures().map(({ bundle }) => JSON.stringify(bundle).length);
    assert.ok(Math.max(...sizes) < 300_000, String(sizes));
  });

  it('keeps the best weights if cellSignal() interrupts training', async () => {
    const engine: Engine = await loadEngine();
    const network = toyNetwork(engine);
    const live = liveCurves({ ...options, bestBy: 'valLoss' });
    const { outcome, history, bestEpoch } = await fit(
      engine,
      network,
      toyData(132),
      { train: range(0, 96), validation: range(96, 132) },
      { ...toyTraining, epochs: 500 },
      {
        ...live,
        seed: 1,
        signal: cellSignal(),
        onEpoch: (epoch, all) => {
          live.onEpoch(epoch, all);
          if (epoch.epoch === 3) control.abort();
        },
      },
    );
    await live.finish();
    assert.equal(outcome, 'interrupted');
    assert.equal(history.length, 3);
    assert.match(plain(lines().at(-1)!), new RegExp(`: 3 epochs, epoch ${bestEpoch} kept\\.$`));
    network.model.dispose();
  });

  it('shows only a sentence if interrupted before the first epoch', async () => {
    await liveCurves(options).finish();
    assert.deepEqual(messages.map(plain), ['No epoch was trained.']);
  });

  it('prints one line per epoch outside a notebook', async () => {
    installCellHost(undefined);
    const written: string[] = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text) => written.push(String(text)) > 0;
    try {
      const live = liveCurves(options);
      live.onResume(records(1), place(1));
      step(live, 2, 1, 1);
      live.onEpoch(record(2), records(2), place(1));
      await live.finish();
    } finally {
      process.stdout.write = write;
    }
    assert.equal(written.length, 2);
    assert.equal(written[0], 'fold 1: resumed after epoch 1\n');
    assert.match(written[1], /^fold 1: epoch 2: loss 1\.000 accuracy 20\.0 % \| validation: loss 0\.500 /);
  });
});
