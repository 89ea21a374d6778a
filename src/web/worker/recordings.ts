import { type AudioData, toMono, type Waveform } from '../../core/audio';
import type { PredictOptions, RecordingInput } from '../../core/prediction';

/**
 * Prepares a recording for prediction: a file that the library decodes is read part by part, another one is decoded by the browser.
 *
 * @param options.decodeOther - decodes a complete file
 * @param options.mayRead - resolves when the next part of a file may be read
 * @throws Error with the reason if the file cannot be decoded
 */
export async function recordingInput(
  input: Blob | Waveform,
  {
    decodeOther,
    mayRead,
  }: {
    decodeOther: (bytes: Uint8Array<ArrayBuffer>) => Promise<AudioData>;
    mayRead: () => Promise<void>;
  },
): Promise<RecordingInput> {
  if (!(input instanceof Blob)) return input;
  const read = async (start: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
    await mayRead();
    return new Uint8Array(await input.slice(start, end).arrayBuffer());
  };
  if (isPcm(await read(0, 12))) return { size: input.size, read };
  return toMono(await decodeOther(await read(0, input.size)));
}

/** Whether the file is WAV, Wave64 or AIFF, or too short to be any audio, so that the library states what is wrong with it. */
function isPcm(start: Uint8Array): boolean {
  const id = String.fromCharCode(...start.subarray(0, 4));
  return start.length < 12 || ['RIFF', 'RIFX', 'RF64', 'FORM', 'riff'].includes(id);
}

/** Number of parts of an envelope; more than a screen has pixels. */
const envelopeParts = 2000;

/** The largest magnitude of each of at most 2,000 equal parts of a recording, for drawing it. */
export interface EnvelopeRecorder {
  /** takes the parts of the recording in order */
  onPart: NonNullable<PredictOptions['onPart']>;
  envelope: Float32Array;
  /** Hz */
  sampleRate: number;
}

/** Collects the envelope of a recording while it is predicted. */
export function envelopeRecorder(): EnvelopeRecorder {
  const recorder: EnvelopeRecorder = {
    envelope: new Float32Array(0),
    sampleRate: 0,
    onPart: ({ samples, firstFrame, frames, sampleRate }) => {
      if (recorder.envelope.length === 0)
        recorder.envelope = new Float32Array(Math.min(envelopeParts, frames));
      recorder.sampleRate = sampleRate;
      const { envelope } = recorder;
      const scale = envelope.length / frames;
      for (let i = 0; i < samples.length; i++) {
        const part = Math.floor((firstFrame + i) * scale);
        envelope[part] = Math.max(envelope[part], Math.abs(samples[i]));
      }
    },
  };
  return recorder;
}
