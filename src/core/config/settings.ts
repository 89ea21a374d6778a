import { InvalidArgumentError } from '../base';
import { paperFeatures } from '../features';
import type { OptionPath, OptionValues } from './experiment';
import { checkPath, isFeature } from './options';
import { rules } from './rules';

/**
 * Reads settings as they stand on a command line: `training.epochs=10`, `corpora=RAVDESS,SAVEE`, `model.svmGamma=scale`,
 * `training.clipNorm=null`; a structure is written in JSON.
 *
 * @param texts - each `option=value`; of two for one option, the later counts
 * @param source - where they come from, for the messages
 * @throws {@link InvalidArgumentError} if there is no `=`, or no such option (with the nearest), or the value breaks its rule
 */
export function parseSettings(texts: readonly string[], source = '--set'): OptionValues {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      if (equals < 1) throw new InvalidArgumentError(source, 'of the form training.epochs=10', text);
      const path = text.slice(0, equals).trim();
      checkPath(path);
      return [path, parseValue(path, text.slice(equals + 1).trim())];
    }),
  );
}

/**
 * Settings from the environment variable `SER_SET`, separated by spaces: `SER_SET="training.epochs=3 model.width=64"`. They
 * change a notebook that is run without a hand on it.
 *
 * @throws {@link InvalidArgumentError} as {@link parseSettings} does
 */
export function settingsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): OptionValues {
  const text = environment.SER_SET?.trim();
  // A space inside a value, as in the name of a corpus, is not followed by an option.
  return text ? parseSettings(text.split(/\s+(?=[\w.+-]+\s*=)/), 'SER_SET') : {};
}

/** Of the readings of a text, the first that is what the option must be. */
function parseValue(path: OptionPath, text: string): unknown {
  const plain = parsePlain(text);
  const list = text.split(',').map((item) => item.trim());
  if (isFeature(path)) {
    const usual = paperFeatures[path.slice('features.'.length) as keyof typeof paperFeatures];
    return Array.isArray(usual) && !Array.isArray(plain) ? list : plain;
  }
  const { rule, holds } = rules[path];
  for (const reading of [plain, text, list]) if (holds(reading)) return reading;
  throw new InvalidArgumentError(path, rule, plain);
}

function parsePlain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Numbers that JSON does not know: .5
    return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  }
}
