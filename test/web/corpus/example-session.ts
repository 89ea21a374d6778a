import { decodeAudio, encodeWav, toMono } from '../../../src/core/audio';
import { checkTake } from '../../../src/web/corpus/quality';
import { type Session, withTake } from '../../../src/web/corpus/session';
import { type CorpusSetup, defaultSetup, type Prompt } from '../../../src/web/corpus/setup';
import { voice } from '../../babble';

/** A setup of two speakers, two emotions, two sentences and one take. */
export const exampleSetup: CorpusSetup = {
  ...defaultSetup(),
  name: 'class 7b',
  speakers: [{ name: 'Zoë', sex: 'female' }, { name: 'S2' }],
  emotions: ['angry', 'happy'],
  sentences: ['Hello, “world”; you', '=1+1'],
};

/** A session without takes. */
export const emptySession = (setup: CorpusSetup = exampleSetup, id = 'session-1'): Session => ({
  id,
  setup,
  createdAt: '2026-03-01T08:00:00.000Z',
  takes: new Map(),
  skipped: new Set(),
});

/** Adds a synthetic take of each prompt; its audio depends on the prompt and on `version`. */
export function recordAll(
  session: Session,
  prompts: readonly Prompt[],
  { kept = true, version = '', recordedAt = '2026-03-01T08:30:00.000Z' } = {},
): { session: Session; wavs: Map<string, Uint8Array> } {
  const wavs = new Map<string, Uint8Array>();
  for (const prompt of prompts) {
    const waveform = voice(prompt.id + version, 0.8);
    const wav = encodeWav(waveform);
    wavs.set(prompt.id, wav);
    session = withTake(session, {
      prompt,
      sampleRate: waveform.sampleRate,
      bytes: wav.length,
      quality: checkTake(toMono(decodeAudio(wav))),
      recordedAt,
      kept,
    });
  }
  return { session, wavs };
}
