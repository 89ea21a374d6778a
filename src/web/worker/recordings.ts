import type { Waveform } from '../../core/audio';
import type { PredictOptions, RecordingInput } from '../../core/prediction';

/**
 * Prepares a recording for prediction. A file is read part by part.
 *
 * @param mayRead - resolves when the next part of a file may be read
 */
export function recordingInput(input: Blob | Waveform, mayRead: () => Promise<void>): RecordingInput {
  if (!(input instanceof Blob)) return input;
  const read = async (start: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
    await mayRead();
    return new Uint8Array(await input.slice(start, end).arrayBuffer());
  };
  return { size: input.size, read };
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
