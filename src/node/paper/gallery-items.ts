import { blockDiagramFigure } from '../../core/figures';
import { clipItems } from './clip-items';
import type { DrawnItem, GalleryItem } from './gallery-item';
import { resultsItems } from './results-items';
import { runItems } from './run-items';

const pipeline: DrawnItem = {
  name: 'fig-1-pipeline',
  about: 'Fig. 1: block diagram of the pipeline',
  from: 'nothing',
  draw: () => ({
    figure: blockDiagramFigure(
      [
        { title: 'Import packages', lines: ['one line in a notebook', 'src/index.ts'] },
        { title: 'Load the datasets', lines: ['four corpora, or your own', 'src/corpora'] },
        { title: 'Preprocess', lines: ['mono, 22,050 Hz, a window', 'src/audio'] },
        { title: 'Integrate', lines: ['one table of labelled clips', 'src/corpora'] },
        { title: 'Visualise, explore', lines: ['counts, ages, waveforms', 'src/figures'] },
        { title: 'Spectrograms', lines: ['log-mel, MFCC', 'src/dsp'] },
        { title: 'Augment', lines: ['noise, pitch, stretch, shift', 'src/augment'] },
        { title: 'Extract features', lines: ['108 frames × 22 numbers', 'src/features'] },
        {
          title: 'Prepare the data',
          lines: ['split by protocol, audit,', 'scale, one-hot: src/dataset'],
          isMarked: true,
        },
        { title: 'Train a CNN', lines: ['or KNN, SVM, LSTM', 'src/models, src/training'] },
        { title: 'Evaluate', lines: ['with intervals, by corpus', 'src/evaluation'] },
        { title: 'Save and load', lines: ['model, scaler, encoder', 'src/experiment'] },
        { title: 'Predict', lines: ['the emotion of a recording', 'npm run predict'] },
      ],
      {
        title: 'Fig. 1. From recordings to predictions',
        source: 'the paper’s steps, and where they are here; the marked one decides what a score means',
      },
    ),
  }),
};

/** All figures and tables of the gallery, in the paper's order. */
export const galleryItems: readonly GalleryItem[] = [pipeline, ...clipItems, ...runItems, ...resultsItems];
