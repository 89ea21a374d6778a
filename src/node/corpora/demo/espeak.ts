import { InvalidArgumentError, messageOf, WorkbenchError } from '../../../core/base';

/** How eSpeak is to say a text. */
export interface EspeakVoice {
  /** accent and variant, for example `en-us+f2` */
  voice: string;
  /** words a minute */
  rate: number;
  /** 0 to 99; 50 is the voice's own, 66 more or less is about an octave */
  pitch: number;
  /** movement of the pitch, 0 (monotone) to 99; 50 is the voice's own */
  range: number;
}

/** Says a text, which may be SSML. Mono at {@link espeakSampleRate}, in [-1, 1), shape [frames]. */
export type Speak = (text: string, voice: EspeakVoice) => Float32Array;

export const espeakSampleRate = 22050;
/** Characters of SSML (all ASCII) in one text. */
const maxTextLength = 8192;

/** The synthesiser's package: optional, because it is under the GPL. Nothing else imports it. */
export const espeakPackage = '@echogarden/espeak-ng-emscripten';
export const espeakLicence = 'GPL-3.0';

/** The part of the package's module that is used here. */
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
 * Loads eSpeak NG (compiled to JavaScript) such that a text said by a voice gives the same samples always.
 *
 * eSpeak keeps state between texts, random numbers above all, and seeds those from the clock. So the clock stands still while it
 * is set up, and before each text its whole memory is put back to what it was then (2 ms).
 *
 * @param load - how the package is imported; tests replace it
 * @throws WorkbenchError if the package is not installed, or a voice is not known
 */
export async function loadEspeak(load: () => Promise<unknown> = () => import(espeakPackage)): Promise<Speak> {
  const { default: create } = (await load().catch((error: unknown) => {
    throw new WorkbenchError(
      `The demo corpus needs the optional package ${espeakPackage} (${espeakLicence}), which did not load: ` +
        `${messageOf(error)}. Install it with "npm install --include=optional", or use recorded corpora.`,
      { cause: error },
    );
  })) as { default: () => Promise<EspeakModule> };
  const espeak = await create();
  const engine = withClockStopped(() => new espeak.eSpeakNGWorker());
  // The binding keeps, outside of that memory, the address of its buffer for texts, and moves the buffer in the call after one
  // with a longer text. Two long blanks settle it now.
  for (let i = 0; i < 2; i++) engine.synthesize(' '.repeat(maxTextLength), () => false);
  const fresh = espeak.HEAPU8.slice();

  return (text, { voice, rate, pitch, range }) => {
    if (text.length > maxTextLength) {
      throw new InvalidArgumentError('text', `at most ${maxTextLength} characters`, text);
    }
    espeak.HEAPU8.fill(0, fresh.length);
    espeak.HEAPU8.set(fresh);
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

function withClockStopped<T>(work: () => T): T {
  const now = Date.now;
  Date.now = () => 0;
  try {
    return work();
  } finally {
    Date.now = now;
  }
}
