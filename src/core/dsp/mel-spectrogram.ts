import type { Matrix } from './matrix';
import { melFilterBank, type MelFilterBankOptions, type MelOptions } from './mel-filter-bank';
import { powerSpectrogram, type PowerSpectrogramOptions } from './power-spectrogram';

export interface MelSpectrogramOptions extends PowerSpectrogramOptions, MelOptions {}

/** A filter bank without its zeros: filter m weighs bins `first[m]` to `end[m] - 1`. */
interface SparseBank {
  weights: Matrix;
  first: Int32Array;
  end: Int32Array;
}

/** Banks kept; a batch of clips needs one. */
const maxBanks = 8;
const banks = new Map<string, SparseBank>();

/**
 * Energy in mel bands over time: a power spectrogram seen through {@link melFilterBank}.
 *
 * Librosa's defaults: Slaney's scale and norm, powers, frames of 2048 samples every 512, centred, zeros outside the signal.
 *
 * @param samples - shape [samples], at least one; not changed
 * @returns shape [frames, nMels]
 * @throws InvalidArgumentError as `powerSpectrogram` and `melFilterBank` do
 * @see librosa 0.11 `librosa.feature.melspectrogram`
 */
export function melSpectrogram(samples: Float32Array, options: MelSpectrogramOptions = {}): Matrix {
  const { sampleRate, nFft, nMels, fMin, fMax, htk, norm } = options;
  const { weights, first, end } = bankOf({ sampleRate, nFft, nMels, fMin, fMax, htk, norm });
  const spectrogram = powerSpectrogram(samples, options);
  const [frames, bins] = spectrogram.shape;
  const [mels] = weights.shape;
  const data = new Float32Array(frames * mels);
  for (let i = 0; i < frames; i++) {
    for (let mel = 0; mel < mels; mel++) {
      let sum = 0;
      for (let k = first[mel]; k < end[mel]; k++) {
        sum += weights.data[mel * bins + k] * spectrogram.data[i * bins + k];
      }
      data[i * mels + mel] = sum;
    }
  }
  return { data, shape: [frames, mels] };
}

function bankOf(options: MelFilterBankOptions): SparseBank {
  const key = JSON.stringify(options);
  const kept = banks.get(key);
  if (kept) return kept;
  const weights = melFilterBank(options);
  const [mels, bins] = weights.shape;
  const first = new Int32Array(mels);
  const end = new Int32Array(mels);
  for (let mel = 0; mel < mels; mel++) {
    const row = weights.data.subarray(mel * bins, (mel + 1) * bins);
    first[mel] = Math.max(
      0,
      row.findIndex((weight) => weight > 0),
    );
    end[mel] = row.findLastIndex((weight) => weight > 0) + 1;
  }
  const bank = { weights, first, end };
  const [oldest] = banks.keys();
  if (banks.size >= maxBanks) banks.delete(oldest);
  banks.set(key, bank);
  return bank;
}
