import { InvalidArgumentError } from '../../core/base';
import { type Control, type ControlOptions, described, numberIn } from './controls';

/** Options of {@link slider}. */
export interface SliderOptions extends ControlOptions {
  min: number;
  max: number;
  /** default 1 if `min`, `max` and `value` are integers, otherwise a hundredth of the range */
  step?: number;
  /** default `min` */
  value?: number;
}

/**
 * A slider for a number; for an integer if `min`, `max`, `step` and `value` are integers.
 *
 * @throws {@link InvalidArgumentError} if a number is not finite, `min` is not below `max`, `step` is not positive, or `value` is
 *   outside the range
 * @example
 * ```ts
 * ser.controls.slider({ min: 16, max: 256, step: 16, value: 128, label: 'Mel bands' });
 * ```
 */
export function slider({ min, max, step, value = min, ...about }: SliderOptions): Control<number> {
  const scale = checkedScale(min, max, step, [value]);
  return {
    initial: value,
    create: (factory, label, changed) => {
      const widget = factory.control(
        { model: scale.isInteger ? 'IntSliderModel' : 'FloatSliderModel', style: 'Slider' },
        {
          ...{ min: onGrid(value, min, scale.step), max, step: scale.step, value },
          ...{ readout_format: scale.format, ...described(about, label) },
        },
        changed,
      );
      const read = (): number => {
        const now = numberIn(widget.state.value, min, max, value);
        return exactly(value, scale.isInteger ? Math.round(now) : now);
      };
      return { widget, read };
    },
  };
}

/** Options of {@link logSlider}. */
export interface LogSliderOptions extends ControlOptions {
  min: number;
  max: number;
  /** default `min` */
  value?: number;
  /** positions per factor of ten, default 20 */
  stepsPerDecade?: number;
}

/**
 * A slider with a logarithmic scale, for example for a learning rate. Its values have three significant digits.
 *
 * @throws {@link InvalidArgumentError} if `min` is not positive, or as for {@link slider}
 */
export function logSlider({
  min,
  max,
  value = min,
  stepsPerDecade = 20,
  ...about
}: LogSliderOptions): Control<number> {
  if (!(min > 0)) throw new InvalidArgumentError('min', 'a number above 0', min);
  checkedScale(min, max, undefined, [value]);
  if (!(stepsPerDecade > 0))
    throw new InvalidArgumentError('stepsPerDecade', 'a number above 0', stepsPerDecade);
  return {
    initial: value,
    create: (factory, label, changed) => {
      const step = 1 / stepsPerDecade;
      const [low, high] = [onGrid(Math.log10(value), Math.log10(min), step), Math.log10(max)];
      const widget = factory.control(
        { model: 'FloatLogSliderModel', style: 'Slider' },
        {
          ...{ base: 10, min: low, max: high, step, value },
          ...{ readout_format: '.3g', ...described(about, label) },
        },
        changed,
      );
      const read = (): number => {
        const now = exactly(value, Number(widget.state.value));
        return now === value ? value : numberIn(Number(now.toPrecision(3)), min, max, value);
      };
      return { widget, read };
    },
  };
}

/** Options of {@link range}. */
export interface RangeOptions extends ControlOptions {
  min: number;
  max: number;
  /** as for {@link slider} */
  step?: number;
  /** default the whole range */
  value?: readonly [low: number, high: number];
}

/**
 * A slider with two handles, for a range of numbers.
 *
 * @throws {@link InvalidArgumentError} as for {@link slider}
 */
export function range({
  min,
  max,
  step,
  value = [min, max],
  ...about
}: RangeOptions): Control<[low: number, high: number]> {
  const scale = checkedScale(min, max, step, value);
  const [low, high] = value;
  if (low > high) throw new InvalidArgumentError('value', 'a lower and an upper number', value);
  return {
    initial: [low, high],
    create: (factory, label, changed) => {
      const widget = factory.control(
        { model: scale.isInteger ? 'IntRangeSliderModel' : 'FloatRangeSliderModel', style: 'Slider' },
        {
          ...{ min, max, step: scale.step, value: [low, high] },
          ...{ readout_format: scale.format, ...described(about, label) },
        },
        changed,
      );
      const read = (): [number, number] => {
        const { value: now } = widget.state;
        const [from, to] = Array.isArray(now) ? (now as unknown[]) : [];
        return [numberIn(from, min, max, low), numberIn(to, min, max, high)];
      };
      return { widget, read };
    },
  };
}

/** Options of {@link play}. */
export interface PlayOptions extends SliderOptions {
  /** milliseconds from one step to the next, default 200 */
  intervalMs?: number;
}

/**
 * A slider with buttons that move it step by step, like a film.
 *
 * @throws {@link InvalidArgumentError} as for {@link slider}
 */
export function play({ intervalMs = 200, ...options }: PlayOptions): Control<number> {
  const { min, max, value = min } = options;
  const { step } = checkedScale(min, max, options.step ?? 1, [value]);
  if (![min, max, step, value].every(Number.isInteger))
    throw new InvalidArgumentError('min, max, step and value', 'integers', [min, max, step, value]);
  const scale = slider(options);
  return {
    initial: value,
    create: (factory, label, changed) => {
      const { widget: handle, read } = scale.create(factory, label, changed);
      const player = factory.control(
        { model: 'PlayModel', style: 'Description', layout: 'button' },
        { min, max, step, value, interval: intervalMs, show_repeat: true },
        () => undefined,
      );
      factory.link([player, 'value'], [handle, 'value']);
      return { widget: factory.box('HBox', [handle, player], 'row'), read };
    },
  };
}

interface Scale {
  step: number;
  isInteger: boolean;
  /** of the number beside a slider */
  format: string;
}

/**
 * The lowest position of a slider, at least `min`, from which whole steps lead to its value. The front end moves a value that is between
 * two steps, although nobody has touched the slider.
 */
function onGrid(value: number, min: number, step: number): number {
  const steps = Math.floor((value - min) / step + 1e-9);
  return Math.max(min, value - steps * step);
}

/** The initial value if the front end returns it with a rounding error. */
const exactly = (initial: number, value: number): number =>
  Math.abs(value - initial) <= 1e-9 * Math.abs(initial) ? initial : value;

function checkedScale(min: number, max: number, step: number | undefined, values: readonly number[]): Scale {
  if (!Number.isFinite(min)) throw new InvalidArgumentError('min', 'a finite number', min);
  if (!(Number.isFinite(max) && max > min))
    throw new InvalidArgumentError('max', `a number above min (${min})`, max);
  const isWhole = [min, max, ...values].every(Number.isInteger);
  const used = step ?? (isWhole ? 1 : (max - min) / 100);
  if (!(Number.isFinite(used) && used > 0)) throw new InvalidArgumentError('step', 'a number above 0', used);
  for (const value of values) {
    if (!(value >= min && value <= max))
      throw new InvalidArgumentError('value', `a number from ${min} to ${max}`, value);
  }
  const isInteger = isWhole && Number.isInteger(used);
  const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(used))));
  return { step: used, isInteger, format: isInteger ? 'd' : `.${decimals}f` };
}
