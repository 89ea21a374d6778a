import { formatCount, formatPercent, markdownTable } from '../../../core/base';
import { scoreText } from '../../../core/evaluation';
import { scoresInCard } from '../../../core/prediction';
import {
  bullets,
  citations,
  corporaTable,
  descriptionText,
  fence,
  heldOutText,
  outOfScope,
} from '../model-card';
import type { OnnxTensor } from './onnx-file';
import type { ReadModel } from './read-model';

/** What the card of a model in ONNX states. */
export interface OnnxFacts extends ReadModel {
  /** of the model that was exported */
  name: string;
  input: 'waveform' | 'features';
  inputs: readonly OnnxTensor[];
  outputs: readonly OnnxTensor[];
}

/** The model card of an export: use, contents, differences from the workbench, scores, licences. */
export function formatOnnxCard(facts: OnnxFacts): string {
  const { name, card, configs, classNames, input } = facts;
  return [
    `# ${name} in ONNX`,
    `${descriptionText(configs, classNames)} Written by \`npm run models -- export\`.`,
    ...(input === 'waveform' ? usage('recording.wav') : usage('features.npy')),
    '## Inputs and outputs',
    markdownTable([
      ['name', 'type', 'shape', 'contents'],
      ...[...facts.inputs, ...facts.outputs].map(({ name, shape, help }) => [
        `\`${name}\``,
        'float32',
        `[${shape.join(', ')}]`,
        help,
      ]),
    ]),
    `Classes, in this order: ${classNames.join(', ')}. They are also in the file's metadata and in \`model.json\`.`,
    ...(input === 'waveform' ? waveformText(facts) : featuresText(facts)),
    '## Scores',
    scoresText(facts),
    '## Training data and licences',
    'The model contains no recordings, but it was made from corpora with these licences. Check whether they allow your use:',
    corporaTable(card),
    heldOutText(card),
    'The programs in this folder are under the MIT licence.',
    '## Out-of-scope use',
    bullets(outOfScope(card)),
    '## Citation',
    bullets(citations(card)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

const usage = (file: string): string[] => [
  fence('sh', `python predict.py ${file}\nnode predict.mjs ${file}`),
  'The first lines of both programs state the packages that they need.',
];

function waveformText({ members, threshold }: OnnxFacts): string[] {
  const { sampleRate } = members[0].features;
  return [
    '## What the file does',
    bullets([
      `It cuts the recording into windows, half a window apart: ${windowsText(members)}.`,
      `It computes the features of each window, scales them, and applies ${members.length > 1 ? `the ${members.length} networks; the result is the mean of their calibrated probabilities, calibrated again` : 'the network; its probabilities are calibrated'} (temperatures are in the metadata).`,
      'The probabilities of the recording are the mean over the windows that are not silent.',
      threshold > 0
        ? `The workbench abstains if the highest probability is below ${threshold.toFixed(3)} (\`threshold\` in the metadata); the file does not.`
        : 'The model has no threshold for abstaining.',
    ]),
    'Differences from `npm run predict`:',
    bullets([
      `Resampling is not part of the file: its input is mono at ${formatCount(sampleRate)} Hz. At this rate, probabilities agree with the workbench to about 1e-5. \`predict.py\` resamples with the filter of the workbench.`,
      'All windows are computed at once, which takes about 25 MB for each second of a long recording: cut recordings of more than a few minutes into parts.',
      'A silent recording has a meaningless result instead of an error.',
    ]),
  ];
}

const windowsText = (members: OnnxFacts['members']): string =>
  [
    ...new Set(
      members.map(({ features: { offsetSec, durationSec } }) => `${durationSec} s from ${offsetSec} s on`),
    ),
  ].join('; ');

function featuresText({ members }: OnnxFacts): string[] {
  const [{ features }] = members;
  return [
    '## What the file does',
    'Its input are features of windows as they come from the workbench (`npm run features`, or `windowRows`), before scaling and without ' +
      'zeros after the last frame. It scales them, applies the networks, and calibrates the result. One row is one window; the ' +
      'probabilities of a recording are the mean over its windows.',
    `Features of the first input, with the functions and defaults of librosa: ${features.features.join(', ')} at ${formatCount(features.sampleRate)} Hz, ` +
      `frames of ${features.nFft} samples with a hop of ${features.hopLength}, ${features.nMels} mel bands, ${features.nMfcc} MFCC.`,
  ];
}

function scoresText({ card, classes }: OnnxFacts): string {
  const { pooled } = scoresInCard(card);
  if (!pooled) return 'The card of the model has no scores.';
  const protocol = typeof card.protocol === 'string' ? card.protocol : 'an unknown protocol';
  return (
    `UAR ${scoreText('uar', pooled.uar)} under ${protocol}, on ${formatCount(pooled.clips)} clips of ${pooled.speakers} speakers ` +
    `(chance: ${formatPercent(1 / classes)}).`
  );
}
