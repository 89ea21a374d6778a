/**
 * Runs in the audio thread: collects the microphone's samples, as mono, and posts them to the page and to the prediction worker.
 *
 * @packageDocumentation
 */

/** Declared here, because TypeScript has no library for the scope of an AudioWorklet. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Frames per message: 11 ms at 48 kHz. */
const chunkFrames = 512;

class CaptureProcessor extends AudioWorkletProcessor {
  private chunk = new Float32Array(chunkFrames);
  private filled = 0;
  private listener: MessagePort | undefined;
  private isRunning = true;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<{ listener?: MessagePort } | 'stop'>): void => {
      if (data !== 'stop') {
        this.listener = data.listener;
        return;
      }
      this.isRunning = false;
      this.post();
      this.port.postMessage('end');
    };
  }

  process([channels]: Float32Array[][]): boolean {
    if (!this.isRunning) return false;
    const frames = channels.at(0)?.length ?? 0;
    for (let i = 0; i < frames; i++) {
      let sum = 0;
      for (const channel of channels) sum += channel[i];
      this.chunk[this.filled++] = sum / channels.length;
      if (this.filled === chunkFrames) this.post();
    }
    return true;
  }

  private post(): void {
    if (this.filled === 0) return;
    const samples = this.chunk.slice(0, this.filled);
    this.filled = 0;
    this.listener?.postMessage(samples);
    this.port.postMessage(samples, [samples.buffer]);
  }
}

registerProcessor('capture', CaptureProcessor);
