import { InvalidArgumentError, messageOf, WorkbenchError } from '../../../core/base';

/** eSpeak's settings. */
export interface EspeakVoice {
  /** accent and variant, for example `en-us+f2` */
  voice: string;
  /** words per minute */
  rate: number;
  /** 0 to 99; 50 is the voice's default, and 66 steps are about an octave */
  pitch: number;
  /** pitch range, from 0 (monotone) to 99; 50 is the voice's default */
  range: number;
}

/** Synthesises a text, which may be SSML. Mono at {@link espeakSampleRate}, in [-1, 1), shape [frames]. */
export type Speak = (text: string, voice: EspeakVoice) => Float32Array;

/** Sampling rate of eSpeak NG, Hz. */
export const espeakSampleRate = 22050;
/** Maximum length of a text, in characters of ASCII or SSML. */
const maxTextLength = 8192;

/** The synthesiser's package. It is optional because of its licence, the GPL, and imported only here. */
export const espeakPackage = '@echogarden/espeak-ng-emscripten';
export const espeakLicence = 'GPL-3.0';

/** The part of the package that is used. */
interface EspeakModule {
  HEAPU8: Uint8Array;
  eSpeakNGWorker: new () => {
    set_voice(name: string): number;
    set_rate(wordsPerMinute: number): number;
    set_pitch(pitch: number): number;
    set_range(range: number): number;
    synthesize(text: string, callback: (audio: ArrayBuffer | null) => boolean): void;
  };
}

/**
 * Loads eSpeak NG (compiled to JavaScript) as a deterministic function: the same text and voice always give the same samples.
 *
 * eSpeak keeps state between texts, including random numbers seeded from the clock. Therefore the clock is stopped during setup, and
 * the whole memory is restored to the state after setup before each text (2 ms).
 *
 * @param load - imports the package; replaced in tests
 * @throws {@link WorkbenchError} if the package is not installed or a voice is unknown
 */
export async function loadEspeak(load: () => Promise<unknown> = () => import(espeakPackage)): Promise<Speak> {
  const { default: create } = (await load().catch((error: unknown) => {
    throw new WorkbenchError(
      `the optional package ${espeakPackage} (${espeakLicence}), which makes the demo corpus, could not be loaded: ` +
        `${messageOf(error)}; install it with "npm install --include=optional", or use recorded corpora`,
      { cause: error },
    );
  })) as { default: () => Promise<EspeakModule> };
  const espeak = await create();
  const engine = withStoppedClock(() => new espeak.eSpeakNGWorker());
  // Outside this memory, the binding keeps the address of its text buffer, and moves the buffer in the call after a longer text.
  // Two long blank texts fix the address.
  for (let i = 0; i < 2; i++) engine.synthesize(' '.repeat(maxTextLength), () => false);
  const initialMemory = espeak.HEAPU8.slice();

  return (text, { voice, rate, pitch, range }) => {
    if (text.length > maxTextLength) {
      throw new InvalidArgumentError('text', `at most ${maxTextLength} characters`, text);
    }
    espeak.HEAPU8.fill(0, initialMemory.length);
    espeak.HEAPU8.set(initialMemory);
    if (engine.set_voice(voice) !== 0) throw new WorkbenchError(`eSpeak has no voice ${voice}`);
    engine.set_rate(rate);
    engine.set_pitch(pitch);
    engine.set_range(range);
    const parts: Int16Array[] = [];
    engine.synthesize(text, (audio) => {
      if (audio) parts.push(new Int16Array(audio.slice(0)));
      return false;
    });
    const samples = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) for (let i = 0; i < part.length; i++) samples[at++] = part[i] / 32768;
    return samples;
  };
}

function withStoppedClock<T>(work: () => T): T {
  const now = Date.now;
  Date.now = () => 0;
  try {
    return work();
  } finally {
    Date.now = now;
  }
}
