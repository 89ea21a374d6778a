import { messageOf } from '../../core/base';

/** Processing of the microphone's signal by the browser. It changes what the model receives, so all of it is off by default. */
export interface Processing {
  echoCancellation: boolean;
  noiseSuppression: boolean;
  autoGainControl: boolean;
}

/** No processing. */
export const unprocessed: Processing = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
};

/** A microphone that is on. */
export interface Capture {
  /** of the samples, Hz */
  sampleRate: number;
  /** name of the microphone */
  label: string;
  /** what the browser really applies, which may differ from what was requested */
  processing: Processing;
  /** delay of the device and the browser before the first sample arrives, seconds; undefined if unknown */
  inputLatencySec?: number;
  /** Switches the microphone off; later calls do nothing. @returns after the last samples have been delivered */
  stop: () => Promise<void>;
}

/** Options of {@link startCapture}. */
export interface CaptureOptions {
  /** default: the system's microphone */
  deviceId?: string;
  processing?: Processing;
  /** receives mono samples of a few milliseconds, in the order of recording */
  onSamples: (samples: Float32Array) => void;
  /** called when the device disappears or its permission is withdrawn, perhaps before the capture is returned */
  onEnded: () => void;
  /** also receives the samples, without a detour through the page */
  listener?: MessagePort;
}

let shared: { context: AudioContext; ready: Promise<void> } | undefined;
/** Microphones that are on or being switched on. They share the context, which is suspended only when none is left. */
let users = 0;
/** Waiting time for the last samples: a suspended context delivers none, ms. */
const lastSamplesMs = 500;

/**
 * Prepares recording: loads the code that runs in the audio thread. Call it when the page is loaded, so that nothing is fetched later.
 *
 * @returns undefined if the browser cannot record
 */
export function prepareCapture(): { context: AudioContext; ready: Promise<void> } | undefined {
  if (shared) return shared;
  if (!('AudioContext' in globalThis) || !('AudioWorkletNode' in globalThis)) return undefined;
  const context = new AudioContext({ latencyHint: 'interactive' });
  const ready = context.audioWorklet.addModule(new URL('capture.js', document.baseURI));
  // Reported by startCapture.
  ready.catch(() => undefined);
  return (shared = { context, ready });
}

/**
 * Switches a microphone on. The browser asks the user for permission.
 *
 * @throws {@link MicrophoneError} with the reason and the remedy
 */
export async function startCapture({
  deviceId,
  processing = unprocessed,
  onSamples,
  onEnded,
  listener,
}: CaptureOptions): Promise<Capture> {
  const prepared = prepareCapture();
  if (!prepared || !('mediaDevices' in navigator)) throw new MicrophoneError(unsupported());
  const { context, ready } = prepared;
  const stream = await openStream(deviceId, processing);
  const [track] = stream.getAudioTracks();
  users++;
  track.addEventListener('ended', onEnded);
  let source: MediaStreamAudioSourceNode | undefined;
  let node: AudioWorkletNode | undefined;
  const release = (): void => {
    track.removeEventListener('ended', onEnded);
    track.stop();
    source?.disconnect();
    node?.port.close();
    if (--users === 0) context.suspend().catch(() => undefined);
  };
  try {
    await ready;
    await context.resume();
    source = context.createMediaStreamSource(stream);
    node = new AudioWorkletNode(context, 'capture', { numberOfOutputs: 0 });
    const { port } = node;
    const ended = new Promise<void>((resolve) => {
      port.onmessage = ({ data }: MessageEvent<Float32Array | 'end'>): void => {
        if (data === 'end') resolve();
        else onSamples(data);
      };
    });
    if (listener) port.postMessage({ listener }, [listener]);
    source.connect(node);
    const finish = async (): Promise<void> => {
      port.postMessage('stop');
      await within(lastSamplesMs, ended);
      release();
    };
    let stopped: Promise<void> | undefined;
    const settings = track.getSettings() as MediaTrackSettings & { latency?: number };
    return {
      sampleRate: context.sampleRate,
      label: track.label,
      processing: {
        echoCancellation: settings.echoCancellation === true,
        noiseSuppression: settings.noiseSuppression === true,
        autoGainControl: settings.autoGainControl === true,
      },
      ...(settings.latency !== undefined && { inputLatencySec: settings.latency }),
      stop: () => (stopped ??= finish()),
    };
  } catch (error) {
    release();
    throw new MicrophoneError(`Recording could not be started: ${messageOf(error)}. Reload the page.`);
  }
}

/** Waits for work, but no longer than a time. @returns undefined if the time is over */
export function within<Result>(ms: number, work: Promise<Result>): Promise<Result | undefined> {
  return Promise.race([
    work,
    new Promise<undefined>((resolve) => {
      setTimeout(resolve, ms);
    }),
  ]);
}

/** The microphones. Before the user has permitted recording, their names are empty. */
export async function listMicrophones(): Promise<{ deviceId: string; label: string }[]> {
  if (!('mediaDevices' in navigator)) return [];
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '')
    .map(({ deviceId, label }, i) => ({ deviceId, label: label || `Microphone ${i + 1}` }));
}

/** A microphone cannot be used. The message states the reason and the remedy. */
export class MicrophoneError extends Error {
  override name = 'MicrophoneError';
}

async function openStream(deviceId: string | undefined, processing: Processing): Promise<MediaStream> {
  try {
    const audio = { ...processing, ...(deviceId !== undefined && { deviceId: { exact: deviceId } }) };
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw new MicrophoneError(reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  switch ((error as Error).name) {
    case 'NotAllowedError':
      return 'The browser does not permit this page to use the microphone. Permit it in the site settings (the icon left of the address), then start again.';
    case 'NotFoundError':
      return 'No microphone was found. Connect one, then start again. Without a microphone, use Files.';
    case 'OverconstrainedError':
      return 'The chosen microphone is no longer connected. Choose another one, then start again.';
    case 'NotReadableError':
      return 'The microphone cannot be read. Another program may be using it: close that program, then start again.';
    default:
      return `The microphone cannot be used: ${messageOf(error)}`;
  }
}

function unsupported(): string {
  return isSecureContext
    ? 'This browser cannot record. Use a current version of Chrome, Edge, Firefox or Safari.'
    : 'Browsers record only on pages from https:// or from this computer. Open the page with https://, or run npm run live on this computer.';
}
