import type { Random } from '../../../core/base';
import type { EspeakVoice } from './espeak';
import type { Style } from './style';

/** eSpeak's pace for a style whose rate is 0, words a minute. */
const wordsPerMinute = 170;
/** Steps of eSpeak's pitch setting in an octave, as measured on its voices. */
const stepsPerOctave = 66;

/**
 * What eSpeak itself can do of a style: pace, pitch and its movement as settings, the pitch's course from word to word and the
 * pauses as SSML.
 *
 * @param formantRatio - by how much the samples will later be played faster; pitch and pace are lowered to make up for it
 * @returns the text as SSML and the settings to say it with
 */
export function prosodyOf(
  text: string,
  voice: string,
  style: Style,
  formantRatio: number,
  random: Random,
): { ssml: string; settings: EspeakVoice } {
  const words = text.split(' ');
  const last = words.length - 1;
  const spoken = words.map((word, i) => {
    const semitones = style.slope * (i / last - 0.5) + (i === last ? style.ending : 0);
    const percent = Math.round(100 * (2 ** (semitones / 12) - 1));
    const pause = i < last && random.uniform() < 0.1 * style.pauses;
    const pauseMs = Math.round(random.uniform(80, 260));
    return (
      `<prosody pitch="${percent < 0 ? '' : '+'}${percent}%">${word}</prosody>` +
      (pause ? `<break time="${pauseMs}ms"/>` : '')
    );
  });
  const octaves = style.pitch / 12 - Math.log2(formantRatio);
  return {
    ssml: `<speak>${spoken.join(' ')}</speak>`,
    settings: {
      voice,
      rate: clamp(Math.round((wordsPerMinute * 2 ** style.rate) / formantRatio), 80, 400),
      pitch: clamp(Math.round(50 + stepsPerOctave * octaves), 0, 99),
      range: clamp(Math.round(50 * 2 ** style.range), 0, 99),
    },
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
