import { bool, type Kernels, type } from '../kernels';
import type { DropoutMask } from '../network';

/**
 * Masks of TensorFlow's own counter-based generator (Salmon et al. 2011): a function of seed, layer and step alone. A byte
 * decides on a number, which takes a quarter of the time that a uniform number takes; rates are rounded to 256ths.
 */
export function fusedDropoutMask(kernels: Kernels): DropoutMask {
  const { tf, prepare } = kernels;
  const draw = prepare('StatelessRandomUniformFullInt', {
    dtype: type('INT32'),
    T: type('INT32'),
    Tseed: type('INT32'),
  });
  const toBytes = prepare('Bitcast', { T: type('INT32'), type: type('UINT8') });
  const toByte = prepare('Cast', { SrcT: type('INT32'), DstT: type('UINT8'), Truncate: bool(false) });
  const atLeast = prepare('GreaterEqual', { T: type('UINT8') });
  const toFloat = prepare('Cast', { SrcT: type('BOOL'), DstT: type('FLOAT'), Truncate: bool(false) });
  const multiply = prepare('Mul', { T: type('FLOAT') });
  return (shape, rate, { seed, layer, step }) =>
    tf.tidy(() => {
      const size = shape.reduce((product, length) => product * length, 1);
      const dropped = Math.round(rate * 256);
      const key = tf.tensor1d([(seed ^ Math.imul(layer, 0x9e3779b1)) | 0, step], 'int32');
      const words = Math.ceil(size / 4);
      const [random] = draw(tf.tensor1d([words], 'int32'), key);
      const [bytes] = toBytes(random);
      const [threshold] = toByte(tf.scalar(dropped, 'int32'));
      const [keeps] = atLeast(bytes, threshold);
      const [mask] = multiply(toFloat(keeps)[0], tf.scalar(256 / (256 - dropped)));
      const flat = words * 4 === size ? mask : tf.slice(mask.reshape([words * 4]), [0], [size]);
      return flat.reshape(shape);
    });
}
