import { InvalidArgumentError } from '../../core/base';
import { checkPath, type OptionPath, parseSettings } from '../../core/config';
import type { SweepAxis, SweepSpace } from './space';

/**
 * Reads a space as it stands on a command line: `model.width=64,128` is a list, `training.mixup=0..0.4` a range,
 * `training.learningRate=log:1e-4..1e-2` one of orders of magnitude, `training.epochs=int:5..20` one of integers.
 *
 * @throws {@link InvalidArgumentError} if there is no `=`, or no such option (with the nearest), or a value breaks its rule
 */
export function parseSweepSpace(texts: readonly string[]): SweepSpace {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      if (equals < 1) throw new InvalidArgumentError('--space', 'of the form model.width=64,128', text);
      const path = text.slice(0, equals).trim();
      checkPath(path);
      return [path, parseAxis(path, text.slice(equals + 1).trim())];
    }),
  );
}

function parseAxis(path: OptionPath, text: string): SweepAxis {
  const range = /^(log:|int:|)([^.,]*\.?[^.,]*)\.\.([^,]+)$/.exec(text);
  if (!range) {
    return text.split(',').map((value) => parseSettings([`${path}=${value}`], '--space')[path]);
  }
  const [, kind, low, high] = range;
  const ends = [Number(low), Number(high)] as const;
  if (low === '' || ends.some(Number.isNaN)) {
    throw new InvalidArgumentError(path, 'a range of numbers such as 0.1..0.5', text);
  }
  return kind === 'log:' ? { logUniform: ends } : kind === 'int:' ? { integer: ends } : { uniform: ends };
}
