import { useCallback, useEffect, useImperativeHandle, useRef } from 'preact/hooks';
import type { Ref } from 'preact';
import { useCanvas } from '../result/canvas';
import type { SpectrogramColumns } from '../worker/protocol';

/** Visible time, seconds. */
export const visibleSec = 10;
/** Colours from this level to 0 dBFS. */
const lowestDb = -90;
const highestDb = -10;

/** matplotlib's magma at nine points (van der Walt and Smith 2015). */
const palette = [
  [0, 0, 4],
  [28, 16, 68],
  [79, 18, 123],
  [129, 37, 129],
  [181, 54, 122],
  [229, 89, 100],
  [251, 135, 97],
  [254, 194, 135],
  [252, 253, 191],
];

/** Draws the columns that arrive. */
export interface SpectrogramHandle {
  append: (columns: SpectrogramColumns) => void;
  clear: () => void;
}

/** The log-mel spectrogram of the last ten seconds; new columns enter at the right. */
export function Spectrogram({ handle }: { handle: Ref<SpectrogramHandle> }) {
  const image = useRef<{ canvas: OffscreenCanvas; filled: number; stepSec: number } | undefined>(undefined);
  const draw = useCallback(
    ({ context, width, height, color }: Parameters<Parameters<typeof useCanvas>[0]>[0]) => {
      context.fillStyle = color('spectrogram');
      context.fillRect(0, 0, width, height);
      if (!image.current) return;
      const { canvas, filled, stepSec } = image.current;
      const columns = Math.min(filled, Math.round(visibleSec / stepSec), canvas.width);
      const drawn = (width * columns * stepSec) / visibleSec;
      context.imageSmoothingEnabled = false;
      context.drawImage(
        canvas,
        canvas.width - columns,
        0,
        columns,
        canvas.height,
        width - drawn,
        0,
        drawn,
        height,
      );
    },
    [],
  );
  const [canvas, redraw] = useCanvas(draw);
  useImperativeHandle(
    handle,
    () => ({
      append: (columns) => {
        const { bands, stepSec } = columns;
        const known = image.current;
        const isSame = known?.stepSec === stepSec && known.canvas.height === bands;
        const current = isSame
          ? known
          : {
              canvas: new OffscreenCanvas(Math.ceil(visibleSec / stepSec), bands),
              filled: 0,
              stepSec,
            };
        image.current = current;
        current.filled += paint(current.canvas, columns);
        redraw();
      },
      clear: () => {
        image.current = undefined;
        redraw();
      },
    }),
    [redraw],
  );
  useEffect(() => redraw, [redraw]);
  return (
    <canvas
      ref={canvas}
      class="spectrogram"
      role="img"
      aria-label={`Log-mel spectrogram of the last ${visibleSec} seconds, 0 to 8 kHz`}
    />
  );
}

/** Moves the image to the left and paints the new columns at the right. @returns the number of columns */
function paint(canvas: OffscreenCanvas, { data, bands }: SpectrogramColumns): number {
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const columns = data.length / bands;
  const pixels = new ImageData(columns, bands);
  for (let column = 0; column < columns; column++) {
    for (let band = 0; band < bands; band++) {
      const db = data[column * bands + band];
      const place = Math.min(1, Math.max(0, (db - lowestDb) / (highestDb - lowestDb))) * (palette.length - 1);
      const [low, high] = [palette[Math.floor(place)], palette[Math.ceil(place)]];
      const at = 4 * ((bands - 1 - band) * columns + column);
      for (let c = 0; c < 3; c++) pixels.data[at + c] = low[c] + (high[c] - low[c]) * (place % 1);
      pixels.data[at + 3] = 255;
    }
  }
  context.drawImage(canvas, -columns, 0);
  context.putImageData(pixels, canvas.width - columns, 0);
  return columns;
}
