import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runExperiment } from './src/node/experiment/experiment';
import { loadCorpora } from './src/node/corpora';
import { extractFeatures } from './src/node/extraction';
import { loadEngine } from './src/node/engine';
import { experimentConfig } from './src/core/config';
import { readWeights } from './src/core/network';
import { toneCorpus } from './test/node/experiment/tone-corpus';
import { fit } from './src/node/experiment/train-split';
import { range, toyData, toyNetwork, toyTraining } from './test/core/network/toy';
const h = (x: any) => { const s = createHash('sha256'); for (const a of x) s.update(new Uint8Array(a.buffer, a.byteOffset, a.byteLength)); return s.digest('hex').slice(0, 16); };
void (async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cmp-'));
  toneCorpus(join(folder, 'data'));
  const corpora = await loadCorpora({ root: join(folder, 'data') });
  for (const name of ['native', 'wasm'] as const) {
    const engine = await loadEngine(name);
    const network = toyNetwork(engine, 1);
    const path = join(folder, name + '.checkpoint');
    const r = await fit(engine, network, toyData(180), { train: range(0, 96), validation: range(96, 132) }, toyTraining, { seed: 1, checkpoint: { path, identity: 'toy' } });
    console.log(name, 'fit', h(await readWeights(network.model)), r.history.map((x: any) => x.valLoss).join());
    const bytes = readFileSync(path); console.log(name, 'checkpoint', bytes.subarray(0, 8).toString(), bytes.length);
    for (const [kind, width] of [['compact', 4], ['cnn-lstm', 4], ['lstm', 4], ['knn', 4], ['svm', 4], ['majority', 4]] as const) {
      const config = experimentConfig('quick', { model: { width, kind }, training: { epochs: 1, batchSize: 16 }, dataset: { folds: 2, fold: 0 }, features: { versions: { original: [] } } } as any);
      const set = await extractFeatures(corpora, config.features, { store: false, workers: 1 });
      const result = await runExperiment(config, { corpora, set, engine });
      const t = result.folds[0].trained as any;
      console.log(name, kind, h([result.predictions!.probabilities]), 'network' in t ? h(await readWeights(t.network.model)) : JSON.stringify(t.classifier).length);
    }
  }
})();
