import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { joinSamples, type Waveform } from '../../core/audio';
import type { LiveEvents } from '../worker/client';
import { useWorkbench } from '../page/workbench';
import { type Capture, MicrophoneError, type Processing, startCapture } from './microphone';
import { type RecordingWriter, storeRecording } from './recording-store';

/** Recordings end at this length; their samples are in memory (11 MB a minute at 48 kHz). */
export const maxRecordingSec = 15 * 60;
/** Samples are written to the browser's storage this often, seconds. */
const storeEverySec = 1;

/** State of the recorder. */
export type RecorderState =
  | { phase: 'idle'; problem?: string }
  | { phase: 'starting' }
  | { phase: 'recording'; capture: Capture }
  | { phase: 'stopping' };

/** A finished recording. */
export interface FinishedRecording extends Waveform {
  startedMs: number;
  /** why it ended, if the user did not stop it */
  note?: string;
}

/**
 * Records from a microphone with live predictions.
 *
 * @param onFinished - called with each recording, also if the microphone was unplugged
 * @param live - receives live predictions and the samples as they arrive
 */
export function useRecorder(
  onFinished: (recording: FinishedRecording) => void,
  live: LiveEvents & { onSamples: (samples: Float32Array, sampleRate: number) => void },
) {
  const { client, model } = useWorkbench();
  const [state, setState] = useState<RecorderState>({ phase: 'idle' });
  const stopRef = useRef<(note?: string) => void>(() => undefined);
  const latest = useRef({ onFinished, live });
  latest.current = { onFinished, live };

  const start = useCallback(
    async (deviceId: string | undefined, processing: Processing): Promise<void> => {
      if (!model) return;
      setState({ phase: 'starting' });
      const chunks: Float32Array[] = [];
      let frames = 0;
      let unstored: Float32Array[] = [];
      let unstoredFrames = 0;
      let writer: RecordingWriter | undefined;
      let isStopping = false;
      let note: string | undefined;
      const { port1, port2 } = new MessageChannel();
      const startedMs = Date.now();
      let sampleRate = 48_000;
      const store = (): void => {
        if (unstoredFrames > 0) writer?.append(joinSamples(unstored));
        [unstored, unstoredFrames] = [[], 0];
      };
      try {
        const capture = await startCapture({
          deviceId,
          processing,
          listener: port2,
          onSamples: (samples) => {
            chunks.push(samples);
            unstored.push(samples);
            frames += samples.length;
            unstoredFrames += samples.length;
            latest.current.live.onSamples(samples, sampleRate);
            if (writer && unstoredFrames >= storeEverySec * sampleRate) store();
            if (frames >= maxRecordingSec * sampleRate)
              stopRef.current(`Recordings end after ${maxRecordingSec / 60} minutes.`);
          },
          onEnded: () => {
            stopRef.current(
              'The microphone was disconnected, or its permission was withdrawn. The recording so far is complete.',
            );
          },
        });
        ({ sampleRate } = capture);
        const stopListening = client.listen(
          model.name,
          { port: port1, sampleRate },
          {
            onWindow: (window) => {
              latest.current.live.onWindow(window);
            },
            onSpectrogram: (columns) => {
              latest.current.live.onSpectrogram(columns);
            },
          },
        );
        // Recording goes on without storage, for example in a private window.
        void storeRecording(sampleRate).then(
          (opened) => {
            writer = opened;
          },
          () => undefined,
        );
        stopRef.current = (why) => {
          if (isStopping) return;
          isStopping = true;
          note = why;
          setState({ phase: 'stopping' });
          void finish();
        };
        const finish = async (): Promise<void> => {
          await capture.stop();
          stopListening();
          store();
          await writer?.close();
          setState({ phase: 'idle' });
          const samples = joinSamples(chunks);
          latest.current.onFinished({ samples, sampleRate, startedMs, ...(note !== undefined && { note }) });
        };
        setState({ phase: 'recording', capture });
      } catch (error) {
        port1.close();
        const problem = error instanceof MicrophoneError ? error.message : String(error);
        setState({ phase: 'idle', problem });
      }
    },
    [client, model],
  );
  const stop = useCallback((): void => {
    stopRef.current();
  }, []);
  useEffect(() => stop, [stop]);
  return { state, start, stop };
}
