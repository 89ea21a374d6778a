import { countOf, firstOf, InvalidArgumentError } from '../base';
import { AudioFormatError } from './audio-format';

/** Which channel of a recording is used if it has several: the mean of all, the first, the second, or the one with this number, from 1. */
export type ChannelChoice = 'mix' | 'left' | 'right' | number;

/** The names of {@link ChannelChoice}. */
const channelChoices = ['mix', 'left', 'right'] as const;

/** @throws InvalidArgumentError if it is not a {@link ChannelChoice} */
export function checkChannelChoice(channel: unknown): asserts channel is ChannelChoice {
  if (channelChoices.some((name) => name === channel)) return;
  if (typeof channel === 'number' && Number.isSafeInteger(channel) && channel >= 1) return;
  throw new InvalidArgumentError('channel', 'mix, left, right, or the number of a channel from 1', channel);
}

/** The name of a channel: `left`, `right`, or its number from 1 if there are more than two. */
export function channelName(index: number, channels: number): string {
  return channels === 2 ? ['left', 'right'][index] : `${index + 1}`;
}

/** The choice with this name: `mix`, `left`, `right`, or a number from 1, as {@link channelName} returns; undefined for other text. */
export function channelByName(name: string): ChannelChoice | undefined {
  return /^[1-9]\d{0,3}$/.test(name) ? Number(name) : channelChoices.find((choice) => choice === name);
}

/**
 * The index of the chosen channel.
 *
 * @param channels - number of channels of the recording
 * @returns undefined for the mix
 * @throws `AudioFormatError` if the recording does not have the channel
 * @throws InvalidArgumentError if `choice` is not a {@link ChannelChoice}
 */
export function channelIndex(choice: ChannelChoice, channels: number): number | undefined {
  checkChannelChoice(choice);
  if (choice === 'mix') return undefined;
  const number = choice === 'left' ? 1 : choice === 'right' ? 2 : choice;
  // The only channel is not the left one of a pair: it may contain both voices.
  if (number <= channels && (channels > 1 || typeof choice === 'number')) return number - 1;
  throw new AudioFormatError(
    `it has ${countOf(channels, 'channel')}, so the channel "${choice}" cannot be chosen; choose "mix"`,
  );
}

/**
 * One channel of a recording, or the mean of all.
 *
 * @param channels - shape [frames] each
 * @throws `AudioFormatError` and InvalidArgumentError as {@link channelIndex}
 * @see librosa 0.11 `to_mono`
 */
export function pickChannel(channels: readonly Float32Array[], choice: ChannelChoice = 'mix'): Float32Array {
  const index = channelIndex(choice, channels.length);
  return index === undefined ? meanOf(channels) : channels[index];
}

function meanOf(channels: readonly Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0];
  const samples = new Float32Array(channels[0].length);
  for (const channel of channels) for (let i = 0; i < samples.length; i++) samples[i] += channel[i];
  for (let i = 0; i < samples.length; i++) samples[i] /= channels.length;
  return samples;
}

/** Channels with a lower correlation differ: the same voice in one stereo microphone exceeds it. */
const minCorrelation = 0.8;
/** A larger difference in level means that one channel is nearly unused, dB. */
const maxLevelDifference = 10;
/** A mix that is quieter than its channels by more than this has lost sound, dB. */
const maxCancellation = 6;
/** Channels that a remark lists, at most. */
const maxNamed = 8;
/** Mean power below which a channel counts as silent: −80 dB of full scale. */
const silentPower = 1e-8;

/** Measures how different the channels of a recording are, part by part. */
export interface ChannelComparison {
  /** @param channels - the next part; shape [frames] each */
  add: (channels: readonly Float32Array[]) => void;
  /** @returns a remark that explains why mixing loses sound or merges voices; undefined if the channels are similar or there is only one */
  remark: () => string | undefined;
}

/**
 * Compares the channels of a recording, to warn before they are mixed: one may be silent, they may contain different voices, or cancel each
 * other because one is inverted.
 *
 * @example
 * ```ts
 * const comparison = compareChannels();
 * comparison.add(await source.read());
 * comparison.remark(); // 'its 2 channels differ (lowest correlation 0.02, levels -22 and -25 dB)…'
 * ```
 */
export function compareChannels(): ChannelComparison {
  let frames = 0;
  let sums: Float64Array = new Float64Array(0);
  let squares: Float64Array = new Float64Array(0);
  /** products of each channel with the first */
  let products: Float64Array = new Float64Array(0);
  let [mixSum, mixSquare] = [0, 0];
  return {
    add: (channels) => {
      const count = channels.length;
      if (count < 2) return;
      if (frames === 0)
        [sums, squares, products] = [
          new Float64Array(count),
          new Float64Array(count),
          new Float64Array(count),
        ];
      const [first] = channels;
      const length = first.length;
      frames += length;
      for (const [c, samples] of channels.entries()) {
        let [sum, square, product] = [0, 0, 0];
        for (let i = 0; i < length; i++) {
          const x = samples[i];
          sum += x;
          square += x * x;
          product += x * first[i];
        }
        sums[c] += sum;
        squares[c] += square;
        products[c] += product;
      }
      for (const x of meanOf(channels)) {
        mixSum += x;
        mixSquare += x * x;
      }
    },
    remark: () => {
      if (frames === 0) return undefined;
      const power = (sum: number, square: number): number =>
        Math.max(0, square / frames - (sum / frames) ** 2);
      const powers = Array.from(squares, (square, c) => power(sums[c], square));
      const correlations = Array.from(products, (product, c) => {
        const covariance = product / frames - (sums[c] / frames) * (sums[0] / frames);
        return covariance / Math.sqrt(powers[c] * powers[0]);
      });
      return explain(powers, correlations, power(mixSum, mixSquare));
    },
  };
}

/** @param powers - mean power of each channel without its mean @param correlations - of each channel with the first */
function explain(
  powers: readonly number[],
  correlations: readonly number[],
  mix: number,
): string | undefined {
  const count = powers.length;
  const name = (index: number): string => `channel ${channelName(index, count)}`;
  const [most, least] = [Math.max(...powers), Math.min(...powers)];
  if (most < silentPower) return undefined;
  const mean = powers.reduce((sum, power) => sum + power, 0) / count;
  const decibels = (power: number): number => 10 * Math.log10(Math.max(power, 1e-12));
  const choose = `use one channel instead of the mix, for example "${channelName(powers.indexOf(most), count)}"`;
  const silent = powers.flatMap((power, i) => (power < silentPower ? [name(i)] : []));
  const loss = decibels(mean) - decibels(mix);
  const lost = `the mix is ${loss.toFixed(0)} dB quieter than the channels`;
  if (silent.length > 0) return `silent, but mixed with the others: ${firstOf(silent, maxNamed)}; ${choose}`;
  const correlation = Math.min(...correlations);
  const isDifferent = correlation < minCorrelation || decibels(most) - decibels(least) > maxLevelDifference;
  if (loss > maxCancellation && correlation < -0.5)
    return `its channels cancel each other (one of them is inverted): ${lost}; ${choose}`;
  if (!isDifferent) return undefined;
  const each = powers.map((power) => decibels(power).toFixed(0));
  const levels = count === 2 ? each.join(' and ') : firstOf(each, maxNamed);
  return `its ${count} channels differ (lowest correlation ${correlation.toFixed(2)}, levels ${levels} dB), and their mean was used; ${choose}`;
}
