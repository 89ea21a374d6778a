import { type Clip, createRandom } from '../../core/base';
import { featureTable, onePerEmotion } from '../../core/dataset';
import { augment, type Augmentation, melBandCentres } from '../../core/dsp';
import { paperFeatures, plainFrontEnd } from '../../core/features';
import {
  blockDiagramFigure,
  emotionCountsFigure,
  emotionsByGroupFigure,
  spectrogramFigure,
  waveformGridFigure,
} from '../../core/figures';
import { type Corpora, countTable, readAudio } from '../corpora';
import { extractFeatures } from '../extraction';
import { type ClipItem, type DrawnItem, galleryTable, type GalleryTable } from './gallery-item';

/** With this seed the shift is large enough to be seen. */
const seed = 5;
const sampleRate = 22_050;
const hopLength = 512;

/** The augmentations of the paper's Fig. 3 to 6, and the pitch shift that it trains on. */
const versions: Record<string, readonly Augmentation[]> = {
  'Fig. 3 · normal': [],
  'Fig. 4 · with noise': [{ kind: 'paperNoise' }],
  'Fig. 5 · stretched to 125 % of its length': [{ kind: 'stretch', rate: 0.8 }],
  'Fig. 6 · shifted in time, wrapping around': [{ kind: 'shift', maxSec: 5000 / sampleRate }],
  'pitch raised by 0.7 semitones': [{ kind: 'pitch', nSteps: 0.7 }],
  'pitch raised, with noise': [{ kind: 'pitch', nSteps: 0.7 }, { kind: 'paperNoise' }],
};

/** The paper's figures and tables that show recordings. */
export const clipItems: readonly ClipItem[] = [
  {
    name: 'table-1-instances',
    about: 'Table I: clips of each corpus and emotion',
    from: 'clips',
    draw: ({ clips, source }) => {
      const counts = countTable(clips);
      const rows = counts.values as (string | number)[][];
      const title = 'Table I. Clips by corpus and emotion';
      return {
        figure: emotionsByGroupFigure(clips, { by: 'corpus', source, title }),
        table: galleryTable({ title, source }, counts.columns, rows),
      };
    },
  },
  {
    name: 'emotion-counts',
    about: 'the count plot: clips of each emotion',
    from: 'clips',
    draw: ({ clips, source }) => ({ figure: emotionCountsFigure(clips, { source }) }),
  },
  {
    name: 'fig-2-log-mel',
    about: 'Fig. 2: log-mel spectrogram of one clip',
    from: 'clips',
    draw: async (corpora) => {
      const { samples, source } = await exampleOf(corpora);
      const options = { sampleRate, hopLength, nMels: 128, fMax: 8000 };
      return {
        // The recording could be reconstructed from the exact values, and its licence does not allow copies.
        isPictureOnly: true,
        figure: spectrogramFigure(plainFrontEnd.logMel(samples, { ...options, ref: 'max' }), {
          title: 'Fig. 2. Log-mel spectrogram',
          source,
          sampleRate,
          hopLength,
          frequenciesHz: melBandCentres(128, { fMax: 8000 }),
        }),
      };
    },
  },
  {
    name: 'fig-2-mfcc',
    about: 'the MFCC plot of the same clip',
    from: 'clips',
    draw: async (corpora) => {
      const { samples, source } = await exampleOf(corpora);
      return {
        figure: spectrogramFigure(plainFrontEnd.mfcc(samples, { sampleRate, hopLength, nMfcc: 20 }), {
          title: 'MFCC: 20 coefficients',
          source,
          sampleRate,
          hopLength,
          valueTitle: 'value',
          decimals: 1,
          valueRange: [-100, 150],
        }),
      };
    },
  },
  {
    name: 'fig-3-6-waveforms',
    about: 'Fig. 3 to 6: one clip: original, with noise, stretched, shifted, and with raised pitch',
    from: 'clips',
    seed,
    draw: async (corpora) => {
      const { clip, samples, source } = await exampleOf(corpora);
      const panels = Object.entries(versions).map(([title, list]) => {
        const random = createRandom(`${seed}/${clip.path}`);
        return { title, waveform: { samples: augment(samples, list, { sampleRate, random }), sampleRate } };
      });
      return { figure: waveformGridFigure(panels, { title: 'Fig. 3–6. One clip, six versions', source }) };
    },
  },
  {
    name: 'fig-7-features',
    about: 'Fig. 7: the first rows of the feature table',
    from: 'clips',
    seed: paperFeatures.seed,
    draw: async (corpora) => ({
      table: await featuresOf(corpora, 'Fig. 7. Features, one row per version', 5),
    }),
  },
  {
    name: 'fig-8-features-emotions',
    about: 'Fig. 8: features and emotions',
    from: 'clips',
    seed: paperFeatures.seed,
    draw: async (corpora) => ({ table: await featuresOf(corpora, 'Fig. 8. Features and emotions', 9, true) }),
  },
];

/** An angry recording of RAVDESS, the one in notebook 4; of any corpus if there is no RAVDESS. */
async function exampleOf(corpora: Corpora): Promise<{ clip: Clip; samples: Float32Array; source: string }> {
  const own = corpora.clips.filter(({ corpus }) => corpus.endsWith('RAVDESS'));
  const some = onePerEmotion(own.length > 0 ? own : corpora.clips);
  const clip = some.find(({ emotion }) => emotion === 'angry') ?? some[0];
  const recording = await readAudio(corpora.fileOf(clip), { channel: clip.channel });
  const file = clip.path.slice(clip.path.lastIndexOf('/') + 1);
  return {
    clip,
    samples: plainFrontEnd.resample(recording.samples, recording.sampleRate, sampleRate),
    source: `${file}, ${clip.emotion}; from ${corpora.source}`,
  };
}

async function featuresOf(
  corpora: Corpora,
  title: string,
  rows: number,
  emotions = false,
): Promise<GalleryTable> {
  const { source } = corpora;
  const first = corpora.clips.slice(0, Math.ceil(rows / 4));
  const set = await extractFeatures({ ...corpora, clips: first }, {}, { store: false, workers: 1 });
  const { columns, values } = featureTable(set, { rows, emotions });
  const [, , frames, coefficients] = set.shape;
  const about = `${frames} frames × ${coefficients} features per row, four rows per clip: ${set.versions.join(', ')}`;
  return galleryTable({ title, source: `${about}; ${source}` }, columns, values);
}

/** Block diagram of the pipeline with the folders of this project. */
export const pipelineItem: DrawnItem = {
  name: 'fig-1-pipeline',
  about: 'Fig. 1: block diagram of the pipeline',
  from: 'nothing',
  draw: () => ({
    figure: blockDiagramFigure(
      [
        { title: 'Import packages', lines: ['one line in a notebook', 'src/index.ts'] },
        { title: 'Load the datasets', lines: ['four corpora, or your own', 'src/node/corpora'] },
        { title: 'Preprocess', lines: ['mono, 22,050 Hz, a window', 'src/core/audio'] },
        { title: 'Integrate', lines: ['one table of labelled clips', 'src/node/corpora'] },
        { title: 'Visualise, explore', lines: ['counts, ages, waveforms', 'src/core/figures'] },
        { title: 'Spectrograms', lines: ['log-mel, MFCC', 'src/core/dsp'] },
        { title: 'Augment', lines: ['noise, pitch, stretch, shift', 'src/core/dsp'] },
        { title: 'Extract features', lines: ['108 frames × 22 features', 'src/core/features'] },
        {
          title: 'Prepare the data',
          lines: ['split by protocol, audit,', 'scale: src/core/dataset'],
          isMarked: true,
        },
        { title: 'Train a CNN', lines: ['or KNN, SVM, LSTM', 'src/core/network'] },
        { title: 'Evaluate', lines: ['with intervals, by corpus', 'src/core/evaluation'] },
        { title: 'Save and load', lines: ['model, scaler, encoder', 'src/node/models'] },
        { title: 'Predict', lines: ['the emotion of a recording', 'npm run predict'] },
      ],
      {
        title: 'Fig. 1. From recordings to predictions',
        source:
          'the steps of the paper, and where to find them; the highlighted step determines what a score means',
      },
    ),
  }),
};
