import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import type { Engine } from '../../../src/core/network';
import type { ExperimentResult } from '../../../src/core/prediction';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import { loadEngine } from '../../../src/node/engine';
import { runExperiment } from '../../../src/node/experiment';
import { toneCorpus } from './tone-corpus';

/** A small corpus of tones, on which training takes seconds. */
export interface ToneLab {
  folder: string;
  corpora: Corpora;
  engine: Engine;
  train: (changes?: ExperimentChanges) => Promise<ExperimentResult>;
  close: () => void;
}

export async function openToneLab(): Promise<ToneLab> {
  const folder = mkdtempSync(join(tmpdir(), 'ser-tones-'));
  toneCorpus(join(folder, 'data'));
  const corpora = await loadCorpora({ root: join(folder, 'data') });
  const engine = await loadEngine();
  const small: ExperimentChanges = {
    model: { width: 4 },
    training: { epochs: 3, batchSize: 8 },
    dataset: { folds: 2, validationShare: 0.5 },
    features: { versions: { original: [] } },
  };
  return {
    folder,
    corpora,
    engine,
    train: (changes = {}) => runExperiment(experimentConfig('quick', small, changes), { corpora, engine }),
    close: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
