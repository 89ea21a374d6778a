export { levelMeter, silentLevel, type Level } from './level';
export { LevelMeter } from './level-meter';
export {
  type Capture,
  type CaptureOptions,
  MicrophoneError,
  prepareCapture,
  startCapture,
  unprocessed,
} from './microphone';
export { SpeakTab } from './speak-tab';
