export type { Waveform } from './waveform';
